import type { Platform } from './platform.js';

export const SHA256_BYTES = 32;

/** What hashes many small messages at once. */
export type ManyHasher = Pick<Platform, 'sha256Sync' | 'sha256Many'>;

/**
 * SHA-256 of messages that stand one after the other in `bytes`, with these lengths in bytes: the digests one after
 * the other, 32 bytes each.
 */
export function sha256Many(bytes: Uint8Array, lengths: readonly number[], platform: ManyHasher): Uint8Array {
  if (platform.sha256Many) return platform.sha256Many(bytes, lengths);
  const digests = new Uint8Array(SHA256_BYTES * lengths.length);
  let at = 0;
  lengths.forEach((length, i) => {
    digests.set(platform.sha256Sync(bytes.subarray(at, at + length)), SHA256_BYTES * i);
    at += length;
  });
  return digests;
}
