import { createSHA256, type IHasher } from 'hash-wasm';
import type { Platform, Sha256 } from '../core/bytes/platform.js';
import { sha256ManyByWasm } from './wasmSha256.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/**
 * WebCrypto or hash-wasm, by size in bytes: measured in Chromium and Firefox, where a WebCrypto call costs more
 * than it saves below 4 KiB, and cannot stream, so that above 16 MiB its memory costs more than its speed brings.
 */
const WEBCRYPTO_BYTES_MIN = 4 * KIB;
const WHOLE_BYTES_MAX = 16 * MIB;

/** Files up to this size are hashed together; for longer ones WebCrypto is quicker, and another worker. */
const TOGETHER_BYTES_MAX = 4 * KIB;

/** What hashes, of a platform. */
export type Hashing = Pick<
  Platform,
  | 'sha256'
  | 'sha256Sync'
  | 'sha256Many'
  | 'sha256ManyBytesMax'
  | 'createSha256'
  | 'wholeHashBytesMax'
  | 'hashesBeside'
>;

/** SHA-256 of pages and workers: WebCrypto for whole files where it exists and is faster, unless `wanted` is `wasm`. */
export async function webHashing(wanted?: 'webcrypto' | 'wasm'): Promise<Hashing> {
  const hasher = new SharedHasher(await createSHA256());
  const subtle = wanted === 'wasm' ? undefined : globalThis.crypto?.subtle;
  const sha256Sync = (bytes: Uint8Array): Uint8Array => hasher.once(bytes);
  const sha256Many = await sha256ManyByWasm(sha256Sync);
  return {
    ...(sha256Many && { sha256Many, sha256ManyBytesMax: TOGETHER_BYTES_MAX }),
    sha256: (bytes) =>
      subtle && bytes.length >= WEBCRYPTO_BYTES_MIN
        ? subtle.digest('SHA-256', unshared(bytes)).then((digest) => new Uint8Array(digest))
        : hasher.once(bytes),
    sha256Sync,
    createSha256: () => hasher.stream(),
    wholeHashBytesMax: subtle ? WHOLE_BYTES_MAX : WEBCRYPTO_BYTES_MIN,
    hashesBeside: subtle !== undefined,
  };
}

/** WebCrypto takes no view on shared memory. */
export function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

/** One WebAssembly instance for all streams: each keeps its own state and puts it in place when it is its turn. */
class SharedHasher {
  private owner: WasmSha256 | null = null;

  constructor(private readonly wasm: IHasher) {}

  once(bytes: Uint8Array): Uint8Array {
    this.release();
    return this.wasm.init().update(bytes).digest('binary');
  }

  stream(): Sha256 {
    return new WasmSha256(this);
  }

  /** The instance, holding the state of `stream`. */
  of(stream: WasmSha256): IHasher {
    if (this.owner === stream) return this.wasm;
    this.release();
    this.owner = stream;
    return stream.state ? this.wasm.load(stream.state) : this.wasm.init();
  }

  digest(stream: WasmSha256): Uint8Array {
    const digest = this.of(stream).digest('binary');
    this.owner = null;
    return digest;
  }

  private release(): void {
    if (this.owner) this.owner.state = this.wasm.save();
    this.owner = null;
  }
}

class WasmSha256 implements Sha256 {
  state: Uint8Array | null = null;

  constructor(private readonly hasher: SharedHasher) {}

  update(bytes: Uint8Array): void {
    this.hasher.of(this).update(bytes);
  }

  digest(): Uint8Array {
    return this.hasher.digest(this);
  }
}
