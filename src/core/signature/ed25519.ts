import { ed25519 } from '@noble/curves/ed25519.js';
import { keptAnswers } from '../bytes/answers.js';
import { equalBytes } from '../bytes/bytes.js';
import { toHex } from '../bytes/hex.js';

/** Bytes of a public key, and of each half of a signature. */
const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;

export type PointProblem = 'malformed' | 'small-order';

/** What becomes of 32 bytes, so that a key of a list that judges many bundles is multiplied by the group order once. */
const points = keptAnswers<{ readonly problem: PointProblem | null }>(256);

/**
 * Why an encoded point must not be used, or null when it may. Verifiers disagree on points that are written in a
 * second way, lie in the small subgroup or carry a part of it; one that everybody reads alike has none of that.
 * With A = identity any message verifies in most libraries, so this guards key import as well (hostile inputs S01, S02, S04).
 */
export function ed25519PointProblem(encoded: Uint8Array): PointProblem | null {
  if (encoded.length !== POINT_BYTES) return 'malformed';
  return points.of(toHex(encoded), () => ({ problem: judgePoint(encoded) })).problem;
}

function judgePoint(encoded: Uint8Array): PointProblem | null {
  try {
    const point = ed25519.Point.fromBytes(encoded, false);
    if (!equalBytes(point.toBytes(), encoded)) return 'malformed';
    return point.isSmallOrder() || !point.isTorsionFree() ? 'small-order' : null;
  } catch {
    return 'malformed';
  }
}

/**
 * Pure Ed25519 (RFC 8032) with the strict rules of docs/SPEC.md, "Signatures": A and R canonical, of prime order,
 * S below the group order. All arguments are attacker-controlled; never throws.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  if (ed25519PointProblem(publicKey) !== null) return false;
  if (ed25519PointProblem(signature.subarray(0, POINT_BYTES)) !== null) return false;
  // Without torsion in A and R the cofactored equation that this library checks equals the one of the browsers.
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}
