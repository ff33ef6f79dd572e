import { concatBytes } from '../bytes/bytes.js';
import { GunzipError } from '../bytes/platform.js';
import type { ByteSource } from '../bytes/source.js';
import { crc32 } from './crc32.js';
import { Inflater } from './inflate.js';

/** A gzip header with its name and comment may take this many bytes. */
export const GZIP_HEADER_BYTES_MAX = 65_536;
export const GZIP_TRAILER_BYTES = 8;

const FHCRC = 2;
const FEXTRA = 4;
const FNAME = 8;
const FCOMMENT = 16;
const RESERVED = 0xe0;
const FIXED_BYTES = 10;

/**
 * Length of the gzip header (RFC 1952 section 2.3) at the start of `bytes`, or 0 while more bytes are
 * needed. Name and comment are skipped, never used. Throws {@link GunzipError} for what the profile
 * refuses: other formats, extra fields, reserved flags, a wrong header checksum.
 */
export function gzipHeaderBytes(bytes: Uint8Array): number {
  if ((bytes.length > 0 && bytes[0] !== 0x1f) || (bytes.length > 1 && bytes[1] !== 0x8b))
    throw new GunzipError('not-gzip', 0);
  if (bytes.length < FIXED_BYTES) return 0;
  const flags = bytes[3]!;
  if (bytes[2] !== 8) throw new GunzipError('header', 2);
  if (flags & RESERVED) throw new GunzipError('header', 3);
  if (flags & FEXTRA) throw new GunzipError('extra-field', 3);
  let at = FIXED_BYTES;
  for (const flag of [FNAME, FCOMMENT]) {
    if (!(flags & flag)) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return needMore(bytes);
    at = end + 1;
  }
  if (at > GZIP_HEADER_BYTES_MAX) throw new GunzipError('header', GZIP_HEADER_BYTES_MAX);
  if (!(flags & FHCRC)) return at;
  if (bytes.length < at + 2) return needMore(bytes);
  const stated = bytes[at]! | (bytes[at + 1]! << 8);
  if ((crc32(bytes.subarray(0, at)) & 0xffff) !== stated) throw new GunzipError('header', at);
  return at + 2;
}

function needMore(bytes: Uint8Array): 0 {
  if (bytes.length > GZIP_HEADER_BYTES_MAX) throw new GunzipError('header', GZIP_HEADER_BYTES_MAX);
  return 0;
}

export interface OpenedGzip {
  readonly headerBytes: number;
  /** All bytes of the file from its start; the first chunk holds at least the whole header. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Opens `source` and checks its gzip header before any inflater sees it. Throws {@link GunzipError}. */
export async function openGzip(source: ByteSource): Promise<OpenedGzip> {
  const iterator = source.open()[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array(0);
  let headerBytes = 0;
  try {
    while (headerBytes === 0) {
      const next = await iterator.next();
      if (next.done) throw new GunzipError(start.length === 0 ? 'empty' : 'ends-early', start.length);
      start = start.length === 0 ? next.value : concatBytes([start, next.value]);
      headerBytes = gzipHeaderBytes(start);
    }
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
  return { headerBytes, chunks: chunksFrom(start, iterator) };
}

async function* chunksFrom(
  start: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield start;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (next.value.length > 0) yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/**
 * Checks the eight bytes after the deflate stream. `tail` starts there and must hold nothing else;
 * `tailByte` is its offset in the file. Throws {@link GunzipError}.
 */
export function checkGzipTrailer(
  tail: Uint8Array,
  tailByte: number,
  crc: number,
  unpackedBytes: number,
): void {
  if (tail.length < GZIP_TRAILER_BYTES) throw new GunzipError('ends-early', tailByte + tail.length);
  if (uint32(tail, 0) !== crc) throw new GunzipError('checksum', tailByte);
  if (uint32(tail, 4) !== unpackedBytes % 2 ** 32) throw new GunzipError('checksum', tailByte + 4);
  if (tail.length > GZIP_TRAILER_BYTES)
    throw new GunzipError('data-after-end', tailByte + GZIP_TRAILER_BYTES);
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/**
 * {@link Platform.gunzip} in the language alone: exact in its reasons, several times slower than the
 * platforms. It tells why a platform refused a file, and reads where a platform cannot.
 */
export async function* gunzipExactly(source: ByteSource): AsyncGenerator<Uint8Array> {
  const { headerBytes, chunks } = await openGzip(source);
  const inflater = new Inflater();
  let tail: Uint8Array | null = null;
  let crc = 0;
  let unpacked = 0;
  let read = 0;
  for await (const chunk of chunks) {
    const start = read === 0 ? headerBytes : 0;
    read += chunk.length;
    if (tail) {
      tail = concatBytes([tail, chunk]);
    } else {
      for (const piece of inflater.push(chunk.subarray(start))) {
        crc = crc32(piece, crc);
        unpacked += piece.length;
        yield piece;
      }
      if (inflater.damaged) throw new GunzipError('damaged', read - inflater.unread());
      if (inflater.done) tail = inflater.rest().slice();
    }
    if (tail && tail.length > GZIP_TRAILER_BYTES) break;
  }
  if (!tail) throw new GunzipError('ends-early', read);
  checkGzipTrailer(tail, read - tail.length, crc, unpacked);
}
