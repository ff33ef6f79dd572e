import { sha256Hex, utf8 } from './raw.js';

/**
 * Short, slow, obvious versions of what the core computes. They exist to disagree with it: the
 * expected digests, roots, proofs and canonical bytes of the vectors come from here.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** RFC 8785 for values without lone surrogates: sorted keys by UTF-16 unit, ECMAScript numbers. */
export function naiveCanonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(naiveCanonical).join(',')}]`;
  const object = value as { readonly [key: string]: Json };
  const rows = Object.keys(object)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${naiveCanonical(object[key]!)}`);
  return `{${rows.join(',')}}`;
}

/** RFC 9162 section 2.1.1, by its own recursion. Lower-case hex. */
export function naiveRoot(leaves: readonly Uint8Array[]): string {
  if (leaves.length === 0) return sha256Hex(new Uint8Array(0));
  if (leaves.length === 1) return sha256Hex(Buffer.concat([Buffer.of(0), leaves[0]!]));
  const k = splitPoint(leaves.length);
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** RFC 9162 section 2.1.3.1: the hashes from the leaf's sibling up. Lower-case hex. */
export function naiveProof(index: number, leaves: readonly Uint8Array[]): readonly string[] {
  if (leaves.length === 1) return [];
  const k = splitPoint(leaves.length);
  return index < k
    ? [...naiveProof(index, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naiveProof(index - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

function splitPoint(count: number): number {
  let k = 1;
  while (2 * k < count) k *= 2;
  return k;
}

export function nodeHash(left: string, right: string): string {
  return sha256Hex(Buffer.concat([Buffer.of(1), Buffer.from(left, 'hex'), Buffer.from(right, 'hex')]));
}

export interface NaiveFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly salt?: string;
}

export function naiveLeaf(file: NaiveFile): Uint8Array {
  const { path, size, sha256, salt } = file;
  return utf8(naiveCanonical(salt === undefined ? { path, sha256, size } : { path, salt, sha256, size }));
}

export function byUtf8<T extends { readonly path: string }>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

/** `sha256:` root over the files in the order of their UTF-8 paths. */
export function naiveContentRoot(files: readonly NaiveFile[]): string {
  return `sha256:${naiveRoot(byUtf8(files).map(naiveLeaf))}`;
}
