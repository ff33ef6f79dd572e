import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import { readAllowedSigners } from '../../../src/core/trust/allowedSigners.js';
import { exportSigners } from '../../../src/core/trust/exportSigners.js';
import { addImport, addKey } from '../../../src/core/trust/import/addImport.js';
import { readImport } from '../../../src/core/trust/import/readImport.js';
import { readTrust } from '../../../src/core/trust/readTrust.js';
import type { Trust } from '../../../src/core/trust/trust.js';
import { describeShared, sharedPath } from '../../shared.js';
import { aliceKey, bobKey, carolKey, smallOrderLine } from './keys.js';

const FP_A = 'SHA256:4zbp4OQ801TzexN4HcB+YnDTVb82UQR6aG9JkzwuHGk';
const read = (text: string, present: Trust | null = null, name = 'given') =>
  readImport({ name, bytes: toUtf8(text) }, present);
const codes = (imported: { findings: readonly { code: string }[] }) =>
  imported.findings.map(({ code }) => code);
const list: Trust = readTrust({
  name: 'trust.yaml',
  bytes: toUtf8(
    `schema: "countersign.trust/v1"\nid: "acme"\nserial: 3\npeople:\n  - id: "alice@acme.org"\n    keys: [{ssh: "${aliceKey}"}]\n`,
  ),
}).trust!;

describe('readImport', () => {
  it('takes a .pub line with its comment as a proposal and nothing more', () => {
    const { kind, trust, keys } = read(`${aliceKey} alice@acme.org\n`);
    expect([kind, trust]).toEqual(['key-lines', null]);
    expect(keys.map(({ suggestedId, key }) => [suggestedId, key.kind])).toEqual([['alice@acme.org', 'ssh']]);
    expect(read(`${aliceKey} my laptop`).keys[0]?.suggestedId).toBeNull();
    expect(read(`${aliceKey} *@acme.org`).keys[0]?.suggestedId).toBeNull();
  });

  it('takes the keys of authorized_keys without their login options, and no authority', () => {
    const text = `# keys\nfrom="10.0.0.1, *",no-pty ${aliceKey} a@b.c\ncert-authority ${bobKey} x@y.z\n${carolKey}\n`;
    const { kind, keys, findings } = read(text);
    expect(kind).toBe('key-lines');
    expect(keys).toHaveLength(2);
    expect(findings.map(({ code, where }) => [code, where.line])).toEqual([['import-left-out', 3]]);
  });

  it('leaves out a key that proves nothing', () => {
    expect(codes(read(smallOrderLine))).toEqual(['import-left-out', 'import-nothing']);
  });

  it('tells allowed_signers from authorized_keys by what stands in front of the key', () => {
    const signers = read(`alice@acme.org,al@acme.org namespaces="approval@countersign" ${aliceKey}\n`);
    expect(signers.kind).toBe('allowed-signers');
    expect(signers.trust?.people[0]).toMatchObject({ id: 'alice@acme.org', also: ['al@acme.org'] });
  });

  it('never takes a private key', () => {
    for (const kind of ['OPENSSH', 'RSA', 'PGP', 'ENCRYPTED']) {
      const end = kind === 'PGP' ? ' BLOCK' : '';
      const imported = read(`${aliceKey}\n-----BEGIN ${kind} PRIVATE KEY${end}-----\nAAAA\n`);
      expect(codes(imported)).toEqual(['import-private-key']);
      expect(imported.keys).toEqual([]);
    }
  });

  it('refuses what it does not know', () => {
    for (const text of ['', 'hello', '{"a": 1}', '- 1\n', 'id: x\n', '\u0000'])
      expect(codes(read(text))).toEqual(['import-not-known']);
    expect(codes(readImport({ name: 'x', bytes: Uint8Array.of(0xff, 0xfe, 0) }, null))).toEqual([
      'import-not-known',
    ]);
  });

  it('a list of ours with a fault names the fault', () => {
    expect(codes(read('schema: "countersign.trust/v1"\nid: "a"\n\tserial: 1\n'))).toEqual(['trust-not-yaml']);
    expect(codes(read('schema: "countersign.trust/v9"\n'))).toEqual(['trust-schema-unknown']);
  });

  it('calculates a declared fingerprint again and refuses the file that lies (row A042)', () => {
    const file = (print: string) =>
      `bundle:\n  default_approvers:\n    - role: pm\n      users:\n        - {email: a@b.c, public_key: "${aliceKey}", fingerprint: "${print}"}\n`;
    const measured = read(aliceKey).keys[0]!.key.fingerprint;
    expect(read(file(measured)).trust?.people[0]?.keys[0]?.fingerprint).toBe(measured);
    expect(codes(read(file(FP_A)))).toEqual(['import-fingerprint-differs']);
    expect(read(file(FP_A)).trust).toBeNull();
  });

  it('reads an approval policy: ages never grow, keys of known people stand for them', () => {
    const known = list.people[0]!.keys[0]!.fingerprint;
    const text = `approval_policy:\n  roles:\n    pm:\n      description: "x"\n      trusted_keys: ["${known}", "${FP_A}"]\n      required_for: [production]\n      max_age: "170h"\n`;
    const { kind, trust, findings } = read(text, list);
    expect(kind).toBe('approval-policy');
    expect(trust?.people.map(({ id }) => id)).toEqual(['alice@acme.org', 'key-e336e9e0e43cd354']);
    expect(trust?.rules[0]?.roles).toEqual([
      { role: 'pm', people: ['alice@acme.org', 'key-e336e9e0e43cd354'], threshold: 1, maxAgeDays: 7 },
    ]);
    expect(findings.map(({ code }) => code)).toEqual([
      'import-older-shape',
      'import-left-out',
      'import-left-out',
    ]);
    expect(codes(read(text.replace('170h', '12h')))).toContain('import-field');
    expect(codes(read(text.replace('170h', 'long')))).toContain('import-field');
  });

  it('a table of another form is refused whole', () => {
    for (const text of [
      'roles: 1\n',
      'roles:\n  pm: {users: [a]}\n',
      'roles:\n  pm: {users: {a@b.c: {x: y}}}\n',
      'bundle:\n  default_approvers: x\n',
      'bundle:\n  default_approvers: [{role: pm}]\n',
      'bundle:\n  default_approvers: [{users: [a]}]\n',
      'approval_policy: x\n',
    ]) {
      const imported = read(text);
      expect(codes(imported)).toContain('import-field');
      expect(imported.trust).toBeNull();
    }
  });
});

