import type { Entry } from '../archive/archive.js';
import { equalBytes } from '../bytes/bytes.js';
import { compareUtf8, fromUtf8, toUtf8 } from '../bytes/text.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import type { Manifest } from './manifest.js';
import { CHECKSUMS_PATH } from './names.js';

export interface ChecksumRow {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Attacker-controlled; compared with known paths, never used as one. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

export interface ChecksumsRead {
  /** Every other entry in strict order and nothing else, as our dialect wants it: then `rows` is empty. */
  readonly isWhole: boolean;
  /** Rows in the file. */
  readonly count: number;
  readonly rows: readonly ChecksumRow[];
  /** Lines that are not of the one form that is read. */
  readonly findings: readonly Finding[];
}

const ROW = /^[0-9a-f]{64} {2}[^\r\n]+$/;
const BETWEEN = '  ';
const PATH_AT = 64 + BETWEEN.length;
const FINDINGS_MAX = 50;

/**
 * Reads checksums.txt: `<64 hex><two spaces><path>` and LF in every line. What only some programs
 * understand (CRLF, `*binary`, escaped names, upper case, a last line without LF) is refused, because
 * `sha256sum -c` and this reader must mean the same files. docs/SPEC.md, "Checksums". `entries`: those of a bundle of
 * our dialect, whose rows need not be told one by one when they are just these.
 */
export function readChecksums(bytes: Uint8Array, entries?: readonly Entry[]): ChecksumsRead {
  if (entries && isWholeOf(entries, bytes))
    return { isWhole: true, count: entries.length - 1, rows: [], findings: [] };
  const text = fromUtf8(bytes);
  if (text === null) return { isWhole: false, count: 0, rows: [], findings: [badLine(1)] };
  const lines = text.split('\n');
  const rows: ChecksumRow[] = [];
  const findings: Finding[] = [];
  if (lines.pop() !== '') findings.push(badLine(lines.length + 1));
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (ROW.test(line)) rows.push({ sha256: line.slice(0, 64), path: line.slice(PATH_AT), line: i + 1 });
    else if (findings.length < FINDINGS_MAX) findings.push(badLine(i + 1));
  }
  return { isWhole: false, count: rows.length, rows, findings };
}

/** True when `bytes` are what {@link writeChecksums} makes of the other entries; walked, as writing a million rows costs more. */
function isWholeOf(entries: readonly Entry[], bytes: Uint8Array): boolean {
  const others = entries.filter(({ path }) => path !== CHECKSUMS_PATH);
  if (others.length !== entries.length - 1) return false;
  let at = 0;
  for (const { path, sha256 } of sorted(others)) {
    for (const part of [sha256, BETWEEN, path, '\n']) {
      at = endOf(part, bytes, at);
      if (at < 0) return false;
    }
  }
  return at === bytes.length;
}

/** Where `text` ends in `bytes` if it stands there from `at` on, else -1. */
function endOf(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return endOfBytes(toUtf8(text), bytes, at);
    if (bytes[at + i] !== unit) return -1;
  }
  return at + text.length;
}

function endOfBytes(wanted: Uint8Array, bytes: Uint8Array, at: number): number {
  const end = at + wanted.length;
  return equalBytes(wanted, bytes.subarray(at, end)) ? end : -1;
}

/**
 * Compares checksums.txt with what the dialect says it lists: every other entry, sorted, in ours; exactly
 * `files[]`, in any order, in the older ones, where the file itself may be absent (null).
 */
export function compareChecksums(
  checksums: ChecksumsRead | null,
  entries: readonly Entry[],
  manifest: Manifest,
): readonly Finding[] {
  const ours = manifest.dialect === 'countersign';
  if (checksums === null)
    return ours ? [finding('checksums-missing', {}, { where: at(null), expected: CHECKSUMS_PATH })] : [];
  if (ours && checksums.isWhole) return [];
  const expected = ours ? everyOther(entries) : listed(entries, manifest);
  const compared = new Set<string>();
  const findings = [...checksums.findings];
  const add = (one: Finding): void => void (findings.length < FINDINGS_MAX && findings.push(one));
  for (const row of checksums.rows) {
    const { path, sha256 } = row;
    const wanted = expected.get(path);
    if (compared.has(path)) add(finding('checksums-twice', { path }, { where: at(row) }));
    else if (wanted === undefined) add(finding('checksums-row-extra', { path }, { where: at(row) }));
    else if (wanted !== sha256)
      add(finding('checksums-differs', { path }, { where: at(row), expected: wanted, found: sha256 }));
    compared.add(path);
  }
  for (const path of expected.keys()) {
    if (!compared.has(path))
      add(finding('checksums-row-missing', { path }, { where: at(null), expected: path }));
  }
  if (ours) for (const one of unsorted(checksums.rows)) add(one);
  return findings;
}

/** checksums.txt for a bundle of our dialect: `entries` are all others, in any order. */
export function writeChecksums(entries: readonly Pick<Entry, 'path' | 'sha256'>[]): Uint8Array<ArrayBuffer> {
  return toUtf8(
    sorted(entries)
      .map(({ path, sha256 }) => `${sha256}${BETWEEN}${path}\n`)
      .join(''),
  );
}

function sorted<T extends Pick<Entry, 'path'>>(entries: readonly T[]): T[] {
  return entries.toSorted((a, b) => compareUtf8(a.path, b.path));
}

function everyOther(entries: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(
    entries.filter(({ path }) => path !== CHECKSUMS_PATH).map(({ path, sha256 }) => [path, sha256]),
  );
}

/** What the manifest says of each file; in the planned layout, which gives no digests, what the archive holds. */
function listed(entries: readonly Entry[], manifest: Manifest): ReadonlyMap<string, string> {
  const held = new Map(entries.map(({ path, sha256 }) => [path, sha256]));
  return new Map(manifest.files.map(({ path, sha256 }) => [path, sha256 ?? held.get(path) ?? '']));
}

/** The first row out of order says enough. */
function unsorted(rows: readonly ChecksumRow[]): readonly Finding[] {
  const row = rows.find(({ path }, i) => i > 0 && compareUtf8(rows[i - 1]!.path, path) > 0);
  return row ? [finding('checksums-unsorted', { path: row.path }, { where: at(row) })] : [];
}

function badLine(line: number): Finding {
  return finding(
    'checksums-line',
    { line },
    { where: { path: CHECKSUMS_PATH, line }, expected: '64 lower-case hex digits, two spaces, a path' },
  );
}

function at(row: ChecksumRow | null): Place {
  return row ? { path: CHECKSUMS_PATH, line: row.line } : { path: CHECKSUMS_PATH };
}
