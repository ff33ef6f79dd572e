/**
 * The part of Python's regular expressions that means the same in JavaScript and answers at once: literal
 * characters, `.`, classes, `\d \w \s \b` and their like, one level of groups with alternatives, and repetition
 * of single characters or classes.
 */
export const PATTERN_LENGTH_MAX = 200;
/** Unbounded repetitions in one pattern: the time on a text grows with its length to this power, plus one. */
const UNBOUNDED_MAX = 2;
const COUNT_MAX = 100;

const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const CLASSES: Readonly<Record<string, string>> = { d: '\\p{Nd}', w: '\\p{L}\\p{N}_', s: SPACE };
const WORD = '[\\p{L}\\p{N}_]';
const EDGE = `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
const CONTROLS: Readonly<Record<string, string>> = { n: '\\n', t: '\\t', r: '\\r' };

/** Why a pattern is refused, or null. Attacker-controlled text; never throws. */
export function patternProblem(pattern: string): string | null {
  const read = translate(pattern);
  return 'problem' in read ? read.problem : null;
}

/** The pattern for JavaScript, letters of either case; null when it is refused. */
export function compilePattern(pattern: string): RegExp | null {
  const read = translate(pattern);
  return 'problem' in read ? null : read.expression;
}

function translate(pattern: string): { readonly expression: RegExp } | { readonly problem: string } {
  if (pattern.length > PATTERN_LENGTH_MAX)
    return { problem: `it is longer than ${PATTERN_LENGTH_MAX} characters` };
  try {
    const expression = new RegExp(new Reader(pattern).all(), 'iu');
    return expression.test('') ? { problem: 'it fits every text, the empty one too' } : { expression };
  } catch (error) {
    return {
      problem: error instanceof Refusal ? error.message : 'it is not a pattern that both languages know',
    };
  }
}

class Refusal extends Error {}

class Reader {
  private at = 0;
  private unbounded = 0;

  constructor(private readonly text: string) {}

  all(): string {
    let out = '';
    let inGroup = false;
    while (this.at < this.text.length) {
      const character = this.text[this.at] ?? '';
      if (character === '(') {
        if (inGroup) throw new Refusal('groups stand in groups');
        inGroup = true;
        out += this.open();
      } else if (character === ')') {
        if (!inGroup) throw new Refusal('a bracket is closed that was not opened');
        inGroup = false;
        this.at++;
        out += `)${this.afterGroup()}`;
      } else if (character === '|') {
        this.at++;
        out += '|';
      } else out += this.piece(character);
    }
    if (inGroup) throw new Refusal('a bracket is not closed');
    return out;
  }

  private open(): string {
    this.at++;
    if (this.text[this.at] === '?') {
      if (this.text[this.at + 1] !== ':')
        throw new Refusal('groups with a question mark, other than (?:, differ between languages');
      this.at += 2;
    }
    return '(?:';
  }

  private afterGroup(): string {
    const next = this.text[this.at] ?? '';
    if (next === '*' || next === '+' || next === '{')
      throw new Refusal('a group is repeated, which can take very long');
    if (next !== '?') return '';
    this.at++;
    if ('?+*{'.includes(this.text[this.at] ?? ' ')) throw new Refusal('a repetition is repeated');
    return '?';
  }

  private piece(character: string): string {
    if ('^$'.includes(character)) {
      this.at++;
      // Python's $ also fits before a last line feed.
      return character === '^' ? '^' : '(?=\\n?(?![\\s\\S]))';
    }
    if ('*+?{}'.includes(character)) throw new Refusal(`"${character}" stands where nothing can be repeated`);
    if (character === '\\' && this.text[this.at + 1] === 'b') {
      this.at += 2;
      return EDGE;
    }
    return this.single(character) + this.repetition();
  }

  private single(character: string): string {
    if (character === '[') return this.charClass();
    if (character === '\\') return this.escape(false);
    if (character === '.') {
      this.at++;
      return '[^\\n]';
    }
    return this.literal();
  }

  private literal(): string {
    const point = this.text.codePointAt(this.at) ?? 0;
    const character = String.fromCodePoint(point);
    this.at += character.length;
    if (point > 0x7e || point < 0x20) return `\\u{${point.toString(16)}}`;
    return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
  }

  private escape(inClass: boolean): string {
    const next = this.text[this.at + 1] ?? '';
    this.at += 2;
    const set = CLASSES[next.toLowerCase()];
    if (set !== undefined && (next === 'd' || next === 'w' || next === 's'))
      return inClass ? set : `[${set}]`;
    if (set !== undefined && !inClass) return `[^${set}]`;
    const control = CONTROLS[next];
    if (control !== undefined) return control;
    if (/^[!-/:-@[-`{-~]$/.test(next)) return /[\^$\\.*+?()[\]{}|/-]/.test(next) ? `\\${next}` : next;
    throw new Refusal(`"\\${next}" is not the same in both languages`);
  }

  private charClass(): string {
    this.at++;
    let out = '[';
    if (this.text[this.at] === '^') {
      out += '^';
      this.at++;
    }
    const start = this.at;
    while (this.at < this.text.length && this.text[this.at] !== ']') {
      const character = this.text[this.at] ?? '';
      const twice = character === (this.text[this.at + 1] ?? '') && '-&~|'.includes(character);
      if (character === '[' || twice) throw new Refusal('a class holds a class or a set operation');
      if (character === '\\') out += this.escape(true);
      else if (character === '-') {
        out += this.range(start);
      } else out += this.literal();
    }
    if (this.at === start || this.text[this.at] !== ']') throw new Refusal('a class is empty or not closed');
    this.at++;
    return `${out}]`;
  }

  /** A hyphen between two letters or digits of one kind is a range; at either end it is itself. */
  private range(start: number): string {
    const before = this.text[this.at - 1] ?? '';
    const after = this.text[this.at + 1] ?? '';
    this.at++;
    if (this.at - 1 === start || after === ']') return '\\-';
    const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/];
    if (kinds.some((kind) => kind.test(before) && kind.test(after)) && before <= after) return '-';
    throw new Refusal('a range does not run between two small letters, two capitals or two digits');
  }

  private repetition(): string {
    const rest = this.text.slice(this.at);
    const found = /^(?:[*+?]|\{(\d{1,3})(,(\d{0,3}))?\})/.exec(rest);
    if (found === null) {
      if (rest.startsWith('{')) throw new Refusal('a brace is not a repetition; write \\{');
      return '';
    }
    const [whole, least, comma, most] = found;
    if (Number(least ?? 0) > COUNT_MAX || Number(most ?? 0) > COUNT_MAX)
      throw new Refusal(`a repetition is counted beyond ${COUNT_MAX}`);
    if (whole === '*' || whole === '+' || (comma !== undefined && most === '')) this.unbounded++;
    // Counted repetitions take part in the growth of time as open ones do.
    else if (Number(most ?? least ?? 0) > 1) this.unbounded++;
    if (this.unbounded > UNBOUNDED_MAX)
      throw new Refusal('there are too many repetitions, which can take very long');
    this.at += whole.length;
    const lazy = this.text[this.at] === '?' ? '?' : '';
    this.at += lazy.length;
    if ('?+*{'.includes(this.text[this.at] ?? ' ')) throw new Refusal('a repetition is repeated');
    return whole + lazy;
  }
}
