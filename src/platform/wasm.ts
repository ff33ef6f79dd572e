import { fromBase64 } from '../core/bytes/base64.js';

/** A compiled module of ours (src/wasm), from which any number of instances can be made. */
export type Compiled = object;

/** Script that a module calls, by module and name. */
type Imports = Readonly<Record<string, Readonly<Record<string, (...values: number[]) => void>>>>;

/** What is used of it: the types of Node do not know `WebAssembly`. */
interface Engine {
  compile(bytes: Uint8Array): Promise<Compiled>;
  readonly Module: new (bytes: Uint8Array) => Compiled;
  readonly Instance: new (compiled: Compiled, imports?: Imports) => { readonly exports: unknown };
}

const engine = (): Engine => (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;

/** Fails where the engine lacks 128-bit SIMD, or WebAssembly. */
export async function compileWasm(base64: string): Promise<Compiled> {
  return engine().compile(fromBase64(base64)!);
}

/** {@link compileWasm} at once; pages allow it for small modules alone. */
export function compileWasmNow(base64: string): Compiled {
  return new (engine().Module)(fromBase64(base64)!);
}

/** A new instance with memory of its own; its type is what src/wasm exports. */
export function instanceOf<Exports>(compiled: Compiled, imports: Imports = {}): Exports {
  return new (engine().Instance)(compiled, imports).exports as Exports;
}
