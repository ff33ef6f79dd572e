import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../src/core/bytes/text.js';
import { isCanonicalJson } from '../../src/core/canon/jcs.js';
import type { Proof } from '../../src/core/generated/proof.js';
import { contentRoot } from '../../src/core/manifest/digests.js';
import { checkProof, proveInclusion, writeProof } from '../../src/core/prove.js';

const platform = {
  sha256Sync: (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest()),
};
const digest = `sha256:${'0'.repeat(64)}`;
const files = ['b', 'a', 'ü/😀', 'c/d', 'e'].map((path, i) => ({
  path,
  size: i,
  sha256: String(i).repeat(64),
  external: false,
  ...(i === 3 ? { salt: 'f'.repeat(32) } : {}),
}));
const root = contentRoot(files, platform);
const prove = (path: string): Proof => proveInclusion({ files }, path, digest, platform)!;
const check = (proof: unknown, expected = {}): ReturnType<typeof checkProof> =>
  checkProof(toUtf8(typeof proof === 'string' ? proof : JSON.stringify(proof)), expected, platform);

describe('inclusion proofs', () => {
  it.each(files.map(({ path }) => path))('prove %s against the content root', (path) => {
    const bytes = writeProof(prove(path));
    expect(isCanonicalJson(bytes)).toBe(true);
    expect(checkProof(bytes, { contentRoot: root }, platform)).toMatchObject({
      outcome: 'proven',
      findings: [],
    });
    const { sha256, size } = files.find((file) => file.path === path)!;
    expect(checkProof(bytes, { contentRoot: root, file: { sha256, size } }, platform).outcome).toBe('proven');
    expect(
      checkProof(bytes, { contentRoot: root, file: { sha256, size: size + 1 } }, platform),
    ).toMatchObject({
      outcome: 'false',
      findings: [{ code: 'proof-other-file', class: 'CHECKSUM_MISMATCH' }],
    });
  });

  it('is null for a path that is not listed, and for lists without digests', () => {
    expect(proveInclusion({ files }, 'z', digest, platform)).toBeNull();
    const bare = files.map((file) => ({ ...file, sha256: null, size: null }));
    expect(proveInclusion({ files: bare }, 'a', digest, platform)).toBeNull();
  });

  it('says that a root nobody named is unconfirmed, and that another root is another one', () => {
    expect(check(prove('a'))).toMatchObject({
      outcome: 'unconfirmed',
      findings: [{ code: 'proof-root-unconfirmed' }],
    });
    expect(check(prove('a'), { contentRoot: digest })).toMatchObject({
      outcome: 'false',
      findings: [{ code: 'proof-other-root' }],
    });
  });

  it('finds every change in what is proven', () => {
    const proof = prove('c/d');
    const changed: unknown[] = [
      { ...proof, index: proof.index + 1 },
      { ...proof, treeSize: proof.treeSize - 1 },
      { ...proof, treeSize: 100 },
      { ...proof, proof: proof.proof.slice(1) },
      { ...proof, proof: [...proof.proof, '0'.repeat(64)] },
      { ...proof, entry: { ...proof.entry, path: 'c/e' } },
      { ...proof, entry: { ...proof.entry, size: 4 } },
      { ...proof, entry: { ...proof.entry, sha256: '4'.repeat(64) } },
      { ...proof, entry: { ...proof.entry, salt: 'e'.repeat(32) } },
      { ...proof, entry: { path: 'c/d', size: 3, sha256: proof.entry.sha256 } },
      { ...proof, contentRoot: digest },
    ];
    for (const one of changed) expect(check(one).findings.map(({ code }) => code)).toEqual(['proof-false']);
  });

  it.each([
    ['not JSON', 'x'],
    ['a duplicate key', JSON.stringify(prove('a')).replace('"index"', '"index":0,"index"')],
    ['an unknown field', JSON.stringify({ ...prove('a'), extra: 1 })],
    ['a missing field', JSON.stringify({ ...prove('a'), treeSize: undefined })],
    ['another version', JSON.stringify({ ...prove('a'), schemaVersion: 'countersign.proof/v2' })],
    ['upper-case hex', JSON.stringify({ ...prove('a'), contentRoot: `sha256:${'A'.repeat(64)}` })],
    ['a negative index', JSON.stringify({ ...prove('a'), index: -1 })],
    ['a fraction', JSON.stringify({ ...prove('a'), index: 0.5 })],
    ['an unsafe path', JSON.stringify({ ...prove('a'), entry: { ...prove('a').entry, path: '../a' } })],
    ['65 hashes', JSON.stringify({ ...prove('a'), proof: Array(65).fill('0'.repeat(64)) })],
    ['too many bytes', JSON.stringify(prove('a')) + ' '.repeat(70_000)],
  ])('refuses %s', (_, text) => {
    expect(check(text, { contentRoot: root })).toMatchObject({
      outcome: 'unreadable',
      proof: null,
      findings: [{ code: 'proof-unreadable', axis: 'readable' }],
    });
  });

  it('never takes a damaged proof for a true one', () => {
    const bytes = writeProof(prove('e'));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = bytes.slice();
        damaged[at]! ^= flip;
        const { outcome, proof } = checkProof(damaged, { contentRoot: root }, platform);
        // Digest of the manifest and size of the tree are hints: neither the root nor the hashes cover them.
        if (outcome === 'proven') {
          expect(proof!.entry).toEqual((JSON.parse(fromUtf8(bytes)!) as Proof).entry);
          expect(proof!.contentRoot).toBe(root);
        }
      }),
    );
  });
});
