import { createHash, sign as nodeSign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { ecdsaSecret, rsaSecret, seedOf, type CurveName } from './keys.js';
import { join, utf8, type Octets } from './raw.js';

/**
 * A writer of OpenPGP keys and signatures that obeys: every field can be set to something a careful tool would never
 * write. It shares no code with `src/core/signature/openpgp`. TEST keys: their private halves follow from words that
 * stand here.
 */

const text = (value: string): Octets => utf8(value);
const be = (value: number, octets: number): Octets =>
  Uint8Array.from({ length: octets }, (_, i) => Math.floor(value / 256 ** (octets - 1 - i)) & 255);

export const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);
/** When the keys of the vectors were made. */
export const MADE = seconds('2026-01-01T00:00:00Z');
export const SIGNED = seconds('2026-11-10T10:00:00Z');
export const DAY = 86_400;

export function packet(tag: number, body: Octets): Octets {
  const length =
    body.length < 192
      ? be(body.length, 1)
      : body.length < 8384
        ? Uint8Array.of(((body.length - 192) >> 8) + 192, (body.length - 192) & 255)
        : join(Uint8Array.of(255), be(body.length, 4));
  return join(Uint8Array.of(0xc0 | tag), length, body);
}

export function mpi(bytes: Octets): Octets {
  let at = 0;
  while (at < bytes.length - 1 && bytes[at] === 0) at++;
  const rest = bytes.subarray(at);
  const bits = 8 * (rest.length - 1) + (32 - Math.clz32(rest[0]!));
  return join(be(bits, 2), rest);
}

export interface PgpKey {
  readonly version: 4 | 6;
  readonly algorithm: number;
  readonly body: Octets;
  /** Upper-case hex. */
  readonly fingerprint: string;
  readonly keyId: string;
  readonly created: number;
  readonly sign: (digest: Octets, hash: string, data: Octets) => Octets;
}

interface KeyOptions {
  readonly created?: number;
  readonly version?: 4 | 6;
}

function keyOf(algorithm: number, material: Octets, options: KeyOptions, sign: PgpKey['sign']): PgpKey {
  const { created = MADE, version = 4 } = options;
  const length = version === 6 ? be(material.length, 4) : new Uint8Array(0);
  const body = join(Uint8Array.of(version), be(created, 4), Uint8Array.of(algorithm), length, material);
  const digest = createHash(version === 4 ? 'sha1' : 'sha256')
    .update(framed({ version, body }))
    .digest('hex');
  const fingerprint = digest.toUpperCase();
  const keyId = version === 4 ? fingerprint.slice(-16) : fingerprint.slice(0, 16);
  return { version, algorithm, body, fingerprint, keyId, created, sign };
}

/** A key as it enters digests. */
export function framed({ version, body }: Pick<PgpKey, 'version' | 'body'>): Octets {
  return version === 4
    ? join(Uint8Array.of(0x99), be(body.length, 2), body)
    : join(Uint8Array.of(0x9b), be(body.length, 4), body);
}

const ED25519_OID = Uint8Array.of(9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1);

/** As GnuPG makes them: algorithm 22. */
export function pgpEd25519(word: string, options: KeyOptions = {}): PgpKey {
  const secret = seedOf(`pgp ${word}`, 32);
  const point = join(Uint8Array.of(0x40), ed25519.getPublicKey(secret));
  return keyOf(22, join(ED25519_OID, mpi(point)), options, (digest) => {
    const signature = ed25519.sign(digest, secret);
    return join(mpi(signature.subarray(0, 32)), mpi(signature.subarray(32)));
  });
}

/** As RFC 9580 has them: algorithm 27. */
export function pgpEd25519Native(word: string, options: KeyOptions = {}): PgpKey {
  const secret = seedOf(`pgp ${word}`, 32);
  return keyOf(27, ed25519.getPublicKey(secret), options, (digest) => ed25519.sign(digest, secret));
}

const nist = {
  nistp256: { curve: p256, bytes: 32, oid: '082a8648ce3d030107' },
  nistp384: { curve: p384, bytes: 48, oid: '052b81040022' },
  nistp521: { curve: p521, bytes: 66, oid: '052b81040023' },
} as const;

