import { fromUtf8 } from '../bytes/text.js';
import { showBytes } from './tarHeader.js';

/** What a PAX header says of the entry that follows. */
export interface PaxRecords {
  /** Attacker-controlled; null when it is not UTF-8, then `shown` stands in for it. */
  readonly path?: string | null;
  readonly shown?: string;
  readonly size?: number;
  /** Keys of the strict profile's refusals: sparse maps, extended attributes, links, other charsets. */
  readonly unsupported: readonly string[];
}

export interface PaxProblem {
  readonly problem: 'form' | 'duplicate' | 'empty-path' | 'size';
  /** Offset within the body. */
  readonly at: number;
  readonly key: string;
}

/** Records that change neither name nor bytes: owners and times, as Go, Python, GNU and BSD tar write them. */
const HARMLESS = new Set([
  'mtime',
  'atime',
  'ctime',
  'LIBARCHIVE.creationtime',
  'uid',
  'gid',
  'uname',
  'gname',
  'comment',
  'SCHILY.dev',
  'SCHILY.ino',
  'SCHILY.nlink',
]);
const LENGTH_DIGITS_MAX = 6;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const EQUALS = 0x3d;

/** Reads the body of one `x` header: `<length> <key>=<value>\n` records, each key once. Attacker-controlled. */
export function readPax(body: Uint8Array): PaxRecords | PaxProblem {
  const seen = new Map<string, Uint8Array>();
  for (let at = 0; at < body.length;) {
    const record = readRecord(body, at);
    if (!record) return { problem: 'form', at, key: '' };
    if (seen.has(record.key)) return { problem: 'duplicate', at, key: record.key };
    seen.set(record.key, record.value);
    at = record.end;
  }
  return seen.size === 0 ? { problem: 'form', at: 0, key: '' } : judge(seen);
}

function readRecord(body: Uint8Array, at: number): { key: string; value: Uint8Array; end: number } | null {
  let length = 0;
  let i = at;
  for (; i < body.length && body[i]! >= 0x30 && body[i]! <= 0x39; i++) length = length * 10 + body[i]! - 0x30;
  const digits = i - at;
  if (digits === 0 || digits > LENGTH_DIGITS_MAX || body[at] === 0x30 || body[i] !== SPACE) return null;
  const end = at + length;
  if (end > body.length || end <= i + 1 || body[end - 1] !== NEWLINE) return null;
  const equals = body.indexOf(EQUALS, i);
  if (equals <= i + 1 || equals >= end) return null;
  const key = fromUtf8(body.subarray(i + 1, equals));
  return key === null ? null : { key, value: body.subarray(equals + 1, end - 1), end };
}

function judge(records: ReadonlyMap<string, Uint8Array>): PaxRecords | PaxProblem {
  const path = records.get('path');
  const sizeBytes = records.get('size');
  const size = sizeBytes && decimal(sizeBytes);
  if (path?.length === 0) return { problem: 'empty-path', at: 0, key: 'path' };
  if (size === null) return { problem: 'size', at: 0, key: 'size' };
  const unsupported = [...records.keys()].filter(
    (key) => key !== 'path' && key !== 'size' && !HARMLESS.has(key),
  );
  return {
    unsupported,
    ...(path ? { path: fromUtf8(path), shown: fromUtf8(path) ?? showBytes(path) } : {}),
    ...(size === undefined ? {} : { size }),
  };
}

function decimal(bytes: Uint8Array): number | null {
  const text = fromUtf8(bytes);
  if (text === null || !/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