describe('addImport', () => {
  it('adds people and rules with the next serial and reads back what it wrote', () => {
    const imported = read(`bob@acme.org ${bobKey}\n`).trust!;
    const { bytes, trust } = addImport(list, imported);
    expect(trust?.serial).toBe(4);
    expect(trust?.people.map(({ id }) => id)).toEqual(['alice@acme.org', 'bob@acme.org']);
    expect(readTrust({ name: 'x', bytes: bytes! }).trust).toEqual(trust);
  });

  it('refuses a key that somebody else has already', () => {
    const { trust, findings } = addImport(list, read(`mallory@evil.example ${aliceKey}\n`).trust!);
    expect(trust).toBeNull();
    expect(findings.map(({ code }) => code)).toContain('trust-key-two-people');
  });

  it('does not lengthen what the list says of a key', () => {
    const ended = addKey(
      null,
      { id: 'a@b.c' },
      { ...list.people[0]!.keys[0]! },
      { until: '2026-01-01T00:00:00Z' },
    );
    const again = addImport(ended.trust, read(`a@b.c ${aliceKey}\n`).trust!);
    expect(again.trust?.people[0]?.keys[0]?.until).toBe('2026-01-01T00:00:00Z');
  });

  it('keeps its own rule under its name and takes the other one beside it', () => {
    const first = addImport(list, read(`roles:\n  pm: {users: {b@c.d: ["${FP_A}"]}}\n`).trust!);
    expect(first.trust?.defaultRule).toBe('imported');
    const second = addImport(first.trust, read(`roles:\n  lead: {users: {b@c.d: ["${FP_A}"]}}\n`).trust!);
    expect(second.trust?.rules.map(({ name }) => name)).toEqual(['imported', 'imported-2']);
    expect(second.trust?.defaultRule).toBe('imported');
  });

  it('refuses what the verifying code would refuse: two terms for one key', () => {
    const text = `a@b.c valid-before="20260101Z" ${bobKey}\na@b.c ${bobKey}\n`;
    const { trust, findings } = addImport(list, read(text).trust!);
    expect(trust).toBeNull();
    expect(findings.map(({ code }) => code)).toContain('trust-key-terms-differ');
  });

  it('takes a passkey with the places where it may sign', () => {
    const point = list.people[0]!.keys[0]!;
    const { trust } = addKey(list, { id: 'b@c.d', name: 'B' }, { ...point, ...read(bobKey).keys[0]!.key });
    expect(trust?.people[1]).toMatchObject({ id: 'b@c.d', name: 'B' });
  });
});