export function pgpEcdsa(word: string, name: CurveName, options: KeyOptions = {}): PgpKey {
  const { curve, bytes, oid } = nist[name];
  const secret = ecdsaSecret(`pgp ${word}`, name);
  const point = curve.getPublicKey(secret, false);
  const material = join(new Uint8Array(Buffer.from(oid, 'hex')), mpi(point));
  return keyOf(19, material, options, (digest) => {
    const signature = curve.sign(digest, secret, { prehash: false, lowS: false });
    return join(mpi(signature.subarray(0, bytes)), mpi(signature.subarray(bytes)));
  });
}

/** `word` is one of the RSA test keys of keys.ts: erin has 3,072 bits, weak 1,024. */
export function pgpRsa(word: string, options: KeyOptions = {}): PgpKey {
  const key = rsaSecret(word);
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  const number = (value: string): Octets => mpi(new Uint8Array(Buffer.from(value, 'base64url')));
  return keyOf(1, join(number(n), number(e)), options, (_, hash, data) =>
    mpi(new Uint8Array(nodeSign(hash, data, key))),
  );
}

/** A DSA key with numbers that mean nothing: its kind alone is refused. */
export function pgpDsa(word: string): PgpKey {
  const material = join(...[128, 20, 128, 128].map((bytes, i) => mpi(seedOf(`pgp ${word} ${i}`, bytes))));
  return keyOf(17, material, {}, (digest) => join(mpi(digest.subarray(0, 20)), mpi(digest.subarray(4, 24))));
}

// --- Signatures ------------------------------------------------------------------------------------------------

const HASHES: Readonly<Record<number, string>> = {
  1: 'md5',
  2: 'sha1',
  3: 'ripemd160',
  8: 'sha256',
  9: 'sha384',
  10: 'sha512',
};

/** One subpacket; `critical` sets the bit that says "refuse what you do not know". */
export function sub(type: number, body: Octets, critical = false): Octets {
  return join(Uint8Array.of(body.length + 1, critical ? type | 0x80 : type), body);
}

export interface SignOptions {
  readonly type?: number;
  /** Number of the digest; 10 is SHA-512. */
  readonly hash?: number;
  readonly created?: number | null;
  readonly hashed?: readonly Octets[];
  readonly unhashed?: readonly Octets[];
  /** Leaves the hints on the issuer out. */
  readonly anonymous?: boolean;
  /** The key that the hints name, if it is another one than signs. */
  readonly claims?: PgpKey;
  readonly version?: number;
}

/** The body of a signature packet by `key` over `data`. */
export function signatureBody(key: PgpKey, data: Octets, options: SignOptions = {}): Octets {
  const { type = 0, hash = 10, created = SIGNED, hashed = [], unhashed = [], anonymous = false } = options;
  const issuer = options.claims ?? key;
  const hex = (value: string): Octets => new Uint8Array(Buffer.from(value, 'hex'));
  const hints = anonymous ? [] : [sub(33, join(Uint8Array.of(issuer.version), hex(issuer.fingerprint)))];
  const time = created === null ? [] : [sub(2, be(created, 4))];
  const protectedArea = join(...hints, ...time, ...hashed);
  const openArea = join(...(anonymous || key.version === 6 ? [] : [sub(16, hex(issuer.keyId))]), ...unhashed);
  const octets = key.version === 6 ? 4 : 2;
  const version = options.version ?? key.version;
  const head = join(
    Uint8Array.of(version, type, key.algorithm, hash),
    be(protectedArea.length, octets),
    protectedArea,
  );
  const saltLength = { 8: 16, 9: 24, 10: 32 }[hash] ?? 16;
  const salt = key.version === 6 ? seedOf(`pgp salt ${type}`, saltLength) : new Uint8Array(0);
  const whole = join(salt, data, head, Uint8Array.of(version, 0xff), be(head.length, 4));
  const name = HASHES[hash] ?? 'sha512';
  const digest = new Uint8Array(createHash(name).update(whole).digest());
  const salted = key.version === 6 ? join(be(salt.length, 1), salt) : salt;
  const value = key.sign(digest, name, whole);
  return join(head, be(openArea.length, octets), openArea, digest.subarray(0, 2), salted, value);
}

/** A detached signature file. */
export function detached(key: PgpKey, data: Octets, options: SignOptions = {}): Octets {
  return armored('SIGNATURE', packet(2, signatureBody(key, data, options)));
}

// --- Certificates ----------------------------------------------------------------------------------------------

export const CERTIFY = 1;
export const SIGN = 2;

