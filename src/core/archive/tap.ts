import type { ByteSource } from '../bytes/source.js';
import type { Platform } from '../bytes/platform.js';
import { concatBytes } from '../bytes/bytes.js';
import { toHex } from '../bytes/hex.js';
import { ContentHash } from './contentHash.js';
import { SNIFF_BYTES } from './sniff.js';

const HELD_PIECE_BYTES = 256 * 1024;

/** Where a reading stands. */
export interface ReadProgress {
  /** Compressed bytes read. */
  readonly readBytes: number;
  readonly totalBytes: number | null;
  /** Entry being read. Attacker-controlled. */
  readonly path?: string;
}

/**
 * The compressed file on its way to the inflater: counted, hashed, its beginning remembered. An inflater
 * that gives up does not close it, so that the digest of the whole file can still be told.
 */
export class Tap implements ByteSource {
  readonly sizeBytes: number | null;
  readonly reopenable = false;
  readBytes = 0;
  ended = false;
  /** First bytes, for naming what the file is instead. */
  start: Uint8Array = new Uint8Array(0);
  /** Set when the source itself failed (a file that vanished), whatever the inflater made of it. */
  sourceError: unknown = null;
  private readonly iterator: AsyncIterator<Uint8Array>;
  /** null when the whole is held and hashed beside the reading of it. */
  private readonly hash: ContentHash | null;
  private beside: Promise<string> | null = null;

  constructor(
    source: ByteSource,
    platform: Platform,
    private readonly signal: AbortSignal | undefined,
    private readonly onRead: (readBytes: number) => void,
  ) {
    this.sizeBytes = source.sizeBytes;
    const whole = platform.hashesBeside === true ? (source.whole?.() ?? null) : null;
    // Whoever reads hears of a failure; a reading that never begins has nobody to hear it.
    whole?.catch(() => undefined);
    this.hash = whole === null ? new ContentHash(platform, source.sizeBytes) : null;
    const chunks = whole === null ? source.open() : this.held(whole, platform);
    this.iterator = chunks[Symbol.asyncIterator]();
  }

  open(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.next() }) };
  }

  /** Reads on to the end for the digest alone, at most up to `bytesMax` bytes of file. */
  async drain(bytesMax: number, pause: () => Promise<void>): Promise<void> {
    for (let sincePause = 0; !this.ended && this.sourceError === null && this.readBytes <= bytesMax;) {
      const before = this.readBytes;
      await this.next();
      sincePause += this.readBytes - before;
      if (sincePause < 4 * 1024 * 1024) continue;
      sincePause = 0;
      await pause();
    }
  }

  /** Lower-case hex, or null when the end was not reached. */
  async sha256(): Promise<string | null> {
    return this.ended ? (this.beside ?? this.hash?.digest() ?? null) : null;
  }

  async close(): Promise<void> {
    if (!this.ended && this.sourceError === null) await this.iterator.return?.();
  }

  private async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.signal?.throwIfAborted();
    const next = await this.pull();
    if (next.done) {
      this.ended = true;
      return { done: true, value: undefined };
    }
    const chunk = next.value;
    if (this.start.length < SNIFF_BYTES)
      this.start = concatBytes([this.start, chunk.subarray(0, SNIFF_BYTES)]);
    this.readBytes += chunk.length;
    this.hash?.update(chunk);
    this.onRead(this.readBytes);
    return { done: false, value: chunk };
  }

  /** Views of one buffer, which is hashed from its first byte to its last while it is read: one set of bytes for both. */
  private async *held(whole: Promise<Uint8Array>, platform: Platform): AsyncGenerator<Uint8Array> {
    const bytes = await whole;
    this.beside = Promise.resolve(platform.sha256(bytes)).then(toHex);
    this.beside.catch(() => undefined);
    for (let at = 0; at < bytes.length; at += HELD_PIECE_BYTES)
      yield bytes.subarray(at, at + HELD_PIECE_BYTES);
  }

  private async pull(): Promise<IteratorResult<Uint8Array, unknown>> {
    try {
      return await this.iterator.next();
    } catch (error) {
      this.sourceError = error ?? new Error('read failed');
      throw error;
    }
  }
}
