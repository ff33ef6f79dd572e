import { fixedLimits } from '../limits.js';
import { fromUtf8, hasLoneSurrogate, toUtf8 } from '../bytes/text.js';

/** A JSON value. Objects have no prototype, so a key such as `__proto__` is plain data. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export interface JsonLimits {
  /** Longest document, in bytes. */
  readonly bytesMax?: number;
  /** Deepest nesting of arrays and objects. */
  readonly depthMax?: number;
  /**
   * Refuse numbers that a double cannot carry as written: integers beyond 2^53 - 1, also those that only the
   * canonical form writes as an integer, and values other than zero that would become zero. Default true. A number that would become infinite is always refused.
   */
  readonly strictNumbers?: boolean;
  /** Refuse NUL and noncharacters in strings (hostile input Y13). Default false. */
  readonly plainText?: boolean;
}

export type JsonProblemKind =
  | 'too-large'
  | 'utf8'
  | 'bom'
  | 'depth'
  | 'syntax'
  | 'trailing'
  | 'duplicate-key'
  | 'surrogate'
  | 'text'
  | 'number';

/** Why a document was refused. */
export interface JsonProblem {
  readonly kind: JsonProblemKind;
  /** 0-based offset in bytes. */
  readonly byte: number;
  /** 1-based. */
  readonly line: number;
  /** A plain English clause, without text from the document. */
  readonly message: string;
}

export type JsonRead = { readonly value: JsonValue } | { readonly problem: JsonProblem };

const BYTES_MAX = 16 * 1024 * 1024;

/**
 * Strict JSON (RFC 8259) of attacker-controlled bytes: one document, UTF-8 without byte order mark, no
 * duplicate key (also when one is written with escapes), no lone surrogate, bounded size and nesting.
 * Never throws. docs/SPEC.md, "JSON".
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = {}): JsonRead {
  const bytesMax = limits.bytesMax ?? BYTES_MAX;
  if (bytes.length > bytesMax) {
    return {
      problem: { kind: 'too-large', byte: bytesMax, line: 1, message: `it is longer than ${bytesMax} bytes` },
    };
  }
  const text = fromUtf8(bytes);
  if (text === null) return { problem: { kind: 'utf8', byte: 0, line: 1, message: 'it is not UTF-8' } };
  if (text.startsWith('\ufeff')) {
    return { problem: { kind: 'bom', byte: 0, line: 1, message: 'it starts with a byte order mark' } };
  }
  try {
    return { value: new Parser(text, limits).document() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const before = text.slice(0, error.at);
    const line = before.split('\n').length;
    return { problem: { kind: error.kind, byte: toUtf8(before).length, line, message: error.message } };
  }
}

/** Leaves the recursive descent; never leaves this module. */
class Refusal extends Error {
  constructor(
    readonly kind: JsonProblemKind,
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Parser {
  private at = 0;
  private readonly depthMax: number;
  private readonly strictNumbers: boolean;
  private readonly plainText: boolean;

  constructor(
    private readonly text: string,
    limits: JsonLimits,
  ) {
    this.depthMax = limits.depthMax ?? fixedLimits.documentDepthMax;
    this.strictNumbers = limits.strictNumbers ?? true;
    this.plainText = limits.plainText ?? false;
  }

  document(): JsonValue {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) this.refuse('trailing', 'something follows the end of the document');
    return value;
  }

  private value(depth: number): JsonValue {
    this.space();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth + 1);
      case '[':
        return this.array(depth + 1);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(depth: number): JsonObject {
    this.enter(depth);
    const object = Object.create(null) as Record<string, JsonValue>;
    this.space();
    if (this.take('}')) return object;
    do {
      this.space();
      const start = this.at;
      if (this.text[start] !== '"') this.refuse('syntax', 'a key in double quotes was expected');
      const key = this.string();
      if (Object.hasOwn(object, key)) this.refuse('duplicate-key', 'a key stands twice in one object', start);
      this.space();
      if (!this.take(':')) this.refuse('syntax', 'a colon was expected');
      object[key] = this.value(depth);
      this.space();
    } while (this.take(','));
    if (!this.take('}')) this.refuse('syntax', 'a comma or a closing brace was expected');
    return object;
  }

  private array(depth: number): readonly JsonValue[] {
    this.enter(depth);
    const items: JsonValue[] = [];
    this.space();
    if (this.take(']')) return items;
    do {
      items.push(this.value(depth));
      this.space();
    } while (this.take(','));
    if (!this.take(']')) this.refuse('syntax', 'a comma or a closing bracket was expected');
    return items;
  }

  private string(): string {
    const start = this.at++;
    let value = '';
    let from = this.at;
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (Number.isNaN(unit)) this.refuse('syntax', 'a string does not end', start);
      if (unit < 0x20) this.refuse('syntax', 'a control character stands inside a string');
      if (unit === 0x22) break;
      if (unit === 0x5c) {
        value += this.text.slice(from, this.at) + this.escape();
        from = this.at;
      } else this.at++;
    }
    value += this.text.slice(from, this.at++);
    if (hasLoneSurrogate(value)) this.refuse('surrogate', 'a string holds half of a surrogate pair', start);
    if (this.plainText && UNSAFE.test(value)) {
      this.refuse('text', 'a string holds NUL or a code point that is not a character', start);
    }
    return value;
  }

  private escape(): string {
    const letter = this.text[this.at + 1] ?? '';
    if (letter === 'u') {
      const hex = this.text.slice(this.at + 2, this.at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.refuse('syntax', 'an escape in a string is not one of JSON');
      this.at += 6;
      return String.fromCharCode(Number.parseInt(hex, 16));
    }
    const character = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (character === undefined) return this.refuse('syntax', 'an escape in a string is not one of JSON');
    this.at += 2;
    return character;
  }

  private number(): number {
    NUMBER.lastIndex = this.at;
    const written = NUMBER.exec(this.text)?.[0];
    if (written === undefined) return this.refuse('syntax', 'a value was expected');
    const value = Number(written);
    if (!Number.isFinite(value)) this.refuse('number', 'a number is too large for a double');
    if (this.strictNumbers) this.checkExact(written, value);
    this.at += written.length;
    return value;
  }

  private checkExact(written: string, value: number): void {
    // Also when it is written otherwise (1e20): its canonical form would be such an integer, and be refused.
    const integer = /^-?[0-9]+$/.test(written) || /^-?[0-9]+$/.test(String(value));
    if (integer && !Number.isSafeInteger(value)) {
      this.refuse('number', 'an integer is beyond 2^53 - 1, so programs read it differently');
    }
    if (value === 0 && /[1-9]/.test(written.replace(/[eE].*$/, ''))) {
      this.refuse('number', 'a number is too small for a double and would become zero');
    }
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.refuse('syntax', 'a value was expected');
    this.at += word.length;
    return value;
  }

  private enter(depth: number): void {
    if (depth > this.depthMax) this.refuse('depth', `it nests deeper than ${this.depthMax} levels`);
    this.at++;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private space(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.at++;
    }
  }

  private refuse(kind: JsonProblemKind, message: string, at = this.at): never {
    throw new Refusal(kind, at, message);
  }
}

const UNSAFE = /[\0\p{Noncharacter_Code_Point}]/u;
