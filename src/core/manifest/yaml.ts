import { CST, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, Scalar } from 'yaml';
import { fromUtf8, hasLoneSurrogate } from '../bytes/text.js';
import { fixedLimits } from '../limits.js';
import {
  isLonger,
  RAW_REFUSED,
  type DocNode,
  type DocProblem,
  type DocProblemKind,
  type DocRead,
  type MapNode,
} from './node.js';

export interface YamlLimits {
  /** Longest document, in bytes. */
  readonly bytesMax: number;
  /** Deepest nesting; the default is the fixed limit for documents. */
  readonly depthMax?: number;
  /** Longest scalar, in UTF-8 bytes; the default is the fixed limit. */
  readonly scalarBytesMax?: number;
  /** Accept CRLF line ends (documents that people write). Default false. */
  readonly crlf?: boolean;
}

/**
 * Reads one small YAML document of attacker-controlled bytes as text, lists and mappings (failsafe schema).
 * No anchors, aliases, tags, merge keys, duplicate keys, directives, second document, byte order mark, raw
 * tabs or control characters. Size, nesting and scalars are bounded before the tree is built. Never throws.
 * docs/SPEC.md, "YAML".
 */
export function readYaml(bytes: Uint8Array, limits: YamlLimits): DocRead {
  if (bytes.length > limits.bytesMax) return refuse('too-large', 1);
  const decoded = fromUtf8(bytes);
  if (decoded === null) return refuse('utf8', 1);
  if (decoded.startsWith('\ufeff')) return refuse('bom', 1);
  const text = limits.crlf ? decoded.replaceAll('\r\n', '\n') : decoded;
  const problem = scanCharacters(text) ?? scanTokens(text, limits);
  if (problem) return { problem };
  try {
    return compose(text, limits);
  } catch (error) {
    if (error instanceof Refusal) return { problem: error.problem };
    // The library meets a document that it cannot hold: refused, never a crash.
    return refuse('syntax', 1);
  }
}

function refuse(kind: DocProblemKind, line: number): { readonly problem: DocProblem } {
  return { problem: { kind, line } };
}

class Refusal extends Error {
  constructor(readonly problem: DocProblem) {
    super(problem.kind);
  }
}

function scanCharacters(text: string): DocProblem | null {
  const match = RAW_REFUSED.exec(text);
  if (!match) return null;
  const line = text.slice(0, match.index).split('\n').length;
  return { kind: match[0] === '\t' ? 'tab' : 'character', line };
}

const REFUSED_TOKENS: Readonly<Partial<Record<string, DocProblemKind>>> = {
  anchor: 'anchor',
  alias: 'anchor',
  tag: 'tag',
  'directive-line': 'directive',
  'doc-end': 'documents',
  'explicit-key-ind': 'key',
  'byte-order-mark': 'bom',
  'flow-error-end': 'syntax',
};

/** Tokens of one document: about 4 MiB of ordinary text. */
const TOKENS_MAX = 1_200_000;

/**
 * One linear pass over the tokens before any tree exists: refuses what the profile forbids and what
 * would nest so deeply that building the tree could exhaust the stack (hostile inputs Y04-Y08).
 */
function scanTokens(text: string, limits: YamlLimits): DocProblem | null {
  if (endsInSpaces(text)) return { kind: 'syntax', line: text.split('\n').length };
  const scan = new TokenScan(limits);
  let scalarNext = false;
  for (const token of new Lexer().lex(text)) {
    const scalar: boolean = scalarNext;
    scalarNext = !scalar && token === CST.SCALAR;
    if (scalarNext || token === CST.DOCUMENT) continue;
    const problem = scan.token(scalar ? 'scalar' : (CST.tokenType(token) ?? 'syntax'), token);
    if (problem) return problem;
  }
  return scan.content ? null : { kind: 'empty', line: 1 };
}

/** A last line of spaces alone belongs to a block scalar in some readers and not in others. */
function endsInSpaces(text: string): boolean {
  let end = text.length;
  while (end > 0 && text[end - 1] === ' ') end--;
  return end < text.length && (end === 0 || text[end - 1] === '\n');
}

class TokenScan {
  content = false;
  private line = 1;
  private count = 0;
  /** The last token that is not white space, and the line where it ended. */
  private last = { type: 'none', token: '', line: 0 };
  private readonly nesting = new Nesting();
  private readonly depthMax: number;
  private readonly scalarMax: number;

  constructor(limits: YamlLimits) {
    this.depthMax = limits.depthMax ?? fixedLimits.documentDepthMax;
    this.scalarMax = limits.scalarBytesMax ?? fixedLimits.scalarBytesMax;
  }