export interface SubkeyOptions {
  readonly key: PgpKey;
  /** Key flags; null leaves them out. */
  readonly flags?: number | null;
  /** Which key answers that it belongs to the primary one; null: none does. */
  readonly back?: PgpKey | null;
  readonly hash?: number;
  readonly backHash?: number;
  readonly keyEnds?: number;
  readonly revoked?: { readonly at: number; readonly reason: number };
}

export interface CertificateOptions {
  readonly user?: string;
  readonly flags?: number | null;
  readonly hash?: number;
  readonly created?: number;
  /** Seconds after the key's making. */
  readonly keyEnds?: number;
  readonly subkeys?: readonly SubkeyOptions[];
  readonly revoked?: {
    readonly at: number;
    readonly reason: number;
    readonly hash?: number;
    readonly by?: PgpKey;
  };
  /** Packets put behind the primary key's own signatures. */
  readonly direct?: readonly Octets[];
  /** Packets put behind the user's self-signature. */
  readonly more?: readonly Octets[];
  readonly withoutSelf?: boolean;
}

export function userForDigest(user: string): Octets {
  return join(Uint8Array.of(0xb4), be(utf8(user).length, 4), utf8(user));
}

/** A public key block, binary. */
export function certificate(primary: PgpKey, options: CertificateOptions = {}): Octets {
  const { user = 'Test <test@example.org>', subkeys = [], revoked, direct = [], more = [] } = options;
  const own = signatureBody(primary, join(framed(primary), userForDigest(user)), {
    type: 0x13,
    hash: options.hash ?? 10,
    created: options.created ?? primary.created,
    hashed: terms(options.flags === undefined ? CERTIFY | SIGN : options.flags, options.keyEnds),
  });
  return join(
    packet(6, primary.body),
    ...(revoked === undefined ? [] : [packet(2, revocation(primary, framed(primary), 0x20, revoked))]),
    ...direct,
    packet(13, utf8(user)),
    ...(options.withoutSelf === true ? [] : [packet(2, own)]),
    ...more,
    ...subkeys.map((subkey) => subkeyPackets(primary, subkey)),
  );
}

function terms(flags: number | null, keyEnds: number | undefined): Octets[] {
  return [
    ...(flags === null ? [] : [sub(27, Uint8Array.of(flags))]),
    ...(keyEnds === undefined ? [] : [sub(9, be(keyEnds, 4))]),
  ];
}

function revocation(
  key: PgpKey,
  data: Octets,
  type: number,
  { at, reason, hash = 10, by = key }: NonNullable<CertificateOptions['revoked']>,
): Octets {
  return signatureBody(by, data, {
    type,
    hash,
    created: at,
    hashed: [sub(29, join(Uint8Array.of(reason), text('gone')))],
  });
}

function subkeyPackets(primary: PgpKey, options: SubkeyOptions): Octets {
  const { key, flags = SIGN, back = key, hash = 10, revoked } = options;
  const data = join(framed(primary), framed(key));
  const answer =
    back === null
      ? []
      : [
          embedded(
            signatureBody(back, data, { type: 0x19, created: key.created, hash: options.backHash ?? 10 }),
          ),
        ];
  const binding = signatureBody(primary, data, {
    type: 0x18,
    hash,
    created: key.created,
    hashed: terms(flags, options.keyEnds),
    unhashed: answer,
  });
  return join(
    packet(14, key.body),
    ...(revoked === undefined ? [] : [packet(2, revocation(primary, data, 0x28, revoked))]),
    packet(2, binding),
  );
}

/** A subpacket may be longer than one octet says. */
function embedded(body: Octets): Octets {
  const length = body.length + 1;
  const head =
    length < 192 ? be(length, 1) : Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 255);
  return join(head, Uint8Array.of(32), body);
}

// --- Armor -----------------------------------------------------------------------------------------------------

export function armored(kind: string, body: Octets, headers: readonly string[] = []): Octets {
  const lines =
    Buffer.from(body)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const sum = Buffer.from(be(crc24(body), 3)).toString('base64');
  return utf8(
    [
      `-----BEGIN PGP ${kind}-----`,
      ...headers,
      '',
      ...lines,
      `=${sum}`,
      `-----END PGP ${kind}-----`,
      '',
    ].join('\n'),
  );
}

export function publicKeyBlock(body: Octets): Octets {
  return armored('PUBLIC KEY BLOCK', body);
}

function crc24(bytes: Octets): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1864cfb);
  }
  return crc & 0xffffff;
}
