import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { p256, p521 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/bytes/bytes.js';
import {
  parseAuthorizedKey,
  parsePublicKeyBlob,
  type KeyProblem,
} from '../../../src/core/signature/publicKey.js';
import { fingerprintWords, wordOf } from '../../../src/core/signature/words.js';
import { WireReader, bigintOf, bytesOf, wireMpint, wireString } from '../../../src/core/signature/wire.js';
import { describeShared, sharedPath } from '../../shared.js';
import { ecdsaKey, ed25519Key, passkey, rsaKey, skEcdsaKey, skEd25519Key } from '../../vectorgen/keys.js';

function problemOf(read: object | KeyProblem): string {
  return 'problem' in read ? read.problem.code : 'none';
}

function rsa(n: bigint, e = 65_537n): Uint8Array {
  return concatBytes([wireString('ssh-rsa'), wireMpint(e), wireMpint(n)]);
}

function rsaModulus(bits: number): bigint {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const { n = '' } = publicKey.export({ format: 'jwk' });
  return bigintOf(new Uint8Array(Buffer.from(n, 'base64url')));
}

const keys = [
  ed25519Key('alice'),
  ecdsaKey('alice', 'nistp256'),
  ecdsaKey('alice', 'nistp384'),
  ecdsaKey('alice', 'nistp521'),
  rsaKey('erin'),
  skEd25519Key('alice'),
  skEcdsaKey('alice'),
  passkey('alice'),
];

describe('parseAuthorizedKey', () => {
  it('reads every type, with its fingerprint, comment and application', () => {
    for (const key of keys) {
      const read = parseAuthorizedKey(`${key.line} alice@example.org and more\n`);
      if ('problem' in read) throw new Error(`${key.algorithm}: ${read.problem.message}`);
      expect(read.key.algorithm).toBe(key.algorithm);
      expect(read.key.blob).toEqual(key.blob);
      expect(read.key.fingerprint).toBe(key.fingerprint);
      expect(read.comment).toBe('alice@example.org and more');
      expect(read.key.application !== undefined).toBe(key.algorithm.startsWith('sk-'));
    }
  });

  it.each([
    ['options in front', `no-pty ${ed25519Key('alice').line}`],
    ['two lines', `${ed25519Key('alice').line}\n${ed25519Key('bob').line}\n`],
    ['a PGP block', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n'],
    ['nothing', ''],
    ['a type without a key', 'ssh-ed25519'],
    ['base64 without padding', skEd25519Key('alice').line.replace(/=+$/, '')],
    ['URL base64', ed25519Key('alice').line.replace('AAAA', 'A_AA')],
    ['another type in front', ed25519Key('alice').line.replace('ssh-ed25519', 'ssh-ed448')],
    ['a leading space', ` ${ed25519Key('alice').line}`],
  ])('refuses %s', (_, line) => {
    expect(problemOf(parseAuthorizedKey(line))).toBe('key-unreadable');
  });
});

describe('parsePublicKeyBlob', () => {
  it('refuses DSA and certificates, and says that it does not know others (S17, S33)', () => {
    const g = wireMpint(1n);
    expect(problemOf(parsePublicKeyBlob(concatBytes([wireString('ssh-dss'), g, g, g, g])))).toBe(
      'key-type-refused',
    );
    const certificate = concatBytes([
      wireString('ssh-ed25519-cert-v01@openssh.com'),
      wireString(new Uint8Array(32)),
    ]);
    expect(problemOf(parsePublicKeyBlob(certificate))).toBe('key-type-refused');
    expect(problemOf(parsePublicKeyBlob(wireString('ssh-ed448')))).toBe('key-type-unknown');
  });

  it('refuses an Ed25519 key of small order at import', () => {
    const identity = new Uint8Array(32);
    identity[0] = 1;
    for (const type of ['ssh-ed25519', 'sk-ssh-ed25519@openssh.com']) {
      const tail = type.startsWith('sk-') ? wireString('ssh:') : new Uint8Array(0);
      const blob = concatBytes([wireString(type), wireString(identity), tail]);
      expect(problemOf(parsePublicKeyBlob(blob))).toBe('key-small-order');
      const short = concatBytes([wireString(type), wireString(identity.subarray(1)), tail]);
      expect(problemOf(parsePublicKeyBlob(short))).toBe('key-not-canonical');
    }
  });

  it('refuses points off the curve, at infinity, compressed, hybrid, or of another curve (S08)', () => {
    const good = p256.getPublicKey(new Uint8Array(32).fill(9), false);
    const blob = (point: Uint8Array, curve = 'nistp256'): Uint8Array =>
      concatBytes([wireString('ecdsa-sha2-nistp256'), wireString(curve), wireString(point)]);
    expect(problemOf(parsePublicKeyBlob(blob(good)))).toBe('none');
    const off = good.slice();
    off[64]! ^= 1;
    const hybrid = good.slice();
    hybrid[0] = 6;
    const compressed = p256.getPublicKey(new Uint8Array(32).fill(9), true);
    const zero = new Uint8Array(65);
    zero[0] = 4;
    const other = p521.getPublicKey(new Uint8Array(66).fill(1), false);
    for (const point of [off, hybrid, compressed, zero, other, Uint8Array.of(0), new Uint8Array(0)]) {
      expect(problemOf(parsePublicKeyBlob(blob(point)))).toBe('key-not-canonical');
    }
    expect(problemOf(parsePublicKeyBlob(blob(good, 'nistp384')))).toBe('key-unreadable');
  });

  it('bounds RSA keys and refuses weak ones (S10)', () => {
    const good = rsaModulus(2048);
    expect(problemOf(parsePublicKeyBlob(rsa(good)))).toBe('none');
    expect(problemOf(parsePublicKeyBlob(rsa(rsaModulus(1024))))).toBe('key-too-small');
    expect(problemOf(parsePublicKeyBlob(rsa(good >> 1n)))).toBe('key-too-small');
    expect(problemOf(parsePublicKeyBlob(rsa((1n << 8192n) + 1n)))).toBe('key-too-large');
    expect(problemOf(parsePublicKeyBlob(rsa(good - 1n)))).toBe('key-rsa-weak');
    expect(problemOf(parsePublicKeyBlob(rsa(good * 3n)))).toBe('key-rsa-weak');
    for (const e of [1n, 2n, 3n, 35n, 65_536n, 65_538n, 1n << 33n, (1n << 64n) + 1n]) {
      expect(problemOf(parsePublicKeyBlob(rsa(good, e)))).toBe('key-rsa-weak');
    }
    expect(problemOf(parsePublicKeyBlob(rsa(good, (1n << 32n) + 1n)))).toBe('none');
  });

  it('recognises the pattern of CVE-2017-15361', () => {
    // Such primes are k * M + (65537^a mod M) with M the product of the small primes; so is their product.
    const primes = Array.from({ length: 166 }, (_, i) => i + 2).filter((n) =>
      Array.from({ length: n }, (_, d) => d).every((d) => d < 2 || n % d !== 0),
    );
    const m = primes.reduce((product, prime) => product * BigInt(prime), 1n);
    let power = 1n;
    for (let i = 0; i < 12_345; i++) power = (power * 65_537n) % m;
    let n = ((1n << 2047n) / m) * m + m + power;
    // Steps of M keep the pattern; other small factors would hide which rule refused the key.
    while ([173n, 179n, 181n, 191n, 193n, 197n, 199n].some((prime) => n % prime === 0n)) n += m;
    expect(n.toString(2).length).toBe(2048);
    expect(problemOf(parsePublicKeyBlob(rsa(n)))).toBe('key-rsa-weak');
  });

  it('refuses integers that are not written in their shortest form', () => {
    const n = rsaModulus(2048);
    const long = concatBytes([Uint8Array.of(0, 0), bytesOf(n, 256)!]);
    const negative = bytesOf(n, 256)!;
    for (const odd of [long, negative, new Uint8Array(0), Uint8Array.of(0)]) {
      const blob = concatBytes([wireString('ssh-rsa'), wireMpint(65_537n), wireString(odd)]);
      expect(problemOf(parsePublicKeyBlob(blob))).toBe('key-unreadable');
    }
  });

  it('refuses trailing bytes, truncation and an odd application', () => {
    for (const key of keys) {
      expect(problemOf(parsePublicKeyBlob(concatBytes([key.blob, Uint8Array.of(0)])))).toBe('key-unreadable');
      for (let length = 0; length < key.blob.length; length += 7) {
        expect(problemOf(parsePublicKeyBlob(key.blob.subarray(0, length)))).not.toBe('none');
      }
    }
    for (const application of ['', 'a b', 'x\0', 'ä', 'x'.repeat(256)]) {
      expect(problemOf(parsePublicKeyBlob(skEd25519Key('alice', { application }).blob))).toBe(
        'key-unreadable',
      );
    }
  });

  it('reads a long hostile line in linear time', () => {
    const line = `${ed25519Key('alice').line}${' '.repeat(1_000_000)}`;
    expect(problemOf(parseAuthorizedKey(`${line}\n`))).toBe('none');
    expect(problemOf(parseAuthorizedKey(`${line}\n\n`))).toBe('key-unreadable');
    expect(problemOf(parseAuthorizedKey('\t'.repeat(1_000_000)))).toBe('key-unreadable');
  });

  it('never throws on any bytes', () => {
    const types = [...keys.map(({ algorithm }) => algorithm), 'ssh-dss'];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }),
        (type, fields) => {
          const blob = concatBytes([wireString(type), ...fields.map((field) => wireString(field))]);
          expect(problemOf(parsePublicKeyBlob(blob))).not.toBe('none');
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (blob) => {
        parsePublicKeyBlob(blob);
        parseAuthorizedKey(new TextDecoder().decode(blob));
      }),
      { numRuns: 500 },
    );
  });
});

