import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes/hex.js';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import {
  inclusionProof,
  leafHash,
  merkleRoot,
  MerkleTree,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from '../../src/core/merkle/merkle.js';
import { nodePlatform } from '../../src/platform/node.js';
import { describeShared, sharedPath } from '../shared.js';

const platform = {
  sha256Sync: (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest()),
};
const leavesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => leafHash(new Uint8Array([i & 255, i >> 8]), platform));

/** The definition of RFC 9162 section 2.1.1, word for word, as a second opinion. */
function definition(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return platform.sha256Sync(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(definition(leaves.slice(0, k)), definition(leaves.slice(k)), platform);
}

describe('tree hash', () => {
  it('equals the definition for every size up to 130', () => {
    for (let size = 0; size <= 130; size++) {
      expect(toHex(merkleRoot(leavesOf(size), platform)), String(size)).toBe(
        toHex(definition(leavesOf(size))),
      );
    }
  });

  it.each([1023, 1024, 1025, 2047, 2048, 2049, 3071, 3072, 3073, 4097, 5000, 7168])(
    'equals the definition for %i leaves, however they are appended and whatever hashes them',
    (size) => {
      const leaves = leavesOf(size);
      const wanted = toHex(definition(leaves));
      expect(toHex(merkleRoot(leaves, platform))).toBe(wanted);
      for (const pieces of [1, 7, 256, 1024, 1500, size]) {
        const tree = new MerkleTree(nodePlatform());
        for (let at = 0; at < size; at += pieces) tree.append(concatBytes(leaves.slice(at, at + pieces)));
        expect(tree.size).toBe(size);
        expect(toHex(tree.root())).toBe(wanted);
        // Asked twice, it says the same.
        expect(toHex(tree.root())).toBe(wanted);
      }
      const index = size - 3;
      const proof = inclusionProof(leaves, index, nodePlatform());
      const claim = { leafHash: leaves[index]!, index, treeSize: size, proof, root: fromHex(wanted)! };
      expect(verifyInclusion(claim, platform)).toBe(true);
    },
  );

  it('proves every leaf of every small tree, and no other', () => {
    for (let treeSize = 1; treeSize <= 33; treeSize++) {
      const leaves = leavesOf(treeSize);
      const root = merkleRoot(leaves, platform);
      for (let index = 0; index < treeSize; index++) {
        const claim = {
          leafHash: leaves[index]!,
          index,
          treeSize,
          proof: inclusionProof(leaves, index, platform),
          root,
        };
        expect(verifyInclusion(claim, platform)).toBe(true);
        expect(verifyInclusion({ ...claim, proof: [...claim.proof, root] }, platform)).toBe(false);
        if (treeSize > 1) {
          expect(verifyInclusion({ ...claim, proof: claim.proof.slice(1) }, platform)).toBe(false);
          expect(verifyInclusion({ ...claim, index: (index + 1) % treeSize }, platform)).toBe(false);
          expect(verifyInclusion({ ...claim, leafHash: leaves[(index + 1) % treeSize]! }, platform)).toBe(
            false,
          );
        }
      }
    }
    expect(() => inclusionProof(leavesOf(2), 2, platform)).toThrow(RangeError);
    expect(() => inclusionProof(leavesOf(2), 0.5, platform)).toThrow(RangeError);
  });

  it('refuses sizes and hashes that cannot be', () => {
    const leaves = leavesOf(3);
    const claim = {
      leafHash: leaves[0]!,
      index: 0,
      treeSize: 3,
      proof: inclusionProof(leaves, 0, platform),
      root: merkleRoot(leaves, platform),
    };
    for (const index of [-1, 3, 0.5, Number.NaN, 2 ** 53])
      expect(verifyInclusion({ ...claim, index }, platform)).toBe(false);
    for (const treeSize of [0, -3, 2.5, Infinity])
      expect(verifyInclusion({ ...claim, treeSize }, platform)).toBe(false);
    expect(verifyInclusion({ ...claim, root: claim.root.slice(1) }, platform)).toBe(false);
    expect(verifyInclusion({ ...claim, proof: claim.proof.map((hash) => hash.slice(1)) }, platform)).toBe(
      false,
    );
  });

  it('keeps leaves and nodes apart, and a repeated last leaf changes the root', () => {
    const [a, b, c] = leavesOf(3) as [Uint8Array, Uint8Array, Uint8Array];
    expect(toHex(leafHash(concatBytes([a, b]), platform))).not.toBe(toHex(nodeHash(a, b, platform)));
    expect(toHex(merkleRoot([a, b, c], platform))).not.toBe(toHex(merkleRoot([a, b, c, c], platform)));
  });

  it('finds any swapped pair of leaves', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (size, first, second) => {
        const [i, j] = [first % size, second % size];
        if (i === j) return;
        const leaves = leavesOf(size);
        const swapped = leaves.with(i, leaves[j]!).with(j, leaves[i]!);
        expect(merkleRoot(swapped, platform)).not.toEqual(merkleRoot(leaves, platform));
      }),
      { numRuns: 50 },
    );
  });
});

describeShared('merkle corpus', () => {
  interface Row {
    readonly leafIdx: number;
    readonly treeSize: number;
    readonly root: string;
    readonly leafHash: string;
    readonly size1: number;
    readonly size2: number;
    readonly root1: string;
    readonly root2: string;
    readonly proof: string[] | null;
    readonly wantErr: boolean;
    readonly file: string;
  }
  const load = (name: string): Row[] =>
    JSON.parse(readFileSync(sharedPath('corpora', 'merkle', name), 'utf8')) as Row[];
  const hash = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
  const hashes = (list: string[] | null): Uint8Array[] => (list ?? []).map(hash);

  it('answers every inclusion proof', () => {
    const rows = load('inclusion.json');
    expect(rows).toHaveLength(70);
    for (const row of rows) {
      const claim = {
        leafHash: hash(row.leafHash),
        index: row.leafIdx,
        treeSize: row.treeSize,
        proof: hashes(row.proof),
        root: hash(row.root),
      };
      expect(verifyInclusion(claim, platform), row.file).toBe(!row.wantErr);
    }
  });

  it('answers every consistency proof', () => {
    const rows = load('consistency.json');
    expect(rows).toHaveLength(68);
    for (const row of rows) {
      const claim = {
        size1: row.size1,
        size2: row.size2,
        root1: hash(row.root1),
        root2: hash(row.root2),
        proof: hashes(row.proof),
      };
      expect(verifyConsistency(claim, platform), row.file).toBe(!row.wantErr);
    }
  });

  it('gives the reference roots', () => {
    const path = sharedPath('corpora', 'merkle', 'rfc6962-reference-roots.json');
    const set = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string[]>;
    const leaves = set['leaf_inputs_hex']!.map((hex) => leafHash(fromHex(hex)!, platform));
    expect(leaves.map(toHex)).toEqual(set['leaf_hashes_hex']);
    set['root_by_size_hex']!.forEach((root, size) => {
      expect(toHex(merkleRoot(leaves.slice(0, size), platform))).toBe(root);
    });
  });
});
