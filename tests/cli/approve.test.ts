import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readArchive } from '../../src/core/archive/readArchive.js';
import { sourceOfBytes } from '../../src/core/bytes/source.js';
import { limitsProfiles } from '../../src/core/limits.js';
import { nodePlatform } from '../../src/platform/node.js';
import { describeShared, sharedPath } from '../shared.js';
import { bundle, itemsOf, pack, packItems, replaced, withChecksums } from '../vectorgen/bundle.js';
import { legacyBundle } from '../vectorgen/legacyBundle.js';
import { utf8 } from '../vectorgen/raw.js';
import {
  NAMESPACE,
  approve,
  at,
  attachAll,
  folder,
  key,
  made,
  read,
  sshKeygen,
  sshVerify,
  sshVerifyAll,
} from './approvers.js';
import { runApart, runHere } from './run.js';

describe('three people approve', () => {
  it('on the command line, from a loose pair, a supplement and ssh-keygen itself', async () => {
    const alice = await approve('alice', 'pm', '--comment', 'LGTM');
    expect([alice.code, alice.err]).toEqual([0, '']);
    expect(alice.out.split('\n')[0]).toBe('Approved as pm by alice@example.org');
    expect(alice.out).toContain('countersign approve attach');
    expect(sshVerify(at('pm-1.json'), at('pm-1.json.sig'), 'alice')).toBe('accepted');

    const bob = await approve('bob', 'lead', '--out', at('lead.tgz'));
    expect([bob.code, bob.err]).toEqual([0, `Passphrase of ${key('bob')}: `]);

    const argv = [
      'approve',
      'prepare',
      at('a.sbundle.tgz'),
      '--role',
      'security',
      '--user',
      'carol@example.org',
    ];
    const prepared = await runHere([...argv, '--out', at('security-1.json')]);
    expect(prepared.code).toBe(0);
    expect(prepared.err).toContain(`ssh-keygen -Y sign -f KEY -n ${NAMESPACE}`);
    sshKeygen('-q', '-Y', 'sign', '-f', key('carol'), '-n', NAMESPACE, at('security-1.json'));
    expect((await runHere(argv)).out.length).toBe(read('security-1.json').length);

    const rule = ['--rule', key('trust.yaml')];
    const before = await runHere([
      'approve',
      'status',
      at('a.sbundle.tgz'),
      ...rule,
      '--approval',
      at('lead.tgz'),
    ]);
    expect(before.code).toBe(40);
    expect(before.out.split('\n')[0]).toBe(
      '1 of 3 given: pm missing, alice@example.org could give it; security missing, carol@example.org could give it.',
    );
    const approvals = ['pm-1.json', 'lead.tgz', 'security-1.json'].flatMap((name) => [
      '--approval',
      at(name),
    ]);
    const attach = ['approve', 'attach', at('a.sbundle.tgz'), ...approvals, '--out', at('b.sbundle.tgz')];
    const attached = await runHere(attach);
    expect([attached.code, attached.err]).toEqual([0, '']);
    expect(attached.out).toContain('Attached 3 approvals in 6 files; what was signed is unchanged');
    expect(attached.out).toContain(`sha256:${made.manifestSha256}`);

    const verified = await runHere(['verify', at('b.sbundle.tgz'), ...rule, '--json']);
    const report = JSON.parse(verified.out) as {
      inputs: { verdict: { code: string }; bundleDigest: string }[];
    };
    expect([verified.code, report.inputs[0]?.verdict.code]).toEqual([0, 'B-OK']);
    expect(sshVerifyAll('b.sbundle.tgz')).toEqual(['lead accepted', 'pm accepted', 'security accepted']);
    const status = await runHere(['approve', 'status', at('b.sbundle.tgz'), ...rule, '--json']);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.out)).toMatchObject({
      verdict: 'B-OK',
      met: 3,
      needed: 3,
      sentence: 'All of 3 given.',
    });
    const both = ['approve', 'status', at('a.sbundle.tgz'), at('b.sbundle.tgz'), ...rule];
    const listed = await runHere(both);
    expect([listed.code, listed.out.split('\n')[0]]).toEqual([40, '2 bundles: 1 pending.']);
    expect(listed.out).toContain('a.sbundle.tgz: 0 of 3 given: ');
    expect(listed.out).toContain('b.sbundle.tgz: All of 3 given.');
    const asJson = await runHere([...both, '--json']);
    expect(JSON.parse(asJson.out)).toMatchObject({
      pending: 1,
      bundles: [
        { verdict: 'B-NOSIG', met: 0 },
        { verdict: 'B-OK', met: 3 },
      ],
    });
    expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  it('by the program in a process of its own, with a passphrase from a descriptor', async () => {
    const argv = [
      'approve',
      at('a.sbundle.tgz'),
      '--role',
      'lead',
      '--user',
      'bob@example.org',
      '--key',
      key('bob'),
    ];
    const right = await runApart([...argv, '--passphrase-fd', '0'], { stdin: utf8('swordfish\n') });
    expect([right.code, right.err]).toEqual([0, '']);
    expect(sshVerify(at('lead-1.json'), at('lead-1.json.sig'), 'bob')).toBe('accepted');
    const wrong = await runApart([...argv, '--passphrase-fd', '0'], { stdin: utf8('swordfisch\n') });
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('key-passphrase-wrong');
    const none = await runApart(argv, { stdin: utf8('') });
    expect(none.code).toBe(2);
    expect(none.err).toContain('--passphrase-fd');
    expect(readdirSync(folder).filter((name) => name.startsWith('lead-'))).toHaveLength(2);
  });
});

