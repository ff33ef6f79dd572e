const HEX = /^(?:[0-9a-f]{2})*$/;
const DIGITS = '0123456789abcdef';
/** The two characters of each byte, as they lie in memory. */
const PAIRS = new Uint16Array(
  Uint8Array.from({ length: 512 }, (_, i) => DIGITS.charCodeAt(i % 2 === 0 ? i >> 5 : (i >> 1) & 15)).buffer,
);
const decoder = new TextDecoder();

/** Lower-case hex of `bytes`. Made at once from its characters: put together bit by bit it would take far more memory. */
export function toHex(bytes: Uint8Array): string {
  const pairs = new Uint16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) pairs[i] = PAIRS[bytes[i]!]!;
  return decoder.decode(new Uint8Array(pairs.buffer));
}

/** Strict: lower-case, even length; null otherwise. */
export function fromHex(text: string): Uint8Array | null {
  if (!HEX.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