describe('exportSigners', () => {
  const keyOf = (line: string) => read(line).keys[0]!.key;
  const people = [
    {
      id: 'alice@acme.org',
      also: ['al@acme.org'],
      keys: [{ ...keyOf(aliceKey), from: '2026-01-01T00:00:00.500Z', until: '2027-01-01T00:00:00Z' }],
    },
    { id: 'bob@acme.org', also: [], keys: [keyOf(bobKey)] },
    {
      id: 'carol@acme.org',
      also: [],
      keys: [
        { kind: 'fingerprint' as const, fingerprint: FP_A },
        { kind: 'openpgp' as const, fingerprint: 'A'.repeat(40) },
        { ...keyOf(carolKey), namespaces: ['git'] },
      ],
    },
  ];
  const withdrawn = [{ fingerprint: keyOf(bobKey).fingerprint, at: '2026-03-03T00:00:00Z' }];
  const file = exportSigners({ ...list, people, withdrawn });

  it('never lets more in than the list: dates inwards, withdrawn keys end, other keys stay out', () => {
    expect(fromUtf8(file.bytes)).toBe(
      `alice@acme.org,al@acme.org namespaces="approval@countersign",valid-after="20260101000001Z",valid-before="20261231235959Z" ${aliceKey}\n` +
        `bob@acme.org namespaces="approval@countersign",valid-before="20260302235959Z" ${bobKey}\n`,
    );
    expect(file.keys).toBe(2);
    expect(file.findings.map(({ code }) => code)).toEqual(Array(3).fill('export-left-out'));
  });

  it('is read back by ourselves as the same people', () => {
    const again = readAllowedSigners({ name: 'allowed_signers', bytes: file.bytes }).trust!;
    expect(again.people.map(({ id, also }) => [id, also])).toEqual([
      ['alice@acme.org', ['al@acme.org']],
      ['bob@acme.org', []],
    ]);
  });

  it('is read by ssh-keygen, which finds the person of a key', () => {
    const folder = mkdtempSync(join(tmpdir(), 'signers-'));
    const key = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const line = readFileSync(`${key}.pub`, 'utf8').trim();
    const dora = { id: 'dora@acme.org', also: [], keys: [{ ...keyOf(line), from: '2026-01-01T00:00:00Z' }] };
    writeFileSync(
      join(folder, 'signers'),
      exportSigners({ ...list, people: [...people, dora], withdrawn }).bytes,
    );
    writeFileSync(join(folder, 'text'), 'hello');
    execFileSync(
      'ssh-keygen',
      ['-q', '-Y', 'sign', '-n', 'approval@countersign', '-f', key, join(folder, 'text')],
      {
        stdio: 'ignore',
      },
    );
    const found = execFileSync(
      'ssh-keygen',
      ['-Y', 'find-principals', '-f', join(folder, 'signers'), '-s', join(folder, 'text.sig')],
      { encoding: 'utf8' },
    );
    expect(found.trim()).toBe('dora@acme.org');
  });
});

describeShared('files of other tools', () => {
  const given = (...parts: string[]) => ({
    name: parts.at(-1)!,
    bytes: new Uint8Array(readFileSync(sharedPath('samples', ...parts))),
  });

  it('the approvers of config.yaml become people and a rule', () => {
    const { kind, trust } = readImport(given('project', '.specular', 'config.yaml'), null);
    expect(kind).toBe('specular-config');
    expect(trust?.rules[0]?.roles.map(({ role, people }) => [role, people])).toEqual([
      ['pm', ['alice@acme.org']],
      ['lead', ['bob@acme.org']],
      ['security', ['carol@acme.org']],
    ]);
  });

  it('an older list is translated, and its keys are those of the .pub files', () => {
    const { kind, trust } = readImport(given('keys', 'trust.yaml'), null);
    expect(kind).toBe('older-roles');
    const lists = ['pm-alice.ed25519.pub', 'lead-bob.ecdsa-p256.pub', 'security-carol.rsa3072.pub'];
    const measured = lists.map((file) => readImport(given('keys', file), null).keys[0]!.key.fingerprint);
    expect(trust?.people.map(({ keys }) => keys[0]?.fingerprint)).toEqual(measured);
    expect(addImport(null, trust!).trust?.defaultRule).toBe('imported');
  });
});