  token(type: string, token: string): DocProblem | null {
    const { line } = this;
    const kind = this.problem(type, token);
    if (kind) return { kind, line, found: token.slice(0, 80) };
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) this.line++;
    if (type !== 'space' && type !== 'newline' && type !== 'comment') {
      this.content = true;
      this.last = { type, token, line: this.line };
    }
    return null;
  }

  private problem(type: string, token: string): DocProblemKind | null {
    if (++this.count > TOKENS_MAX) return 'too-large';
    // An escape of four to six letters stands for one to four bytes, so a text is never longer than its source.
    if (token.length > 6 * this.scalarMax) return 'scalar';
    if (this.nesting.depthAfter(type, token) > this.depthMax) return 'depth';
    if (type === 'doc-start' && this.content) return 'documents';
    if (this.last.type === 'doc-start' && this.last.line === this.line && !SPACE.has(type)) return 'syntax';
    return REFUSED_TOKENS[type] ?? this.disagreement(type, token);
  }

  /** Forms that YAML readers are known to understand differently. */
  private disagreement(type: string, token: string): DocProblemKind | null {
    if (type === 'map-value-ind') {
      const key =
        SCALARS.has(this.last.type) && this.last.line === this.line && !this.last.token.includes('\n');
      return key ? null : 'key';
    }
    if (type === 'comma' && (this.last.type === 'comma' || this.last.type.endsWith('-start')))
      return 'syntax';
    if (type.startsWith('flow-') && type.endsWith('-start') && this.last.type.endsWith('-end'))
      return 'syntax';
    if (type === 'double-quoted-scalar' && /(?:^|[^\\])(?:\\\\)*\\\//.test(token)) return 'syntax';
    if (type === 'scalar' && (/^[?:]/.test(token) || (this.nesting.inFlow && token.includes('?'))))
      return 'syntax';
    return null;
  }
}

const SPACE = new Set(['space', 'newline', 'comment']);
const SCALARS = new Set(['scalar', 'single-quoted-scalar', 'double-quoted-scalar']);

/** An upper bound on how deeply the library would nest, from tokens alone. */
class Nesting {
  private flow = 0;
  private column = 0;
  private atLineStart = true;
  private indicators = 0;
  private readonly columns: number[] = [];

  get inFlow(): boolean {
    return this.flow > 0;
  }

  depthAfter(type: string, token: string): number {
    if (type.startsWith('flow-')) this.flow += type.endsWith('start') ? 1 : type.endsWith('end') ? -1 : 0;
    if (type === 'newline' || token.includes('\n')) this.newLine(token);
    else {
      if (this.atLineStart && type !== 'space' && type !== 'comment') this.indent();
      if ((type === 'seq-item-ind' || type === 'map-value-ind') && this.flow === 0) this.indicators++;
      this.column += token.length;
    }
    return this.columns.length + this.indicators + Math.max(this.flow, 0);
  }

  private newLine(token: string): void {
    this.column = token.length - token.lastIndexOf('\n') - 1;
    this.atLineStart = true;
    this.indicators = 0;
  }

  private indent(): void {
    this.atLineStart = false;
    if (this.flow > 0) return;
    while (this.columns.length > 0 && this.columns.at(-1)! >= this.column) this.columns.pop();
    this.columns.push(this.column);
  }
}

function compose(text: string, limits: YamlLimits): DocRead {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    merge: false,
    strict: true,
    // The library compares each key with every other; our own table is linear.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    const kind = fault.code === 'MULTIPLE_DOCS' ? 'documents' : 'syntax';
    return refuse(kind, Math.max(1, lines.linePos(fault.pos[0]).line));
  }
  const root = document.contents;
  if (!root) return refuse('empty', 1);
  return { node: new Converter(lines, limits).node(root) };
}

class Converter {
  private readonly scalarMax: number;

  constructor(
    private readonly lines: LineCounter,
    limits: YamlLimits,
  ) {
    this.scalarMax = limits.scalarBytesMax ?? fixedLimits.scalarBytesMax;
  }

  node(node: unknown): DocNode {
    if (isScalar(node)) return this.text(node);
    if (isSeq(node))
      return { kind: 'list', items: node.items.map((item) => this.node(item)), line: this.line(node) };
    if (isMap(node)) return this.map(node.items, this.line(node));
    throw new Refusal({ kind: 'anchor', line: 1 });
  }

  private text(scalar: Scalar): DocNode {
    const line = this.line(scalar);
    const text = typeof scalar.value === 'string' ? scalar.value : '';
    if (scalar.anchor !== undefined) throw new Refusal({ kind: 'anchor', line });
    if (scalar.tag !== undefined) throw new Refusal({ kind: 'tag', line });
    if (hasLoneSurrogate(text)) throw new Refusal({ kind: 'character', line });
    if (isLonger(text, this.scalarMax)) throw new Refusal({ kind: 'scalar', line });
    return { kind: 'text', text, plain: scalar.type === undefined || scalar.type === Scalar.PLAIN, line };
  }

  private map(items: readonly { key: unknown; value: unknown }[], line: number): MapNode {
    const entries = new Map<string, DocNode>();
    for (const { key, value } of items) {
      const name = this.key(key, line);
      if (entries.has(name)) {
        throw new Refusal({
          kind: 'duplicate-key',
          line: isScalar(key) ? this.line(key) : line,
          found: name,
        });
      }
      // In a flow mapping `{a}` has no value at all, and readers differ on what that means.
      if (value === null) throw new Refusal({ kind: 'key', line, found: name });
      entries.set(name, this.node(value));
    }
    return { kind: 'map', entries, line };
  }

  private key(key: unknown, line: number): string {
    if (!isScalar(key)) throw new Refusal({ kind: 'key', line });
    const node = this.text(key);
    if (node.kind !== 'text') throw new Refusal({ kind: 'key', line });
    if (node.plain && node.text === '<<') throw new Refusal({ kind: 'merge', line: node.line });
    if (node.plain && /^(?:|~|null)$/i.test(node.text)) throw new Refusal({ kind: 'key', line: node.line });
    return node.text;
  }

  private line(node: { range?: readonly number[] | null | undefined }): number {
    return Math.max(1, this.lines.linePos(node.range?.[0] ?? 0).line);
  }
}
