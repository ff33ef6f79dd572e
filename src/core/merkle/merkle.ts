import { concatBytes, equalBytes } from '../bytes/bytes.js';
import { SHA256_BYTES, sha256Many, type ManyHasher } from '../bytes/sha256.js';

const LEAF = 0x00;
const NODE = 0x01;
const NODE_BYTES = 1 + 2 * SHA256_BYTES;

/** Hash of one leaf, RFC 9162 section 2.1.1: SHA-256(0x00 ‖ data). 32 bytes. */
export function leafHash(data: Uint8Array, platform: ManyHasher): Uint8Array {
  return platform.sha256Sync(concatBytes([Uint8Array.of(LEAF), data]));
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). The first byte keeps leaves and nodes apart (B22). */
export function nodeHash(left: Uint8Array, right: Uint8Array, platform: ManyHasher): Uint8Array {
  return platform.sha256Sync(concatBytes([Uint8Array.of(NODE), left, right]));
}

/** A complete subtree of so many leaves is made at once, level by level. A power of two. */
const SUBTREE_LEAVES = 1024;

/**
 * The tree hash of RFC 9162 section 2.1.1, fed leaf hashes in order. It holds the leaves of one subtree and one hash
 * for each complete one, so a million leaves need some ten kilobytes.
 */
export class MerkleTree {
  private readonly peaks: Uint8Array[] = [];
  private subtrees = 0;
  private readonly leaves = new Uint8Array(SUBTREE_LEAVES * SHA256_BYTES);
  private fill = 0;

  constructor(private readonly platform: ManyHasher) {}

  get size(): number {
    return this.subtrees * SUBTREE_LEAVES + this.fill / SHA256_BYTES;
  }

  /** Appends one leaf by its {@link leafHash}, or several by theirs, one after the other. */
  append(leaves: Uint8Array): void {
    for (let at = 0; at < leaves.length;) {
      const part = leaves.subarray(at, at + this.leaves.length - this.fill);
      this.leaves.set(part, this.fill);
      this.fill += part.length;
      at += part.length;
      if (this.fill === this.leaves.length) this.endSubtree();
    }
  }

  /** 32 bytes; of an empty tree SHA-256 of nothing. */
  root(): Uint8Array {
    const peaks = [...this.peaks];
    if (this.fill > 0) peaks.push(topOf(this.leaves.subarray(0, this.fill), this.platform));
    if (peaks.length === 0) return this.platform.sha256Sync(new Uint8Array(0));
    return peaks.reduceRight((right, left) => nodeHash(left, right, this.platform));
  }

  private endSubtree(): void {
    let hash = topOf(this.leaves, this.platform);
    for (let count = this.subtrees++; count % 2 === 1; count = Math.floor(count / 2))
      hash = nodeHash(this.peaks.pop()!, hash, this.platform);
    this.peaks.push(hash);
    this.fill = 0;
  }
}

/** Tree hash over leaf hashes. 32 bytes. */
export function merkleRoot(leaves: Iterable<Uint8Array>, platform: ManyHasher): Uint8Array {
  const tree = new MerkleTree(platform);
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/**
 * Inclusion proof of RFC 9162 section 2.1.3.1, nearest sibling first. `leaves`: leaf hashes. Throws when there is no
 * such leaf.
 */
export function inclusionProof(
  leaves: readonly Uint8Array[],
  index: number,
  platform: ManyHasher,
): readonly Uint8Array[] {
  if (!Number.isSafeInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError('no such leaf');
  const proof: Uint8Array[] = [];
  let level: Uint8Array = concatBytes(leaves);
  for (let at = index; level.length > SHA256_BYTES; at = Math.floor(at / 2)) {
    const sibling = SHA256_BYTES * (at % 2 === 0 ? at + 1 : at - 1);
    if (sibling < level.length) proof.push(level.slice(sibling, sibling + SHA256_BYTES));
    level = parents(level, platform);
  }
  return proof;
}

/** The root over at least one hash. */
function topOf(hashes: Uint8Array, platform: ManyHasher): Uint8Array {
  let level = hashes;
  while (level.length > SHA256_BYTES) level = parents(level, platform);
  return level.slice();
}

/** One level up: pairs are joined, an odd last node rises unchanged, which gives the same tree as the RFC's split. */
function parents(level: Uint8Array, platform: ManyHasher): Uint8Array {
  const pairs = Math.floor(level.length / (2 * SHA256_BYTES));
  const nodes = new Uint8Array(pairs * NODE_BYTES);
  for (let i = 0, from = 0, to = 0; i < pairs; i++) {
    nodes[to++] = NODE;
    // A view of each pair would take longer than its 64 bytes.
    for (const end = to + 2 * SHA256_BYTES; to < end;) nodes[to++] = level[from++]!;
  }
  const joined = sha256Many(nodes, new Array<number>(pairs).fill(NODE_BYTES), platform);
  return concatBytes([joined, level.subarray(pairs * 2 * SHA256_BYTES)]);
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
export function verifyInclusion(claim: Inclusion, platform: ManyHasher): boolean {
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
export function verifyConsistency(claim: Consistency, platform: ManyHasher): boolean {
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
  return bytes.length === SHA256_BYTES;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}
