// Entries of decode tables. Bits 0-5: bits to take, extra bits included. Bits 8-11: bits of the code alone.
// Bits 16-30: literal, least length or least distance.
/** A literal. */
export const LITERAL: u64 = 0x8000_0000;
/** None of: literal, length, distance. */
export const SPECIAL: u64 = 0x8000;
/** Bits 16-30: where the subtable begins, bits 8-11: how many bits it takes. */
export const SUBTABLE: u64 = 0x4000;
export const END_OF_BLOCK: u64 = 0x2000;
/** No code, or a symbol without meaning. */
export const NO_SYMBOL: u64 = 0x1000;

/** The lowest `n` bits, as a decode entry counts them: the lowest six bits of `n` count. */
export function low(value: u64, n: u64): u64 {
  return value & (((<u64>1) << n) - 1);
}

export function entryAt(table: usize, index: u64): u64 {
  return <u64>load<u32>(table + ((<usize>index) << 2));
}

/** The entry in the subtable that `entry` names. `rest`: the bits behind those that index the table. */
export function subEntryAt(table: usize, entry: u64, rest: u64): u64 {
  return entryAt(table, (entry >> 16) + low(rest, (entry >> 8) & 15));
}

/** Length or distance of an entry with the extra bits that follow its code at the start of `rest`. */
export function valueOf(entry: u64, rest: u64): usize {
  return <usize>((entry >> 16) + (low(rest, entry) >> (entry >> 8)));
}
