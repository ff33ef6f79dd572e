import { fromUtf8, toUtf8 } from '../bytes/text.js';

export type SecretKind =
  | 'aws-access-key'
  | 'aws-secret-key'
  | 'github-token'
  | 'slack-token'
  | 'private-key'
  | 'password'
  | 'json-web-token'
  | 'database-address'
  | 'api-key';

export interface SecretFinding {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly kind: SecretKind;
  /** The first characters and the length: enough to find it, too little to use it. */
  readonly excerpt: string;
}

interface Pattern {
  readonly kind: SecretKind;
  /** Global; the first group is the secret, the whole match where there is none. */
  readonly expression: RegExp;
  /** Lower case. Whatever the expression matches holds one of them: only their surroundings are looked at. */
  readonly signs: readonly string[];
  /** How far a match can go on behind a sign, in bytes; less than {@link OVERLAP_BYTES}. */
  readonly reach?: number;
}

/** Values in an assignment: quoted or bare, at least 8 characters; what stands for another place is no value. */
const VALUE = String.raw`["']?([^\s"'#,;}{]{8,512})`;
const IS = String.raw`["']?[ \t]{0,8}(?:=>|:=|[:=])[ \t]{0,8}`;

/** In this order: a place that several match is told by the first. */
const PATTERNS: readonly Pattern[] = [
  {
    kind: 'private-key',
    expression: /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g,
    signs: ['-----begin '],
  },
  { kind: 'aws-access-key', expression: /\b((?:AKIA|ASIA)[A-Z0-9]{16})\b/g, signs: ['akia', 'asia'] },
  {
    kind: 'github-token',
    expression: /\b(gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})/g,
    signs: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
  },
  { kind: 'slack-token', expression: /\b(xox[abeoprs]-[A-Za-z0-9-]{10,255})/g, signs: ['xox'] },
  {
    kind: 'json-web-token',
    expression: /\b(eyJ[\w-]{8,4096}\.eyJ[\w-]{8,4096}\.[\w-]{8,4096})/g,
    signs: ['eyj'],
    reach: 12_600,
  },
  {
    kind: 'database-address',
    expression: /\b[a-z][a-z0-9+]{2,20}:\/\/[^\s:@/]{1,128}:([^\s:@/]{3,256})@/gi,
    signs: ['://'],
  },
  { kind: 'api-key', expression: /\b(sk-[A-Za-z0-9-]{20,255}|AIza[\w-]{35})/g, signs: ['sk-', 'aiza'] },
  {
    kind: 'aws-secret-key',
    expression: assigned('aws[a-z_.-]{0,20}secret[a-z_.-]{0,20}'),
    signs: ['secret'],
  },
  {
    kind: 'password',
    expression: assigned('(?:password|passwd|passphrase)'),
    signs: ['password', 'passwd', 'passphrase'],
  },
  {
    kind: 'api-key',
    expression: assigned('(?:api[_-]?key|apikey|secret(?:[_-]?key)?|access[_-]?token|auth[_-]?token)'),
    signs: ['secret', ...joined('api', 'key'), ...joined('access', 'token'), ...joined('auth', 'token')],
  },
];

const PLACEHOLDER = /^(?:\$\{[^}]*\}?|\$[A-Za-z_]\w*|<[^>]*>?|%[A-Za-z_]\w*%|\*+|x{8,})$/;
const BLOCK_BYTES = 256 * 1024;
/** More than the longest match, so that what one block cuts is whole in the next. */
const OVERLAP_BYTES = 16 * 1024;
const FULL_BYTES = OVERLAP_BYTES + BLOCK_BYTES;
/** What can stand before a sign within a match, and one character more for the boundary. */
const BEFORE_BYTES = 256;
const REACH_BYTES = 768;
const FINDINGS_MAX = 100;
const SHOWN = 4;

function assigned(name: string): RegExp {
  return new RegExp(`(?:^|[^A-Za-z0-9])[A-Za-z0-9_.-]{0,40}?${name}${IS}${VALUE}`, 'gim');
}

