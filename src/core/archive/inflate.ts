import { concatBytes } from '../bytes/bytes.js';
import { BitReader, type Code } from './bits.js';
import { fixedCodes, readDynamicCodes } from './huffman.js';

const WINDOW = 32_768;
/** Unpacked bytes handed out at once. */
const PIECE = 65_536;
const LONGEST_COPY = 258;

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];

type Step = 'more-input' | 'output-full' | 'next' | 'damaged';

/**
 * Raw inflate (RFC 1951), streaming, with a fixed window: says where the stream ends and why it is
 * refused, which the inflaters of the platforms do not. They are faster; this one explains, and
 * stands in where a platform has none. Accepts what zlib accepts.
 */
export class Inflater {
  done = false;
  damaged = false;
  private readonly reader = new BitReader();
  private readonly out = new Uint8Array(WINDOW + PIECE + LONGEST_COPY);
  private at = 0;
  private flushed = 0;
  private total = 0;
  private state: 'block' | 'stored' | 'codes' = 'block';
  private lastBlock = false;
  private storedLeft = 0;
  private codes = fixedCodes;

  /** Unpacks what `chunk` completes. Pieces are copies. Stops when `done` or `damaged`. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    const reader = this.reader;
    reader.input =
      reader.at < reader.input.length ? concatBytes([reader.input.subarray(reader.at), chunk]) : chunk;
    reader.at = 0;
    while (!this.done && !this.damaged) {
      const step = this.step();
      if (step === 'damaged') this.damaged = true;
      if (this.at - this.flushed >= PIECE) yield this.flush();
      if (step === 'more-input') break;
    }
    if (this.at > this.flushed) yield this.flush();
  }

  /** Input after the end of the deflate stream. */
  rest(): Uint8Array {
    return this.reader.input.subarray(this.reader.at - (this.reader.count >>> 3));
  }

  /** Bytes of the last chunk that are not consumed. */
  unread(): number {
    return this.reader.input.length - this.reader.at + (this.reader.count >>> 3);
  }

  private flush(): Uint8Array {
    const piece = this.out.slice(this.flushed, this.at);
    const keep = Math.min(WINDOW, this.at);
    this.out.copyWithin(0, this.at - keep, this.at);
    this.at = keep;
    this.flushed = keep;
    return piece;
  }

  private step(): Step {
    if (this.state === 'stored') return this.copyStored();
    if (this.state === 'codes') return this.decode();
    const { at, bits, count } = this.reader;
    const step = this.startBlock();
    if (step === 'more-input') Object.assign(this.reader, { at, bits, count, short: false });
    return step;
  }

  private endBlock(): Step {
    this.state = 'block';
    this.done = this.lastBlock;
    return 'next';
  }

  private startBlock(): Step {
    const reader = this.reader;
    const last = reader.take(1) === 1;
    const type = reader.take(2);
    if (reader.short) return 'more-input';
    this.lastBlock = last;
    if (type === 0) return this.startStored();
    if (type === 3) return 'damaged';
    const codes = type === 1 ? fixedCodes : readDynamicCodes(reader);
    if (reader.short) return 'more-input';
    if (codes === null) return 'damaged';
    this.codes = codes;
    this.state = 'codes';
    return 'next';
  }

  private startStored(): Step {
    const reader = this.reader;
    reader.take(reader.count & 7);
    const length = reader.take(16);
    const complement = reader.take(16);
    if (reader.short) return 'more-input';
    if ((length ^ complement) !== 0xffff) return 'damaged';
    this.storedLeft = length;
    this.state = 'stored';
    return 'next';
  }

  private copyStored(): Step {
    const reader = this.reader;
    // Whole bytes may already stand in the bit buffer: give them back.
    reader.at -= reader.count >>> 3;
    reader.bits = 0;
    reader.count = 0;
    const length = Math.min(this.storedLeft, reader.input.length - reader.at, this.out.length - this.at);
    this.out.set(reader.input.subarray(reader.at, reader.at + length), this.at);
    reader.at += length;
    this.at += length;
    this.total += length;
    this.storedLeft -= length;
    if (this.storedLeft === 0) return this.endBlock();
    return reader.at === reader.input.length ? 'more-input' : 'output-full';
  }

  private decode(): Step {
    const reader = this.reader;
    const { literals, distances } = this.codes;
    const out = this.out;
    const full = out.length - LONGEST_COPY;
    while (this.at < full) {
      const { at, bits, count } = reader;
      const symbol = reader.symbol(literals);
      if (symbol >= 0 && symbol < 256) {
        out[this.at++] = symbol;
        this.total++;
        continue;
      }
      if (symbol === 256) return this.endBlock();
      const step = symbol < 0 ? 'damaged' : this.copyMatch(symbol - 257, distances);
      if (reader.short) {
        reader.at = at;
        reader.bits = bits;
        reader.count = count;
        reader.short = false;
        return 'more-input';
      }
      if (step === 'damaged') return step;
    }
    return 'output-full';
  }

  private copyMatch(lengthSymbol: number, distances: Code): Step {
    const reader = this.reader;
    if (lengthSymbol >= LENGTH_BASE.length) return 'damaged';
    const length = LENGTH_BASE[lengthSymbol]! + reader.take(LENGTH_EXTRA[lengthSymbol]!);
    const symbol = reader.symbol(distances);
    if (reader.short || symbol < 0 || symbol >= DISTANCE_BASE.length) return 'damaged';
    const distance = DISTANCE_BASE[symbol]! + reader.take(DISTANCE_EXTRA[symbol]!);
    if (reader.short || distance > this.total) return 'damaged';
    const out = this.out;
    let at = this.at;
    for (let i = 0; i < length; i++, at++) out[at] = out[at - distance]!;
    this.at = at;
    this.total += length;
    return 'next';
  }
}
