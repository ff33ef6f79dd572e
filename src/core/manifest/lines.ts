import { hasLoneSurrogate } from '../bytes/text.js';
import { fixedLimits } from '../limits.js';
import { LineSource } from './lineSource.js';
import {
  isLonger,
  type DocNode,
  type DocProblem,
  type DocRead,
  type ListNode,
  type MapNode,
  type TextNode,
} from './node.js';

/** Takes the items of one list of the outermost mapping one by one, so that they are never all in memory as nodes. */
export interface RowSink {
  readonly key: string;
  row(node: DocNode): void;
  /** Where a sink has it: a row of exactly the three quoted or bare texts that {@link PLAIN_ROW} holds, in its first line. */
  plainRow?(path: string, size: string, checksum: string, line: number): void;
}

/**
 * Reads the two plain block styles that writers of manifests use: our canonical one and that of the
 * released command line. One pass, bounded memory. Gives the same nodes as {@link readYaml}, or null when
 * the text is in any other form: it may still be YAML. docs/SPEC.md, "YAML".
 */
export function readLines(bytes: Uint8Array, rows: RowSink): DocRead | null {
  try {
    return { node: new LineReader(new LineSource(bytes), rows).document() };
  } catch (error) {
    if (error instanceof NotThisForm) return null;
    if (error instanceof Refusal) return { problem: error.problem };
    throw error;
  }
}

class NotThisForm extends Error {}

class Refusal extends Error {
  constructor(readonly problem: DocProblem) {
    super(problem.kind);
  }
}

const KEY = /^([A-Za-z_][A-Za-z0-9_./-]*):(?: (.+))?$/;
const QUOTED_KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'):(?: (.+))?$/;
const NULL_KEY = /^null$/i;
/** YAML allows an implicit key of 1,024 characters; Go's reader counts bytes. */
const KEY_LENGTH_MAX = 300;

/**
 * A whole row of files[] as our writer and no other form needs it: printable ASCII, nothing optional. Read in one
 * step, because a manifest may have a million of them; the line after it must be there and begin something else.
 */
const PLAIN_ROW =
  / {2}- path: "([ !#-[\]-~]{5,1000})"\n {4}size: (0|[1-9][0-9]{0,8})\n {4}checksum: "([0-9a-f]{64})"\n(?= {2}- |[^ ])/y;
const PLAIN_ROW_INDENT = 2;
const PLAIN_ROW_LINES = 3;

interface KeyLine {
  readonly name: string;
  /** What follows on the line; undefined when nothing does. */
  readonly rest: string | undefined;
}

class LineReader {
  constructor(
    private readonly lines: LineSource,
    private readonly rows: RowSink,
  ) {}

  document(): DocNode {
    const first = this.lines.peek();
    if (first === null || first.indent !== 0) throw new NotThisForm();
    const node = this.block(0, 1, null);
    if (this.lines.peek() !== null || this.lines.unreadable) throw new NotThisForm();
    return node;
  }

  private block(indent: number, depth: number, sink: RowSink | null): DocNode {
    if (depth > fixedLimits.documentDepthMax / 2) throw new NotThisForm();
    return this.lines.peek()!.content.startsWith('- ')
      ? this.list(indent, depth, sink)
      : this.map(indent, depth);
  }

  private map(indent: number, depth: number): MapNode {
    const entries = new Map<string, DocNode>();
    const start = this.lines.peek()!.number;
    for (;;) {
      const line = this.lines.peek();
      if (line === null || line.indent < indent || (line.indent === indent && line.content.startsWith('- ')))
        break;
      const key = line.indent === indent ? keyOf(line.content) : null;
      if (key === null) throw new NotThisForm();
      if (entries.has(key.name)) {
        throw new Refusal({ kind: 'duplicate-key', line: line.number, found: key.name });
      }
      this.lines.next();
      const sink = depth === 1 && key.name === this.rows.key ? this.rows : null;
      entries.set(key.name, this.value(key.rest, indent, line.number, depth, sink));
    }
    return { kind: 'map', entries, line: start };
  }