function joined(one: string, two: string): readonly string[] {
  return [`${one}_${two}`, `${one}-${two}`, `${one}${two}`];
}

interface Sign {
  readonly bytes: Uint8Array;
  readonly patterns: readonly number[];
}

/** Signs by what their first three bytes come to. */
const signs = new Map<number, Sign[]>();
/**
 * Two bytes that may stand side by side within those three. Of any three in a row, two begin at an even place: nearly
 * every pair of bytes of a file costs one look into this table, and nothing else.
 */
const pairs = new Uint8Array(65_536);
for (const text of new Set(PATTERNS.flatMap((pattern) => pattern.signs))) {
  const bytes = toUtf8(text);
  // Letters of either case fall together in the low five bits.
  const triple = bytes.subarray(0, 3).reduce((sum, byte) => (sum << 5) | (byte & 31), 0);
  const patterns = PATTERNS.flatMap((pattern, index) => (pattern.signs.includes(text) ? [index] : []));
  signs.set(triple, [...(signs.get(triple) ?? []), { bytes, patterns }]);
  for (const one of eitherCase(bytes[0]!))
    for (const two of eitherCase(bytes[1]!))
      for (const three of eitherCase(bytes[2]!))
        for (const pair of [Uint8Array.of(one, two), Uint8Array.of(two, three)])
          pairs[new Uint16Array(pair.buffer)[0]!] = 1;
}

function eitherCase(byte: number): readonly number[] {
  return byte >= 97 && byte <= 122 ? [byte, byte - 32] : [byte];
}

/** A part of a block that one pattern is tried on, as offsets. */
interface Span {
  readonly from: number;
  to: number;
}

/**
 * Looks for secrets in one file, in pieces: memory does not grow with the file, and how it is cut into pieces changes
 * nothing. Text of the file is never in the result, only its first {@link SHOWN} characters. Feed it with `push`,
 * end it with `finish`.
 */
export class SecretScanner {
  /** Grows up to its full length, so that a project of small files does not cost a large block each. */
  private block = new Uint8Array(0);
  private filled = 0;
  /** Line of the first byte of the block. */
  private line = 1;
  private readonly seen = new Set<string>();
  private readonly found: SecretFinding[] = [];

