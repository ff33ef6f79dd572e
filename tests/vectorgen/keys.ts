import { createHash, createPrivateKey, sign as nodeSign, type KeyObject } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { join, utf8, type Octets } from './raw.js';
import {
  armor,
  bigOf,
  envelope,
  magnitude,
  mpint,
  signedData,
  string,
  uint32,
  type SshsigFields,
} from './wire.js';

/**
 * TEST keys. Every private half follows from a word that stands in this repository: whoever reads it
 * can sign with it. They must never be enrolled anywhere but in tests.
 */
export interface TestKey {
  /** Type name of the public key. */
  readonly algorithm: string;
  readonly blob: Octets;
  readonly fingerprint: string;
  /** `type base64`, as in authorized_keys. */
  readonly line: string;
  /** The SSH signature blob over `data`: type name, signature, and what the type adds. */
  readonly sign: (data: Octets) => Octets;
}

export function seedOf(word: string, length: number): Octets {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, i) =>
    createHash('sha512').update(`countersign TEST key ${word} ${i}`).digest(),
  );
  return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
}

function sha256(bytes: Octets): Octets {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

export function keyOf(algorithm: string, blob: Octets, sign: (data: Octets) => Octets): TestKey {
  const fingerprint = `SHA256:${Buffer.from(sha256(blob)).toString('base64').replace(/=+$/, '')}`;
  return { algorithm, blob, fingerprint, line: `${algorithm} ${Buffer.from(blob).toString('base64')}`, sign };
}

export function ed25519Key(word: string): TestKey {
  const secret = seedOf(word, 32);
  const name = 'ssh-ed25519';
  return keyOf(name, join(string(name), string(ed25519.getPublicKey(secret))), (data) =>
    join(string(name), string(ed25519.sign(data, secret))),
  );
}

const curves = {
  nistp256: { curve: p256, bytes: 32 },
  nistp384: { curve: p384, bytes: 48 },
  nistp521: { curve: p521, bytes: 66 },
} as const;

export type CurveName = keyof typeof curves;

/** r and s over `data` by the curve's own hash, deterministic (RFC 6979). */
export function ecdsaNumbers(
  word: string,
  name: CurveName,
  data: Octets,
): { r: bigint; s: bigint; n: bigint } {
  const { curve, bytes } = curves[name];
  const signature = curve.sign(data, ecdsaSecret(word, name), { lowS: true });
  return {
    r: bigOf(signature.subarray(0, bytes)),
    s: bigOf(signature.subarray(bytes)),
    n: curve.Point.Fn.ORDER,
  };
}

export function ecdsaSecret(word: string, name: CurveName): Octets {
  const secret = seedOf(word, curves[name].bytes);
  secret[0] = 0;
  if (name === 'nistp521') secret[1] = 0;
  return secret;
}

function point(word: string, name: CurveName): Octets {
  return curves[name].curve.getPublicKey(ecdsaSecret(word, name), false);
}

export function ecdsaKey(word: string, name: CurveName): TestKey {
  const type = `ecdsa-sha2-${name}`;
  return keyOf(type, join(string(type), string(name), string(point(word, name))), (data) => {
    const { r, s } = ecdsaNumbers(word, name, data);
    return join(string(type), string(join(mpint(r), mpint(s))));
  });
}

/** The same key as {@link ecdsaKey}, but every signature carries n - s, as WebCrypto and OpenSSH may write it. */
export function highSKey(word: string): TestKey {
  return {
    ...ecdsaKey(word, 'nistp256'),
    sign: (data) => {
      const { r, s, n } = ecdsaNumbers(word, 'nistp256', data);
      return join(string('ecdsa-sha2-nistp256'), string(join(mpint(r), mpint(n - s))));
    },
  };
}

/** Distances from the seeded starting points to the primes of the RSA test keys, found once. */
const rsaPrimes: Readonly<Record<string, readonly [bits: number, p: number, q: number]>> = {
  erin: [3072, 614, 770],
  weak: [1024, 138, 52],
};

export function rsaKey(word: string, hash: 'sha512' | 'sha256' | 'sha1' = 'sha512'): TestKey {
  const key = rsaSecret(word);
  const jwk = key.export({ format: 'jwk' });
  const number = (text: string | undefined): bigint =>
    bigOf(new Uint8Array(Buffer.from(text ?? '', 'base64url')));
  const name = { sha512: 'rsa-sha2-512', sha256: 'rsa-sha2-256', sha1: 'ssh-rsa' }[hash];
  return keyOf('ssh-rsa', join(string('ssh-rsa'), mpint(number(jwk.e)), mpint(number(jwk.n))), (data) =>
    join(string(name), string(new Uint8Array(nodeSign(hash, data, key)))),
  );
}

export function rsaSecret(word: string): KeyObject {
  const row = rsaPrimes[word];
  if (row === undefined) throw new Error(`no RSA test key ${word}`);
  const [bits, stepP, stepQ] = row;
  const p = primeStart(`${word} p`, bits / 2) + BigInt(stepP);
  const q = primeStart(`${word} q`, bits / 2) + BigInt(stepQ);
  const e = 65537n;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const text = (value: bigint): string => Buffer.from(magnitude(value)).toString('base64url');
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: text(p * q),
      e: text(e),
      d: text(d),
      p: text(p),
      q: text(q),
      dp: text(d % (p - 1n)),
      dq: text(d % (q - 1n)),
      qi: text(inverse(q, p)),
    },
  });
}

