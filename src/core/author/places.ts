import { isMap, isPair, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml';
import { step, type Plain } from '../documents/readDocument.js';

/** Part of a text, in UTF-16 code units from its start; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a value and its name stand. */
export interface Placed {
  readonly key: Span | null;
  readonly value: Span;
}

export interface TextMap {
  /** By JSON pointer (RFC 6901). */
  readonly places: ReadonlyMap<string, Placed>;
  /** First fault of the text as YAML, with what the reader says of it. */
  readonly fault: { readonly at: number; readonly words: string } | null;
}

/** Longest text whose parts are placed, in UTF-16 code units; above it only lines are known. */
export const PLACED_LENGTH_MAX = 1_000_000;
const DEPTH_MAX = 64;

/**
 * Where everything stands in a text that may be broken. For showing only: what counts is read by the strict reader.
 * Attacker-controlled; never throws.
 */
export function mapText(text: string): TextMap {
  const places = new Map<string, Placed>();
  const document = tolerant(text);
  if (document === null) return { places, fault: null };
  const visit = (node: unknown, pointer: string, key: Span | null, depth: number): void => {
    places.set(pointer, { key, value: spanOf(node) ?? { start: key?.end ?? 0, end: key?.end ?? 0 } });
    if (depth > DEPTH_MAX) return;
    if (isSeq(node)) node.items.forEach((item, at) => visit(item, pointer + step(at), null, depth + 1));
    if (isMap(node))
      for (const pair of node.items)
        visit(pair.value, pointer + step(nameOf(pair.key)), spanOf(pair.key), depth + 1);
  };
  visit(document.contents, '', null, 0);
  const [error] = document.errors;
  const fault =
    error === undefined
      ? null
      : { at: error.pos[0], words: (error.message.split('\n')[0] ?? '').slice(0, 200) };
  return { places, fault };
}

function tolerant(text: string): Document | null {
  if (text.length > PLACED_LENGTH_MAX) return null;
  try {
    return parseDocument(text, {
      schema: 'failsafe',
      merge: false,
      uniqueKeys: false,
      prettyErrors: false,
      strict: false,
      logLevel: 'silent',
    });
  } catch {
    // Nested so deeply that the library gives up: nothing is placed.
    return null;
  }
}

function nameOf(key: unknown): string {
  return isScalar(key) && typeof key.value === 'string' ? key.value : '';
}

function spanOf(node: unknown): Span | null {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined ? null : { start: range[0], end: range[1] };
}

/** What stands at a place of the text, for completion and hover. */
export interface Spot {
  readonly path: readonly (string | number)[];
  /** `name`: a field of the map at `path`; `value`: the value at `path`; `either`: both can begin here. */
  readonly role: 'name' | 'value' | 'either';
  /** Fields that the map has already. */
  readonly beside: readonly string[];
  /** Within brackets, where everything stays on one line. */
  readonly flow: boolean;
  /** The values around it, without the one that is being written. */
  readonly root: Plain;
}

const MARK = 'zq9mark9qz';

/** What may be written at `at`, told by writing a word there. Attacker-controlled; never throws. */
export function spotAt(text: string, at: number): Spot | null {
  const before = /[\w.\-$]*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? '';
  const after = /^[\w.\-$]*/.exec(text.slice(at, at + 200))?.[0] ?? '';
  const head = text.slice(0, at - before.length);
  const rest = text.slice(at + after.length);
  // Half a quoted text is taken for a whole one.
  const quote = /(["'])$/.exec(head)?.[1];
  const closed = quote === undefined || rest.startsWith(quote) ? '' : quote;
  const document = tolerant(`${head}${MARK}${closed}${rest}`);
  if (document === null) return null;
  const root = plainOf(document.contents, 0);
  return find(document.contents, [], root, false, 0);
}

type Path = readonly (string | number)[];

function find(node: unknown, path: Path, root: Plain, inFlow: boolean, depth: number): Spot | null {
  if (depth > DEPTH_MAX) return null;
  const flow = inFlow || ((isMap(node) || isSeq(node)) && node.flow === true);
  if (isScalar(node)) {
    if (!isMark(node)) return null;
    const alone = String(node.value).trim() === MARK;
    return alone ? { path, role: 'either', beside: [], flow, root } : null;
  }
  if (isSeq(node)) {
    for (const [at, item] of node.items.entries()) {
      const found = find(item, [...path, at], root, flow, depth + 1);
      if (found !== null) return found;
    }
  }
  if (!isMap(node)) return null;
  const names = node.items.map(({ key }) => nameOf(key));
  for (const pair of node.items) {
    if (!isPair(pair)) continue;
    if (isMark(pair.key)) {
      const beside = names.filter((name) => !name.includes(MARK));
      return { path, role: 'name', beside, flow, root };
    }
    const found = find(pair.value, [...path, nameOf(pair.key)], root, flow, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function isMark(node: unknown): boolean {
  return isScalar(node) && typeof node.value === 'string' && node.value.includes(MARK);
}

/** The texts of a document that may be broken, without types: enough to tell its kind. Never throws. */
export function valuesOf(text: string): Plain {
  return plainOf(tolerant(text)?.contents, 0);
}

function plainOf(node: unknown, depth: number): Plain {
  if (depth > DEPTH_MAX) return null;
  if (isSeq(node)) return node.items.map((item) => plainOf(item, depth + 1));
  if (isMap(node)) {
    const map = Object.create(null) as Record<string, Plain>;
    for (const { key, value } of node.items) {
      const name = nameOf(key);
      if (!name.includes(MARK)) map[name] = plainOf(value, depth + 1);
    }
    return map;
  }
  return isScalar(node) && typeof node.value === 'string' ? node.value : null;
}

/** The field whose name, or whose value without parts of its own, covers `at`. */
export function pointerAt(
  places: ReadonlyMap<string, Placed>,
  at: number,
): { readonly pointer: string; readonly span: Span } | null {
  const parents = new Set([...places.keys()].map((pointer) => pointer.slice(0, pointer.lastIndexOf('/'))));
  const covers = ({ start, end }: Span): boolean => start <= at && at <= end && end > start;
  for (const [pointer, { key, value }] of places) {
    if (pointer === '') continue;
    if (key !== null && covers(key)) return { pointer, span: key };
    if (!parents.has(pointer) && covers(value)) return { pointer, span: value };
  }
  return null;
}
