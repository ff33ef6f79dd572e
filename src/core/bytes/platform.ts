import type { ByteSource } from './source.js';

/** Incremental SHA-256. `digest` ends it and returns 32 bytes. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

/**
 * What the core needs from its surroundings; `src/platform` supplies it. Every platform gives
 * the same answers, only speed differs.
 */
export interface Platform {
  /** SHA-256 of bytes whole in memory, by the fastest means for this size. 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** SHA-256 at once, for many small inputs (tree nodes). 32 bytes. */
  sha256Sync(bytes: Uint8Array): Uint8Array;
  /** SHA-256 of a stream. */
  createSha256(): Sha256;
  /**
   * Inflates the one gzip member that `source` must be (docs/SPEC.md, "Container"): yields unpacked
   * chunks and throws {@link GunzipError} on anything else. Nothing yielded counts before the end.
   * Memory stays bounded however far the input expands. `onInput` sees every compressed chunk once, in order.
   */
  gunzip(source: ByteSource, onInput?: (chunk: Uint8Array) => void): AsyncIterable<Uint8Array>;
}

/** The compressed stream cannot be read; the archive reader turns it into a finding. */
export class GunzipError extends Error {
  override readonly name = 'GunzipError';
}
