import type { Platform } from '../core/bytes/platform.js';
import { sha256Module } from './sha256Module.js';
import { compileWasm, compileWasmNow, instanceOf, type Compiled } from './wasm.js';

const DIGEST_BYTES = 32;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  lengthsPlace(): number;
  messagesMax(): number;
  inputPlace(): number;
  inputRoom(): number;
  digestsPlace(): number;
  hash(count: number): void;
}

type HashMany = NonNullable<Platform['sha256Many']>;

/**
 * `sha256Many` of a platform by our own WebAssembly (src/wasm/sha256.ts), four messages side by side; null where it
 * does not run: it needs 128-bit SIMD. `one` hashes what is too long for it.
 */
export async function sha256ManyByWasm(one: Platform['sha256Sync']): Promise<HashMany | null> {
  try {
    return hashMany(await compileWasm(sha256Module), one);
  } catch {
    return null;
  }
}

/** {@link sha256ManyByWasm} without waiting, for places that may compile at once. */
export function sha256ManyByWasmNow(one: Platform['sha256Sync']): HashMany | null {
  try {
    return hashMany(compileWasmNow(sha256Module), one);
  } catch {
    return null;
  }
}

function hashMany(compiled: Compiled, one: Platform['sha256Sync']): HashMany {
  const wasm = instanceOf<Exports>(compiled);
  const { buffer } = wasm.memory;
  const input = new Uint8Array(buffer, wasm.inputPlace(), wasm.inputRoom());
  const inputLengths = new Uint32Array(buffer, wasm.lengthsPlace(), wasm.messagesMax());
  const output = new Uint8Array(buffer, wasm.digestsPlace(), wasm.messagesMax() * DIGEST_BYTES);
  return (bytes, lengths) => {
    const digests = new Uint8Array(lengths.length * DIGEST_BYTES);
    for (let from = 0, at = 0; from < lengths.length;) {
      let count = 0;
      let size = 0;
      for (let i = from; i < lengths.length && count < inputLengths.length; i++) {
        const length = lengths[i]!;
        if (size + length > input.length) break;
        inputLengths[count++] = length;
        size += length;
      }
      if (count === 0) {
        size = lengths[from]!;
        digests.set(one(bytes.subarray(at, at + size)), from * DIGEST_BYTES);
        count = 1;
      } else {
        input.set(bytes.subarray(at, at + size));
        wasm.hash(count);
        digests.set(output.subarray(0, count * DIGEST_BYTES), from * DIGEST_BYTES);
      }
      from += count;
      at += size;
    }
    return digests;
  };
}