describeShared('the sample project', () => {
  it('is packed in our dialect, approved by three and confirmed', async () => {
    const path = sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    const archive = await readArchive(sourceOfBytes(new Uint8Array(readFileSync(path))), {
      platform: nodePlatform(),
      limits: limitsProfiles.default,
      keep: () => true,
    });
    const own = (name: string): boolean =>
      name !== 'manifest.yaml' && name !== 'checksums.txt' && !/^(approvals|attestations)\//.test(name);
    const files = Object.fromEntries([...archive.kept].filter(([name]) => own(name)));
    expect(Object.keys(files).length).toBeGreaterThan(3);
    const sample = bundle({ files, roles: ['lead', 'pm', 'security'], manifest: { version: '1.3.0' } });
    writeFileSync(at('a.sbundle.tgz'), pack(sample));
    for (const [who, role] of [
      ['alice', 'pm'],
      ['bob', 'lead'],
      ['carol', 'security'],
    ] as const)
      expect((await approve(who, role)).code).toBe(0);
    const attached = await attachAll();
    expect(attached.code).toBe(0);
    const verified = await runHere(['verify', at('b.sbundle.tgz'), '--rule', key('trust.yaml')]);
    expect([verified.code, verified.out.split('\n')[0]]).toEqual([0, 'Unchanged and fully approved']);
    expect(sshVerifyAll('b.sbundle.tgz')).toEqual(['lead accepted', 'pm accepted', 'security accepted']);
  });

  it('as the released tool packed it, with approvals beside it, under a rule that takes older bundles', async () => {
    const path = sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    writeFileSync(at('a.sbundle.tgz'), readFileSync(path));
    const names: string[] = [];
    for (const [who, role] of [
      ['alice', 'pm'],
      ['bob', 'lead'],
      ['carol', 'security'],
    ] as const) {
      expect((await approve(who, role, '--out', at(`${role}.tgz`))).code).toBe(0);
      names.push('--approval', at(`${role}.tgz`));
    }
    const trust = readFileSync(key('trust.yaml'), 'utf8').replace(
      '    roles:\n',
      '    legacyDialects: true\n    roles:\n',
    );
    writeFileSync(at('trust.yaml'), trust);
    const verified = await runHere(['verify', at('a.sbundle.tgz'), ...names, '--rule', at('trust.yaml')]);
    expect([verified.code, verified.out.split('\n')[0]]).toEqual([0, 'Unchanged and fully approved']);
    const attached = await runHere([
      'approve',
      'attach',
      at('a.sbundle.tgz'),
      ...names,
      '--out',
      at('b.tgz'),
    ]);
    expect([attached.code, existsSync(at('b.tgz'))]).toEqual([2, false]);
    expect(attached.err).toContain('attach-legacy-dialect');
  });
});