describeShared('sample keys', () => {
  it('have the fingerprints that the sample trust file lists', () => {
    const folder = sharedPath('samples', 'keys');
    const trust = readFileSync(sharedPath('samples', 'keys', 'trust.yaml'), 'utf8');
    const files = readdirSync(folder).filter((name) => name.endsWith('.pub') && !name.startsWith('mallory'));
    expect(files.length).toBe(3);
    for (const file of files) {
      const read = parseAuthorizedKey(readFileSync(sharedPath('samples', 'keys', file), 'utf8'));
      if ('problem' in read) throw new Error(`${file}: ${read.problem.message}`);
      expect(trust).toContain(read.key.fingerprint);
      expect(`${read.comment}.pub`).toBe(file);
    }
  });
});

describe('fingerprintWords', () => {
  it('has 2,048 different words of at most six letters', () => {
    const words = Array.from({ length: 2048 }, (_, value) => wordOf(value));
    expect(new Set(words).size).toBe(2048);
    expect(words.every((word) => /^[a-z]{4,6}$/.test(word))).toBe(true);
  });

  it('gives eight words that stand for the first 88 bits', () => {
    const words = fingerprintWords(ed25519Key('alice').fingerprint).split('-');
    const digest = Buffer.from(ed25519Key('alice').fingerprint.slice(7), 'base64');
    const bits = [...digest.subarray(0, 11)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    expect(words.length).toBe(8);
    words.forEach((word, i) =>
      expect(word).toBe(wordOf(Number.parseInt(bits.slice(11 * i, 11 * i + 11), 2))),
    );
    // Kept for ever: people write these words down.
    expect(fingerprintWords(`SHA256:${'A'.repeat(43)}`)).toBe(
      Array.from({ length: 8 }, () => 'babun').join('-'),
    );
  });

  it('is empty for anything else', () => {
    for (const text of [
      '',
      'MD5:aa',
      'SHA256:AAAA',
      `SHA256:${'A'.repeat(42)}B`,
      `SHA256:${'_'.repeat(43)}`,
    ]) {
      expect(fingerprintWords(text)).toBe('');
    }
  });
});

describe('WireReader', () => {
  it('reads back every positive integer that is written', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 1n << 600n), (value) => {
        const reader = new WireReader(wireMpint(value));
        expect([reader.mpint(), reader.failed, reader.rest]).toEqual([value, false, 0]);
      }),
    );
  });

  it('stays failed after the first broken field', () => {
    const reader = new WireReader(Uint8Array.of(0, 0, 0, 5, 1, 2));
    expect(reader.string()).toEqual(new Uint8Array(0));
    expect([reader.failed, reader.byte(), reader.uint32(), reader.name(), reader.mpint()]).toEqual([
      true,
      0,
      0,
      '',
      0n,
    ]);
  });

  it('has one text for each name: printable ASCII only', () => {
    for (const bad of ['a b', 'a\n', 'ä', 'a\0']) {
      const reader = new WireReader(wireString(bad));
      reader.name();
      expect(reader.failed).toBe(true);
    }
  });
});
