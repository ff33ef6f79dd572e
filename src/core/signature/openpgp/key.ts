import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../../bytes/bytes.js';
import { toHex } from '../../bytes/hex.js';
import { isCurvePoint, type CurveName } from '../ecdsa.js';
import { ed25519PointProblem } from '../ed25519.js';
import { bitsOf, rsaKeyProblem, type RsaPublicKey } from '../rsa.js';
import { bigintOf } from '../wire.js';
import { FieldReader } from './mpi.js';

export type OpenPgpMaterial =
  | { readonly kind: 'rsa'; readonly rsa: RsaPublicKey }
  | { readonly kind: 'ecdsa'; readonly curve: CurveName; readonly point: Uint8Array }
  /** `legacy`: algorithm 22, whose signatures are two integers; otherwise 27, whose signatures are 64 bytes. */
  | { readonly kind: 'ed25519'; readonly legacy: boolean; readonly point: Uint8Array };

/** One public key or subkey. */
export interface OpenPgpKey {
  readonly version: 4 | 6;
  /** The packet's body. */
  readonly body: Uint8Array;
  /** Seconds since 1970. */
  readonly created: number;
  /** Number of the algorithm in RFC 9580 section 9.1. */
  readonly algorithmId: number;
  /** For people, for example `OpenPGP Ed25519`. */
  readonly algorithm: string;
  /** Upper-case hex, 40 digits (version 4) or 64 (version 6). */
  readonly fingerprint: string;
  /** Upper-case hex, 16 digits. Only a hint where to look; never an identity. */
  readonly keyId: string;
  /** null when this build does not calculate with it. */
  readonly material: OpenPgpMaterial | null;
  /** Why its signatures are refused, whatever they are; null when they are not. */
  readonly refused: string | null;
}

interface MaterialRead {
  readonly name: string;
  readonly material: OpenPgpMaterial | null;
  readonly refused: string | null;
}

const CURVES: Readonly<Record<string, readonly [CurveName, string]>> = {
  '2a8648ce3d030107': ['nistp256', 'P-256'],
  '2b81040022': ['nistp384', 'P-384'],
  '2b81040023': ['nistp521', 'P-521'],
};
const ED25519_OID = '2b06010401da470f01';

/** How a key is called. Cheap: nothing is calculated with its numbers. */
export interface KeyName {
  readonly fingerprint: string;
  readonly keyId: string;
}

/** The names of a key packet's body; null for versions that are not read. */
export function nameKeyBody(body: Uint8Array): KeyName | null {
  const [version] = body;
  if (version !== 4 && version !== 6) return null;
  const fingerprint = fingerprintOf(version, body);
  return { fingerprint, keyId: version === 4 ? fingerprint.slice(-16) : fingerprint.slice(0, 16) };
}

/** Reads the body of a public key packet (RFC 9580 section 5.5.2). null when its form is broken; never throws. */
export function readKeyBody(body: Uint8Array): OpenPgpKey | null {
  const reader = new FieldReader(body);
  const version = reader.number(1);
  if (version !== 4 && version !== 6) return null;
  const created = reader.number(4);
  const algorithmId = reader.number(1);
  if (version === 6 && reader.number(4) !== reader.rest) return null;
  const read = readMaterial(algorithmId, reader);
  if (reader.failed || (read.material !== null && reader.rest > 0)) return null;
  return {
    version,
    body,
    created,
    algorithmId,
    algorithm: `OpenPGP ${read.name}`,
    ...nameKeyBody(body)!,
    material: read.material,
    refused: read.refused,
  };
}

/** A key as it enters the digest of signatures about it (RFC 9580 section 5.2.4); its fingerprint is the digest of this. */
export function keyForDigest({ version, body }: Pick<OpenPgpKey, 'version' | 'body'>): Uint8Array {
  const length = body.length;
  return version === 4
    ? concatBytes([Uint8Array.of(0x99, (length >> 8) & 255, length & 255), body])
    : concatBytes([
        Uint8Array.of(0x9b, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255),
        body,
      ]);
}

/** The format fixes SHA-1 for version 4. A second key with a given fingerprint is out of reach, which is what binding needs. */
function fingerprintOf(version: 4 | 6, body: Uint8Array): string {
  const whole = keyForDigest({ version, body });
  return toHex(version === 4 ? sha1(whole) : sha256(whole)).toUpperCase();
}

function readMaterial(algorithm: number, reader: FieldReader): MaterialRead {
  switch (algorithm) {
    case 1:
    case 3:
      return rsaOf({ n: bigintOf(reader.mpi()), e: bigintOf(reader.mpi()) });
    case 19:
      return ecdsaOf(toHex(reader.raw(reader.number(1))), reader);
    case 22:
      return edwardsOf(toHex(reader.raw(reader.number(1))), reader);
    case 27:
      return ed25519Of(reader.raw(32), false);
    default:
      return others[algorithm] ?? notJudged(`algorithm ${algorithm}`);
  }
}

const others: Readonly<Record<number, MaterialRead>> = {
  2: refused('RSA for encryption', 'it is for encryption only'),
  16: refused('ElGamal', 'ElGamal keys are for encryption only'),
  17: refused('DSA', 'DSA is not accepted'),
  18: refused('ECDH', 'it is for encryption only'),
  20: refused('ElGamal', 'ElGamal signatures are not accepted'),
  25: refused('X25519', 'it is for encryption only'),
  26: refused('X448', 'it is for encryption only'),
  28: notJudged('Ed448'),
};

function refused(name: string, why: string): MaterialRead {
  return { name, material: null, refused: why };
}

function notJudged(name: string): MaterialRead {
  return { name, material: null, refused: null };
}

function rsaOf(rsa: RsaPublicKey): MaterialRead {
  const name = `RSA ${bitsOf(rsa.n)}`;
  switch (rsaKeyProblem(rsa)) {
    case null:
      return { name, material: { kind: 'rsa', rsa }, refused: null };
    case 'too-small':
      return refused(name, 'its RSA number is shorter than 2,048 bits');
    case 'too-large':
      return refused(name, 'its RSA number is longer than 8,192 bits');
    case 'weak':
      return refused(name, 'its RSA number has a form that is known to be weak');
  }
}

function ecdsaOf(oid: string, reader: FieldReader): MaterialRead {
  const point = reader.mpi();
  const curve = CURVES[oid];
  if (curve === undefined) return notJudged('ECDSA on another curve');
  const name = `ECDSA ${curve[1]}`;
  return isCurvePoint(curve[0], point)
    ? { name, material: { kind: 'ecdsa', curve: curve[0], point }, refused: null }
    : refused(name, 'its point does not lie on the curve');
}

/** Algorithm 22 writes a point as an integer whose first byte is 0x40. */
function edwardsOf(oid: string, reader: FieldReader): MaterialRead {
  const point = reader.mpi();
  if (oid !== ED25519_OID) return notJudged('EdDSA on another curve');
  if (point.length !== 33 || point[0] !== 0x40)
    return refused('Ed25519', 'its point is not written as it must be');
  return ed25519Of(point.subarray(1), true);
}

function ed25519Of(point: Uint8Array, legacy: boolean): MaterialRead {
  if (point.length !== 32 || ed25519PointProblem(point) !== null) {
    return refused('Ed25519', 'its point is one that anybody can sign for');
  }
  const name = legacy ? 'Ed25519' : 'Ed25519 (RFC 9580)';
  return { name, material: { kind: 'ed25519', legacy, point }, refused: null };
}
