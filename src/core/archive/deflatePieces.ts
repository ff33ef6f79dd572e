import { StretchWriter, type Stretch } from './deflateBits.js';
import { writeBlock, type BlockCounts, type BlockOutput, type Codes } from './deflateBlock.js';
import {
  DISTANCE_EXTRA_BITS,
  DISTANCES,
  END_OF_BLOCK,
  LENGTH_EXTRA_BITS,
  LITERALS,
  symbolOfDistance,
  symbolOfLength,
} from './deflateTables.js';

/** Bytes of every piece but the last, which has at least one. The packed bytes depend on it. */
export const PIECE_BYTES = 65_536;

const WINDOW = 32_768;
/** Three bytes become a place in `head`: by 20 bits, in the last piece by 18, which fflate thinks is enough there. */
const HASH_BITS = 20;
const LAST_HASH_BITS = 18;
/** Candidates looked at for a match, and the length that is long enough. Level 6. */
const CHAIN = 128;
const NICE = 128;
const LENGTH_MAX = 258;
const MATCHES_MAX = 7000;
const SYMBOLS_MAX = 24_576;
/** A last block shorter than this is not begun. */
const TAIL_MIN = 423;
/** More than a piece comes to, which is at most nine bits for each byte and some for the head of a block. */
const ROOM_BYTES = 2 * PIECE_BYTES;
/** Set in a symbol that is a match: `MATCH | extra << 23 | length << 18 | extra << 5 | distance`. */
const MATCH = 1 << 28;

/**
 * Deflate in pieces, after the method of fflate (Copyright (c) 2023 Arjun Barrett, MIT): the bytes of fflate 0.8 at
 * level 6 that is fed by pieces of {@link PIECE_BYTES}. Each piece is packed by itself: what it needs of those before
 * it is where each three bytes occurred last, and that is known by merely looking at them
 * ({@link PieceDeflater.skip}). So several workers share one stream: each packs some of its pieces and skips the
 * others, and what comes out is put together by `BitJoiner`.
 */
export interface PieceDeflater {
  /** Looks at a piece that another worker packs. */
  skip(piece: Uint8Array): void;
  /** Packs a piece. `last` ends the stream. */
  pack(piece: Uint8Array, last: boolean): void;
  /** What was packed since the last time. */
  stretch(): Stretch;
}

/** In plain script, which runs everywhere. */
export class ScriptDeflater implements PieceDeflater, BlockOutput {
  private readonly window = new Uint8Array(WINDOW + PIECE_BYTES);
  private readonly head = new Uint16Array(1 << HASH_BITS);
  private readonly before = new Uint16Array(WINDOW);
  private readonly block = new BlockSymbols();
  private readonly out = new StretchWriter();
  /** The bytes of the block. */
  private bytes = this.window;
  private isFirst = true;

  skip(piece: Uint8Array): void {
    const end = this.take(piece);
    const { window, head, before } = this;
    const mask = (1 << HASH_BITS) - 1;
    const begin = this.begin();
    let one = window[begin]!;
    let two = window[begin + 1]!;
    for (let at = begin; at + 2 < end; at++) {
      const three = window[at + 2]!;
      const hash = (one ^ (two << 7) ^ (three << 14)) & mask;
      one = two;
      two = three;
      before[at & (WINDOW - 1)] = head[hash]!;
      head[hash] = at & (WINDOW - 1);
    }
    this.isFirst = false;
  }

  pack(piece: Uint8Array, last: boolean): void {
    this.out.reserve(ROOM_BYTES);
    const end = this.take(piece);
    // fflate ends every piece but the first with a block of nothing.
    if (!this.isFirst) this.put(2, 10);
    this.blocks(this.begin(), end, last);
    this.isFirst = false;
  }

  stretch(): Stretch {
    return this.out.take();
  }

  put(value: number, bits: number): void {
    this.out.put(value, bits);
  }

  store(): void {
    this.out.store(this.bytes);
  }

  writeSymbols({ literals, literalBits, distances, distanceBits }: Codes): void {
    const { out } = this;
    const { symbols, count } = this.block;
    for (let i = 0; i < count; i++) {
      const symbol = symbols[i]!;
      if (symbol < MATCH) {
        out.put(literals[symbol]!, literalBits[symbol]!);
        continue;
      }
      const length = (symbol >> 18) & 31;
      out.put(literals[length + 257]!, literalBits[length + 257]!);
      if (length > 7) out.put((symbol >> 23) & 31, LENGTH_EXTRA_BITS[length]!);
      const distance = symbol & 31;
      out.put(distances[distance]!, distanceBits[distance]!);
      if (distance > 3) out.put((symbol >> 5) & 8191, DISTANCE_EXTRA_BITS[distance]!);
    }
    out.put(literals[END_OF_BLOCK]!, literalBits[END_OF_BLOCK]!);
  }

