import { equalBytes } from '../bytes/bytes.js';
import type { Platform } from '../bytes/platform.js';

type Hasher = Pick<Platform, 'sha256Sync'>;

const HASH_BYTES = 32;
const LEAF = 0x00;
const NODE = 0x01;

/** Hash of one leaf, RFC 9162 section 2.1.1: SHA-256(0x00 ‖ data). 32 bytes. */
export function leafHash(data: Uint8Array, platform: Hasher): Uint8Array {
  const input = new Uint8Array(1 + data.length);
  input[0] = LEAF;
  input.set(data, 1);
  return platform.sha256Sync(input);
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). The first byte keeps leaves and nodes apart (B22). */
export function nodeHash(
  left: Uint8Array,
  right: Uint8Array,
  platform: Hasher,
  input = new Uint8Array(1 + 2 * HASH_BYTES),
): Uint8Array {
  input[0] = NODE;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return platform.sha256Sync(input);
}

/**
 * The tree hash of RFC 9162 section 2.1.1, fed one leaf hash at a time. It holds one hash for each
 * complete subtree, so a million leaves need a few hundred bytes.
 */
export class MerkleTree {
  private readonly peaks: Uint8Array[] = [];
  private count = 0;
  private readonly input = new Uint8Array(1 + 2 * HASH_BYTES);

  constructor(private readonly platform: Hasher) {}

  get size(): number {
    return this.count;
  }

  /** Appends a leaf by its {@link leafHash}. */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    for (let size = this.count++; size % 2 === 1; size = Math.floor(size / 2)) {
      hash = nodeHash(this.peaks.pop()!, hash, this.platform, this.input);
    }
    this.peaks.push(hash);
  }

  /** 32 bytes; of an empty tree SHA-256 of nothing. */
  root(): Uint8Array {
    if (this.peaks.length === 0) return this.platform.sha256Sync(new Uint8Array(0));
    return this.peaks.reduceRight((right, left) => nodeHash(left, right, this.platform));
  }
}

/** Tree hash over leaf hashes. 32 bytes. */
export function merkleRoot(leaves: Iterable<Uint8Array>, platform: Hasher): Uint8Array {
  const tree = new MerkleTree(platform);
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/** Inclusion proof of RFC 9162 section 2.1.3.1, nearest sibling first. Throws when there is no such leaf. */
export function inclusionProof(
  leaves: readonly Uint8Array[],
  index: number,
  platform: Hasher,
): readonly Uint8Array[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError('no such leaf');
  const proof: Uint8Array[] = [];
  let at = index;
  for (let level = leaves; level.length > 1; level = parents(level, platform)) {
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
    if (sibling !== undefined) proof.push(sibling);
    at = Math.floor(at / 2);
  }
  return proof;
}

/** One level up: pairs are joined, an odd last node rises unchanged, which gives the same tree as the RFC's split. */
function parents(level: readonly Uint8Array[], platform: Hasher): readonly Uint8Array[] {
  const up: Uint8Array[] = [];
  for (let i = 0; i + 1 < level.length; i += 2) up.push(nodeHash(level[i]!, level[i + 1]!, platform));
  if (level.length % 2 === 1) up.push(level[level.length - 1]!);
  return up;
}

/** A claim that one leaf stands in a tree. Attacker-controlled. */
export interface Inclusion {
  readonly leafHash: Uint8Array;
  /** 0-based. */
  readonly index: number;
  readonly treeSize: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** RFC 9162 section 2.1.3.2. False for anything that is not exactly a proof: wrong length, index, size. */
export function verifyInclusion(claim: Inclusion, platform: Hasher): boolean {
  const { index, treeSize, proof } = claim;
  if (!isCount(index) || !isCount(treeSize) || index >= treeSize) return false;
  if (![claim.leafHash, claim.root, ...proof].every(isHash)) return false;
  let fn = index;
  let sn = treeSize - 1;
  let hash = claim.leafHash;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash, platform);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else hash = nodeHash(hash, sibling, platform);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && equalBytes(hash, claim.root);
}

/** A claim that a tree of `size1` leaves is the beginning of a tree of `size2`. Attacker-controlled. */
export interface Consistency {
  readonly size1: number;
  readonly size2: number;
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162 section 2.1.4.2. A proof from the empty tree says nothing and is refused. */
export function verifyConsistency(claim: Consistency, platform: Hasher): boolean {
  const { size1, size2, root1, root2, proof } = claim;
  if (!isCount(size1) || !isCount(size2) || size1 < 1 || size1 > size2) return false;
  if (size1 === size2) return proof.length === 0 && equalBytes(root1, root2);
  if (![root1, root2, ...proof].every(isHash)) return false;
  const path = isPowerOfTwo(size1) ? [root1, ...proof] : proof;
  const first = path[0];
  if (first === undefined) return false;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let older = first;
  let newer = first;
  for (const hash of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      older = nodeHash(hash, older, platform);
      newer = nodeHash(hash, newer, platform);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else newer = nodeHash(newer, hash, platform);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && equalBytes(older, root1) && equalBytes(newer, root2);
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
