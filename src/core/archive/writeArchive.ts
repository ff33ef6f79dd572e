import { concatBytes } from '../bytes/bytes.js';
import { crc32 } from './crc32.js';
import { BitJoiner, type Stretch } from './deflateBits.js';
import { PIECE_BYTES, ScriptDeflater, type PieceDeflater } from './deflatePieces.js';
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

/** No flags, no time, no name, no extra speed mark, system "unknown". */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The tar alone. Throws on paths that the reader would refuse. */
export function writeTar(entries: Iterable<ArchiveInput>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const { path, bytes } of entries)
    parts.push(tarHeader(path, bytes.length), bytes, padding(bytes.length));
  return concatBytes([...parts, tarEnd]);
}

/** Packs the pieces of one stream, see {@link PieceDeflater}; what comes out may come later, in order. */
export interface PiecePacker {
  /** A new stream; what is left of one that was given up is forgotten. */
  begin(): void;
  /** The piece is the caller's again when this resolves. Waits while too much is under way. */
  push(piece: Uint8Array, last: boolean): Promise<readonly Stretch[]>;
  /** What is still under way after the last piece, one at a time. */
  rest(): AsyncIterable<Stretch>;
}

/** A whole `.sbundle.tgz`: the same entries give the same bytes in every engine. */
export function writeArchive(entries: Iterable<ArchiveInput>): Uint8Array<ArrayBuffer> {
  const cutter = new PieceCutter();
  const deflater = new ScriptDeflater();
  const joiner = new BitJoiner();
  const out: Uint8Array[] = [GZIP_HEADER];
  const pack = (piece: Uint8Array, last: boolean): void => {
    deflater.pack(piece, last);
    out.push(joiner.push(deflater.stretch()));
  };
  for (const piece of cutter.cut(writeTar(entries))) pack(piece, false);
  pack(cutter.last(), true);
  return concatBytes([...out, joiner.finish(), cutter.trailer()]);
}

/**
 * {@link writeArchive} in bounded memory; the same bytes, whoever packs and sums. Throws when a file is not as long as it says.
 */
export async function* writeArchiveStream(
  entries: AsyncIterable<ArchiveStreamInput> | Iterable<ArchiveStreamInput>,
  packer: PiecePacker = packerHere(() => new ScriptDeflater()),
  sum: (bytes: Uint8Array, before: number) => number = crc32,
): AsyncGenerator<Uint8Array> {
  const cutter = new PieceCutter(sum);
  const joiner = new BitJoiner();
  packer.begin();
  yield GZIP_HEADER;
  for await (const bytes of tarOf(entries))
    for (const piece of cutter.cut(bytes))
      for (const stretch of await packer.push(piece, false)) yield joiner.push(stretch);
  for (const stretch of await packer.push(cutter.last(), true)) yield joiner.push(stretch);
  for await (const stretch of packer.rest()) yield joiner.push(stretch);
  yield joiner.finish();
  yield cutter.trailer();
}

async function* tarOf(
  entries: AsyncIterable<ArchiveStreamInput> | Iterable<ArchiveStreamInput>,
): AsyncGenerator<Uint8Array> {
  for await (const { path, size, chunks } of entries) {
    yield tarHeader(path, size);
    let left = size;
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
    if (left !== 0) throw new Error('a file changed its length while it was being packed');
    yield padding(size);
  }
  yield tarEnd;
}

/** Packs on this thread. `start`: whatever packs one stream. */
export function packerHere(start: () => PieceDeflater): PiecePacker {
  let deflater: PieceDeflater | null = null;
  return {
    begin() {
      deflater = null;
    },
    push(piece, last) {
      deflater ??= start();
      deflater.pack(piece, last);
      return Promise.resolve([deflater.stretch()]);
    },
    async *rest() {},
  };
}

/** Cuts a stream into pieces and keeps the checksum of gzip; holds one piece back, as the last one is marked. */
class PieceCutter {
  private readonly piece = new Uint8Array(PIECE_BYTES);
  private fill = 0;
  private crc = 0;
  private bytes = 0;

  constructor(private readonly sum: (bytes: Uint8Array, before: number) => number = crc32) {}

  /** Whole pieces; each is good until the next one is asked for. */
  *cut(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      if (this.fill === PIECE_BYTES) {
        yield this.piece;
        this.fill = 0;
      }
      const part = bytes.subarray(at, at + PIECE_BYTES - this.fill);
      this.piece.set(part, this.fill);
      this.fill += part.length;
      at += part.length;
    }
    this.crc = this.sum(bytes, this.crc);
    this.bytes += bytes.length;
  }

  last(): Uint8Array {
    return this.piece.subarray(0, this.fill);
  }

  trailer(): Uint8Array {
    const trailer = new Uint8Array(8);
    [this.crc, this.bytes % 2 ** 32].forEach((value, word) => {
      for (let i = 0; i < 4; i++) trailer[4 * word + i] = Math.floor(value / 2 ** (8 * i)) & 255;
    });
    return trailer;
  }
}
