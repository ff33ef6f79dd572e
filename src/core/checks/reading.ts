import type { Archive } from '../archive/archive.js';
import { readArchive, type ReadArchiveOptions } from '../archive/readArchive.js';
import { toHex } from '../bytes/hex.js';
import type { Platform } from '../bytes/platform.js';
import type { ByteSource } from '../bytes/source.js';
import type { Finding } from '../generated/report.js';
import type { Limits } from '../limits.js';
import { readChecksums, type ChecksumsRead } from '../manifest/checksums.js';
import { contentRoot, legacyPreimage } from '../manifest/digests.js';
import type { Manifest } from '../manifest/manifest.js';
import { readManifest } from '../manifest/readManifest.js';

/**
 * One input, read once: archive, manifest and recomputed digests. Plain and structured-cloneable, so that
 * reading can happen in one worker and judging in another.
 */
export interface Reading {
  readonly name: string;
  readonly archive: Archive;
  readonly manifest: Manifest | null;
  readonly manifestFindings: readonly Finding[];
  /** The manifest belongs to a newer format than this program knows. */
  readonly newer: boolean;
  /** SHA-256 of the bytes of manifest.yaml, lower-case hex. */
  readonly manifestSha256: string | null;
  /** RFC 9162 root over files[], `sha256:<hex>`; null where the dialect lists no digests. */
  readonly contentRoot: string | null;
  /** What `integrity.digest` should be by the rule of the dialect; null where the dialect defines none. */
  readonly integrityExpected: string | null;
  readonly checksums: ChecksumsRead | null;
  /** No manifest, only approval folders: evidence for other bundles (docs/SPEC.md, "Supplements"). */
  readonly supplement: boolean;
}

export interface ReadBundleOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  readonly signal?: AbortSignal;
  readonly onProgress?: ReadArchiveOptions['onProgress'];
}

const SUPPLEMENT_FOLDERS = ['approvals/', 'attestations/', 'external/'];

export async function readBundle(
  name: string,
  source: ByteSource,
  options: ReadBundleOptions,
): Promise<Reading> {
  const { platform, limits, signal, onProgress } = options;
  const archive = await readArchive(source, {
    platform,
    limits,
    keep: createKeeper(limits),
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  const bytes = archive.kept.get('manifest.yaml');
  const read = bytes === undefined ? null : readManifest(bytes, limits);
  const checksums = checksumsOf(archive, read?.manifest ?? null);
  const base = { name, archive, checksums, supplement: isSupplement(archive) };
  if (bytes === undefined || read === null) return { ...base, ...noManifest };
  const manifestSha256 = toHex(await platform.sha256(bytes));
  if (read.manifest === null) {
    return { ...base, ...noManifest, manifestFindings: read.findings, newer: read.newer, manifestSha256 };
  }
  const root = rootOf(read.manifest, platform);
  return {
    ...base,
    manifest: read.manifest,
    manifestFindings: read.findings,
    newer: read.newer,
    manifestSha256,
    contentRoot: root,
    integrityExpected: await integrityOf(read.manifest, bytes, root, platform),
  };
}

const noManifest = {
  manifest: null,
  manifestFindings: [],
  newer: false,
  manifestSha256: null,
  contentRoot: null,
  integrityExpected: null,
} as const;

/** Statement and signatures of one approval: at most this many files each (docs/SPEC.md, "Approvals"). */
const FILES_PER_APPROVAL = 5;

/** Which documents stay in memory. Approvals beyond the limit are named later by {@link approvalsNotKept}, never dropped in silence. */
function createKeeper(limits: Limits): (path: string, size: number) => boolean {
  let approvals = 0;
  return (path, size) => {
    if (path === 'manifest.yaml' || path === 'checksums.txt') return size <= limits.manifestBytesMax;
    if (!path.startsWith('approvals/') || size > limits.approvalBytesMax) return false;
    approvals += 1;
    return approvals <= limits.approvalsMax * FILES_PER_APPROVAL;
  };
}

/** Approval files that were too big or too many to be read. */
export function approvalsNotKept({
  archive,
}: Reading): readonly { readonly path: string; readonly size: number }[] {
  return archive.entries.filter(({ path }) => path.startsWith('approvals/') && !archive.kept.has(path));
}

function isSupplement(archive: Archive): boolean {
  return (
    archive.readable &&
    archive.entries.length > 0 &&
    archive.entries.every(({ path }) => SUPPLEMENT_FOLDERS.some((folder) => path.startsWith(folder)))
  );
}

function checksumsOf(archive: Archive, manifest: Manifest | null): ChecksumsRead | null {
  const bytes = archive.kept.get('checksums.txt');
  if (bytes === undefined) return null;
  return readChecksums(bytes, manifest?.dialect === 'countersign' ? archive.entries : undefined);
}

function rootOf(manifest: Manifest, platform: Platform): string | null {
  return manifest.dialect === 'specular-planned' ? null : contentRoot(manifest.files, platform);
}

async function integrityOf(
  manifest: Manifest,
  bytes: Uint8Array,
  root: string | null,
  platform: Platform,
): Promise<string | null> {
  if (manifest.dialect === 'countersign') return root;
  if (manifest.dialect === 'specular-planned') return null;
  const preimage = legacyPreimage(bytes);
  return preimage === null ? null : `sha256:${toHex(await platform.sha256(preimage))}`;
}