/** An odd number of exactly `bits` bits whose two top bits are set. */
export function primeStart(word: string, bits: number): bigint {
  const seed = seedOf(word, bits / 8);
  seed[0] = seed[0]! | 0xc0;
  seed[seed.length - 1] = seed[seed.length - 1]! | 1;
  return bigOf(seed);
}

/** Extended Euclid; `value` and `modulus` have no common factor. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value % modulus, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return t0 < 0n ? t0 + modulus : t0;
}

export interface SkFields {
  readonly flags?: number;
  readonly counter?: number;
  readonly application?: string;
}

export function skEd25519Key(word: string, fields: SkFields = {}): TestKey {
  const secret = seedOf(word, 32);
  const name = 'sk-ssh-ed25519@openssh.com';
  const { flags = 1, counter = 7, application = 'ssh:' } = fields;
  const blob = join(string(name), string(ed25519.getPublicKey(secret)), string(application));
  return keyOf(name, blob, (data) => {
    const signed = join(sha256(utf8(application)), Uint8Array.of(flags), uint32(counter), sha256(data));
    return join(string(name), string(ed25519.sign(signed, secret)), Uint8Array.of(flags), uint32(counter));
  });
}

const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';

export function skEcdsaKey(word: string, fields: SkFields = {}): TestKey {
  const { flags = 1, counter = 7, application = 'ssh:' } = fields;
  const blob = join(
    string(SK_ECDSA),
    string('nistp256'),
    string(point(word, 'nistp256')),
    string(application),
  );
  return keyOf(SK_ECDSA, blob, (data) => {
    const signed = join(sha256(utf8(application)), Uint8Array.of(flags), uint32(counter), sha256(data));
    const { r, s } = ecdsaNumbers(word, 'nistp256', signed);
    return join(string(SK_ECDSA), string(join(mpint(r), mpint(s))), Uint8Array.of(flags), uint32(counter));
  });
}

export interface PasskeyFields {
  readonly rpId?: string;
  readonly flags?: number;
  readonly counter?: number;
  readonly origin?: string;
  /** Origin in the envelope, when it lies about the one in clientDataJSON. */
  readonly saidOrigin?: string;
  readonly type?: string;
  readonly challenge?: Octets;
  /** Text after the origin member of clientDataJSON, closing brace included. */
  readonly rest?: string;
}

/** A passkey as a security-key type of OpenSSH; signs the way a browser's authenticator does. */
export function passkey(word: string, fields: PasskeyFields = {}): TestKey {
  const { rpId = 'sign.example.org', flags = 5, counter = 7 } = fields;
  const origin = fields.origin ?? `https://${rpId}`;
  const blob = join(string(SK_ECDSA), string('nistp256'), string(point(word, 'nistp256')), string(rpId));
  return keyOf(SK_ECDSA, blob, (data) => {
    const challenge = Buffer.from(fields.challenge ?? data).toString('base64url');
    const type = fields.type ?? 'webauthn.get';
    const clientData = utf8(
      `{"type":"${type}","challenge":"${challenge}","origin":"${origin}"${fields.rest ?? ',"crossOrigin":false}'}`,
    );
    const signed = join(sha256(utf8(rpId)), Uint8Array.of(flags), uint32(counter), sha256(clientData));
    const { r, s } = ecdsaNumbers(word, 'nistp256', signed);
    return join(
      string('webauthn-sk-ecdsa-sha2-nistp256@openssh.com'),
      string(join(mpint(r), mpint(s))),
      Uint8Array.of(flags),
      uint32(counter),
      string(fields.saidOrigin ?? origin),
      string(clientData),
      string(''),
    );
  });
}

/** Armored SSHSIG over `message`. */
export function sshsig(key: TestKey, message: Octets, fields: Partial<SshsigFields> = {}): Octets {
  const whole = { namespace: 'approval@countersign', ...fields };
  return armor(envelope(key.blob, key.sign(signedData(message, whole)), whole));
}
