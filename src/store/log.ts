import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../core/bytes/bytes.js';
import { toHex } from '../core/bytes/hex.js';
import { fromUtf8, toUtf8 } from '../core/bytes/text.js';
import { formatTime, parseTime } from '../core/bytes/time.js';
import { canonicalJson } from '../core/canon/jcs.js';
import { parseJson, type JsonObject, type JsonValue } from '../core/canon/json.js';
import type { Finding } from '../core/generated/report.js';
import { finding } from '../core/messages/finding.js';
import { openDatabase, type Database, type DatabaseSpec } from './database.js';

export const activityKinds = [
  'key-made',
  'key-added',
  'key-used',
  'key-exported',
  'key-restored',
  'key-changed',
  'key-withdrawn',
  'key-removed',
  'key-lost',
  'trust-changed',
  'trust-undone',
  'list-signed',
  'approval-made',
  'declined',
  'approval-withdrawn',
  'approval-attached',
  'request-made',
  'library-changed',
] as const;

export type ActivityKind = (typeof activityKinds)[number];

/** One thing that happened. `subject` is a fingerprint, a digest or a name; perhaps text of somebody else. */
export interface Activity {
  readonly kind: ActivityKind;
  readonly subject: string;
  /** RFC 3339; the clock of the device when it is left out. */
  readonly at?: string;
}

/** One link: `digest` is the SHA-256 of the RFC 8785 form of the others, `previous` the digest of the link before. */
export interface ActivityLink {
  readonly seq: number;
  readonly at: string;
  readonly kind: ActivityKind;
  readonly subject: string;
  /** 64 hex digits; zeros for the first. */
  readonly previous: string;
  readonly digest: string;
}

export interface ActivityCheck {
  readonly links: number;
  /** Null when every link fits; `line` counts from 1 in an export, whose first line is its head. */
  readonly broken: Finding | null;
}

const database: DatabaseSpec = { name: 'countersign-log', versions: [['links']] };
const SCHEMA = 'countersign.activity/v1';
const START = '0'.repeat(64);
const SUBJECT_MAX = 400;
const LINE_BYTES_MAX = 4096;
const EXPORT_BYTES_MAX = 64 * 1024 * 1024;

let open: Promise<Database> | undefined;
const opened = (): Promise<Database> => (open ??= openDatabase(database));

/** Writes one link behind the last, also when several tabs write at once. @throws StorageError and writes nothing. */
export async function appendActivity({ kind, subject, at }: Activity): Promise<ActivityLink> {
  const store = await opened();
  return store.exclusively(async () => {
    const last = [...(await store.all('links')).values()].at(-1) as Partial<ActivityLink> | undefined;
    // A damaged last link is not repaired: the new one names what is there, and the check finds the place.
    const seq = Number.isSafeInteger(last?.seq) ? (last?.seq ?? 0) + 1 : 1;
    const previous = typeof last?.digest === 'string' ? last.digest : START;
    const link = linkOf({
      seq,
      at: at ?? formatTime(Date.now()),
      kind,
      subject: subject.slice(0, SUBJECT_MAX).toWellFormed(),
      previous,
    });
    await store.write([{ table: 'links', key: String(seq).padStart(12, '0'), value: link }]);
    return link;
  });
}

/** All links as they lie there, oldest first, and whether they are whole. */
export async function readActivity(): Promise<{
  readonly links: readonly ActivityLink[];
  readonly check: ActivityCheck;
  readonly lasting: boolean;
}> {
  const store = await opened();
  const stored = [...(await store.all('links')).values()];
  let previous = START;
  for (const [i, value] of stored.entries()) {
    const problem = linkProblem(value as JsonValue, i + 1, previous);
    if (problem !== null) {
      const links = stored.slice(0, i) as ActivityLink[];
      return { links, check: broken(i, i, problem), lasting: store.lasting };
    }
    previous = (value as ActivityLink).digest;
  }
  const links = stored as ActivityLink[];
  return { links, check: { links: links.length, broken: null }, lasting: store.lasting };
}

/** JSON lines: a head with the number of links and the last digest, then one link a line, oldest first. */
export async function exportActivity(): Promise<Uint8Array<ArrayBuffer>> {
  const stored = [...(await (await opened()).all('links')).values()] as ActivityLink[];
  const head = { schema: SCHEMA, links: stored.length, last: stored.at(-1)?.digest ?? START };
  const newline = toUtf8('\n');
  return concatBytes(
    [head, ...stored].flatMap((one) => [canonicalJson(one as unknown as JsonValue), newline]),
  );
}

/** Finds the first line of an export that does not fit. `bytes` is a file that anybody may have written; never throws. */
export function verifyActivity(bytes: Uint8Array): ActivityCheck {
  if (bytes.length > EXPORT_BYTES_MAX) return broken(0, 0, 'the file is too long to be a log');
  const text = fromUtf8(bytes);
  if (text === null) return broken(0, 0, 'the file is not text');
  if (!text.endsWith('\n')) return broken(0, 0, 'the file was cut short, or it is something else');
  const [first = '', ...lines] = text.slice(0, -1).split('\n');
  const head = readLine(first);
  if (head === null || head['schema'] !== SCHEMA) return broken(0, 0, 'the first line is not that of a log');
  let previous = START;
  for (const [i, line] of lines.entries()) {
    const link = readLine(line);
    const problem = linkProblem(link, i + 1, previous);
    if (problem !== null) return broken(i + 1, i, problem);
    previous = (link as unknown as ActivityLink).digest;
  }
  if (head['links'] !== lines.length || head['last'] !== previous)
    return broken(lines.length + 1, lines.length, 'lines at its end are missing or were added');
  return { links: lines.length, broken: null };
}

function linkOf(link: Omit<ActivityLink, 'digest'>): ActivityLink {
  const { seq, at, kind, subject, previous } = link;
  const digest = toHex(sha256(canonicalJson({ seq, at, kind, subject, previous })));
  return { seq, at, kind, subject, previous, digest };
}

/** Why a link does not stand behind the one before, or null. `value` may be anything. */
function linkProblem(value: JsonValue, seq: number, previous: string): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'a line is not a link';
  const link = value as unknown as ActivityLink;
  const known = Object.keys(link).sort().join() === 'at,digest,kind,previous,seq,subject';
  const texts = [link.at, link.kind, link.subject, link.previous, link.digest];
  if (!known || texts.some((one) => typeof one !== 'string') || parseTime(link.at) === null)
    return 'a line is not a link';
  if (!link.subject.isWellFormed()) return 'a line is not a link';
  if (link.seq !== seq) return 'a line is missing, double or moved';
  if (link.previous !== previous) return 'the line does not name the one before it';
  return linkOf(link).digest === link.digest ? null : 'the line was changed after it was written';
}

function readLine(line: string): JsonObject | null {
  const bytes = toUtf8(line);
  const read = parseJson(bytes, { bytesMax: LINE_BYTES_MAX, depthMax: 2 });
  if ('problem' in read || typeof read.value !== 'object' || read.value === null) return null;
  return Array.isArray(read.value) ? null : (read.value as JsonObject);
}

function broken(line: number, links: number, problem: string): ActivityCheck {
  return { links, broken: finding('activity-broken', { line, problem }) };
}
