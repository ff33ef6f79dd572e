import type { Standing } from '../core/report/standing.js';

/** A mark of this reader: "I approved this one". */
export interface ApprovedMark {
  readonly role: string;
  readonly user: string;
  /** RFC 3339. */
  readonly at: string;
}

/** One bundle of the library. What the bundle says of itself (`id`, `version`) is attacker-controlled text. */
export interface LibraryItem {
  /** `sha256:` and hex: SHA-256 of the file as received, the key of the library. */
  readonly archiveDigest: string;
  /** What approvals name; null when it could not be read. */
  readonly bundleDigest: string | null;
  readonly contentRoot: string | null;
  /** Name on the reader's disk. Whoever sent the file chose it. */
  readonly name: string;
  /** Null when the verdict forbids to repeat what the bundle says. */
  readonly id: string | null;
  readonly version: string | null;
  readonly sizeBytes: number;
  /** RFC 3339. */
  readonly addedAt: string;
  /** Null as long as it was not judged in this browser. */
  readonly verdict: Pick<Standing, 'code' | 'look' | 'headline'> | null;
  readonly judged: Standing['judged'] | null;
  /** What gave the verdict, enough to say later what changed. */
  readonly standing: Standing | null;
  /** The verdict before the last one that differed; null after the reader has seen it. */
  readonly before: Standing | null;
  readonly approvedByMe: readonly ApprovedMark[];
  readonly tags: readonly string[];
  /** Names of the loose approvals that are kept with it. */
  readonly evidence: readonly string[];
  /** RFC 3339 when it was put in the bin; it is erased a moment later. */
  readonly discardedAt: string | null;
}

/** A loose approval or signature that came beside a bundle. */
export interface Evidence {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const limits = {
  tags: 20,
  tagLetters: 40,
  nameLetters: 255,
  marks: 200,
  evidence: 256,
  evidenceBytes: 4 * 1024 * 1024,
} as const;

export const digestPattern = /^sha256:[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const looks = ['confirmed', 'unknown', 'incomplete', 'rejected', 'unreadable'];

/**
 * Reads back what was kept; null when it is not what this version writes. What comes from storage was perhaps
 * changed by hand or by a fault of the disk.
 */
export function readItem(key: string, value: unknown): LibraryItem | null {
  const item = value as LibraryItem;
  const whole =
    isRecord(value) &&
    item.archiveDigest === key &&
    digestPattern.test(key) &&
    isDigestOrNull(item.bundleDigest) &&
    isDigestOrNull(item.contentRoot) &&
    isText(item.name) &&
    isTextOrNull(item.id) &&
    isTextOrNull(item.version) &&
    Number.isSafeInteger(item.sizeBytes) &&
    item.sizeBytes >= 0 &&
    isTime(item.addedAt) &&
    (item.discardedAt === null || isTime(item.discardedAt)) &&
    isStandingOrNull(item.standing) &&
    isStandingOrNull(item.before) &&
    areTexts(item.tags) &&
    areTexts(item.evidence) &&
    areMarks(item.approvedByMe);
  if (!whole) return null;
  const { standing } = item;
  // One fact, one place: the verdict is a part of what gave it.
  return { ...item, verdict: verdictOf(standing), judged: standing?.judged ?? null };
}

/** A bundle that was not judged in this browser. */
export function unjudged(archiveDigest: string, sizeBytes: number, addedAt: string): LibraryItem {
  return {
    archiveDigest,
    bundleDigest: null,
    contentRoot: null,
    name: '',
    id: null,
    version: null,
    sizeBytes,
    addedAt,
    verdict: null,
    judged: null,
    standing: null,
    before: null,
    approvedByMe: [],
    tags: [],
    evidence: [],
    discardedAt: null,
  };
}

export function verdictOf(standing: Standing | null): LibraryItem['verdict'] {
  if (standing === null) return null;
  const { code, look, headline } = standing;
  return { code, look, headline };
}

export function areMarks(value: unknown): value is readonly ApprovedMark[] {
  return (
    Array.isArray(value) &&
    value.length <= limits.marks &&
    value.every(
      (mark: unknown) => isRecord(mark) && isText(mark['role']) && isText(mark['user']) && isTime(mark['at']),
    )
  );
}

export function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 1000 && value.every(isText);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isTime(value: unknown): value is string {
  return typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 4096;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}

function isDigestOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && digestPattern.test(value));
}

function isStandingOrNull(value: unknown): boolean {
  return value === null || isStanding(value);
}

function isStanding(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { look, code, headline, judged, roles, approvals, open, endsAt } = value;
  return (
    looks.includes(look as string) &&
    /^B-[A-Z]+$/.test(String(code)) &&
    isText(headline) &&
    isJudged(judged) &&
    areRecords(roles, (role) => isText(role['role']) && areTexts(role['met']) && areTexts(role['askedBy'])) &&
    areRecords(approvals, (one) => isTextOrNull(one['person']) && areTexts(one['counts'])) &&
    areRecords(open, (one) => isText(one['id']) && isText(one['title'])) &&
    (endsAt === null || isTime(endsAt))
  );
}

function isJudged(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { at, rule, trustId, trust, tool } = value;
  return (
    isTime(at) &&
    isTextOrNull(trustId) &&
    (rule === null ||
      (isRecord(rule) && isText(rule['name']) && areRecords(rule['roles'], (one) => isText(one['role'])))) &&
    areRecords(trust, (one) => isText(one['name'])) &&
    isRecord(tool) &&
    isText(tool['version']) &&
    isText(tool['build'])
  );
}

function areRecords(
  value: unknown,
  is: (record: Readonly<Record<string, unknown>>) => boolean,
): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= 2000 && value.every((one) => isRecord(one) && is(one));
}
