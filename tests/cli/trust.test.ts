import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintWords } from '../../src/core/signature/words.js';
import { readTrust } from '../../src/core/trust/readTrust.js';
import { describeShared, sharedPath } from '../shared.js';
import { releaseTrust } from '../vectorgen/cast.js';
import { trustText } from '../vectorgen/trustText.js';
import { runHere } from './run.js';

const home = mkdtempSync(join(tmpdir(), 'countersign-trust-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const at = (name: string): string => join(home, name);

function sshKeygen(...args: string[]): string {
  return execFileSync('ssh-keygen', args, { cwd: home, encoding: 'utf8' });
}

beforeAll(() => {
  sshKeygen('-q', '-t', 'ed25519', '-N', '', '-f', 'alice', '-C', 'alice@example.org');
  sshKeygen('-q', '-t', 'rsa', '-b', '2048', '-N', 'swordfish', '-a', '2', '-f', 'carol', '-C', 'her laptop');
  writeFileSync(at('trust.yaml'), trustText(releaseTrust()));
});

describe('keys fingerprint', () => {
  it.each(['alice', 'alice.pub', 'carol', 'carol.pub'])('%s as ssh-keygen says it', async (name) => {
    const [, expected = ''] = sshKeygen('-l', '-f', at(name)).split(' ');
    const ran = await runHere(['keys', 'fingerprint', at(name), '--json']);
    const { keys } = JSON.parse(ran.out) as { keys: { fingerprint: string; words: string; says: string }[] };
    expect([ran.code, keys.length]).toEqual([0, 1]);
    expect(keys[0]).toMatchObject({ fingerprint: expected, words: fingerprintWords(expected) });
    if (name === 'alice') expect(keys[0]?.says).toBe('private key, WITHOUT a passphrase');
    if (name === 'carol') expect(keys[0]?.says).toBe('private key, with a passphrase');
  });

  it('all keys of a trust file, with their people', async () => {
    const ran = await runHere(['keys', 'fingerprint', at('trust.yaml')]);
    expect(ran.code).toBe(0);
    for (const person of ['alice', 'bob', 'carol']) expect(ran.out).toContain(`${person}@example.org`);
    expect(ran.out.match(/^SHA256:/gm)).toHaveLength(3);
  });

  it('refuses what holds no key', async () => {
    writeFileSync(at('notes.txt'), 'hello\n');
    const ran = await runHere(['keys', 'fingerprint', at('notes.txt')]);
    expect([ran.code, ran.out]).toEqual([60, '']);
  });
});

describe('trust', () => {
  it('shows people, keys and rules', async () => {
    const ran = await runHere(['trust', 'show', at('trust.yaml')]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('alice@example.org (Alice Ang)');
    expect(ran.out).toContain('rule release (judges unless another is named)');
    expect(ran.out).toContain('  pm: 1 of alice@example.org');
    const json = await runHere(['trust', 'show', at('trust.yaml'), '--json']);
    expect(JSON.parse(json.out)).toMatchObject({
      schemaVersion: 'countersign.people/v1',
      defaultRule: 'release',
    });
  });

  it('checks: good lists pass, faulty ones end in 60 and say which line', async () => {
    expect((await runHere(['trust', 'check', at('trust.yaml'), at('alice.pub')])).code).toBe(0);
    const faulty = trustText(releaseTrust())
      .replace('threshold: 1', 'threshold: 0')
      .replace('people: [', 'peeple: [');
    writeFileSync(at('faulty.yaml'), faulty);
    const ran = await runHere(['trust', 'check', at('trust.yaml'), at('faulty.yaml')]);
    expect(ran.code).toBe(60);
    expect(ran.out).toContain('faulty.yaml: cannot be used');
    const key = await runHere(['trust', 'check', at('alice')]);
    expect([key.code, key.out.includes('import-private-key')]).toEqual([60, true]);
  });

  it('imports keys for a named person, tells what changes, and writes over nothing', async () => {
    const nameless = await runHere(['trust', 'import', at('carol.pub')]);
    expect([nameless.code, nameless.out]).toEqual([2, '']);
    expect(nameless.err).toContain('give --person');
    const argv = [
      'trust',
      'import',
      at('alice.pub'),
      '--person',
      'zoe@example.org',
      '--checked',
      'by telephone',
    ];
    const ran = await runHere([...argv, '--into', at('trust.yaml'), '--out', at('more.yaml')]);
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('zoe@example.org is new, with 1 key.');
    const { trust } = readTrust({ name: 'more.yaml', bytes: readFileSync(at('more.yaml')) });
    expect(trust?.people.map(({ id }) => id)).toContain('zoe@example.org');
    expect(trust?.people.find(({ id }) => id === 'zoe@example.org')?.keys[0]?.checked).toBe('by telephone');
    expect(trust?.defaultRule).toBe('release');
    const again = await runHere([...argv, '--into', at('trust.yaml'), '--out', at('trust.yaml')]);
    expect([again.code, readFileSync(at('trust.yaml'), 'utf8')]).toEqual([2, trustText(releaseTrust())]);
  });

  it('goes to allowed_signers and back, and ssh-keygen reads it', async () => {
    const exported = await runHere(['trust', 'export', at('trust.yaml'), '--out', at('allowed_signers')]);
    expect(exported.code).toBe(0);
    expect(exported.err).toContain('export-left-out');
    const found = spawnSync(
      'ssh-keygen',
      ['-Y', 'match-principals', '-I', 'alice@example.org', '-f', at('allowed_signers')],
      {
        encoding: 'utf8',
      },
    );
    expect(found.stdout.trim()).toBe('alice@example.org');
    const back = await runHere(['trust', 'import', at('allowed_signers'), '--out', at('back.yaml')]);
    expect(back.code).toBe(0);
    const fingerprints = (name: string): string[] =>
      readTrust({ name, bytes: readFileSync(at(name)) })
        .trust!.people.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint))
        .sort();
    expect(fingerprints('back.yaml')).toEqual(fingerprints('trust.yaml'));
  });

  it('refuses a file that is none', async () => {
    writeFileSync(at('broken.yaml'), 'schema: "countersign.trust/v1"\npeople: 3\n');
    for (const argv of [
      ['trust', 'show', at('broken.yaml')],
      ['trust', 'export', at('broken.yaml'), '--out', at('none')],
      ['trust', 'import', at('broken.yaml'), '--out', at('none')],
    ]) {
      const ran = await runHere(argv);
      expect([ran.code, ran.out, existsSync(at('none'))], argv.join(' ')).toEqual([60, '', false]);
      expect(ran.err.length).toBeGreaterThan(20);
    }
  });
});

describeShared('trust lists of other tools', () => {
  it('the proposed list of the samples is taken over', async () => {
    const ran = await runHere(['trust', 'import', sharedPath('samples', 'keys', 'trust.yaml')]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('schema: "countersign.trust/v1"');
  });
});
