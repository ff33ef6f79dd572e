import { fromUtf8 } from '../bytes/text.js';
import { RAW_REFUSED } from './node.js';

/** One line without its indentation and line end. */
export interface Line {
  /** Spaces before the content. */
  readonly indent: number;
  /** Never empty. Attacker-controlled. */
  readonly content: string;
  /** 1-based. */
  readonly number: number;
}

const CHUNK_BYTES = 256 * 1024;
const LF = 0x0a;

/**
 * The lines of a document, decoded piece by piece. Ends early, with `unreadable` set, at anything that a
 * plain block document does not hold: bytes that are not UTF-8, control characters, an empty line, spaces at
 * a line's end, a last line without LF.
 */
export class LineSource {
  unreadable = false;
  private at = 0;
  private chunk = '';
  private chunkAt = 0;
  /** Where the current line starts in `chunk`. */
  private lineAt = 0;
  private number = 0;
  private current: Line | null = null;

  constructor(private readonly bytes: Uint8Array) {
    this.next();
  }

  peek(): Line | null {
    return this.current;
  }

  next(): void {
    this.current = this.read();
  }

  /** Puts something else in the place of the current line. */
  replace(line: Line): void {
    this.current = line;
  }

  /**
   * Takes `lines` lines at once, from the current one on, when they have this form (sticky, up to and with the last
   * line end, and none of them such that the lines would be unreadable). null, and nothing taken, when they do not.
   */
  take(form: RegExp, lines: number): RegExpExecArray | null {
    form.lastIndex = this.lineAt;
    const match = form.exec(this.chunk);
    if (match === null) return null;
    this.chunkAt = form.lastIndex;
    this.number += lines - 1;
    this.next();
    return match;
  }

  private read(): Line | null {
    if (this.chunkAt >= this.chunk.length && !this.fill()) return null;
    const lineStart = this.chunkAt;
    this.lineAt = lineStart;
    const end = this.chunk.indexOf('\n', lineStart);
    let start = lineStart;
    while (this.chunk.charCodeAt(start) === 0x20) start++;
    this.number++;
    this.chunkAt = end + 1;
    if (end < 0 || start === end || this.chunk[end - 1] === ' ') return this.giveUp();
    return { indent: start - lineStart, content: this.chunk.slice(start, end), number: this.number };
  }

  /** Decodes up to the last line end within the next piece, more when one line is longer than that. */
  private fill(): boolean {
    if (this.unreadable || this.at >= this.bytes.length) return false;
    let end = Math.min(this.bytes.length, this.at + CHUNK_BYTES);
    const last = this.bytes.lastIndexOf(LF, end - 1);
    end = last >= this.at ? last + 1 : this.bytes.indexOf(LF, end) + 1;
    const text = end > this.at ? fromUtf8(this.bytes.subarray(this.at, end)) : null;
    if (text === null || RAW_REFUSED.test(text)) {
      this.giveUp();
      return false;
    }
    this.at = end;
    this.chunk = text;
    this.chunkAt = 0;
    return true;
  }

  private giveUp(): null {
    this.unreadable = true;
    return null;
  }
}
