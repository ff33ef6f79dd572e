import { openGzip, gunzipExactly } from '../core/archive/gzip.js';
import { GunzipError, type Platform } from '../core/bytes/platform.js';
import { sourceOfBytes, type ByteSource } from '../core/bytes/source.js';
import { unshared, webHashing } from './webHashing.js';
import { gunzipByWasm } from './wasmInflater.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/**
 * A packed file up to this size is held: its own digest is then made beside the inflating. A larger one would be in
 * memory three times until it is hashed; from there on another worker hashes what streams.
 */
const HELD_BYTES_MAX = 8 * MIB;
/** One piece of input can unpack to 1,032 times its size before the browser holds back. */
const INPUT_PIECE = 32 * KIB;

export interface WebPlatformOptions {
  /** Which inflater; by default the fastest that runs here and, if it is the browser's, passes its test. */
  readonly inflater?: 'wasm' | 'browser' | 'own';
  /** Which SHA-256 for whole files; by default the faster. Plain-http pages have no WebCrypto. */
  readonly hasher?: 'webcrypto' | 'wasm';
}

/**
 * The platform of pages and workers. hash-wasm always works; WebCrypto is used where it exists. Inflates by our own
 * WebAssembly; where an engine lacks what it needs (128-bit SIMD), by DecompressionStream if that refuses everything
 * that it has to refuse (Node's and others' join members or swallow zeros), else by the core's own inflater.
 */
export async function webPlatform(options: WebPlatformOptions = {}): Promise<Platform> {
  const [hashing, gunzip] = await Promise.all([webHashing(options.hasher), inflaterOf(options.inflater)]);
  return { ...hashing, gunzip, yieldToEvents };
}

async function inflaterOf(wanted: WebPlatformOptions['inflater']): Promise<Platform['gunzip']> {
  const byWasm = wanted === undefined || wanted === 'wasm' ? await gunzipByWasm() : null;
  if (byWasm !== null) return byWasm;
  if (wanted === 'wasm') throw new Error('WebAssembly with 128-bit SIMD does not run here');
  return wanted === 'browser' || (wanted === undefined && (await isStrict()))
    ? gunzipByBrowser
    : gunzipExactly;
}

/** A file that was dropped, picked or made in memory. Read as one stream: small slices are ten times slower. */
export function sourceOfBlob(blob: Blob): ByteSource {
  return {
    sizeBytes: blob.size,
    reopenable: true,
    open: () => chunksOf(blob.stream()),
    whole: () =>
      blob.size <= HELD_BYTES_MAX ? blob.arrayBuffer().then((buffer) => new Uint8Array(buffer)) : null,
  };
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * DecompressionStream under our own header rules. It hands out data before it knows whether the file is whole, and
 * gives no reason when it refuses; so nothing counts before this generator ends, and every refusal is `unknown`.
 */
async function* gunzipByBrowser(source: ByteSource): AsyncGenerator<Uint8Array> {
  const { chunks } = await openGzip(source);
  const inflater = new DecompressionStream('gzip');
  const writer = inflater.writable.getWriter();
  const reader = inflater.readable.getReader();
  const feeding = new Feeding();
  const fed = feeding.run(chunks, writer);
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    await fed;
  } catch (error) {
    if (feeding.sourceFailed) throw feeding.sourceError;
    throw error instanceof GunzipError ? error : new GunzipError('unknown');
  } finally {
    feeding.stopped = true;
    await reader.cancel().catch(() => {});
    await fed.catch(() => {});
  }
}

class Feeding {
  stopped = false;
  sourceFailed = false;
  sourceError: unknown = null;

  async run(
    chunks: AsyncIterable<Uint8Array>,
    writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    // A failed write also fails the reader: its promise must not be reported a second time as unhandled.
    writer.closed.catch(() => {});
    try {
      for await (const chunk of this.guarded(chunks)) {
        for (let at = 0; at < chunk.length && !this.stopped; at += INPUT_PIECE) {
          await writer.ready;
          writer.write(unshared(chunk.subarray(at, at + INPUT_PIECE))).catch(() => {});
        }
        if (this.stopped) break;
      }
      await (this.stopped ? writer.abort() : writer.close());
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    }
  }

  private async *guarded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      this.sourceFailed = true;
      this.sourceError = error;
      throw error;
    }
  }
}

/** An empty member, whole. */
const EMPTY_MEMBER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** True when this engine's DecompressionStream reads a whole member and refuses what follows one, a cut, a wrong checksum. */
async function isStrict(): Promise<boolean> {
  if (typeof DecompressionStream === 'undefined') return false;
  const refused = [
    [...EMPTY_MEMBER, ...EMPTY_MEMBER],
    [...EMPTY_MEMBER, 0],
    [...EMPTY_MEMBER, ...new Array<number>(512).fill(0)],
    [...EMPTY_MEMBER, 1],
    [...EMPTY_MEMBER.subarray(0, -1)],
    [...EMPTY_MEMBER.subarray(0, 12), 1, 0, 0, 0, 0, 0, 0, 0],
    [...EMPTY_MEMBER.subarray(0, -4), 1, 0, 0, 0],
  ];
  const accepted = await Promise.all(
    [[...EMPTY_MEMBER], ...refused].map((bytes) => accepts(Uint8Array.from(bytes))),
  );
  return accepted[0] === true && accepted.slice(1).every((one) => !one);
}

async function accepts(bytes: Uint8Array): Promise<boolean> {
  try {
    for await (const chunk of gunzipByBrowser(sourceOfBytes(bytes))) if (chunk.length > 0) return false;
    return true;
  } catch {
    return false;
  }
}

/** What browsers and Node agree on. */
interface Port {
  onmessage: (() => void) | null;
  postMessage(data: null): void;
  close(): void;
}

/** A turn of the event loop. A message is quicker than a timer, which browsers hold back for 4 ms. */
function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel() as unknown as Record<'port1' | 'port2', Port>;
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
