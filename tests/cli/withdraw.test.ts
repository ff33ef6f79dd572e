import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { readRequest } from '../../src/core/envelope/request.js';
import { utf8 } from '../vectorgen/raw.js';
import { approve, at, attachAll, folder, key, made } from './approvers.js';
import { runApart, runHere } from './run.js';

describe('requests', () => {
  it('name the bundle and are signed when asked', async () => {
    const argv = [
      'approve',
      'request',
      at('a.sbundle.tgz'),
      '--role',
      'pm',
      '--role',
      'lead',
      '--user',
      'dan@example.org',
    ];
    const plain = await runHere([...argv, '--comment', 'for Friday']);
    const request = readRequest(utf8(plain.out));
    expect('request' in request && request.request).toMatchObject({
      bundle: { digest: `sha256:${made.manifestSha256}`, archive: 'a.sbundle.tgz', contentRoot: made.root },
      roles: ['pm', 'lead'],
      note: 'for Friday',
    });
    expect((await runHere([...argv, '--key', key('alice')])).err).toContain('give --out');
    const signed = await runHere([...argv, '--key', key('alice'), '--out', at('request.json')]);
    expect(signed.code).toBe(0);
    const check = spawnSync(
      'ssh-keygen',
      ['-Y', 'check-novalidate', '-n', 'request@countersign', '-s', at('request.json.sig')],
      { input: readFileSync(at('request.json')), encoding: 'utf8' },
    );
    expect(check.stdout).toContain('Good "request@countersign" signature');
  });
});

describe('withdrawals', () => {
  const verdict = async (...more: string[]): Promise<string> => {
    const ran = await runHere([
      'verify',
      at('b.sbundle.tgz'),
      ...more,
      '--rule',
      key('trust.yaml'),
      '--summary',
    ]);
    return `${ran.code} ${ran.out.split(' ')[0]}`;
  };
  const takesBack = ['withdrawal-1.json', 'withdrawal-1.json.sig'];

  beforeEach(async () => {
    for (const [who, role] of [
      ['alice', 'pm'],
      ['bob', 'lead'],
      ['carol', 'security'],
    ] as const)
      await approve(who, role);
    await attachAll();
    expect(await verdict()).toBe('0 B-OK');
  });

  it('of an approval end it', async () => {
    const argv = [
      'approve',
      'withdraw',
      at('pm-1.json'),
      '--user',
      'alice@example.org',
      '--key',
      key('alice'),
    ];
    const ran = await runHere([...argv, '--comment', 'wrong version']);
    expect([ran.code, ran.out.split(':')[0]]).toEqual([0, 'Withdrawn']);
    expect(await verdict(...takesBack.map(at))).toBe('12 B-WITHDRAWN');
    const shown = await runHere([
      'verify',
      at('b.sbundle.tgz'),
      ...takesBack.map(at),
      '--rule',
      key('trust.yaml'),
    ]);
    expect(shown.out.split('\n')[0]).toBe('An approval was taken back by the person who gave it');
  });

  it('of a key end what it signed, and nobody else can do it', async () => {
    const argv = (who: string) => [
      'keys',
      'withdraw',
      '--user',
      'x',
      '--key',
      key(who),
      '--out',
      at('withdrawal-1.json'),
    ];
    expect((await runHere(argv('carol'))).code).toBe(0);
    expect(await verdict(...takesBack.map(at))).toBe('12 B-WITHDRAWN');
    const other = [
      'approve',
      'withdraw',
      at('pm-1.json'),
      '--user',
      'alice@example.org',
      '--key',
      key('carol'),
    ];
    expect((await runHere([...other, '--out', at('withdrawal-1.json'), '--force'])).code).toBe(0);
    expect(await verdict(...takesBack.map(at))).toBe('0 B-OK');
  });
});

const gpg = spawnSync('gpg', ['--version']).status === 0;
if (!gpg) console.log('NOT RUN: gpg is not installed');

describe.skipIf(!gpg && process.env['CI'] === undefined)('with GnuPG', () => {
  const run = (...args: string[]): string =>
    execFileSync('gpg', ['--homedir', key('gnupg'), '--batch', '--quiet', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  it('a prepared statement is signed by gpg, attached and confirmed', async () => {
    mkdirSync(key('gnupg'), { mode: 0o700 });
    const generate = ['--pinentry-mode', 'loopback', '--passphrase', '', '--quick-generate-key'];
    run(...generate, 'Bob <bob@example.org>', 'ed25519', 'sign', 'never');
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(run('--with-colons', '--list-keys'))?.[1] ?? '';
    writeFileSync(at('bob.asc'), run('--export', '--armor'));
    const argv = ['approve', 'prepare', at('a.sbundle.tgz'), '--role', 'lead', '--user', 'bob@example.org'];
    expect((await runHere([...argv, '--out', at('lead-1.json')])).code).toBe(0);
    run('--detach-sign', '--armor', '--digest-algo', 'SHA512', at('lead-1.json'));
    for (const [who, role] of [
      ['alice', 'pm'],
      ['carol', 'security'],
    ] as const)
      await approve(who, role);
    const attach = ['approve', 'attach', at('a.sbundle.tgz'), '--out', at('b.sbundle.tgz')];
    const approvals = ['pm-1.json', 'lead-1.json', 'security-1.json'].flatMap((name) => [
      '--approval',
      at(name),
    ]);
    const without = await runHere([...attach, ...approvals]);
    expect(without.err).toContain('lead-1.json');
    expect(without.out).toContain('Attached 2 approvals');
    // The clock of these tests stands still at a day before gpg made the key, so the real one is used.
    const attached = await runApart([...attach, ...approvals, '--certificate', at('bob.asc'), '--force']);
    expect([attached.code, attached.err]).toEqual([0, '']);
    expect(attached.out).toContain('Attached 3 approvals');
    const list = readFileSync(key('trust.yaml'), 'utf8').replace(
      /(id: "bob@example.org"\n {4}keys:\n) {6}- ssh: "[^"]+"/,
      `$1      - openpgp: "${fingerprint}"`,
    );
    writeFileSync(at('trust.yaml'), list);
    const argvVerify = [
      'verify',
      at('b.sbundle.tgz'),
      '--rule',
      at('trust.yaml'),
      '--certificate',
      at('bob.asc'),
    ];
    const verified = await runApart([...argvVerify, '--summary']);
    expect(`${verified.code} ${verified.out.split(' ')[0]}`).toBe('0 B-OK');
  });
});
