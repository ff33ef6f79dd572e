import type { ByteSource } from './source.js';

/** Incremental SHA-256. `update` takes the bytes before it returns; `digest` ends it and gives 32 bytes, at once where the platform can. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

/**
 * What the core needs from its surroundings; `src/platform` supplies it. Every platform gives
 * the same answers, only speed differs.
 */
export interface Platform {
  /**
   * SHA-256 of bytes whole in memory, by the fastest means for this size. 32 bytes. Takes the bytes before it returns,
   * whenever the digest comes: they may be a chunk of `gunzip`, and what was hashed would be something else later.
   */
  sha256(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** SHA-256 at once, for small inputs. 32 bytes. */
  sha256Sync(bytes: Uint8Array): Uint8Array;
  /**
   * SHA-256 of messages that stand one after the other in `bytes`, with these lengths: `sha256Sync` of each, 32 bytes
   * one after the other, where this is quicker than so many calls.
   */
  sha256Many?(bytes: Uint8Array, lengths: readonly number[]): Uint8Array;
  /** {@link sha256Many} on another thread, where there is one. Takes the bytes before it returns. */
  sha256ManyBeside?(bytes: Uint8Array, lengths: readonly number[]): Promise<Uint8Array>;
  /** Up to this size, in bytes, files are worth waiting for others and going through `sha256Many` together. */
  readonly sha256ManyBytesMax?: number;
  /** SHA-256 of a stream. */
  createSha256(): Sha256;
  /**
   * SHA-256 of at most `size` bytes that come in pieces and are copied, as quick as `sha256` of all of them; null where
   * this has nothing of its own to offer for this size.
   */
  collectSha256?(size: number): Sha256 | null;
  /**
   * Inflates the one gzip member that `source` must be (docs/SPEC.md, "Container"): yields unpacked
   * chunks and throws {@link GunzipError} on anything else. Nothing yielded counts before the end.
   * Memory stays bounded however far the input expands. A chunk holds until the next one is asked for: what is to
   * stay has to be copied.
   */
  gunzip(source: ByteSource): AsyncIterable<Uint8Array>;
  /** CRC-32 of gzip, going on from `before`, where that is quicker than script. Unsigned. */
  readonly crc32?: (bytes: Uint8Array, before: number) => number;
  /** Up to this size, in bytes, collecting a file for `sha256` beats `createSha256`. Default 1 MiB. */
  readonly wholeHashBytesMax?: number;
  /** True when `sha256` of many bytes works beside the caller, on another thread. */
  readonly hashesBeside?: boolean;
  /** Lets other events in (a cancel, a repaint). Long work calls it at least every 4 MiB. */
  yieldToEvents?(): Promise<void>;
}

/** Why a compressed stream is refused; `unknown` where the inflater gives no reason. */
export type GunzipProblem =
  | 'empty'
  | 'not-gzip'
  | 'header'
  | 'extra-field'
  | 'damaged'
  | 'ends-early'
  | 'data-after-end'
  | 'checksum'
  | 'unknown';

/** The compressed stream cannot be read; the archive reader turns it into a finding. */
export class GunzipError extends Error {
  override readonly name = 'GunzipError';

  /** `byte`: offset in the compressed file, null when not known. */
  constructor(
    readonly problem: GunzipProblem,
    readonly byte: number | null = null,
  ) {
    super(`gzip: ${problem}`);
  }
}
