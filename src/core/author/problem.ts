import type { Finding } from '../generated/report.js';
import type { Placed, Span, TextMap } from './places.js';

export type ProblemGroup = 'security' | 'error' | 'warning' | 'idea';
export const problemGroups: readonly ProblemGroup[] = ['security', 'error', 'warning', 'idea'];

/** One way to mend a problem; the edits do not overlap. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly (Span & { readonly text: string })[];
}

/** Something in a document that its author wants to see, with its place. Texts may repeat hostile text. */
export interface Problem {
  readonly group: ProblemGroup;
  /** Code of the catalogue; null for advice. */
  readonly code: string | null;
  readonly message: string;
  readonly cause: string;
  readonly action: string;
  readonly found?: string;
  readonly pointer: string;
  readonly span: Span;
  /** 1-based, as editors count; columns in UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  readonly fixes: readonly Fix[];
}

/** A text with the places of its parts and the starts of its lines. */
export interface Sheet {
  readonly text: string;
  readonly map: TextMap;
  /** Place of the first character of each line. */
  readonly lines: readonly number[];
}

export function sheetOf(text: string, map: TextMap): Sheet {
  const lines = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
  return { text, map, lines };
}

/** 1-based line and column. */
export function lineAt({ lines }: Sheet, at: number): { readonly line: number; readonly column: number } {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lines[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - (lines[low] ?? 0) + 1 };
}

/** A line without the spaces around it. */
export function lineSpan({ text, lines }: Sheet, line: number): Span {
  const from = lines[Math.min(Math.max(line, 1), lines.length) - 1] ?? 0;
  const end = text.indexOf('\n', from);
  const whole = text.slice(from, end < 0 ? text.length : end);
  const start = from + (whole.length - whole.trimStart().length);
  return { start, end: Math.max(start, from + whole.trimEnd().length) };
}

/** The place of the nearest field around `pointer`, its name before its value. */
export function placed(sheet: Sheet, pointer: string): Placed | null {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const found = sheet.map.places.get(at);
    if (found !== undefined) return found;
    if (at === '') return null;
  }
}

/** A value on one line; of one that takes more, its name, or its first line where it has none. */
export function shown(sheet: Sheet, pointer: string, part: 'key' | 'value'): Span | null {
  const found = sheet.map.places.get(pointer);
  if (found === undefined) return placed(sheet, pointer)?.key ?? null;
  const { key, value } = found;
  const newline = sheet.text.slice(value.start, value.end).indexOf('\n');
  if (key !== null && (part === 'key' || newline >= 0)) return key;
  return newline < 0 ? value : { start: value.start, end: value.start + newline };
}

/** Dotted paths of lists of people are pointers with other marks. */
export function pointerOf(field: string | undefined): string {
  if (field === undefined || field === '' || field.startsWith('/')) return field ?? '';
  return `/${field.replaceAll('.', '/')}`;
}

export function problemOf(
  sheet: Sheet,
  {
    finding,
    pointer,
    span,
    fixes = [],
  }: {
    readonly finding: Finding;
    readonly pointer?: string;
    readonly span?: Span | null;
    readonly fixes?: readonly Fix[];
  },
): Problem {
  const { where, severity, code, message, cause, action, found } = finding;
  const field = pointer ?? pointerOf(where.field);
  const place =
    span ?? (field === '' ? null : shown(sheet, field, 'value')) ?? lineSpan(sheet, where.line ?? 1);
  const group = severity === 'error' ? 'error' : severity === 'warning' ? 'warning' : 'idea';
  return {
    group,
    code,
    message,
    cause,
    action,
    ...(found === undefined ? {} : { found }),
    pointer: field,
    span: place,
    ...lineAt(sheet, place.start),
    fixes,
  };
}
