import { END_OF_BLOCK, LITERAL, NO_SYMBOL, SPECIAL, SUBTABLE } from './entries';
import {
  COUNTS,
  DISTANCES,
  DISTANCE_BITS_MAX,
  DISTANCE_MEANINGS,
  LENGTHS,
  LENGTH_BITS_MAX,
  LENGTH_CODES,
  LENGTH_MEANINGS,
  LITERALS,
  LITERAL_BITS_MAX,
  LITERAL_MEANINGS,
  ORDERED,
  PLACES,
  SORTED,
} from './layout';

/** Writes what symbols mean: once for each instance. */
export function writeMeanings(): void {
  for (let i: u32 = 0; i < 256; i++) store<u32>(LITERAL_MEANINGS + (i << 2), LITERAL | (i << 16));
  store<u32>(LITERAL_MEANINGS + (256 << 2), SPECIAL | END_OF_BLOCK);
  for (let i: u32 = 0; i < 28; i++) {
    const extra: u32 = i < 8 ? 0 : (i >> 2) - 1;
    const base: u32 = i < 8 ? 3 + i : 3 + ((4 + (i & 3)) << extra);
    store<u32>(LITERAL_MEANINGS + ((257 + i) << 2), (base << 16) | extra);
  }
  store<u32>(LITERAL_MEANINGS + (285 << 2), 258 << 16);
  store<u32>(LITERAL_MEANINGS + (286 << 2), SPECIAL | NO_SYMBOL);
  store<u32>(LITERAL_MEANINGS + (287 << 2), SPECIAL | NO_SYMBOL);
  for (let i: u32 = 0; i < 30; i++) {
    const extra: u32 = i < 4 ? 0 : (i >> 1) - 1;
    const base: u32 = i < 4 ? 1 + i : 1 + ((2 + (i & 1)) << extra);
    store<u32>(DISTANCE_MEANINGS + (i << 2), (base << 16) | extra);
  }
  store<u32>(DISTANCE_MEANINGS + (30 << 2), SPECIAL | NO_SYMBOL);
  store<u32>(DISTANCE_MEANINGS + (31 << 2), SPECIAL | NO_SYMBOL);
  for (let i: u32 = 0; i < 19; i++) store<u32>(LENGTH_MEANINGS + (i << 2), i << 16);
}

/** The entry of the symbol at `place`, whose code has `length` bits. */
function entryOf(meanings: usize, place: usize, length: u32): u32 {
  return load<u32>(meanings + ((<usize>load<u16>(place)) << 2)) + (length << 8) + length;
}

/** The next code of the same length, bits reversed; `last` is all ones of that length. */
function after(code: u32, last: u32): u32 {
  const bit = (<u32>0x8000_0000) >> clz(code ^ last);
  return (code & (bit - 1)) | bit;
}

/** The table of literals and lengths, from the first `symbols` lengths. As {@link buildTable}. */
export function buildLiterals(symbols: u32, maySingle: bool): u64 {
  return buildTable(LITERALS, LITERAL_MEANINGS, LENGTHS, symbols, LITERAL_BITS_MAX, maySingle);
}

/** The table of distances, from the `symbols` lengths after those of `literals`. As {@link buildTable}. */
export function buildDistances(literals: u32, symbols: u32, maySingle: bool): u64 {
  return buildTable(DISTANCES, DISTANCE_MEANINGS, LENGTHS + literals, symbols, DISTANCE_BITS_MAX, maySingle);
}

/** The table of the code for lengths. As {@link buildTable}. */
export function buildLengthCodes(): u64 {
  return buildTable(LENGTH_CODES, LENGTH_MEANINGS, ORDERED, 19, LENGTH_BITS_MAX, false);
}

/**
 * Builds the decode table of a code from its lengths (RFC 1951 section 3.2.2): one byte for each of `symbols` at
 * `lengths`. Gives the bits that index the table, at most `bitsMax`; 0 when the code is over-subscribed or
 * incomplete. Like zlib, no code at all and one single code of one bit are let through where `maySingle`.
 */
