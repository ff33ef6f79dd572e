import { equalBytes } from '../core/bytes/bytes.js';
import { toHex } from '../core/bytes/hex.js';
import type { InputReport } from '../core/generated/report.js';
import { standingOf, type Judged } from '../core/report/standing.js';
import { sourceOfBlob, webPlatform } from '../platform/web.js';
import { finding } from '../core/messages/finding.js';
import { StorageError, type Change } from './database.js';
import type { KeptBundle } from './libraryFile.js';
import { limits, verdictOf, type Evidence, type LibraryItem } from './libraryRecord.js';

/** The item as a report has it now. */
export function withVerdict(item: LibraryItem, report: InputReport, judged: Judged): LibraryItem {
  const standing = standingOf(report, judged);
  return {
    ...item,
    bundleDigest: report.bundleDigest,
    contentRoot: report.contentRoot,
    id: report.bundle?.id ?? null,
    version: report.bundle?.version ?? null,
    verdict: verdictOf(standing),
    judged,
    standing,
  };
}

/** The three records of one bundle. */
export function recordsOf({ item, evidence }: Omit<KeptBundle, 'blob'>, bytes: unknown): readonly Change[] {
  const key = item.archiveDigest;
  return [
    { table: 'items', key, value: item },
    { table: 'bundles', key, value: bytes },
    { table: 'evidence', key, value: evidence },
  ];
}

/** Everything under one key is gone. */
export function erasing(key: string): readonly Change[] {
  return ['items', 'bundles', 'evidence'].map((table) => ({ table, key, remove: true as const }));
}

/**
 * By name; equal bytes collapse, another document of the same name stands beside it under another name.
 *
 * @throws StorageError when there are more than are kept: none gives way, for it could be the withdrawal of another.
 */
export function merge(before: readonly Evidence[], more: readonly Evidence[]): readonly Evidence[] {
  const all = [...before];
  for (const { name, bytes } of more) {
    if (all.some((each) => equalBytes(each.bytes, bytes))) continue;
    all.push({ name: freeName(name, all), bytes: new Uint8Array(bytes) });
  }
  if (all.length > limits.evidence)
    throw new StorageError(finding('library-evidence-limit', { limit: limits.evidence }));
  return all;
}

function freeName(name: string, taken: readonly Evidence[]): string {
  const is = (wanted: string): boolean => taken.some((each) => each.name === wanted);
  if (!is(name)) return name;
  for (let n = 2; ; n++) if (!is(`${n}-${name}`)) return `${n}-${name}`;
}

/** Read back: perhaps changed by hand. */
export function isEvidence(value: unknown): value is Evidence {
  const { name, bytes } = (value ?? {}) as Partial<Evidence>;
  return typeof name === 'string' && bytes instanceof Uint8Array && bytes.length <= limits.evidenceBytes;
}

/** Bytes of a bundle in whichever form they were kept; null when they are not there. */
export function asBlob(value: unknown): Blob | null {
  if (value instanceof Blob) return value;
  return value instanceof ArrayBuffer ? new Blob([value], { type: 'application/gzip' }) : null;
}

/** Each once, without space around, in the order given. */
export function tidyTags(tags: readonly string[]): readonly string[] {
  const tidy = tags.map((tag) => [...tag.trim().replace(/\s+/g, ' ')].slice(0, limits.tagLetters).join(''));
  return [...new Set(tidy.filter((tag) => tag !== ''))].slice(0, limits.tags);
}

let hashing: ReturnType<typeof webPlatform> | undefined;

/** `sha256:` and hex of a file, read as a stream. */
export async function digestOf(blob: Blob): Promise<string> {
  hashing ??= webPlatform({ inflater: 'own' });
  const platform = await hashing;
  const hash = platform.createSha256();
  for await (const chunk of sourceOfBlob(blob).open()) hash.update(chunk);
  return `sha256:${toHex(await hash.digest())}`;
}
