/** A prefix code as it is written. */
export interface TreeLengths {
  /** Bits of each symbol, up to the last one that has any. */
  readonly lengths: Uint8Array;
  /** The longest. */
  readonly bits: number;
}

interface Node {
  /** -1 for a node that joins two. */
  readonly symbol: number;
  readonly weight: number;
  readonly left?: Node;
  readonly right?: Node;
}

/** More than the weight of any block. */
const HEAVIEST = 25_001;

/**
 * Lengths for symbols that occur so often, none longer than `bitsMax`. Which of many equally good codes comes out is
 * part of the format: it is the one of fflate 0.8.
 */
export function treeLengths(weights: Uint16Array, bitsMax: number): TreeLengths {
  const leaves: Node[] = [];
  weights.forEach((weight, symbol) => weight > 0 && leaves.push({ symbol, weight }));
  const [only] = leaves;
  if (only === undefined) return { lengths: new Uint8Array(0), bits: 0 };
  const last = leaves.at(-1)?.symbol ?? 0;
  const lengths = new Uint8Array(last + 1);
  if (leaves.length === 1) {
    lengths[only.symbol] = 1;
    return { lengths, bits: 1 };
  }
  const bits = depths(joined(leaves), lengths, 0);
  if (bits <= bitsMax) return { lengths, bits };
  shorten(leaves, lengths, bits, bitsMax);
  return { lengths, bits: bitsMax };
}

/** The root: again and again the two lightest become one. */
function joined(leaves: readonly Node[]): Node {
  const nodes = leaves.toSorted((a, b) => a.weight - b.weight);
  nodes.push({ symbol: -1, weight: HEAVIEST });
  const join = (left: Node, right: Node): Node => ({
    symbol: -1,
    weight: left.weight + right.weight,
    left,
    right,
  });
  nodes[0] = join(nodes[0]!, nodes[1]!);
  let low = 0;
  let high = 2;
  for (let made = 1; made !== leaves.length - 1;) {
    const left = nodes[nodes[low]!.weight < nodes[high]!.weight ? low++ : high++]!;
    const right = nodes[low !== made && nodes[low]!.weight < nodes[high]!.weight ? low++ : high++]!;
    nodes[made++] = join(left, right);
  }
  return nodes[leaves.length - 2]!;
}

function depths(node: Node, lengths: Uint8Array, depth: number): number {
  if (node.left !== undefined && node.right !== undefined)
    return Math.max(depths(node.left, lengths, depth + 1), depths(node.right, lengths, depth + 1));
  lengths[node.symbol] = depth;
  return depth;
}

/** Cuts what is too long and pays for it with bits of others. */
function shorten(leaves: readonly Node[], lengths: Uint8Array, bits: number, bitsMax: number): void {
  const order = leaves.toSorted((a, b) => lengths[b.symbol]! - lengths[a.symbol]! || a.weight - b.weight);
  const over = bits - bitsMax;
  let at = 0;
  let debt = 0;
  for (; at < order.length; at++) {
    const { symbol } = order[at]!;
    if (lengths[symbol]! <= bitsMax) break;
    debt += (1 << over) - (1 << (bits - lengths[symbol]!));
    lengths[symbol] = bitsMax;
  }
  debt >>= over;
  while (debt > 0) {
    const { symbol } = order[at]!;
    if (lengths[symbol]! < bitsMax) debt -= 1 << (bitsMax - lengths[symbol]!++ - 1);
    else at++;
  }
  for (; at >= 0 && debt !== 0; at--) {
    const { symbol } = order[at]!;
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
  return Uint16Array.from(lengths, (length) => (length === 0 ? 0 : reversed(next[length]!++, length)));
}

function reversed(code: number, length: number): number {
  let out = 0;
  for (let i = 0; i < length; i++) out |= ((code >>> i) & 1) << (length - 1 - i);
  return out;
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
