const HEX = /^(?:[0-9a-f]{2})*$/;
const PIECE = 4096;

/** Lower-case hex of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) text += pieceToHex(bytes.subarray(at, at + PIECE));
  return text;
}

/** Made at once from its characters: a hundred thousand digests put together bit by bit would take 100 MB. */
function pieceToHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = digit(bytes[i]! >> 4);
    codes[2 * i + 1] = digit(bytes[i]! & 15);
  }
  return String.fromCharCode.apply(null, codes as unknown as number[]);
}

function digit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

/** Strict: lower-case, even length; null otherwise. */
export function fromHex(text: string): Uint8Array | null {
  if (!HEX.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
