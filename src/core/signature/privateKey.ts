import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { fromBase64 } from '../bytes/base64.js';
import { concatBytes, equalBytes } from '../bytes/bytes.js';
import { fromUtf8, toUtf8 } from '../bytes/text.js';
import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import type { CurveName } from './ecdsa.js';
import { openClosed, readClosing, type Closed } from './privateKeyCipher.js';
import { fingerprint, parsePublicKeyBlob } from './publicKey.js';
import { bytesOf, WireReader, wireMpint, wireString } from './wire.js';

/** Numbers of an RSA key (RFC 8017 section 3.2). */
export interface RsaSecret {
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  /** Inverse of q modulo p. */
  readonly inverse: bigint;
}

export type Secret =
  | { readonly kind: 'ed25519'; readonly seed: Uint8Array }
  | { readonly kind: 'ecdsa'; readonly curve: CurveName; readonly scalar: Uint8Array }
  | { readonly kind: 'rsa'; readonly rsa: RsaSecret };

/** A private key in memory. `secret` must never be stored, shown or sent. */
export interface PrivateKey {
  /** Type name, for example `ssh-ed25519`. */
  readonly algorithm: string;
  /** SSH wire encoding of the public half. */
  readonly publicKey: Uint8Array;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** As written in the file. Hostile text. */
  readonly comment: string;
  readonly secret: Secret;
}

export type PrivateKeyRead =
  | { readonly key: PrivateKey }
  | {
      readonly findings: readonly Finding[];
      /** Set when a passphrase would help: none was given, or it did not fit. */
      readonly needsPassphrase?: true;
    };

const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';
const MAGIC = 'openssh-key-v1\0';
/** RSA of 8,192 bits needs about 6,400 bytes in base64. */
const FILE_BYTES_MAX = 64 * 1024;

const curves = { nistp256: p256, nistp384: p384, nistp521: p521 } as const;

/** Files that are often taken for a private key of OpenSSH, with what to do. */
const others: readonly (readonly [RegExp, string])[] = [
  [
    /^-----BEGIN (?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----/,
    'it is a private key in an older form: "ssh-keygen -p -f FILE" rewrites it',
  ],
  [/^PuTTY-User-Key-File/, 'it is a key of PuTTY: "puttygen FILE -O private-openssh-new" rewrites it'],
  [/^-----BEGIN PGP /, 'it is an OpenPGP key'],
  [
    /^(?:ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/=]+/,
    'it is the public half; the private one has the same name without ".pub"',
  ],
];

/**
 * Reads a private key file of OpenSSH (`PROTOCOL.key`; docs/SPEC.md, "Keys"): Ed25519, ECDSA and RSA from 2,048
 * bits. The two check numbers, the padding and the agreement of both halves are checked, so that a damaged file does not
 * make signatures that give the key away. `bytes` is attacker-controlled; ends in findings, never throws.
 *
 * @param passphrase - UTF-8, or null for none.
 */
export function readPrivateKey(bytes: Uint8Array, passphrase: Uint8Array | null): Promise<PrivateKeyRead> {
  return Promise.resolve(readNow(bytes, passphrase));
}

/** The public half that a private key file of OpenSSH shows without its passphrase; null for another file. */
export function publicHalf(
  bytes: Uint8Array,
): { readonly blob: Uint8Array; readonly encrypted: boolean } | null {
  const text = bytes.length > FILE_BYTES_MAX ? null : fromUtf8(bytes);
  const blob = text === null ? '' : dearmor(text);
  const file = typeof blob === 'string' ? null : readFrame(blob);
  if (file === null || 'problem' in file) return null;
  return { blob: file.publicKey, encrypted: file.closed.encrypted };
}

function readNow(bytes: Uint8Array, passphrase: Uint8Array | null): PrivateKeyRead {
  if (bytes.length > FILE_BYTES_MAX) return unreadable(`it has more than ${FILE_BYTES_MAX} bytes`);
  const text = fromUtf8(bytes);
  if (text === null) return unreadable('it is not text');
  const blob = dearmor(text);
  if (typeof blob === 'string') return unreadable(blob);
  const file = readFrame(blob);
  if ('problem' in file) return unreadable(file.problem);
  const label = fingerprint(file.publicKey);
  if (file.closed.encrypted && (passphrase === null || passphrase.length === 0)) {
    return { findings: [finding('key-passphrase-needed', { label })], needsPassphrase: true };
  }
  const plain = openClosed(file.closed, passphrase ?? new Uint8Array(0), file.text, file.tag);
  const wrong = (): PrivateKeyRead =>
    file.closed.encrypted
      ? { findings: [finding('key-passphrase-wrong', { label })], needsPassphrase: true }
      : unreadable('its two check numbers differ');
  if (plain === null) return wrong();
  const reader = new WireReader(plain);
  const check = reader.uint32();
  if (reader.failed || check !== reader.uint32()) return wrong();
  return readSecret(reader, file);
}

function dearmor(text: string): Uint8Array | string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  if (lines[0] !== BEGIN) {
    return others.find(([pattern]) => pattern.test(text))?.[1] ?? `it does not begin with "${BEGIN}"`;
  }
  if (lines.at(-1) !== END) return 'it is cut short';
  return fromBase64(lines.slice(1, -1).join('')) ?? 'its base64 is damaged';
}

interface Frame {
  readonly closed: Closed;
  readonly publicKey: Uint8Array;
  readonly text: Uint8Array;
  readonly tag: Uint8Array;
}

