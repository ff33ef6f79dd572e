import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';

/** Bytes as a code, and back: the library speaks text, so each byte is one letter of Latin-1. */

const QUIET_MODULES = 4;
const SEARCH_MS = 400;

/** Rows of dark and light modules with the quiet zone around them. */
export function codeGrid(bytes: Uint8Array): boolean[][] {
  return encodeQR(latin(bytes), 'raw', {
    encoding: 'byte',
    ecc: bytes.length > 1200 ? 'low' : 'medium',
    border: QUIET_MODULES,
    textEncoder: fromLatin,
  });
}

/** The bytes of the code in a picture, or null when there is none. RGBA pixels; attacker-controlled. */
export function codeIn(image: {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray | Uint8Array;
}): Uint8Array | null {
  try {
    const options = { textDecoder: latin, timeLimit: SEARCH_MS };
    const { width, height, data } = image;
    return fromLatin(decodeQR({ width, height, data }, options));
  } catch {
    return null;
  }
}

function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function fromLatin(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}
