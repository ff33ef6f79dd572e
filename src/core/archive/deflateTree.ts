/** A prefix code as it is written. */
export interface TreeLengths {
  /** Bits of each symbol, up to the last one that has any. */
  readonly lengths: Uint8Array;
  /** The longest. */
  readonly bits: number;
}

/** In a list that is sorted by weight, the symbols are the lowest bits; equal weights stay in the order of symbols. */
const SYMBOL_BITS = 9;
const SYMBOL = (1 << SYMBOL_BITS) - 1;

/**
 * Lengths for symbols that occur so often, none longer than `bitsMax`. Which of many equally good codes comes out is
 * part of the format: it is the one of fflate 0.8.
 */
export function treeLengths(weights: Uint16Array, bitsMax: number): TreeLengths {
  const leaves = new Int32Array(weights.length);
  let count = 0;
  let last = 0;
  for (let symbol = 0; symbol < weights.length; symbol++) {
    if (weights[symbol] === 0) continue;
    leaves[count++] = (weights[symbol]! << SYMBOL_BITS) | symbol;
    last = symbol;
  }
  if (count === 0) return { lengths: new Uint8Array(0), bits: 0 };
  const lengths = new Uint8Array(last + 1);
  if (count === 1) {
    lengths[last] = 1;
    return { lengths, bits: 1 };
  }
  const sorted = leaves.subarray(0, count).sort();
  const bits = joined(sorted, lengths);
  if (bits <= bitsMax) return { lengths, bits };
  shorten(sorted, lengths, bits, bitsMax);
  return { lengths, bits: bitsMax };
}

/**
 * Again and again the two lightest become one, until there is a root: each leaf is as long as it is deep. Gives the
 * depth of the deepest. `leaves`: sorted, at least two.
 */
function joined(leaves: Int32Array, lengths: Uint8Array): number {
  const { length } = leaves;
  // First the leaves, then what they are joined to; the root is the last.
  const weights = new Int32Array(2 * length - 1);
  const joinedTo = new Int32Array(2 * length - 1);
  for (let leaf = 0; leaf < length; leaf++) weights[leaf] = leaves[leaf]! >> SYMBOL_BITS;
  let leaf = 0;
  let joint = length;
  for (let made = length; made < weights.length; made++)
    for (let n = 0; n < 2; n++) {
      const takesLeaf = leaf < length && (joint === made || weights[leaf]! <= weights[joint]!);
      const lightest = takesLeaf ? leaf++ : joint++;
      joinedTo[lightest] = made;
      weights[made]! += weights[lightest]!;
    }
  const depths = new Uint8Array(weights.length);
  let deepest = 0;
  for (let at = depths.length - 2; at >= 0; at--) {
    const depth = (depths[at] = depths[joinedTo[at]!]! + 1);
    if (at >= length) continue;
    lengths[leaves[at]! & SYMBOL] = depth;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

/** Cuts what is too long and pays for it with bits of others. `leaves`: sorted. */
function shorten(leaves: Int32Array, lengths: Uint8Array, bits: number, bitsMax: number): void {
  const order = Array.from(leaves, (leaf) => leaf & SYMBOL).sort((a, b) => lengths[b]! - lengths[a]!);
  const over = bits - bitsMax;
  let at = 0;
  let debt = 0;
  for (; at < order.length; at++) {
    const symbol = order[at]!;
    if (lengths[symbol]! <= bitsMax) break;
    debt += (1 << over) - (1 << (bits - lengths[symbol]!));
    lengths[symbol] = bitsMax;
  }
  debt >>= over;
  while (debt > 0) {
    const symbol = order[at]!;
    if (lengths[symbol]! < bitsMax) debt -= 1 << (bitsMax - lengths[symbol]!++ - 1);
    else at++;
  }
  for (; at >= 0 && debt !== 0; at--) {
    const symbol = order[at]!;
    if (lengths[symbol] !== bitsMax) continue;
    lengths[symbol]--;
    debt++;
  }
}

/** The codes of these lengths, their bits in the order in which they are written. */
export function codesOf(lengths: Uint8Array, bits: number): Uint16Array {
  const next = new Uint16Array(bits + 2);
  for (const length of lengths) if (length > 0) next[length + 1]!++;
  for (let length = 1; length <= bits + 1; length++)
    next[length] = length === 1 ? 0 : (next[length - 1]! + next[length]!) << 1;
  const codes = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length > 0) codes[symbol] = reversed(next[length]!++, length);
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let out = ((code & 0x5555) << 1) | ((code >>> 1) & 0x5555);
  out = ((out & 0x3333) << 2) | ((out >>> 2) & 0x3333);
  out = ((out & 0x0f0f) << 4) | ((out >>> 4) & 0x0f0f);
  return (((out & 0x00ff) << 8) | (out >>> 8)) >>> (16 - length);
}

/** Lengths as the code of code lengths writes them: `extra bits << 12 | extra << 5 | symbol`, and how many there are. */
export function packedLengths(lengths: Uint8Array): {
  readonly words: readonly number[];
  readonly count: number;
} {
  let count = lengths.length;
  while (count > 1 && lengths[count - 1] === 0) count--;
  count = Math.max(1, count);
  const words: number[] = [];
  for (let at = 0; at < count;) {
    const value = lengths[at] ?? 0;
    let run = 1;
    while (at + run < count && lengths[at + run] === value) run++;
    at += run;
    packRun(value, run, words);
  }
  return { words, count };
}

function packRun(value: number, run: number, words: number[]): void {
  let left = run;
  if (value === 0 && left > 2) {
    for (; left > 138; left -= 138) words.push(0x7ff2);
    if (left > 2) {
      words.push(left > 10 ? ((left - 11) << 5) | 0x7012 : ((left - 3) << 5) | 0x3011);
      left = 0;
    }
  } else if (left > 3) {
    words.push(value);
    left--;
    for (; left > 6; left -= 6) words.push(0x2070);
    if (left > 2) {
      words.push(((left - 3) << 5) | 0x2010);
      left = 0;
    }
  }
  while (left-- > 0) words.push(value);
}