function readFrame(blob: Uint8Array): Frame | { readonly problem: string } {
  const reader = new WireReader(blob);
  const magic = fromUtf8(reader.raw(MAGIC.length));
  const cipherName = reader.name();
  const kdfName = reader.name();
  const kdfOptions = reader.string();
  const keys = reader.uint32();
  const publicKey = reader.string();
  const text = reader.string();
  if (reader.failed || magic !== MAGIC) return { problem: 'a field is cut short or damaged' };
  if (keys !== 1) return { problem: `it holds ${keys} keys; one is read` };
  const closed = readClosing(cipherName, kdfName, kdfOptions);
  if ('problem' in closed) return closed;
  const { tagBytes, blockBytes } = closed.cipher;
  if (reader.rest !== tagBytes) return { problem: 'something is missing at its end, or stands behind it' };
  if (text.length === 0 || text.length % blockBytes !== 0)
    return { problem: 'its private part is not as long as its cipher makes it' };
  return { closed, publicKey, text, tag: reader.raw(tagBytes) };
}

/** What follows the check numbers: the key, its comment, padding 1, 2, 3 … (other tools write a whole block of it). */
function readSecret(reader: WireReader, { publicKey }: Frame): PrivateKeyRead {
  const type = reader.name();
  if (type.startsWith('sk-'))
    return unreadable('the key itself is in a security key; sign with "ssh-keygen -Y sign" instead');
  const found = secretOf(type, reader);
  const comment = reader.text();
  if (found === null) return unreadable(`keys of the type "${type.slice(0, 60)}" are not used here`);
  const padding = reader.failed ? [] : [...reader.raw(reader.rest)];
  if (reader.failed) return unreadable('a field of its private part is cut short or damaged');
  if (padding.some((byte, i) => byte !== ((i + 1) & 255))) return unreadable('its padding is damaged');
  const inner = publicOf(type, found);
  if (inner === null || !equalBytes(inner.publicKey, publicKey))
    return unreadable('its private and its public half do not belong together');
  const read = parsePublicKeyBlob(publicKey);
  if ('problem' in read) return { findings: [read.problem] };
  const { algorithm, fingerprint: name } = read.key;
  return {
    key: { algorithm, publicKey: publicKey.slice(), fingerprint: name, comment, secret: inner.secret },
  };
}

type Found =
  | { readonly kind: 'ed25519'; readonly point: Uint8Array; readonly both: Uint8Array }
  | { readonly kind: 'ecdsa'; readonly curve: CurveName; readonly point: Uint8Array; readonly d: bigint }
  | { readonly kind: 'rsa'; readonly rsa: RsaSecret };

function secretOf(type: string, reader: WireReader): Found | null {
  if (type === 'ssh-ed25519') return { kind: 'ed25519', point: reader.string(), both: reader.string() };
  if (type === 'ssh-rsa') {
    const n = reader.mpint();
    const e = reader.mpint();
    const d = reader.mpint();
    const inverse = reader.mpint();
    return { kind: 'rsa', rsa: { n, e, d, inverse, p: reader.mpint(), q: reader.mpint() } };
  }
  const curve = type.replace('ecdsa-sha2-', '');
  if (curve !== 'nistp256' && curve !== 'nistp384' && curve !== 'nistp521') return null;
  if (reader.name() !== curve) reader.fail();
  return { kind: 'ecdsa', curve, point: reader.string(), d: reader.mpint() };
}

/** The public half as calculated from the private one; null when the numbers contradict each other. */
function publicOf(
  type: string,
  found: Found,
): { readonly publicKey: Uint8Array; readonly secret: Secret } | null {
  switch (found.kind) {
    case 'ed25519': {
      const seed = found.both.slice(0, 32);
      if (found.both.length !== 64 || !equalBytes(found.both.subarray(32), found.point)) return null;
      const publicKey = concatBytes([wireString(type), wireString(ed25519.getPublicKey(seed))]);
      return { publicKey, secret: { kind: 'ed25519', seed } };
    }
    case 'ecdsa':
      return ecdsaPublic(type, found);
    case 'rsa': {
      if (!rsaAgrees(found.rsa)) return null;
      const publicKey = concatBytes([wireString(type), wireMpint(found.rsa.e), wireMpint(found.rsa.n)]);
      return { publicKey, secret: found };
    }
  }
}

function ecdsaPublic(
  type: string,
  { curve: name, point, d }: Extract<Found, { kind: 'ecdsa' }>,
): { readonly publicKey: Uint8Array; readonly secret: Secret } | null {
  const curve = curves[name];
  const scalar = bytesOf(d, curve.lengths.secretKey ?? 0);
  if (d >= curve.Point.Fn.ORDER || scalar === null) return null;
  if (!equalBytes(curve.getPublicKey(scalar, false), point)) return null;
  const publicKey = concatBytes([wireString(type), wireString(toUtf8(name)), wireString(point)]);
  return { publicKey, secret: { kind: 'ecdsa', curve: name, scalar } };
}

/** A wrong p, q or inverse would make a signature from which the key can be calculated (Boneh, DeMillo, Lipton 1997). */
function rsaAgrees({ n, e, d, p, q, inverse }: RsaSecret): boolean {
  const inRange = p > 1n && q > 1n && p !== q && p * q === n && d < n;
  return (
    inRange &&
    (e * d) % (p - 1n) === 1n &&
    (e * d) % (q - 1n) === 1n &&
    (inverse * q) % p === 1n &&
    inverse < p
  );
}

function unreadable(problem: string): PrivateKeyRead {
  return { findings: [finding('private-key-unreadable', { problem })] };
}
