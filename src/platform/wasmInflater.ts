import { checkGzipTrailer, GZIP_TRAILER_BYTES, openGzip } from '../core/archive/gzip.js';
import { concatBytes } from '../core/bytes/bytes.js';
import { GunzipError, type Platform } from '../core/bytes/platform.js';
import type { ByteSource } from '../core/bytes/source.js';
import { inflateModule } from './inflateModule.js';
import { compileWasm, instanceOf, type Compiled } from './wasm.js';

// What `run` gives, as in src/wasm/inflate.ts.
const MORE_INPUT = 1;
const OUTPUT_IS_FULL = 2;
const DONE = 3;

/** One byte more than a trailer is enough to refuse. */
const TAIL_BYTES = GZIP_TRAILER_BYTES + 1;
/** Instances that wait for the next stream, 512 KiB each. */
const IDLE_MAX = 2;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  begin(): void;
  inputPlace(): number;
  inputRoom(): number;
  inputLeft(): number;
  run(added: number): number;
  outputStart(): number;
  outputEnd(): number;
  crc32(before: number, at: number, end: number): number;
}

/**
 * `gunzip` of a platform by our own inflater in WebAssembly (src/wasm), or null where it does not run. As strict as
 * the core's own, and gives no reason: every refusal after the header is `unknown`. Streams that are read at the
 * same time share nothing.
 */
export async function gunzipByWasm(): Promise<Platform['gunzip'] | null> {
  try {
    const compiled = await compileInflater();
    const idle = [new WasmInflater(compiled)];
    return async function* gunzip(source) {
      const inflater = idle.pop() ?? new WasmInflater(compiled);
      try {
        yield* gunzipBy(inflater, source);
      } finally {
        if (idle.length < IDLE_MAX) idle.push(inflater);
      }
    };
  } catch {
    return null;
  }
}

/** Fails where the engine lacks 128-bit SIMD, or WebAssembly. */
export async function compileInflater(): Promise<Compiled> {
  return compileWasm(inflateModule);
}

async function* gunzipBy(inflater: WasmInflater, source: ByteSource): AsyncGenerator<Uint8Array> {
  const tail = yield* inflateBy(inflater, source);
  if (!inflater.accepts(tail)) throw new GunzipError('unknown');
}

/**
 * The unpacked bytes, then what follows the deflate stream: the trailer and at most one byte more, both still to be
 * checked.
 */
export async function* inflateBy(
  inflater: WasmInflater,
  source: ByteSource,
): AsyncGenerator<Uint8Array, Uint8Array> {
  const { headerBytes, chunks } = await openGzip(source);
  inflater.begin();
  let skip = headerBytes;
  let tail: Uint8Array | null = null;
  for await (const chunk of chunks) {
    const bytes = chunk.subarray(skip);
    skip = 0;
    if (tail !== null) {
      tail = concatBytes([tail, bytes.subarray(0, TAIL_BYTES)]);
    } else {
      yield* inflater.push(bytes);
      if (inflater.damaged) throw new GunzipError('unknown');
      tail = inflater.rest;
    }
    if (tail !== null && tail.length >= TAIL_BYTES) break;
  }
  if (tail === null) throw new GunzipError('unknown');
  return tail;
}

/** Raw inflate, one stream at a time. */
export class WasmInflater {
  damaged = false;
  /** The first bytes that follow the deflate stream, once it has ended. */
  rest: Uint8Array | null = null;
  private readonly wasm: Exports;
  private readonly memory: Uint8Array;
  private crc = 0;
  private unpackedBytes = 0;

  /** `sums`: false where somebody else makes the checksum of what comes out, and looks at the trailer. */
  constructor(
    compiled: Compiled,
    private readonly sums = true,
  ) {
    this.wasm = instanceOf<Exports>(compiled);
    this.memory = new Uint8Array(this.wasm.memory.buffer);
  }

  /** Forgets what was read, however it ended. */
  begin(): void {
    this.wasm.begin();
    this.damaged = false;
    this.rest = null;
    this.crc = 0;
    this.unpackedBytes = 0;
  }

  /** Unpacks what `bytes` complete, until `damaged` or `rest`. Pieces of at most 161 KiB, each until the next. */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length && !this.damaged && this.rest === null;) {
      const place = this.wasm.inputPlace();
      const piece = bytes.subarray(at, at + this.wasm.inputRoom());
      this.memory.set(piece, place);
      at += piece.length;
      let step = this.wasm.run(piece.length);
      for (; step === OUTPUT_IS_FULL; step = this.wasm.run(0)) yield this.take();
      if (step === DONE) {
        if (this.wasm.outputEnd() > this.wasm.outputStart()) yield this.take();
        const end = place + piece.length;
        const left = this.memory.slice(end - this.wasm.inputLeft(), end);
        this.rest = concatBytes([left, bytes.subarray(at)]).slice(0, TAIL_BYTES);
      }
      this.damaged = step !== DONE && step !== MORE_INPUT;
    }
  }

  /** True when `tail`, from the end of the deflate stream on, is the trailer of what was unpacked and nothing else. */
  accepts(tail: Uint8Array): boolean {
    if (!this.sums) return false;
    try {
      checkGzipTrailer(tail, 0, this.crc, this.unpackedBytes);
      return true;
    } catch {
      return false;
    }
  }

  private take(): Uint8Array {
    const start = this.wasm.outputStart();
    const end = this.wasm.outputEnd();
    if (this.sums) this.crc = this.wasm.crc32(this.crc, start, end) >>> 0;
    this.unpackedBytes += end - start;
    return this.memory.subarray(start, end);
  }
}