describe('approve', () => {
  it('declines, with an end and for one file', async () => {
    const declined = await approve(
      'alice',
      'pm',
      '--decline',
      '--comment',
      'open finding',
      '--expires',
      '2027-01-01T01:00:00+01:00',
    );
    expect(declined.out.split('\n')[0]).toBe('Declined as pm by alice@example.org');
    const { predicate } = JSON.parse(read('pm-1.json')) as { predicate: Record<string, string> };
    expect([predicate['decision'], predicate['expires']]).toEqual(['declined', '2027-01-01T00:00:00Z']);
    const file = await approve('alice', 'pm', '--file', 'spec.yaml', '--out', `${folder}/`);
    expect(file.out.split('\n')[0]).toBe('Approved as pm by alice@example.org, the file "spec.yaml" only');
    expect(existsSync(at('pm-2.json.sig'))).toBe(true);
    const status = await runHere([
      'verify',
      at('a.sbundle.tgz'),
      at('pm-2.json'),
      at('pm-2.json.sig'),
      '--json',
    ]);
    const report = JSON.parse(status.out) as {
      inputs: { approvals: { binding: string; counts: string[] }[] }[];
    };
    expect(report.inputs[0]?.approvals).toMatchObject([{ binding: 'file', counts: [] }]);
  });

  it('never writes over anything without --force', async () => {
    writeFileSync(at('mine.json'), 'mine');
    const refused = await approve('alice', 'pm', '--out', at('mine.json'));
    expect([refused.code, read('mine.json'), existsSync(at('mine.json.sig'))]).toEqual([2, 'mine', false]);
    expect(refused.err).toContain('is there already; nothing was written');
    expect((await approve('alice', 'pm', '--out', at('mine.json'), '--force')).code).toBe(0);
    expect(sshVerify(at('mine.json'), at('mine.json.sig'), 'alice')).toBe('accepted');
    expect((await approve('alice', 'pm')).code).toBe(0);
    expect((await approve('alice', 'pm')).out).toContain('pm-2.json');
  });

  it('signs nothing that contradicts itself', async () => {
    const broken = packItems(replaced(withChecksums(itemsOf(made)), 'spec.yaml', 'product: other\n'));
    writeFileSync(at('a.sbundle.tgz'), broken);
    const changed = await approve('alice', 'pm');
    expect([changed.code, changed.out]).toEqual([10, '']);
    expect(changed.err).toContain('approve-bundle-not-sound');
    writeFileSync(at('a.sbundle.tgz'), pack(made).subarray(0, 300));
    expect((await approve('alice', 'pm')).code).toBe(60);
    expect(readdirSync(folder)).toEqual(['a.sbundle.tgz']);
  });

  it.each<[string, string[], RegExp]>([
    ['no role', ['--user', 'u', '--key', 'k'], /needs --role R/],
    ['no user', ['--role', 'pm', '--key', 'k'], /needs --user U/],
    ['no key', ['--role', 'pm', '--user', 'u'], /needs --key PATH/],
    ['a role with capitals', ['--role', 'PM', '--user', 'u', '--key', 'KEY'], /predicate.role/],
    [
      'a time without a zone',
      ['--role', 'pm', '--user', 'u', '--key', 'KEY', '--expires', '2027-01-01'],
      /not a time/,
    ],
    [
      'a file that is not there',
      ['--role', 'pm', '--user', 'u', '--key', 'KEY', '--file', 'x'],
      /no listed file/,
    ],
    ['a public key', ['--role', 'pm', '--user', 'u', '--key', 'KEY.pub'], /public half/],
    [
      'a passphrase as argument',
      ['--role', 'pm', '--user', 'u', '--key', 'KEY', '--passphrase', 'x'],
      /no option/,
    ],
    [
      'a descriptor that is none',
      ['--role', 'pm', '--user', 'u', '--key', 'BOB', '--passphrase-fd', 'x'],
      /number/,
    ],
  ])('refuses %s', async (_, options, pattern) => {
    const argv = options.map((word) => word.replace('KEY', key('alice')).replace('BOB', key('bob')));
    const ran = await runHere(['approve', at('a.sbundle.tgz'), ...argv]);
    expect([ran.code, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(pattern);
    expect(readdirSync(folder)).toEqual(['a.sbundle.tgz']);
  });
});

describe('attach', () => {
  it('names what it leaves out and writes nothing when nothing is left', async () => {
    expect((await approve('alice', 'pm')).code).toBe(0);
    const other = pack(bundle({ files: { 'spec.yaml': 'other\n' } }));
    writeFileSync(at('other.sbundle.tgz'), other);
    const argv = [
      'approve',
      'attach',
      at('other.sbundle.tgz'),
      '--approval',
      at('pm-1.json'),
      '--out',
      at('b.tgz'),
    ];
    const ran = await runHere(argv);
    expect([ran.code, ran.out, existsSync(at('b.tgz'))]).toEqual([40, '', false]);
    expect(ran.err).toMatch(/^Not attached: .*pm-1.json: This approval is for version/);
  });

  it('finds the statement of a signature, may write over its own input, and says what is there already', async () => {
    expect((await approve('alice', 'pm')).code).toBe(0);
    const argv = ['approve', 'attach', at('a.sbundle.tgz'), '--approval', at('pm-1.json.sig'), '--out'];
    expect((await runHere([...argv, at('a.sbundle.tgz')])).code).toBe(2);
    expect((await runHere([...argv, at('a.sbundle.tgz'), '--force'])).code).toBe(0);
    const again = await runHere([...argv, at('b.sbundle.tgz')]);
    expect(again.out.split('\n')[0]).toBe('Nothing to add: every approval given is in the bundle already');
    expect(readFileSync(at('b.sbundle.tgz'))).toEqual(readFileSync(at('a.sbundle.tgz')));
  });

  it('refuses the older dialects and damaged bundles', async () => {
    expect((await approve('alice', 'pm')).code).toBe(0);
    writeFileSync(at('old.tgz'), packItems(legacyBundle().items));
    const argv = (name: string) => [
      'approve',
      'attach',
      at(name),
      '--approval',
      at('pm-1.json'),
      '--out',
      at('b.tgz'),
    ];
    expect((await runHere(argv('old.tgz'))).err).toContain('attach-legacy-dialect');
    writeFileSync(at('cut.tgz'), pack(made).subarray(0, 300));
    expect((await runHere(argv('cut.tgz'))).code).toBe(60);
    expect(existsSync(at('b.tgz'))).toBe(false);
  });
});
