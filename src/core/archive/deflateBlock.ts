import {
  CODE_LENGTH_ORDER,
  END_OF_BLOCK,
  fixedDistanceLengths,
  fixedLiteralLengths,
} from './deflateTables.js';
import { codesOf, packedLengths, treeLengths } from './deflateTree.js';

/** How often each symbol of a block occurs, and the extra bits of all of them. */
export interface BlockCounts {
  readonly literals: Uint16Array;
  readonly distances: Uint16Array;
  readonly extraBits: number;
}

/** Where a block goes. What it consists of is known there. */
export interface BlockOutput {
  /** Up to 16 bits, lowest first. */
  put(value: number, bits: number): void;
  /** The bytes themselves. */
  store(): void;
  /** The symbols, and the end of the block. */
  writeSymbols(codes: Codes): void;
}

/** By symbol: its code as it is written, and how many bits it has. */
export interface Codes {
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

/** Writes one block by whichever of the three ways is the shortest. `bytes`: how many its symbols stand for. */
export function writeBlock(out: BlockOutput, counts: BlockCounts, bytes: number, last: boolean): void {
  const { literals, distances, extraBits } = counts;
  literals[END_OF_BLOCK]!++;
  const own = ownCodes(literals, distances);
  const storedBits = (bytes + 5) * 8;
  const fixedBits = cost(literals, fixedLiteralLengths) + cost(distances, fixedDistanceLengths) + extraBits;
  const ownBits =
    cost(literals, own.literalBits) + cost(distances, own.distanceBits) + extraBits + own.headBits;
  out.put(last ? 1 : 0, 1);
  if (storedBits <= fixedBits && storedBits <= ownBits) {
    out.put(0, 2);
    out.store();
  } else if (ownBits < fixedBits) {
    out.put(2, 2);
    own.writeHead(out);
    out.writeSymbols(own.codes());
  } else {
    out.put(1, 2);
    out.writeSymbols(fixed);
  }
}

interface OwnCodes {
  readonly literalBits: Uint8Array;
  readonly distanceBits: Uint8Array;
  /** What the description of the codes costs. */
  readonly headBits: number;
  writeHead(out: BlockOutput): void;
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
