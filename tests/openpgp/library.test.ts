import * as openpgp from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { CertificateBook } from '../../src/core/signature/openpgp/book.js';
import { readNamedBlocks } from '../../src/core/signature/openpgp/named.js';
import { verifyOpenPgp } from '../../src/core/signature/openpgp/verify.js';
import type { SignatureCheck } from '../../src/core/signature/signature.js';
import { readOpenPgpKey, signOpenPgp } from '../../src/engine/openpgpSign.js';

/** OpenPGP.js as a second opinion: what it makes holds here, and nothing holds here that it refuses. */

const MESSAGE = new TextEncoder().encode('{"exactly":"these bytes"}');
const MADE = new Date('2026-01-01T00:00:00Z');
const NOW = new Date('2026-11-20T12:00:00Z');

type Curve = 'ed25519Legacy' | 'nistP256' | 'nistP384' | 'nistP521';

interface Kind {
  readonly name: string;
  readonly make: () => Promise<openpgp.PrivateKey>;
}

const user = { name: 'Anna', email: 'anna@example.org' };
const base = { userIDs: [user], date: MADE, format: 'object' } as const;

async function made(options: object): Promise<openpgp.PrivateKey> {
  const pair: unknown = await openpgp.generateKey({ ...base, ...options } as never);
  return (pair as { readonly privateKey: openpgp.PrivateKey }).privateKey;
}

const kinds: readonly Kind[] = [
  ...(['ed25519Legacy', 'nistP256', 'nistP384', 'nistP521'] as const).map((curve: Curve) => ({
    name: curve,
    make: () => made({ type: 'ecc', curve }),
  })),
  { name: 'curve25519', make: () => made({ type: 'curve25519' }) },
  { name: 'version 6', make: () => made({ type: 'curve25519', config: { v6Keys: true } }) },
  { name: 'RSA 2048', make: () => made({ type: 'rsa', rsaBits: 2048 }) },
  {
    name: 'with a signing subkey',
    make: () => made({ type: 'ecc', curve: 'nistP256', subkeys: [{ sign: true }] }),
  },
];

async function signed(key: openpgp.PrivateKey): Promise<Uint8Array> {
  const message = await openpgp.createMessage({ binary: MESSAGE });
  const armored: unknown = await openpgp.sign({
    message,
    signingKeys: key,
    detached: true,
    format: 'armored',
    date: NOW,
  });
  return new TextEncoder().encode(armored as string);
}

function check(file: Uint8Array, keys: Uint8Array, message = MESSAGE): SignatureCheck | null {
  const book = new CertificateBook();
  const read = readNamedBlocks(keys, 'key');
  if ('findings' in read) return null;
  for (const block of read.blocks) book.add(block);
  return verifyOpenPgp(file, message, book, NOW.getTime());
}

function judge(file: Uint8Array, keys: Uint8Array, message = MESSAGE): string {
  const result = check(file, keys, message);
  return result === null
    ? 'unreadable'
    : [result.outcome, ...result.findings.map(({ code }) => code)].join(' ');
}

/** The library's word, at the same time. */
async function theirs(file: Uint8Array, keys: Uint8Array, message: Uint8Array): Promise<boolean> {
  try {
    const result = await openpgp.verify({
      message: await openpgp.createMessage({ binary: message }),
      signature: await openpgp.readSignature({ armoredSignature: new TextDecoder().decode(file) }),
      verificationKeys: await openpgp.readKeys({ binaryKeys: keys }),
      date: NOW,
    });
    return await Promise.all(result.signatures.map(({ verified }) => verified)).then(
      (all) => all.length === 1,
      () => false,
    );
  } catch {
    return false;
  }
}

describe.each(kinds)('OpenPGP.js, $name', ({ make }) => {
  let key: openpgp.PrivateKey;
  let keys: Uint8Array;
  let file: Uint8Array;
  beforeAll(async () => {
    key = await make();
    keys = key.toPublic().write();
    file = await signed(key);
  });

  it('what it signs holds here', () => {
    expect(judge(file, keys)).toBe('true');
    expect(judge(file, keys, new Uint8Array([...MESSAGE, 10]))).toBe('false signature-false');
  });

  it('what is signed here holds there', async () => {
    const secret = new TextEncoder().encode(key.armor());
    expect((await readOpenPgpKey(secret, NOW)).fingerprint).toBe(key.getFingerprint().toUpperCase());
    const own = await signOpenPgp(secret, null, MESSAGE, NOW);
    expect(await theirs(own, keys, MESSAGE)).toBe(true);
  });

  it('opens a locked key, and a key locked with Argon2', async () => {
    const argon2: openpgp.PartialConfig = { aeadProtect: true, s2kType: openpgp.enums.s2k.argon2 };
    for (const config of [{}, argon2] as const) {
      const locked = await openpgp.encryptKey({ privateKey: key, passphrase: 'correct horse', config });
      const secret = new TextEncoder().encode(locked.armor());
      expect((await readOpenPgpKey(secret, NOW)).needsPassphrase).toBe(true);
      expect(judge(await signOpenPgp(secret, 'correct horse', MESSAGE, NOW), keys)).toBe('true');
    }
  });

  it('no changed bit of a signature is accepted here and refused there', async () => {
    const body = (await openpgp.unarmor(new TextDecoder().decode(file))).data as Uint8Array;
    for (let at = 0; at < body.length; at += 3) {
      const bent = Uint8Array.from(body);
      bent[at]! ^= 1 << (at % 8);
      const sig = new TextEncoder().encode(openpgp.armor(openpgp.enums.armor.signature, bent));
      if (judge(sig, keys) === 'true') expect(await theirs(sig, keys, MESSAGE), `byte ${at}`).toBe(true);
    }
  }, 120_000);

  it('a changed bit of a key never makes another key of it', () => {
    const fingerprint = key.getFingerprint().toUpperCase();
    for (let at = 0; at < keys.length; at += 17) {
      const bent = Uint8Array.from(keys);
      bent[at]! ^= 1 << (at % 8);
      const { outcome, key: maker } = check(file, bent) ?? {};
      if (outcome === 'true') expect(maker?.fingerprint, `byte ${at}`).toBe(fingerprint);
    }
  }, 120_000);
});

describe('the cost of opening a key', () => {
  it('is bounded before the work begins', async () => {
    const key = await made({ type: 'curve25519' });
    // The library's types leave this setting out.
    const config = {
      aeadProtect: true,
      s2kType: openpgp.enums.s2k.argon2,
      s2kArgon2Params: { passes: 17, parallelism: 1, memoryExponent: 10 },
    } as openpgp.PartialConfig;
    const locked = await openpgp.encryptKey({ privateKey: key, passphrase: 'x', config });
    const run = signOpenPgp(new TextEncoder().encode(locked.armor()), 'x', MESSAGE, NOW);
    await expect(run).rejects.toMatchObject({ finding: { code: 'openpgp-derivation-too-costly' } });
  });
});
