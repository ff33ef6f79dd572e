import { concatBytes } from '../bytes/bytes.js';
import { toHex } from '../bytes/hex.js';
import type { Platform } from '../bytes/platform.js';
import type { ManyHasher } from '../bytes/sha256.js';
import { compareUtf8, fromUtf8, toUtf8 } from '../bytes/text.js';
import { MerkleTree } from '../merkle/merkle.js';
import { fileLeaves } from './leaves.js';
import type { ManifestFile } from './manifest.js';

/** The identity of a bundle: `sha256:` and SHA-256 of the exact bytes of manifest.yaml (docs/SPEC.md, "Digests"). */
export async function bundleDigest(
  manifestBytes: Uint8Array,
  platform: Pick<Platform, 'sha256'>,
): Promise<string> {
  return `sha256:${toHex(await platform.sha256(manifestBytes))}`;
}

/**
 * RFC 9162 root over `files` in UTF-8 byte order of path, `sha256:<hex>`. Every file needs size and sha256:
 * a dialect without them has no content root. docs/SPEC.md, "Digests".
 */
export function contentRoot(files: readonly ManifestFile[], platform: ManyHasher): string {
  const tree = new MerkleTree(platform);
  for (const leaves of fileLeaves(sortedFiles(files), platform)) tree.append(leaves);
  return `sha256:${toHex(tree.root())}`;
}

/** Lists that were found in order: one of a manifest is asked for several times, and may have a million rows. */
const inOrder = new WeakSet<readonly ManifestFile[]>();

/** `files` are known to be in the order of the tree. */
export function knownInOrder(files: readonly ManifestFile[]): void {
  inOrder.add(files);
}

/** Files in the order of the tree; the same array when it is already in that order. */
export function sortedFiles(files: readonly ManifestFile[]): readonly ManifestFile[] {
  if (inOrder.has(files)) return files;
  const isInOrder = files.every((file, i) => i === 0 || compareUtf8(files[i - 1]!.path, file.path) <= 0);
  const sorted = isInOrder ? files : files.toSorted((a, b) => compareUtf8(a.path, b.path));
  inOrder.add(sorted);
  return sorted;
}

/**
 * The bytes that the released command line takes `integrity.digest` over: the manifest with both scalars
 * of `integrity` blanked and the line `manifest_digest` left out. null when `integrity` does not stand
 * there exactly as that program writes it. The text is edited, never re-serialised.
 */
export function legacyPreimage(bytes: Uint8Array): Uint8Array | null {
  const starts = lineStarts(bytes, 'integrity:\n');
  const start = starts[0];
  if (starts.length !== 1 || start === undefined) return null;
  const block = INTEGRITY.exec(fromUtf8(bytes.subarray(start, start + 512)) ?? asciiOf(bytes, start, 512));
  if (!block) return null;
  const [whole] = block;
  const blanked = toUtf8('integrity:\n    algorithm: ""\n    digest: ""\n');
  return concatBytes([bytes.subarray(0, start), blanked, bytes.subarray(start + whole.length)]);
}

const INTEGRITY =
  /^integrity:\n {4}algorithm: sha256\n {4}digest: sha256:[0-9a-f]{64}\n(?: {4}manifest_digest: [0-9a-f]{64}\n)?(?! )/;

/** A slice can cut a character in two; then only its ASCII part is looked at. */
function asciiOf(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}

function lineStarts(bytes: Uint8Array, line: string): readonly number[] {
  const wanted = toUtf8(line);
  const starts: number[] = [];
  for (let at = 0; at >= 0 && at < bytes.length; at = nextLine(bytes, at)) {
    if (bytes[at] === wanted[0] && wanted.every((byte, i) => bytes[at + i] === byte)) starts.push(at);
  }
  return starts;
}

function nextLine(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(0x0a, at);
  return end < 0 ? -1 : end + 1;
}
