import { createHash, hash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { GZIP_TRAILER_BYTES, checkGzipTrailer, openGzip } from '../core/archive/gzip.js';
import { concatBytes } from '../core/bytes/bytes.js';
import { GunzipError, type Platform, type Sha256 } from '../core/bytes/platform.js';
import type { ByteSource } from '../core/bytes/source.js';
import { sha256ManyByWasmNow } from './wasmSha256.js';

const KIB = 1024;
const INPUT_PIECE = 32 * KIB;
const OUTPUT_PIECE = 128 * KIB;
const FILE_PIECE = 256 * KIB;
/** For longer files a call of its own costs less than OpenSSL is quicker. */
const TOGETHER_BYTES_MAX = KIB;

const sha256Many = sha256ManyByWasmNow(sha256);

/** Node's own SHA-256 and zlib. Stateless: one may serve everything. */
export function nodePlatform(): Platform {
  return {
    sha256,
    sha256Sync: sha256,
    createSha256,
    ...(sha256Many && { sha256Many, sha256ManyBytesMax: TOGETHER_BYTES_MAX }),
    gunzip,
    crc32,
    // createHash streams as fast as it hashes at once: collecting saves only its set-up for small files.
    wholeHashBytesMax: 64 * KIB,
    yieldToEvents: async () => setImmediate(),
  };
}

/** A file on disk. Throws when it does not exist; errors while reading come out of `open`. */
export function sourceOfFile(path: string): ByteSource {
  const stats = statSync(path);
  return {
    sizeBytes: stats.isFile() ? stats.size : null,
    reopenable: stats.isFile(),
    open: () => createReadStream(path, { highWaterMark: FILE_PIECE }),
  };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

function createSha256(): Sha256 {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

/**
 * zlib's raw inflater under our own framing: Node's `gunzip` joins members and swallows zeros, the raw one stops
 * where the deflate stream ends, and `bytesWritten` says where that was. zlib works on the next piece in its
 * own thread while the caller looks at what came out of the one before.
 */
async function* gunzip(source: ByteSource): AsyncGenerator<Uint8Array> {
  const { headerBytes, chunks } = await openGzip(source);
  const inflater = new RawInflater();
  let crc = 0;
  let unpacked = 0;
  try {
    let tail: Uint8Array | null = null;
    for await (const piece of pieces(chunks, headerBytes)) {
      if (tail === null) {
        const ready = inflater.takeOutput();
        const written = inflater.write(piece);
        for (const chunk of ready) {
          crc = crc32(chunk, crc);
          unpacked += chunk.length;
          yield chunk;
        }
        await written;
        if (inflater.error) throw problemOf(inflater.error, headerBytes + inflater.consumed);
        if (inflater.consumed < inflater.given)
          tail = piece.subarray(piece.length - (inflater.given - inflater.consumed));
      } else {
        tail = concatBytes([tail, piece]);
      }
      if (tail && tail.length > GZIP_TRAILER_BYTES) break;
    }
    for (const chunk of inflater.takeOutput()) {
      crc = crc32(chunk, crc);
      unpacked += chunk.length;
      yield chunk;
    }
    if (tail === null) throw new GunzipError('ends-early', headerBytes + inflater.given);
    checkGzipTrailer(tail, headerBytes + inflater.consumed, crc, unpacked);
  } finally {
    inflater.close();
  }
}

/** Small pieces: all output of one is held at once, and deflate unpacks up to 1,032 times. */
async function* pieces(chunks: AsyncIterable<Uint8Array>, headerBytes: number): AsyncGenerator<Uint8Array> {
  let skip = headerBytes;
  for await (const chunk of chunks) {
    for (let at = skip; at < chunk.length; at += INPUT_PIECE) yield chunk.subarray(at, at + INPUT_PIECE);
    skip = 0;
  }
}

function problemOf(error: Error, byte: number): Error {
  const code = (error as NodeJS.ErrnoException).code;
  return code?.startsWith('Z_') ? new GunzipError('damaged', byte) : error;
}

class RawInflater {
  error: Error | null = null;
  given = 0;
  private readonly zlib = createInflateRaw({ chunkSize: OUTPUT_PIECE });
  private output: Uint8Array[] = [];

  constructor() {
    this.zlib.on('data', (chunk: Uint8Array) => this.output.push(chunk));
  }

  /** Bytes that belong to the deflate stream; fewer than `given` once it has ended. */
  get consumed(): number {
    return this.zlib.bytesWritten;
  }

  /** Resolves when zlib has done with the piece, or failed. */
  write(piece: Uint8Array): Promise<void> {
    this.given += piece.length;
    return new Promise((resolve) => {
      const fail = (error: Error): void => {
        this.error = error;
        resolve();
      };
      this.zlib.once('error', fail);
      this.zlib.write(piece, () => {
        this.zlib.off('error', fail);
        resolve();
      });
    });
  }

  takeOutput(): readonly Uint8Array[] {
    const output = this.output;
    this.output = [];
    return output;
  }

  close(): void {
    this.zlib.on('error', () => {});
    this.zlib.destroy();
  }
}
