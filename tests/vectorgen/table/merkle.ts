import { naiveContentRoot, naiveLeaf, naiveProof, naiveRoot, byUtf8, type NaiveFile } from '../naive.js';
import { sha256Hex, utf8 } from '../raw.js';

/** RFC 9162 trees over files[]: roots, inclusion proofs, and proofs that must be refused. */

export interface RootCase {
  readonly name: string;
  readonly files: readonly NaiveFile[];
  readonly contentRoot: string;
}

export interface ProofCase {
  readonly name: string;
  readonly accepted: boolean;
  readonly file: NaiveFile;
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly proof: readonly string[];
  readonly contentRoot: string;
}

const PATHS = [
  'spec.yaml',
  'a.txt',
  'a/b.txt',
  'a-b.txt',
  'docs/übersicht.md',
  'docs/\u{1f600}.md',
  'docs/\ufb33.md',
  'z',
  'policies/default.yaml',
];

function file(path: string, salt?: string): NaiveFile {
  const body = utf8(`content of ${path}\n`);
  return { path, size: body.length, sha256: sha256Hex(body), ...(salt === undefined ? {} : { salt }) };
}

function fileSets(): readonly (readonly [string, readonly NaiveFile[]])[] {
  const files = PATHS.map((path) => file(path));
  const counted = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`files-${n}`, files.slice(0, n)] as const);
  return [
    ...counted,
    ['reversed-input', [...files].reverse()],
    ['salted', PATHS.slice(0, 3).map((path, i) => file(path, `${i}`.repeat(32)))],
    ['one-salted', PATHS.slice(0, 3).map((path, i) => file(path, i === 1 ? 'ab'.repeat(16) : undefined))],
    ['empty-file', [{ path: 'empty', size: 0, sha256: sha256Hex(new Uint8Array(0)) }]],
    ['size-beyond-32-bits', [{ path: 'big', size: 2 ** 40 + 1, sha256: sha256Hex(utf8('big')) }]],
    ['quoted-path', [file('quote"backtick`.txt')]],
  ];
}

export function rootCases(): readonly RootCase[] {
  return fileSets().map(([name, files]) => ({ name, files, contentRoot: naiveContentRoot(files) }));
}

export function proofCases(): readonly ProofCase[] {
  return fileSets()
    .filter(([name]) => /^files-|^salted/.test(name))
    .flatMap(([name, files]) => {
      const sorted = byUtf8(files);
      return sorted.map((_, index) => proofOf(`${name}-leaf-${index}`, sorted, index));
    });
}

function proofOf(name: string, files: readonly NaiveFile[], leafIndex: number): ProofCase {
  const leaves = files.map(naiveLeaf);
  return {
    name,
    accepted: true,
    file: files[leafIndex]!,
    leafIndex,
    treeSize: files.length,
    proof: naiveProof(leafIndex, leaves),
    contentRoot: `sha256:${naiveRoot(leaves)}`,
  };
}

/** One change to a proof that holds; each must be refused. */
export function refusedProofCases(): readonly ProofCase[] {
  const files = byUtf8(PATHS.slice(0, 7).map((path) => file(path)));
  const good = proofOf('good', files, 2);
  const zero = '00'.repeat(32);
  const change = (name: string, over: Partial<ProofCase>): ProofCase => ({
    ...good,
    name,
    accepted: false,
    ...over,
  });
  return [
    change('index-plus-one', { leafIndex: 3 }),
    change('index-minus-one', { leafIndex: 1 }),
    change('index-beyond-size', { leafIndex: 7 }),
    change('index-negative', { leafIndex: -1 }),
    change('index-fraction', { leafIndex: 2.5 }),
    change('size-zero', { treeSize: 0 }),
    change('size-smaller', { treeSize: 4 }),
    change('size-larger', { treeSize: 9 }),
    change('hash-missing', { proof: good.proof.slice(0, -1) }),
    change('hash-added', { proof: [...good.proof, zero] }),
    change('hash-added-in-front', { proof: [zero, ...good.proof] }),
    change('hashes-swapped', { proof: [good.proof[1]!, good.proof[0]!, ...good.proof.slice(2)] }),
    change('hash-changed', { proof: [zero, ...good.proof.slice(1)] }),
    change('hash-short', { proof: [good.proof[0]!.slice(2), ...good.proof.slice(1)] }),
    change('proof-empty', { proof: [] }),
    change('other-path', { file: { ...good.file, path: 'other.txt' } }),
    change('other-size', { file: { ...good.file, size: good.file.size + 1 } }),
    change('other-digest', { file: { ...good.file, sha256: zero } }),
    change('salt-added', { file: { ...good.file, salt: '00'.repeat(16) } }),
    change('root-other', { contentRoot: `sha256:${zero}` }),
    change('root-of-prefix', { contentRoot: proofOf('', files.slice(0, 6), 2).contentRoot }),
  ];
}