  private value(
    rest: string | undefined,
    indent: number,
    line: number,
    depth: number,
    sink: RowSink | null,
  ): DocNode {
    if (rest !== undefined) return this.scalar(rest, line);
    const next = this.lines.peek();
    if (next === null) return { kind: 'text', text: '', plain: true, line };
    if (next.indent > indent) return this.block(next.indent, depth + 1, sink);
    if (next.indent === indent && next.content.startsWith('- ')) return this.list(indent, depth + 1, sink);
    return { kind: 'text', text: '', plain: true, line };
  }

  private list(indent: number, depth: number, sink: RowSink | null): ListNode {
    const items: DocNode[] = [];
    const start = this.lines.peek()!.number;
    for (;;) {
      const line = this.lines.peek();
      if (line === null || line.indent < indent || (line.indent === indent && !line.content.startsWith('- ')))
        break;
      if (line.indent > indent) throw new NotThisForm();
      if (sink?.plainRow && indent === PLAIN_ROW_INDENT) {
        const row = this.lines.take(PLAIN_ROW, PLAIN_ROW_LINES);
        if (row) sink.plainRow(row[1]!, row[2]!, row[3]!, line.number);
        if (row) continue;
      }
      const item = this.item(line.content.slice(2), indent, line.number, depth);
      if (sink) sink.row(item);
      else items.push(item);
    }
    return { kind: 'list', items, line: start };
  }

  private item(rest: string, indent: number, line: number, depth: number): DocNode {
    if (keyOf(rest) !== null) {
      this.lines.replace({ indent: indent + 2, content: rest, number: line });
      return this.map(indent + 2, depth + 1);
    }
    this.lines.next();
    return this.scalar(rest, line);
  }

  private scalar(written: string, line: number): DocNode {
    if (written === '[]') return { kind: 'list', items: [], line };
    if (written === '{}') return { kind: 'map', entries: new Map(), line };
    const node = textOf(written, line);
    if (isLonger(node.text, fixedLimits.scalarBytesMax)) throw new Refusal({ kind: 'scalar', line });
    return node;
  }
}

function keyOf(content: string): KeyLine | null {
  const plain = KEY.exec(content);
  if (plain)
    return plain[1]!.length > KEY_LENGTH_MAX || NULL_KEY.test(plain[1]!)
      ? null
      : { name: plain[1]!, rest: plain[2] };
  if (content[0] !== '"' && content[0] !== "'") return null;
  const quoted = QUOTED_KEY.exec(content);
  if (!quoted || quoted[1]!.length > KEY_LENGTH_MAX) return null;
  return { name: textOf(quoted[1]!, 0).text, rest: quoted[2] };
}

function textOf(written: string, line: number): TextNode {
  const first = written[0];
  if (first === '"') return { kind: 'text', text: doubleQuoted(written), plain: false, line };
  if (first === "'") return { kind: 'text', text: singleQuoted(written), plain: false, line };
  if (!PLAIN_START.test(written) || / #|: |[ :]$/.test(written)) throw new NotThisForm();
  return { kind: 'text', text: written, plain: true, line };
}

/** A first character that begins plain text in every context. */
const PLAIN_START = /^(?:[A-Za-z0-9_./+$^;<=(~\u00a1-\ud7ff\ue000-\uffef]|-[A-Za-z0-9.])/;

function singleQuoted(written: string): string {
  if (!/^'(?:[^']|'')*'$/.test(written)) throw new NotThisForm();
  return written.slice(1, -1).replaceAll("''", "'");
}

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gu;
const LETTERS: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  a: '\u0007',
  v: '\v',
  e: '\u001b',
  '0': '\0',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};

function doubleQuoted(written: string): string {
  if (!written.includes('\\')) {
    if (written.length < 2 || written.indexOf('"', 1) !== written.length - 1) throw new NotThisForm();
    return written.slice(1, -1);
  }
  if (!/^"(?:[^"\\]|\\.)*"$/u.test(written)) throw new NotThisForm();
  const text = written.slice(1, -1).replace(ESCAPE, unescape);
  if (hasLoneSurrogate(text)) throw new NotThisForm();
  return text;
}

function unescape(_: string, x?: string, u?: string, wide?: string, letter?: string): string {
  const hex = x ?? u ?? wide;
  if (hex === undefined) {
    if (letter === undefined || !Object.hasOwn(LETTERS, letter)) throw new NotThisForm();
    return LETTERS[letter]!;
  }
  const point = Number.parseInt(hex, 16);
  if (point > 0x10ffff) throw new NotThisForm();
  return String.fromCodePoint(point);
}
