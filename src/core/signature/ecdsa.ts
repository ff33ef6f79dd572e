import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../bytes/bytes.js';
import { bigintOf, bytesOf, WireReader } from './wire.js';

export type CurveName = 'nistp256' | 'nistp384' | 'nistp521';
export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512';

export interface RS {
  readonly r: bigint;
  readonly s: bigint;
}

const curves = {
  nistp256: { curve: p256, hash: sha256, bytes: 32 },
  nistp384: { curve: p384, hash: sha384, bytes: 48 },
  nistp521: { curve: p521, hash: sha512, bytes: 66 },
} as const;

const UNCOMPRESSED = 4;

/** An uncompressed point that lies on the curve and is not infinity; other forms are refused (hostile input S08). */
export function isCurvePoint(curve: CurveName, point: Uint8Array): boolean {
  const { curve: group, bytes } = curves[curve];
  if (point.length !== 1 + 2 * bytes || point[0] !== UNCOMPRESSED) return false;
  try {
    group.Point.fromBytes(point).assertValidity();
    return true;
  } catch {
    return false;
  }
}

/** The hash that SSH ties to each curve (RFC 5656 section 6.2.1). */
export function curveHash(curve: CurveName, message: Uint8Array): Uint8Array {
  return curves[curve].hash(message);
}

/** `r ‖ s`, each as long as the group order (IEEE P1363, JOSE). `digest` is the hash of the message. */
export function verifyEcdsaP1363(
  curve: CurveName,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { bytes } = curves[curve];
  if (signature.length !== 2 * bytes) return false;
  return verifyRs(curve, point, digest, {
    r: bigintOf(signature.subarray(0, bytes)),
    s: bigintOf(signature.subarray(bytes)),
  });
}

/** Two SSH mpints and nothing else. */
export function verifyEcdsaSsh(
  curve: CurveName,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const reader = new WireReader(signature);
  const rs = { r: reader.mpint(), s: reader.mpint() };
  return !reader.failed && reader.rest === 0 && verifyRs(curve, point, digest, rs);
}

/** Strict DER `SEQUENCE { INTEGER r, INTEGER s }`: shortest lengths, shortest positive integers, nothing behind. */
export function verifyEcdsaDer(
  curve: CurveName,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const rs = derRs(signature);
  return rs !== null && verifyRs(curve, point, digest, rs);
}

/** The two integers of a strict DER signature, or null. */
export function derRs(signature: Uint8Array): RS | null {
  const body = derValue(signature, 0, 0x30);
  if (body === null || body.end !== signature.length) return null;
  const r = derValue(signature, body.start, 0x02);
  if (r === null) return null;
  const s = derValue(signature, r.end, 0x02);
  if (s === null || s.end !== signature.length) return null;
  const [first, second] = [r, s].map(({ start, end }) => derPositive(signature.subarray(start, end)));
  return first && second ? { r: first, s: second } : null;
}

function verifyRs(curve: CurveName, point: Uint8Array, digest: Uint8Array, { r, s }: RS): boolean {
  const { curve: group, bytes } = curves[curve];
  const order = group.Point.Fn.ORDER;
  // r = s = 0 verifies everything in a careless implementation (hostile input S05).
  if (r < 1n || r >= order || s < 1n || s >= order) return false;
  if (!isCurvePoint(curve, point)) return false;
  const compact = concatBytes([bytesOf(r, bytes)!, bytesOf(s, bytes)!]);
  return group.verify(compact, digest, point, { lowS: false, prehash: false, format: 'compact' });
}

function derValue(
  der: Uint8Array,
  at: number,
  tag: number,
): { readonly start: number; readonly end: number } | null {
  if (der[at] !== tag) return null;
  let length = der[at + 1] ?? 0xff;
  let start = at + 2;
  if (length === 0x81) {
    length = der[at + 2] ?? 0;
    start = at + 3;
    if (length < 0x80) return null;
  } else if (length >= 0x80) {
    return null;
  }
  return start + length <= der.length ? { start, end: start + length } : null;
}

/** Zero counts as refused by the caller: no signature contains it. */
function derPositive(bytes: Uint8Array): bigint | null {
  if (bytes.length === 0 || bytes[0]! >= 0x80) return null;
  if (bytes[0] === 0 && (bytes.length === 1 || bytes[1]! < 0x80)) return null;
  return bigintOf(bytes);
}
