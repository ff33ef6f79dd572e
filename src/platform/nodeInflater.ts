import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { MessageChannel, Worker, parentPort, type MessagePort, type Transferable } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { checkGzipTrailer } from '../core/archive/gzip.js';
import type { Platform } from '../core/bytes/platform.js';
import type { ByteSource } from '../core/bytes/source.js';
import { HelperLostError } from './helper.js';
import { nodePlatform } from './node.js';
import { compileInflater, inflateBy, WasmInflater } from './wasmInflater.js';

/** What a thread of ours is told as its `workerData`. */
export const INFLATES = 'countersign-inflate';

/** Below this size in bytes, packed, a thread takes longer to start than it saves. */
const BESIDE_BYTES_MIN = 16 * 1024 * 1024;
/** However large the pieces of a source are: what is under way is bounded. */
const PACKED_PIECE_BYTES = 256 * 1024;
/** Pieces of one direction that are under way; whoever is ahead waits. */
const PIECES_AHEAD = 32;
/** Their arrival is told so many at a time. */
const TOLD_AT_ONCE = 8;

/** Said after the last unpacked piece: what follows the deflate stream; null when it did not come to its end. */
type End = { readonly tail: Uint8Array } | null;

/** A thread, or anything else that hands ports on to {@link serveInflater}. */
export interface InflaterThread {
  postMessage(stream: MessagePort, transfer: Transferable[]): void;
  on(event: string, listener: () => void): unknown;
}

/**
 * For an engine on this thread: a platform that inflates large files in another thread, which `start` starts when
 * there is the first of them; null for all others, and where there is no thread.
 */
export function inflatedBeside(
  start: () => InflaterThread | null,
): (source: ByteSource) => Promise<Platform | null> {
  let platform: Platform | null | undefined;
  return async ({ sizeBytes, reopenable }) => {
    if (sizeBytes === null || sizeBytes < BESIDE_BYTES_MIN || !reopenable) return null;
    if (platform === undefined) {
      const thread = start();
      platform = thread === null ? null : { ...nodePlatform(), gunzip: gunzipBeside(thread) };
    }
    return platform;
  };
}

/**
 * A thread that runs `script` with {@link INFLATES}; null where there is one core alone, or sources that are not
 * built. It does not keep the process alive.
 */
export function startInflater(script: URL): InflaterThread | null {
  if (availableParallelism() < 2 || !/\.m?js$/.test(script.pathname) || !existsSync(script)) return null;
  try {
    const worker = new Worker(script, { workerData: INFLATES });
    worker.unref();
    return worker;
  } catch {
    // Not allowed (Node's permission model): this thread inflates.
    return null;
  }
}

/** Within such a thread: inflates every stream whose port it is given. */
export function serveInflater(parent: MessagePort | null = parentPort): void {
  if (parent === null) throw new Error('no thread of ours');
  const compiling = compileInflater();
  // Whoever asks for a stream hears of it.
  compiling.catch(() => undefined);
  parent.on('message', (stream: MessagePort) => void inflate(new Line(stream), compiling));
}

async function inflate(line: Line, compiling: ReturnType<typeof compileInflater>): Promise<void> {
  let end: End = null;
  try {
    // The checksum is made where the pieces are read, by zlib, which is faster.
    const inflater = new WasmInflater(await compiling, false);
    const source = { sizeBytes: null, reopenable: false, open: () => line.pieces() };
    const pieces = inflateBy(inflater, source);
    let next = await pieces.next();
    for (; !next.done; next = await pieces.next()) if (!(await line.send(copyOf(next.value)))) break;
    if (next.done) end = { tail: next.value };
    else await pieces.return(new Uint8Array(0));
  } catch {
    // Not whole, whatever it was.
  }
  line.say(end);
}

/** Of a piece that does not last. The slice of a buffer is not cleared before it is written; that of an array is. */
function copyOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/**
 * `gunzip` by `thread`, beside the caller. What it does not find whole, and whatever else goes wrong over there, is a
 * {@link HelperLostError}: who wants the reason reads again without it.
 */
export function gunzipBeside(thread: InflaterThread): Platform['gunzip'] {
  const lines = new Set<Line>();
  let lost = false;
  for (const event of ['error', 'exit', 'close'])
    thread.on(event, () => {
      lost = true;
      for (const line of lines) line.close();
    });
  return async function* gunzip(source) {
    if (lost) throw new HelperLostError('the thread that inflates has stopped');
    const { port1, port2 } = new MessageChannel();
    const line = new Line(port1);
    lines.add(line);
    thread.postMessage(port2, [port2]);
    const feeding = feed(source, line);
    try {
      let crc = 0;
      let unpacked = 0;
      for await (const piece of line.pieces()) {
        crc = crc32(piece, crc);
        unpacked += piece.length;
        yield piece;
      }
      if (endsWell(line.end as End | undefined, crc, unpacked)) return;
      const failed = await feeding;
      throw failed === null
        ? new HelperLostError('the thread that inflates did not get to the end')
        : failed.error;
    } finally {
      line.close();
      lines.delete(line);
      await feeding;
    }
  };
}

function endsWell(end: End | undefined, crc: number, unpackedBytes: number): boolean {
  if (!end) return false;
  try {
    checkGzipTrailer(end.tail, 0, crc, unpackedBytes);
    return true;
  } catch {
    return false;
  }
}

/** Reads ahead of the thread. An error of the source closes the line, and is the result. */
async function feed(source: ByteSource, line: Line): Promise<{ readonly error: unknown } | null> {
  try {
    for await (const chunk of source.open())
      for (let at = 0; at < chunk.length; at += PACKED_PIECE_BYTES) {
        // Copied: what was read may share its buffer with something else.
        const piece = new Uint8Array(chunk.subarray(at, at + PACKED_PIECE_BYTES));
        if (!(await line.send(piece))) return null;
      }
    line.say(null);
    return null;
  } catch (error) {
    line.close();
    return { error };
  }
}

/** One end of a port: pieces in both directions, held back while the other end is behind. */
class Line {
  /** What was said after the last piece; undefined when the port closed before. */
  end: unknown;
  private readonly arrived: unknown[] = [];
  private taken = 0;
  private ahead = 0;
  private closed = false;
  private wake: (() => void)[] = [];

  constructor(private readonly port: MessagePort) {
    port.on('message', (said: unknown) => {
      if (typeof said === 'number') this.ahead -= said;
      else this.arrived.push(said);
      this.stir();
    });
    port.on('close', () => this.close());
  }

  /** Gives the piece away, with its buffer; false when nobody will take it. */
  async send(piece: Uint8Array): Promise<boolean> {
    while (this.ahead >= PIECES_AHEAD && !this.closed) await this.change();
    if (this.closed) return false;
    this.ahead += 1;
    this.port.postMessage(piece, [piece.buffer as ArrayBuffer]);
    return true;
  }

  /** Says something that is no piece. */
  say(word: End): void {
    this.port.postMessage(word);
  }

  /** The pieces of the other end until it says something else, or is gone. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      while (this.arrived.length === 0 && !this.closed) await this.change();
      const next = this.arrived.shift();
      if (!(next instanceof Uint8Array)) {
        this.end = next;
        return;
      }
      if (++this.taken % TOLD_AT_ONCE === 0) this.port.postMessage(TOLD_AT_ONCE);
      yield next;
    }
  }

  close(): void {
    this.closed = true;
    this.port.close();
    this.stir();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => void this.wake.push(resolve));
  }

  private stir(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
