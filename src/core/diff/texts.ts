import { fromUtf8 } from '../bytes/text.js';
import type { DiffFile, DiffText } from '../generated/diff.js';
import { hunksOf, lineDiff, lineDiffLimits, type DiffHunk, type DiffLine } from '../report/lineDiff.js';

/** Longest file whose lines are compared, in bytes. */
export const TEXT_BYTES_MAX = 1_048_576;

export interface TextOptions {
  /** Lines that differ only in white space are the same. */
  readonly ignoreWhitespace?: boolean;
  /** Also the lines of a file that one side does not have. */
  readonly whole?: boolean;
}

/** The bytes of a side: null where the side has no such file, undefined where they were not read. */
export type SideBytes = Uint8Array | null | undefined;

/** Line by line where both sides are text of moderate length; else why not. Attacker-controlled bytes; never throws. */
export function diffText(
  file: DiffFile,
  before: SideBytes,
  after: SideBytes,
  options: TextOptions = {},
): DiffText {
  const base = { before: file.before?.path ?? null, after: file.after?.path ?? null };
  const plain = (
    shown: DiffText['shown'],
    added: number | null = null,
    removed: number | null = null,
  ): DiffText => ({
    ...base,
    shown,
    added,
    removed,
    hunks: [],
  });
  if (Math.max(file.before?.size ?? 0, file.after?.size ?? 0) > TEXT_BYTES_MAX) return plain('too-long');
  if (before === undefined || after === undefined) return plain('not-read');
  const [old, now] = [textOf(before), textOf(after)];
  if (old === null || now === null) return plain('binary');
  if ((before === null || after === null) && options.whole !== true)
    return plain('count', countLines(now), countLines(old));
  if (Math.max(countLines(old), countLines(now)) > lineDiffLimits.linesMax) return plain('too-long');
  const lines = options.ignoreWhitespace === true ? withoutWhitespace(old, now) : lineDiff(old, now);
  if (lines === null) return plain('too-different');
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  const hunks = hunksOf(lines).map(({ skipped, lines: some }: DiffHunk) => ({ skipped, lines: [...some] }));
  return { ...base, shown: 'lines', added: count('added'), removed: count('removed'), hunks };
}

/** The two whole texts of a file; empty where a side does not have it. */
export interface BothTexts {
  readonly before: string;
  readonly after: string;
}

/** Null where a side is no text, too long, or was not read. Attacker-controlled bytes; never throws. */
export function bothTexts(before: SideBytes, after: SideBytes): BothTexts | null {
  if (before === undefined || after === undefined) return null;
  const [old, now] = [textOf(before), textOf(after)];
  return old === null || now === null ? null : { before: old, after: now };
}

/** A file that is not there has no text; bytes that are no UTF-8, or hold U+0000, are none. */
function textOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return '';
  const text = fromUtf8(bytes);
  return text === null || text.includes('\u0000') ? null : text;
}

function countLines(text: string): number {
  if (text === '') return 0;
  const feeds = text.split('\n').length;
  return text.endsWith('\n') ? feeds - 1 : feeds;
}

/** The lines are compared without white space, and shown as they are. */
function withoutWhitespace(old: string, now: string): readonly DiffLine[] | null {
  const bare = (text: string): string => text.replace(/[^\S\n]+/g, '');
  const [olds, news] = [old.split('\n'), now.split('\n')];
  const lines = lineDiff(bare(old), bare(now));
  return (
    lines?.map((line) => {
      const text = line.after === null ? olds[(line.before ?? 1) - 1] : news[line.after - 1];
      // The mark of a missing line feed is no line of the text.
      return text === undefined || line.text.startsWith('\\ ') ? line : { ...line, text };
    }) ?? null
  );
}
