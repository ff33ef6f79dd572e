import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '../../bytes/bytes.js';
import { verifyEcdsaP1363, type HashName } from '../ecdsa.js';
import { verifyEd25519 } from '../ed25519.js';
import { verifyRsa } from '../rsa.js';
import { FieldReader, padded } from './mpi.js';
import type { OpenPgpKey } from './key.js';
import type { SignaturePacket } from './signaturePacket.js';

const HASHES: Readonly<Record<number, { readonly name: HashName; readonly saltBytes: number }>> = {
  2: { name: 'sha1', saltBytes: 0 },
  8: { name: 'sha256', saltBytes: 16 },
  9: { name: 'sha384', saltBytes: 24 },
  10: { name: 'sha512', saltBytes: 32 },
};

const digests = { sha1, sha256, sha384, sha512 } as const;

const HASH_NAMES: Readonly<Record<number, string>> = {
  1: 'MD5',
  2: 'SHA-1',
  3: 'RIPEMD-160',
  8: 'SHA-256',
  9: 'SHA-384',
  10: 'SHA-512',
  11: 'SHA-224',
  12: 'SHA3-256',
  14: 'SHA3-512',
};

export function hashName(id: number): string {
  return HASH_NAMES[id] ?? `number ${id}`;
}

/** SHA-256, SHA-384 and SHA-512: the digests by which a signature may give something. */
export function isStrongHash(id: number): boolean {
  return id === 8 || id === 9 || id === 10;
}

/**
 * Whether `key` made `signature` over `data` (RFC 9580 section 5.2.4). One implementation of each calculation in
 * every engine: browsers and libraries disagree at the edges. SHA-1 is calculated too, because a weak signature may
 * still take something away (a revocation, an end); that it gives nothing is the caller's rule. Never throws.
 */
export function holds(signature: SignaturePacket, key: OpenPgpKey, data: readonly Uint8Array[]): boolean {
  const hash = HASHES[signature.hashAlgorithm];
  if (hash === undefined || key.material === null) return false;
  if (signature.version !== key.version || signature.keyAlgorithm !== key.algorithmId) return false;
  if (signature.version === 6 && signature.salt.length !== hash.saltBytes) return false;
  const message = concatBytes([signature.salt, ...data, signature.head, trailer(signature)]);
  const digest = digests[hash.name](message);
  if (!equalBytes(digest.subarray(0, 2), signature.left16)) return false;
  return calculate(signature.value, key.material, hash.name, message, digest);
}

function trailer({ version, head }: SignaturePacket): Uint8Array {
  const length = head.length;
  return Uint8Array.of(version, 0xff, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}

function calculate(
  value: Uint8Array,
  material: NonNullable<OpenPgpKey['material']>,
  hash: HashName,
  message: Uint8Array,
  digest: Uint8Array,
): boolean {
  switch (material.kind) {
    case 'rsa': {
      const [s] = integers(value, 1);
      const length = Math.ceil(material.rsa.n.toString(2).length / 8);
      const whole = s === undefined ? null : padded(s, length);
      return whole !== null && verifyRsa(material.rsa, hash, message, whole);
    }
    case 'ecdsa': {
      const rs = pair(value, { nistp256: 32, nistp384: 48, nistp521: 66 }[material.curve]);
      return rs !== null && verifyEcdsaP1363(material.curve, material.point, digest, rs);
    }
    case 'ed25519': {
      const signature = material.legacy ? pair(value, 32) : value;
      return signature !== null && verifyEd25519(material.point, digest, signature);
    }
  }
}

/** Exactly `count` integers and nothing behind them; empty otherwise. */
function integers(value: Uint8Array, count: number): Uint8Array[] {
  const reader = new FieldReader(value);
  const found = Array.from({ length: count }, () => reader.mpi());
  return reader.failed || reader.rest > 0 ? [] : found;
}

function pair(value: Uint8Array, length: number): Uint8Array | null {
  const [r, s] = integers(value, 2).map((one) => padded(one, length));
  return r && s ? concatBytes([r, s]) : null;
}