  /** Puts the piece behind the last 32 KiB; the end of what lies in the window. */
  private take(piece: Uint8Array): number {
    if (!this.isFirst) this.window.copyWithin(0, PIECE_BYTES);
    this.window.set(piece, WINDOW);
    return WINDOW + piece.length;
  }

  /** The last two bytes of the piece before could not be looked at without those behind them. */
  private begin(): number {
    return this.isFirst ? WINDOW : WINDOW - 2;
  }

  private blocks(from: number, end: number, last: boolean): void {
    const { window, head, before, block } = this;
    const { symbols, literals, distances } = block;
    const bits = last ? LAST_HASH_BITS : HASH_BITS;
    const third = Math.ceil(bits / 3);
    const mask = (1 << bits) - 1;
    // fflate reckons the window to the first block, so that one is never stored.
    let begun = 0;
    /** Up to here the bytes stand for symbols. */
    let done = WINDOW;
    for (let at = from; at + 2 < end; at++) {
      const hash = (window[at]! ^ (window[at + 1]! << third) ^ (window[at + 2]! << (2 * third))) & mask;
      const candidate = head[hash]!;
      before[at & (WINDOW - 1)] = candidate;
      head[hash] = at & (WINDOW - 1);
      if (at < done) continue;
      if ((block.matches > MATCHES_MAX || block.count > SYMBOLS_MAX) && (end - at > TAIL_MIN || !last)) {
        this.endBlock(begun, at, false);
        begun = at;
      }
      const other = at - ((at - candidate) & (WINDOW - 1));
      const match =
        hash ===
        ((window[other]! ^ (window[other + 1]! << third) ^ (window[other + 2]! << (2 * third))) & mask)
          ? this.match(at, end, candidate)
          : 0;
      if (match === 0) {
        const byte = window[at]!;
        symbols[block.count++] = byte;
        literals[byte]!++;
        done = at + 1;
        continue;
      }
      const length = symbolOfLength[match & 511]!;
      const distance = symbolOfDistance[match >>> 9]!;
      symbols[block.count++] = MATCH | (length << 18) | distance;
      block.extraBits += LENGTH_EXTRA_BITS[length & 31]! + DISTANCE_EXTRA_BITS[distance & 31]!;
      literals[257 + (length & 31)]!++;
      distances[distance & 31]!++;
      block.matches++;
      done = at + (match & 511);
    }
    for (let at = done; at < end; at++) {
      symbols[block.count++] = window[at]!;
      literals[window[at]!]!++;
    }
    this.endBlock(begun, end, last);
  }

  private endBlock(from: number, end: number, last: boolean): void {
    this.bytes = this.window.subarray(from, end);
    writeBlock(this, this.block, end - from, last);
    this.block.clear();
  }

  /** `distance << 9 | length` of the match that is taken, 0 for none. */
  private match(at: number, end: number, first: number): number {
    const { window, before } = this;
    let here = at & (WINDOW - 1);
    let candidate = first;
    let away = (here - candidate) & (WINDOW - 1);
    const rest = end - at;
    const nice = Math.min(NICE, rest) - 1;
    const lengthMax = Math.min(LENGTH_MAX, rest);
    let length = 2;
    let distance = 0;
    for (let left = CHAIN - 1; away < WINDOW && left > 0 && here !== candidate; left--) {
      if (window[at + length] === window[at + length - away]) {
        let same = 0;
        while (same < lengthMax && window[at + same] === window[at + same - away]) same++;
        if (same > length) {
          length = same;
          distance = away;
          if (same > nice) break;
          // The rarest three bytes within this match lead on more quickly than its beginning.
          const steps = Math.min(away, same - 2);
          let farthest = 0;
          for (let step = 0; step < steps; step++) {
            const place = (at - away + step) & (WINDOW - 1);
            const far = (place - before[place]!) & (WINDOW - 1);
            if (far > farthest) {
              farthest = far;
              candidate = place;
            }
          }
        }
      }
      here = candidate;
      candidate = before[here]!;
      away += (here - candidate) & (WINDOW - 1);
    }
    return distance === 0 ? 0 : (distance << 9) | length;
  }
}

/** A block that is being gathered. */
class BlockSymbols implements BlockCounts {
  /** A literal is its byte; a match has {@link MATCH} set. */
  readonly symbols = new Int32Array(25_000);
  readonly literals = new Uint16Array(LITERALS);
  readonly distances = new Uint16Array(DISTANCES);
  count = 0;
  matches = 0;
  extraBits = 0;

  clear(): void {
    this.literals.fill(0);
    this.distances.fill(0);
    this.count = this.matches = this.extraBits = 0;
  }
}
