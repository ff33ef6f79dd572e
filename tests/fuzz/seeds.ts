import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sharedPath } from '../shared.js';
import { loadVectors, type LoadedVector } from '../vectors.js';
import { naiveFiles } from './naiveTar.js';

/** Larger seeds would make every execution slow and are near copies of smaller ones. */
const SEED_BYTES_MAX = 24 * 1024;

/** Makes it at the first call, and gives the same again. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

export const vectors = once(() => loadVectors());

/** Bytes of every small file under a folder of `../shared`; none where the folder is absent. */
export function sharedFiles(ending: RegExp, ...folder: readonly string[]): Uint8Array[] {
  const root = sharedPath(...folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .sort()
    .map((name) => join(root, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size <= SEED_BYTES_MAX)
    .map((path) => new Uint8Array(readFileSync(path)));
}

export function sharedJson<T>(fallback: T, ...file: readonly string[]): T {
  const path = sharedPath(...file);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : fallback;
}

export function sharedBytes(...file: readonly string[]): Uint8Array | null {
  const path = sharedPath(...file);
  return existsSync(path) ? new Uint8Array(readFileSync(path)) : null;
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** One of each: equal bytes under equal labels are one seed. */
export function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

export const small = (bytes: Uint8Array): boolean => bytes.length > 0 && bytes.length <= SEED_BYTES_MAX;

export function distinctBytes(items: readonly Uint8Array[]): Uint8Array[] {
  return distinct(items.filter(small), (bytes) => Buffer.from(bytes).toString('latin1'));
}

export function inputOf(vector: LoadedVector): Uint8Array {
  return vector.request.inputs[0]!.source as Uint8Array;
}

/** The tar inside, or null where there is none to be had. */
export function unpacked(tgz: Uint8Array): Uint8Array | null {
  try {
    return new Uint8Array(gunzipSync(tgz, { maxOutputLength: 1024 * 1024 }));
  } catch {
    return null;
  }
}

/** Bundles that are not vectors: the real builder's, the hostile ones, the samples. */
export const otherBundles = once(() =>
  [...sharedFiles(/\.tgz$/, 'corpora', 'bundles'), ...sharedFiles(/\.tgz$/, 'samples', 'bundles')].filter(
    small,
  ),
);

export interface SeedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export function filesOf(tgz: Uint8Array): SeedFile[] {
  const tar = unpacked(tgz);
  if (tar === null) return [];
  return naiveFiles(tar).map(({ path, size, at }) => ({ path, bytes: tar.slice(at, at + size) }));
}

/** Every file inside of every bundle that we know, and the loose ones beside them. */
export const bundledFiles = once(() => [
  ...vectors().flatMap((vector) => [
    ...filesOf(inputOf(vector)),
    ...vector.request.loose.map(({ name, bytes }) => ({ path: `loose/${name}`, bytes })),
  ]),
  ...otherBundles().flatMap(filesOf),
]);

export function bundled(name: RegExp): Uint8Array[] {
  return distinctBytes(
    bundledFiles()
      .filter(({ path }) => name.test(path))
      .map(({ bytes }) => bytes),
  );
}