  constructor(private readonly path: string) {}

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + FULL_BYTES - this.filled);
      this.makeRoom(this.filled + part.length);
      this.block.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled === FULL_BYTES) this.next();
    }
  }

  private makeRoom(bytes: number): void {
    if (bytes <= this.block.length) return;
    const longer = new Uint8Array(Math.min(FULL_BYTES, Math.max(bytes, 2 * this.block.length)));
    longer.set(this.block.subarray(0, this.filled));
    this.block = longer;
  }

  finish(): readonly SecretFinding[] {
    this.look(true);
    return this.found.toSorted((a, b) => a.line - b.line);
  }

  /** What may have been cut at the end of a block is looked at again with the next one. */
  private next(): void {
    this.look(false);
    const from = this.filled - OVERLAP_BYTES;
    this.line += countLines(this.block, from);
    this.block.copyWithin(0, from, this.filled);
    this.filled = OVERLAP_BYTES;
  }

  private look(last: boolean): void {
    if (this.found.length >= FINDINGS_MAX) return;
    const bytes = this.block.subarray(0, this.filled);
    const spans = spansOf(bytes);
    PATTERNS.forEach(({ kind, expression }, index) => {
      for (const { from, to } of spans[index] ?? []) {
        const open = !last && to === bytes.length;
        this.tryOn(kind, expression, textOf(bytes.subarray(from, to)), from, open);
      }
    });
  }

  /** `open`: what ends with the text may go on in the next block. */
  private tryOn(kind: SecretKind, expression: RegExp, text: string, from: number, open: boolean): void {
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      if (this.found.length >= FINDINGS_MAX) return;
      const secret = match[1] ?? match[0];
      if ((open && expression.lastIndex === text.length) || PLACEHOLDER.test(secret)) continue;
      const before = text.slice(0, match.index + match[0].lastIndexOf(secret));
      const lines = before.split('\n').length - 1;
      this.note(kind, secret, this.line + countLines(this.block, from) + lines);
    }
  }

  private note(kind: SecretKind, secret: string, line: number): void {
    const key = `${line} ${secret.slice(0, 64)}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.found.push({ path: this.path, line, kind, excerpt: masked(secret) });
  }
}

/** Where each pattern has to be tried: around its signs. One pass over the bytes, which begin their buffer. */
function spansOf(bytes: Uint8Array): readonly Span[][] {
  const spans = PATTERNS.map((): Span[] => []);
  const words = new Uint16Array(bytes.buffer, 0, bytes.length >> 1);
  for (let word = nextPair(words, 0); word < words.length; word = nextPair(words, word + 1)) {
    lookAt(2 * word - 1, bytes, spans);
    lookAt(2 * word, bytes, spans);
  }
  return spans;
}

/** By itself, because it is all that most bytes meet, and engines make much of small loops. */
function nextPair(words: Uint16Array, from: number): number {
  let word = from;
  while (word < words.length && pairs[words[word]!] === 0) word++;
  return word;
}

function lookAt(at: number, bytes: Uint8Array, spans: readonly Span[][]): void {
  if (at < 0 || at + 2 >= bytes.length) return;
  const triple = ((bytes[at]! & 31) << 10) | ((bytes[at + 1]! & 31) << 5) | (bytes[at + 2]! & 31);
  for (const sign of signs.get(triple) ?? []) {
    if (!standsAt(sign.bytes, bytes, at)) continue;
    for (const index of sign.patterns)
      widen(spans[index]!, bytes, at + 2, PATTERNS[index]!.reach ?? REACH_BYTES);
  }
}

function standsAt(sign: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < sign.length; i++) {
    const byte = bytes[at + i];
    if (byte !== sign[i] && (byte === undefined || byte < 65 || byte > 90 || byte + 32 !== sign[i]))
      return false;
  }
  return true;
}

/** Puts the surroundings of `at` to the spans; the signs come in ascending order. */
function widen(spans: Span[], bytes: Uint8Array, at: number, reach: number): void {
  const from = wholeCharacter(bytes, Math.max(0, at - BEFORE_BYTES));
  const to = wholeCharacter(bytes, Math.min(bytes.length, at + reach));
  const last = spans.at(-1);
  if (last !== undefined && from <= last.to) last.to = to;
  else spans.push({ from, to });
}

/** `sk-a… (53 characters)` */
function masked(secret: string): string {
  const start = secret.startsWith('-----') ? secret : secret.slice(0, SHOWN).replace(/[^!-~]/g, '?');
  return start === secret ? secret : `${start}… (${secret.length} characters)`;
}

/** Line ends among the first bytes, up to `to`; the bytes begin their buffer. Four at a time. */
function countLines(bytes: Uint8Array, to: number): number {
  const words = new Int32Array(bytes.buffer, 0, to >> 2);
  let lines = 0;
  for (let at = 0; at < words.length; at++) {
    const other = words[at]! ^ 0x0a0a0a0a;
    // The highest bit of each byte that is no line end.
    const others = ((other & 0x7f7f7f7f) + 0x7f7f7f7f) | other;
    lines += Math.imul((~others >>> 7) & 0x01010101, 0x01010101) >>> 24;
  }
  for (let at = 4 * words.length; at < to; at++) if (bytes[at] === 10) lines += 1;
  return lines;
}

/** The next place that is no middle of a UTF-8 character; in what is no text, the place itself or one close by. */
function wholeCharacter(bytes: Uint8Array, at: number): number {
  for (let to = at; to < at + 4 && to < bytes.length; to++) if ((bytes[to]! & 0xc0) !== 0x80) return to;
  return at;
}

/** Text where it is text, else one character a byte: the patterns are ASCII. */
function textOf(bytes: Uint8Array): string {
  const text = fromUtf8(bytes);
  if (text !== null) return text;
  let out = '';
  for (let at = 0; at < bytes.length; at += 4096)
    out += String.fromCharCode.apply(null, bytes.subarray(at, at + 4096) as unknown as number[]);
  return out;
}
