import type { StretchWriter } from './deflateBits.js';
import {
  CODE_LENGTH_ORDER,
  DISTANCE_EXTRA_BITS,
  DISTANCES,
  END_OF_BLOCK,
  fixedDistanceLengths,
  fixedLiteralLengths,
  LENGTH_EXTRA_BITS,
  LITERALS,
} from './deflateTables.js';
import { codesOf, packedLengths, treeLengths } from './deflateTree.js';

/** Symbols of a block that is being gathered. A literal is its byte; a match has {@link MATCH} set. */
export class BlockSymbols {
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

/** `MATCH | symbolOfLength << 18 | symbolOfDistance`. */
export const MATCH = 1 << 28;

interface Codes {
  readonly literals: Uint16Array;
  readonly literalBits: Uint8Array;
  readonly distances: Uint16Array;
  readonly distanceBits: Uint8Array;
}

const fixed: Codes = {
  literals: codesOf(fixedLiteralLengths, 9),
  literalBits: fixedLiteralLengths,
  distances: codesOf(fixedDistanceLengths, 5),
  distanceBits: fixedDistanceLengths,
};

/** Writes one block by whichever of the three ways is the shortest. `source`: the bytes that the symbols stand for. */
export function writeBlock(out: StretchWriter, block: BlockSymbols, source: Uint8Array, last: boolean): void {
  const { literals, distances, extraBits } = block;
  literals[END_OF_BLOCK]!++;
  const own = ownCodes(literals, distances);
  const storedBits = (source.length + 5) * 8;
  const fixedBits = cost(literals, fixedLiteralLengths) + cost(distances, fixedDistanceLengths) + extraBits;
  const ownBits =
    cost(literals, own.literalBits) + cost(distances, own.distanceBits) + extraBits + own.headBits;
  out.reserve(Math.ceil(Math.min(fixedBits, ownBits) / 8) + 16);
  out.put(last ? 1 : 0, 1);
  if (storedBits <= fixedBits && storedBits <= ownBits) {
    out.put(0, 2);
    out.store(source);
    return;
  }
  if (ownBits < fixedBits) {
    out.put(2, 2);
    own.writeHead(out);
    writeSymbols(out, block, own.codes());
  } else {
    out.put(1, 2);
    writeSymbols(out, block, fixed);
  }
}

interface OwnCodes {
  readonly literalBits: Uint8Array;
  readonly distanceBits: Uint8Array;
  /** What the description of the codes costs. */
  readonly headBits: number;
  writeHead(out: StretchWriter): void;
  codes(): Codes;
}

function ownCodes(literals: Uint16Array, distances: Uint16Array): OwnCodes {
  const one = treeLengths(literals, 15);
  const two = treeLengths(distances, 15);
  const lists = [packedLengths(one.lengths), packedLengths(two.lengths)] as const;
  const weights = new Uint16Array(19);
  for (const { words } of lists) for (const word of words) weights[word & 31]!++;
  const head = treeLengths(weights, 7);
  let count = 19;
  while (count > 4 && (head.lengths[CODE_LENGTH_ORDER[count - 1]!] ?? 0) === 0) count--;
  const extra = 2 * weights[16]! + 3 * weights[17]! + 7 * weights[18]!;
  return {
    literalBits: one.lengths,
    distanceBits: two.lengths,
    headBits: 14 + 3 * count + cost(weights, head.lengths) + extra,
    writeHead(out) {
      const codes = codesOf(head.lengths, head.bits);
      out.put(lists[0].count - 257, 5);
      out.put(lists[1].count - 1, 5);
      out.put(count - 4, 4);
      for (let i = 0; i < count; i++) out.put(head.lengths[CODE_LENGTH_ORDER[i]!] ?? 0, 3);
      for (const { words } of lists)
        for (const word of words) {
          out.put(codes[word & 31]!, head.lengths[word & 31]!);
          if ((word & 31) > 15) out.put((word >>> 5) & 127, word >>> 12);
        }
    },
    codes: () => ({
      literals: codesOf(one.lengths, one.bits),
      literalBits: one.lengths,
      distances: codesOf(two.lengths, two.bits),
      distanceBits: two.lengths,
    }),
  };
}

function cost(weights: Uint16Array, lengths: Uint8Array): number {
  let bits = 0;
  for (let i = 0; i < lengths.length; i++) bits += weights[i]! * lengths[i]!;
  return bits;
}

function writeSymbols(out: StretchWriter, { symbols, count }: BlockSymbols, codes: Codes): void {
  const { literals, literalBits, distances, distanceBits } = codes;
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
