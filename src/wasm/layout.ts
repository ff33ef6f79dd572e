// Where everything stands in the 512 KiB of one instance, in bytes; nothing is allocated.

/** Decode tables, entries of 32 bits, indexed by so many bits; longer codes continue in subtables behind. */
export const LITERALS: usize = 0x1000;
export const DISTANCES: usize = 0x3800;
export const LENGTH_CODES: usize = 0x4000;
export const LITERAL_BITS_MAX: u32 = 11;
export const DISTANCE_BITS_MAX: u32 = 8;
export const LENGTH_BITS_MAX: u32 = 7;
/** Lengths of the codes of a block, one byte each; those of the code for lengths. */
export const LENGTHS: usize = 0x4400;
export const ORDERED: usize = 0x4600;
/** Symbols by length of code, 16 bits each; number of codes and first place of each length, 32 bits each. */
export const SORTED: usize = 0x4800;
export const COUNTS: usize = 0x4c00;
export const PLACES: usize = 0x4c80;
/** What the symbols of each code mean, as entries without their length. */
export const LITERAL_MEANINGS: usize = 0x5000;
export const DISTANCE_MEANINGS: usize = 0x5500;
export const LENGTH_MEANINGS: usize = 0x5600;
/** Sixteen tables of 256 CRCs. */
export const CRC_TABLES: usize = 0x6000;

export const INPUT: usize = 0x10000;
export const INPUT_END: usize = 0x50000;

export const WINDOW: usize = 32_768;
/** The last 32 KiB that went out, then what goes out next; a symbol that begins before `OUTPUT_FULL` still fits. */
export const OUTPUT: usize = 0x50000;
export const OUTPUT_FULL: usize = 0x78000;
