import { createBLAKE3 } from 'hash-wasm';
import type { Blake3 } from '../core/spec/lock.js';

/** BLAKE3-256 by WebAssembly; loaded once, then at once. */
export async function loadBlake3(): Promise<Blake3> {
  const hasher = await createBLAKE3();
  return (bytes) => hasher.init().update(bytes).digest('hex');
}
