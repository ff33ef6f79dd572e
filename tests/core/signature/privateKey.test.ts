import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/core/bytes/base64.js';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import {
  readPrivateKey,
  type PrivateKey,
  type PrivateKeyRead,
} from '../../../src/core/signature/privateKey.js';
import { BCRYPT_ROUNDS_MAX } from '../../../src/core/signature/privateKeyCipher.js';
import { signSshsig } from '../../../src/core/signature/sign.js';
import { verifySshsig } from '../../../src/core/signature/sshsig.js';
import { mutate } from '../../fuzz/mutate.js';
import { Random } from '../../fuzz/random.js';
import { describeShared, sharedPath } from '../../shared.js';

const NAMESPACE = 'approval@countersign';
const PASSPHRASE = 'correct horse é';
const folder = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sshKeygen(...args: string[]): string {
  return execFileSync('ssh-keygen', args, { cwd: folder, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
}

function makeKey(name: string, passphrase: string, ...options: string[]): Uint8Array {
  sshKeygen('-q', '-f', name, '-N', passphrase, '-C', `${name} comment`, '-a', '2', ...options);
  return readFileSync(join(folder, name));
}

async function opened(bytes: Uint8Array, passphrase: string | null = null): Promise<PrivateKey> {
  const read = await readPrivateKey(bytes, passphrase === null ? null : toUtf8(passphrase));
  if ('findings' in read) throw new Error(read.findings[0]!.message);
  return read.key;
}

function problem(read: PrivateKeyRead): string {
  return 'findings' in read ? `${read.findings[0]!.code}: ${read.findings[0]!.message}` : 'none';
}

/** `ssh-keygen -Y verify` with this key for one person. */
function accepted(
  publicKey: Uint8Array,
  algorithm: string,
  signature: Uint8Array,
  message: Uint8Array,
): string {
  const signers = `a@example.org namespaces="${NAMESPACE}" ${algorithm} ${toBase64(publicKey)}\n`;
  writeFileSync(join(folder, 'signers'), signers);
  writeFileSync(join(folder, 'message.sig'), signature);
  const args = ['-Y', 'verify', '-f', 'signers', '-I', 'a@example.org', '-n', NAMESPACE, '-s', 'message.sig'];
  const run = spawnSync('ssh-keygen', args, { cwd: folder, input: message, encoding: 'utf8' });
  return run.status === 0 ? 'accepted' : run.stderr;
}

const types: readonly (readonly [string, ...string[]])[] = [
  ['ed25519', '-t', 'ed25519'],
  ['p256', '-t', 'ecdsa', '-b', '256'],
  ['p384', '-t', 'ecdsa', '-b', '384'],
  ['p521', '-t', 'ecdsa', '-b', '521'],
  ['rsa2048', '-t', 'rsa', '-b', '2048'],
  ['rsa3072', '-t', 'rsa', '-b', '3072'],
];
const ciphers = [
  'aes128-cbc',
  'aes192-cbc',
  'aes256-cbc',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
];

describe('keys that ssh-keygen made', () => {
  it.each(types)(
    '%s: read, signed with, accepted by ssh-keygen; and the other way',
    async (name, ...options) => {
      const key = await opened(makeKey(name, '', ...options));
      const line = sshKeygen('-l', '-f', name);
      expect(line).toContain(key.fingerprint);
      expect(key.comment).toBe(`${name} comment`);
      for (const text of ['', 'one approval', 'ä'.repeat(5000)]) {
        const message = toUtf8(text);
        const signature = await signSshsig(key, message, NAMESPACE);
        expect(accepted(key.publicKey, key.algorithm, signature, message)).toBe('accepted');
        expect(await signSshsig(key, message, NAMESPACE)).toEqual(signature);
        const other = accepted(key.publicKey, key.algorithm, signature, toUtf8(`${text}.`));
        expect(other).not.toBe('accepted');
      }
      writeFileSync(join(folder, 'theirs'), 'one approval');
      sshKeygen('-q', '-Y', 'sign', '-f', name, '-n', NAMESPACE, 'theirs');
      const theirs = readFileSync(join(folder, 'theirs.sig'));
      rmSync(join(folder, 'theirs.sig'));
      const check = verifySshsig(theirs, toUtf8('one approval'), NAMESPACE);
      expect([check.outcome, check.key?.fingerprint]).toEqual(['true', key.fingerprint]);
    },
  );

  it('Ed25519 and RSA signatures are the very bytes of ssh-keygen', async () => {
    for (const [name, ...options] of [types[0]!, types[4]!]) {
      const key = await opened(makeKey(`same-${name}`, '', ...options));
      writeFileSync(join(folder, 'same'), 'one approval');
      sshKeygen('-q', '-Y', 'sign', '-f', `same-${name}`, '-n', NAMESPACE, 'same');
      const theirs = readFileSync(join(folder, 'same.sig'), 'utf8');
      rmSync(join(folder, 'same.sig'));
      const ours = await signSshsig(key, toUtf8('one approval'), NAMESPACE);
      expect(new TextDecoder().decode(ours)).toBe(theirs);
    }
  });

  it.each(ciphers)('%s opens with the passphrase only', async (cipher) => {
    const name = `closed-${cipher.replace('@', '-')}`;
    const bytes = makeKey(name, PASSPHRASE, '-t', 'ed25519', '-Z', cipher);
    const key = await opened(bytes, PASSPHRASE);
    expect(sshKeygen('-l', '-f', name)).toContain(key.fingerprint);
    const none = await readPrivateKey(bytes, null);
    expect([problem(none).split(':')[0], 'needsPassphrase' in none]).toEqual(['key-passphrase-needed', true]);
    const wrong = await readPrivateKey(bytes, toUtf8(`${PASSPHRASE}.`));
    expect([problem(wrong).split(':')[0], 'needsPassphrase' in wrong]).toEqual([
      'key-passphrase-wrong',
      true,
    ]);
  });

  it('an encrypted RSA key with many rounds is opened', async () => {
    const bytes = makeKey('closed-rsa', PASSPHRASE, '-t', 'rsa', '-b', '2048', '-a', '16');
    expect((await opened(bytes, PASSPHRASE)).algorithm).toBe('ssh-rsa');
  });
});

describeShared('sample keys', () => {
  it.each(['lead-bob.ecdsa-p256', 'mallory.ed25519', 'pm-alice.ed25519', 'security-carol.rsa3072'])(
    '%s is read',
    async (name) => {
      const key = await opened(readFileSync(sharedPath('samples', 'keys', `${name}.TEST-ONLY.key`)));
      const line = readFileSync(sharedPath('samples', 'keys', `${name}.pub`), 'utf8');
      expect(line).toContain(toBase64(key.publicKey));
    },
  );
});

describe('files that are refused', () => {
  let plain = '';
  beforeAll(() => {
    plain = new TextDecoder().decode(makeKey('plainer', '', '-t', 'ed25519'));
  });

  /** The blob of the file with some of its bytes changed. */
  function changed(edit: (blob: Uint8Array) => Uint8Array): Uint8Array {
    const lines = plain.trim().split('\n');
    const blob = fromBase64(lines.slice(1, -1).join(''))!;
    const body = toBase64(edit(blob.slice()))
      .match(/.{1,70}/g)!
      .join('\n');
    return toUtf8(`${lines[0]}\n${body}\n${lines.at(-1)}\n`);
  }

  const set =
    (at: number, ...bytes: number[]) =>
    (blob: Uint8Array) => {
      blob.set(bytes, at < 0 ? blob.length + at : at);
      return blob;
    };

  it.each<[string, () => Uint8Array, RegExp]>([
    ['nothing', () => toUtf8(''), /does not begin/],
    ['a public key', () => readFileSync(join(folder, 'plainer.pub')), /public half/],
    ['an older form', () => toUtf8('-----BEGIN RSA PRIVATE KEY-----\nAAAA\n'), /ssh-keygen -p/],
    ['PuTTY', () => toUtf8('PuTTY-User-Key-File-3: ssh-ed25519\n'), /puttygen/],
    ['a file without its end', () => toUtf8(plain.split('\n').slice(0, 3).join('\n')), /cut short/],
    ['damaged base64', () => toUtf8(plain.replace('b3Bl', 'b3B!')), /base64/],
    ['too long a file', () => new Uint8Array(70_000).fill(0x41), /more than/],
    ['no text', () => Uint8Array.of(0xff, 0xfe), /not text/],
    ['two check numbers', () => changed(set(0x62, 1)), /check numbers|damaged/],
    ['padding', () => changed(set(-1, 9)), /padding/],
    ['something behind', () => changed((blob) => Uint8Array.from([...blob, 0])), /behind it/],
    ['something missing', () => changed((blob) => blob.slice(0, -8)), /cut short|missing/],
    ['another magic', () => changed(set(0, 0x4f)), /cut short or damaged/],
    ['several keys', () => changed(set(0x23, 0, 0, 0, 2)), /2 keys/],
  ])('%s', async (_, make, pattern) => {
    const said = problem(await readPrivateKey(make(), null));
    expect(said).toMatch(/^private-key-unreadable: /);
    expect(said).toMatch(pattern);
  });

  it('halves that do not belong together', async () => {
    const other = new TextDecoder().decode(makeKey('another', '', '-t', 'ed25519'));
    const blobOf = (text: string): Uint8Array => fromBase64(text.trim().split('\n').slice(1, -1).join(''))!;
    const [a, b] = [blobOf(plain), blobOf(other)];
    // Magic, cipher, derivation and the count of keys take 39 bytes, the public half 55, the length 4.
    const mixed = Uint8Array.from([...b.slice(0, 98), ...a.slice(98)]);
    expect(
      problem(
        await readPrivateKey(
          changed(() => mixed),
          null,
        ),
      ),
    ).toMatch(/do not belong together/);
  });

  it('more rounds of bcrypt than anybody needs', async () => {
    const bytes = makeKey('rounds', PASSPHRASE, '-t', 'ed25519');
    const lines = new TextDecoder().decode(bytes).trim().split('\n');
    const blob = fromBase64(lines.slice(1, -1).join(''))!;
    // magic 15, "aes256-ctr" 14, "bcrypt" 10, options: length 4, salt 20, rounds 4
    blob.set([0, 1, 0, 0], 15 + 14 + 10 + 4 + 20);
    const body = toBase64(blob)
      .match(/.{1,70}/g)!
      .join('\n');
    const started = performance.now();
    const read = await readPrivateKey(toUtf8(`${lines[0]}\n${body}\n${lines.at(-1)}\n`), toUtf8(PASSPHRASE));
    expect(problem(read)).toContain(`65536 rounds of bcrypt; from 1 to ${BCRYPT_ROUNDS_MAX}`);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('a key that is too small', async () => {
    sshKeygen('-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', 'small');
    const read = await readPrivateKey(readFileSync(join(folder, 'small')), null);
    expect(problem(read)).toMatch(/^key-too-small/);
  });

  it('never throws, and never opens a changed file as another key', async () => {
    const random = new Random(20261121);
    const right = await opened(toUtf8(plain));
    for (let i = 0; i < 400; i++) {
      const read = await readPrivateKey(
        changed((blob) => mutate(blob, blob, random, { text: false, dictionary: [] })),
        null,
      );
      if ('key' in read) expect(read.key.fingerprint).toBe(right.fingerprint);
    }
  });
});
