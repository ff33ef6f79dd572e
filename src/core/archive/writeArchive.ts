import { Deflate } from 'fflate';
import { concatBytes } from '../bytes/bytes.js';
import { crc32 } from './crc32.js';
import { padding, tarEnd, tarHeader } from './writeTar.js';

export { bundleOrder } from './writeTar.js';

/** One file to write. Order is the caller's, see {@link bundleOrder}. */
export interface ArchiveInput {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** One file too long for memory: `chunks` must give exactly `size` bytes. */
export interface ArchiveStreamInput {
  readonly path: string;
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** fflate's output depends on the size of the pieces that it is fed: always this, the last one shorter. */
const PIECE = 65_536;
const LEVEL = 6;
/** No flags, no time, no name, no extra speed mark, system "unknown". */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The tar alone. Throws on paths that the reader would refuse. */
export function writeTar(entries: Iterable<ArchiveInput>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const { path, bytes } of entries)
    parts.push(tarHeader(path, bytes.length), bytes, padding(bytes.length));
  return concatBytes([...parts, tarEnd]);
}

/** A whole `.sbundle.tgz`: the same entries give the same bytes in every engine. */
export function writeArchive(entries: Iterable<ArchiveInput>): Uint8Array<ArrayBuffer> {
  const gzip = new GzipWriter();
  return concatBytes([...gzip.push(writeTar(entries)), ...gzip.finish()]);
}

/** {@link writeArchive} in bounded memory; the same bytes. Throws when a file is not as long as it says. */
export async function* writeArchiveStream(
  entries: AsyncIterable<ArchiveStreamInput> | Iterable<ArchiveStreamInput>,
): AsyncGenerator<Uint8Array> {
  const gzip = new GzipWriter();
  for await (const { path, size, chunks } of entries) {
    yield* gzip.push(tarHeader(path, size));
    let left = size;
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) break;
      yield* gzip.push(chunk);
    }
    if (left !== 0) throw new Error('a file changed its length while it was being packed');
    yield* gzip.push(padding(size));
  }
  yield* gzip.push(tarEnd);
  yield* gzip.finish();
}

/** gzip with a fixed header; holds one piece back, as the last one is marked. */
class GzipWriter {
  private readonly deflate = new Deflate({ level: LEVEL });
  private output: Uint8Array[] = [GZIP_HEADER];
  private readonly piece = new Uint8Array(PIECE);
  private fill = 0;
  private crc = 0;
  private bytes = 0;

  constructor() {
    this.deflate.ondata = (chunk) => this.output.push(chunk);
  }

  push(bytes: Uint8Array): readonly Uint8Array[] {
    for (let at = 0; at < bytes.length;) {
      if (this.fill === PIECE) this.flush(false);
      const part = bytes.subarray(at, at + PIECE - this.fill);
      this.piece.set(part, this.fill);
      this.fill += part.length;
      at += part.length;
    }
    return this.take();
  }

  finish(): readonly Uint8Array[] {
    this.flush(true);
    const trailer = new Uint8Array(8);
    [this.crc, this.bytes % 2 ** 32].forEach((value, word) => {
      for (let i = 0; i < 4; i++) trailer[4 * word + i] = Math.floor(value / 2 ** (8 * i)) & 255;
    });
    this.output.push(trailer);
    return this.take();
  }

  private flush(last: boolean): void {
    const piece = this.piece.slice(0, this.fill);
    this.crc = crc32(piece, this.crc);
    this.bytes += piece.length;
    this.fill = 0;
    this.deflate.push(piece, last);
  }

  private take(): readonly Uint8Array[] {
    const output = this.output;
    this.output = [];
    return output;
  }
}