function buildTable(
  table: usize,
  meanings: usize,
  lengths: usize,
  symbols: u32,
  bitsMax: u32,
  maySingle: bool,
): u64 {
  memory.fill(COUNTS, 0, 64);
  for (let i: u32 = 0; i < symbols; i++) {
    const count = COUNTS + ((<usize>load<u8>(lengths + i)) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let longest: u32 = 15;
  while (longest > 0 && load<u32>(COUNTS + (longest << 2)) == 0) longest--;
  let left: i32 = 1;
  let place = <u32>SORTED;
  for (let length: u32 = 1; length <= 15; length++) {
    const count = load<u32>(COUNTS + (length << 2));
    store<u32>(PLACES + (length << 2), place);
    place += count << 1;
    left = (left << 1) - <i32>count;
    if (left < 0) return 0;
  }
  if (left > 0 && !(maySingle && longest <= 1)) return 0;
  for (let i: u32 = 0; i < symbols; i++) {
    const length = <usize>load<u8>(lengths + i);
    if (length == 0) continue;
    const next = load<u32>(PLACES + (length << 2));
    store<u16>(next, <u16>i);
    store<u32>(PLACES + (length << 2), next + 2);
  }
  if (left > 0) {
    store<u32>(table, longest == 0 ? SPECIAL | NO_SYMBOL | 1 : entryOf(meanings, SORTED, 1));
    store<u32>(table + 4, SPECIAL | NO_SYMBOL | 1);
    return 1;
  }
  return fillTable(table, meanings, longest < bitsMax ? longest : bitsMax);
}

/** Fills the table of a complete code, doubling it with each length, then its subtables. */
function fillTable(table: usize, meanings: usize, bits: u32): u32 {
  let sorted = SORTED;
  let code: u32 = 0;
  let length: u32 = 1;
  let count = load<u32>(COUNTS + 4);
  while (count == 0) count = load<u32>(COUNTS + (++length << 2));
  let size: u32 = 1 << length;
  while (length <= bits) {
    for (; count > 0; count--) {
      store<u32>(table + (code << 2), entryOf(meanings, sorted, length));
      sorted += 2;
      if (code == size - 1) {
        for (; length < bits; length++, size <<= 1) memory.copy(table + (size << 2), table, size << 2);
        return bits;
      }
      code = after(code, size - 1);
    }
    while (count == 0) {
      if (++length <= bits) {
        memory.copy(table + (size << 2), table, size << 2);
        size <<= 1;
      }
      count = load<u32>(COUNTS + (length << 2));
    }
  }
  fillSubtables(table, meanings, bits, code, length, count, sorted);
  return bits;
}

/** Codes longer than `bits`, from `code` on: those with the same first bits share a subtable. */
function fillSubtables(
  table: usize,
  meanings: usize,
  bits: u32,
  code: u32,
  length: u32,
  count: u32,
  sorted: usize,
): void {
  const mask: u32 = (1 << bits) - 1;
  let prefix: u32 = 0xffff_ffff;
  let start: u32 = 0;
  let end: u32 = 1 << bits;
  for (;;) {
    if ((code & mask) != prefix) {
      prefix = code & mask;
      start = end;
      let subBits = length - bits;
      let used = count;
      while (used < (<u32>1) << subBits) {
        subBits++;
        used = (used << 1) + load<u32>(COUNTS + ((bits + subBits) << 2));
      }
      end = start + (1 << subBits);
      store<u32>(table + (prefix << 2), (start << 16) | SPECIAL | SUBTABLE | (subBits << 8) | bits);
    }
    const entry = entryOf(meanings, sorted, length - bits);
    sorted += 2;
    const stride: u32 = 1 << (length - bits);
    for (let i = start + (code >> bits); i < end; i += stride) store<u32>(table + (i << 2), entry);
    const last: u32 = (1 << length) - 1;
    if (code == last) return;
    code = after(code, last);
    count--;
    while (count == 0) count = load<u32>(COUNTS + (++length << 2));
  }
}

/** Lengths of the fixed codes (RFC 1951 section 3.2.6): 288 of literals and lengths, 32 of distances. */
export function writeFixedLengths(): void {
  memory.fill(LENGTHS, 8, 144);
  memory.fill(LENGTHS + 144, 9, 112);
  memory.fill(LENGTHS + 256, 7, 24);
  memory.fill(LENGTHS + 280, 8, 8);
  memory.fill(LENGTHS + 288, 5, 32);
}
