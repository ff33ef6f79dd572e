import type { BitReader, Code } from './bits.js';

export interface Codes {
  readonly literals: Code;
  readonly distances: Code;
}

const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END_OF_BLOCK = 256;

/**
 * Builds a code from its lengths (RFC 1951 section 3.2.2). null when over-subscribed or incomplete;
 * like zlib, one single code of one bit is let through for literals and distances.
 */
export function buildCode(lengths: Uint8Array, mayBeSingle: boolean): Code | null {
  const counts = new Uint16Array(16);
  for (const length of lengths) if (length > 0) counts[length]!++;
  let bits = 15;
  while (bits > 0 && counts[bits] === 0) bits--;
  if (bits === 0) return mayBeSingle ? { lookup: new Uint16Array(1), mask: 0, bits: 0 } : null;
  const next = new Uint16Array(16);
  let left = 1;
  for (let length = 1, code = 0; length <= 15; length++) {
    code = (code + (length > 1 ? counts[length - 1]! : 0)) << 1;
    next[length] = code;
    left = left * 2 - counts[length]!;
    if (left < 0) return null;
  }
  if (left > 0 && !(mayBeSingle && bits === 1)) return null;
  return fill(lengths, next, bits);
}

function fill(lengths: Uint8Array, next: Uint16Array, bits: number): Code {
  const lookup = new Uint16Array(1 << bits);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const code = reverse(next[length]!++, length);
    for (let i = code; i < lookup.length; i += 1 << length) lookup[i] = (symbol << 4) | length;
  });
  return { lookup, mask: lookup.length - 1, bits };
}

function reverse(code: number, length: number): number {
  let reversed = 0;
  for (let i = 0; i < length; i++) reversed |= ((code >>> i) & 1) << (length - 1 - i);
  return reversed;
}

/** The two codes of a dynamic block; null when they are refused. Check `reader.short` first. */
export function readDynamicCodes(reader: BitReader): Codes | null {
  const literalCount = reader.take(5) + 257;
  const distanceCount = reader.take(5) + 1;
  const lengthCount = reader.take(4) + 4;
  if (reader.short || literalCount > 286 || distanceCount > 30) return null;
  const order = new Uint8Array(19);
  for (let i = 0; i < lengthCount; i++) order[LENGTH_ORDER[i]!] = reader.take(3);
  const code = reader.short ? null : buildCode(order, false);
  const lengths = code && readLengths(reader, code, literalCount + distanceCount);
  if (!lengths || lengths[END_OF_BLOCK] === 0) return null;
  const literals = buildCode(lengths.subarray(0, literalCount), true);
  const distances = buildCode(lengths.subarray(literalCount), true);
  return literals && distances && { literals, distances };
}

function readLengths(reader: BitReader, code: Code, total: number): Uint8Array | null {
  const lengths = new Uint8Array(total);
  for (let i = 0; i < total;) {
    const symbol = reader.symbol(code);
    if (symbol < 0) return null;
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    const repeat =
      symbol === 16 ? 3 + reader.take(2) : symbol === 17 ? 3 + reader.take(3) : 11 + reader.take(7);
    if (reader.short || i + repeat > total || (symbol === 16 && i === 0)) return null;
    lengths.fill(symbol === 16 ? lengths[i - 1]! : 0, i, i + repeat);
    i += repeat;
  }
  return lengths;
}

function makeFixedCodes(): Codes {
  const lengths = new Uint8Array(288);
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  return { literals: buildCode(lengths, false)!, distances: buildCode(new Uint8Array(32).fill(5), false)! };
}

export const fixedCodes: Codes = makeFixedCodes();
