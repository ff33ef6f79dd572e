import { checkPath } from './archive/path.js';
import { fromHex, toHex } from './bytes/hex.js';
import type { Platform } from './bytes/platform.js';
import { canonicalJson } from './canon/jcs.js';
import { parseJson, type JsonValue } from './canon/json.js';
import type { Proof } from './generated/proof.js';
import { validate } from './generated/proof.validate.js';
import type { Finding } from './generated/report.js';
import { sortedFiles } from './manifest/digests.js';
import { fileLeaf } from './manifest/leaves.js';
import type { Manifest, ManifestFile } from './manifest/manifest.js';
import { inclusionProof, merkleRoot, verifyInclusion } from './merkle/merkle.js';
import { finding } from './messages/finding.js';

type Hasher = Pick<Platform, 'sha256Sync'>;

const PROOF_BYTES_MAX = 64 * 1024;

/**
 * A proof that `path` is listed in this manifest, checkable without the rest of the bundle
 * (docs/SPEC.md, "Proofs"). null when the path is not listed, or when the dialect lists no digests.
 *
 * @param bundleDigest - `sha256:<hex>` of the manifest's bytes, a hint for the reader of the proof.
 */
export function proveInclusion(
  manifest: Pick<Manifest, 'files'>,
  path: string,
  bundleDigest: string,
  platform: Hasher,
): Proof | null {
  const files = sortedFiles(manifest.files);
  const index = files.findIndex((file) => file.path === path);
  const file = files[index];
  if (file === undefined || files.some(({ size, sha256 }) => size === null || sha256 === null)) return null;
  const leaves = files.map((one) => fileLeaf(one, platform));
  return {
    schemaVersion: 'countersign.proof/v1',
    contentRoot: `sha256:${toHex(merkleRoot(leaves, platform))}`,
    bundleDigest,
    entry: {
      path,
      size: file.size!,
      sha256: file.sha256!,
      ...(file.salt === undefined ? {} : { salt: file.salt }),
    },
    index,
    treeSize: files.length,
    proof: inclusionProof(leaves, index, platform).map(toHex),
  };
}

/** A proof as the bytes of its document: RFC 8785, no final newline. */
export function writeProof(proof: Proof): Uint8Array<ArrayBuffer> {
  return canonicalJson(proof as unknown as JsonValue);
}

/** What the reader of a proof knows from elsewhere. */
export interface ProofExpectation {
  /** `sha256:<hex>` from a signed statement or a verified bundle. */
  readonly contentRoot?: string;
  /** Of the file's bytes. */
  readonly file?: { readonly sha256: string; readonly size: number };
}

export interface ProofCheck {
  /**
   * `proven`: leads to the root that the reader expects, and the file given (if any) is the one.
   * `unconfirmed`: sound in itself, but nobody said which root to expect. `false`: contradicts itself, the
   * expected root or the file. `unreadable`: not a proof.
   */
  readonly outcome: 'proven' | 'unconfirmed' | 'false' | 'unreadable';
  /** null when it could not be read. Attacker-controlled text. */
  readonly proof: Proof | null;
  readonly findings: readonly Finding[];
}

/** Checks a proof document. The bytes are attacker-controlled; nothing throws. */
export function checkProof(bytes: Uint8Array, expected: ProofExpectation, platform: Hasher): ProofCheck {
  const read = parseJson(bytes, { bytesMax: PROOF_BYTES_MAX, plainText: true });
  if ('problem' in read)
    return unreadable(`${read.problem.message} (line ${read.problem.line})`, read.problem.byte);
  if (!validate(read.value)) return unreadable(`${fieldOf()} is missing, unknown or of another form`);
  const proof = read.value as unknown as Proof;
  const unsafe = checkPath(proof.entry.path);
  if (unsafe) return unreadable(`its path is refused because ${unsafe.reason}`);
  const findings = [...contradictions(proof, expected, platform)];
  if (findings.length > 0) return { outcome: 'false', proof, findings };
  if (expected.contentRoot !== undefined) return { outcome: 'proven', proof, findings };
  const hint = finding('proof-root-unconfirmed', {}, { found: proof.contentRoot });
  return { outcome: 'unconfirmed', proof, findings: [hint] };
}

function* contradictions(proof: Proof, expected: ProofExpectation, platform: Hasher): Iterable<Finding> {
  const { path, size, sha256 } = proof.entry;
  if (!leadsToRoot(proof, platform)) yield finding('proof-false', { path }, { where: { path } });
  if (expected.contentRoot !== undefined && expected.contentRoot !== proof.contentRoot) {
    yield finding(
      'proof-other-root',
      {},
      { where: { path }, expected: expected.contentRoot, found: proof.contentRoot },
    );
  }
  if (expected.file && (expected.file.sha256 !== sha256 || expected.file.size !== size)) {
    const found = `${expected.file.size} bytes, sha256 ${expected.file.sha256}`;
    yield finding(
      'proof-other-file',
      { path },
      { where: { path }, expected: `${size} bytes, sha256 ${sha256}`, found },
    );
  }
}

function leadsToRoot(proof: Proof, platform: Hasher): boolean {
  const { salt, ...entry } = proof.entry;
  const file: ManifestFile = { ...entry, external: false, ...(salt === undefined ? {} : { salt }) };
  const root = fromHex(proof.contentRoot.slice('sha256:'.length));
  const siblings = proof.proof.map(fromHex);
  if (root === null || !siblings.every((hash) => hash !== null)) return false;
  const { index, treeSize } = proof;
  return verifyInclusion(
    { leafHash: fileLeaf(file, platform), index, treeSize, proof: siblings, root },
    platform,
  );
}

function fieldOf(): string {
  const error = validate.errors?.[0];
  const params = error?.params ?? {};
  const inner = params['additionalProperty'] ?? params['missingProperty'];
  const names = (error?.instancePath ?? '').split('/').slice(1);
  const field = [...names, ...(typeof inner === 'string' ? [inner] : [])].join('.');
  return field === '' ? 'a field' : `"${field}"`;
}

function unreadable(reason: string, byte?: number): ProofCheck {
  const where = byte === undefined ? {} : { byte };
  return {
    outcome: 'unreadable',
    proof: null,
    findings: [finding('proof-unreadable', { reason }, { where })],
  };
}
