// Where everything stands in the memory of one packer, in bytes; nothing is allocated.

export const WINDOW: usize = 32_768;
export const PIECE_BYTES: usize = 65_536;

/** How often each symbol occurs in the block that is being gathered, 16 bits each. */
export const LITERAL_COUNTS: usize = 0x1000;
export const DISTANCE_COUNTS: usize = 0x1240;
/** Both of them, in bytes. */
export const COUNTS_BYTES: usize = 0x280;
/** Codes of the block that is written, 32 bits each: how many bits it has, at bit 16, and the code. */
export const LITERAL_CODES: usize = 0x1400;
export const DISTANCE_CODES: usize = 0x1880;
/** Symbols of the block that is being gathered, 32 bits each; at most 25,000. */
export const SYMBOLS: usize = 0x2000;
/** By place in the window: where the same three bytes occurred before, 16 bits each. */
export const BEFORE: usize = 0x20000;
/** By hash: where such three bytes occurred last, 16 bits each. */
export const HEAD: usize = 0x30000;
export const HASHES: usize = 1 << 20;
/**
 * The last 32 KiB, then the piece. At a multiple of 32 KiB: the lowest bits of an address are the place in the
 * window. Up to eight bytes behind the piece are looked at, and count for nothing.
 */
export const BEGIN: usize = 0x230000;
export const PIECE: usize = BEGIN + WINDOW;
/** What one piece comes to: never more than nine bits for each byte, and some for the head of a block. */
export const OUTPUT: usize = 0x250000;
