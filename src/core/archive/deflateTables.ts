/** Tables of deflate (RFC 1951 section 3.2), in the shapes in which the packer looks them up. */

export const LENGTH_EXTRA_BITS: Uint8Array = Uint8Array.of(
  ...[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0, 0, 0, 0],
);
export const DISTANCE_EXTRA_BITS: Uint8Array = Uint8Array.of(
  ...[0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 0, 0],
);
/** Order in which the lengths of the code of code lengths are written. */
export const CODE_LENGTH_ORDER: Uint8Array = Uint8Array.of(
  ...[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15],
);
export const END_OF_BLOCK = 256;
export const LITERALS = 288;
export const DISTANCES = 32;

/** `extra << 5 | symbol` by length (3-258) or distance (1-32,768). */
export const symbolOfLength: Int32Array = symbols(LENGTH_EXTRA_BITS, 3, 259);
export const symbolOfDistance: Int32Array = symbols(DISTANCE_EXTRA_BITS, 1, 32_769);
// The longest has a symbol of its own (28) and no extra bits.
symbolOfLength[258] = 28;

/** The code that needs no description. */
export const fixedLiteralLengths: Uint8Array = new Uint8Array(LITERALS).map((_, at) =>
  at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8,
);
export const fixedDistanceLengths: Uint8Array = new Uint8Array(DISTANCES).fill(5);

function symbols(extraBits: Uint8Array, first: number, end: number): Int32Array {
  const table = new Int32Array(end);
  for (let symbol = 0, at = first; symbol < 30; symbol++)
    for (let extra = 0; extra < 1 << extraBits[symbol]! && at < end; extra++)
      table[at++] = (extra << 5) | symbol;
  return table;
}
