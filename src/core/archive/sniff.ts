import { fromUtf8 } from '../bytes/text.js';

const SIGNATURES: readonly (readonly [what: string, hex: string, at?: number])[] = [
  ['a gzip file', '1f8b'],
  ['a PDF document', '25504446'],
  ['a zip archive (or an Office document)', '504b0304'],
  ['an empty zip archive', '504b0506'],
  ['a tar archive that is not compressed', '7573746172', 257],
  ['a Zstandard file', '28b52ffd'],
  ['an xz file', 'fd377a585a00'],
  ['a bzip2 file', '425a68'],
  ['a 7-Zip archive', '377abcaf271c'],
  ['a RAR archive', '526172211a07'],
  ['an LZ4 file', '04224d18'],
  ['a PNG picture', '89504e470d0a1a0a'],
  ['a JPEG picture', 'ffd8ff'],
  ['a GIF picture', '47494638'],
  ['a program for Linux', '7f454c46'],
  ['a WebAssembly module', '0061736d'],
  ['an SQLite database', '53514c69746520666f726d617420'],
  ['an SSH signature', '2d2d2d2d2d424547494e20535348205349474e4154555245'],
  ['an OpenPGP message', '2d2d2d2d2d424547494e20504750'],
  ['a PEM file', '2d2d2d2d2d424547494e20'],
];

/** Bytes that {@link describeFormat} looks at. */
export const SNIFF_BYTES = 512;

/** What a file that is no bundle seems to be, as words that follow "This is". Looks only at its first bytes. */
export function describeFormat(start: Uint8Array): string {
  for (const [what, hex, at = 0] of SIGNATURES) if (hasHex(start, hex, at)) return what;
  const text = textOf(start);
  if (text === null) return 'a file of another kind';
  const trimmed = text.trimStart();
  if (/^[{[]/.test(trimmed)) return 'a JSON document';
  if (/^<(?:!doctype|html)/i.test(trimmed)) return 'a web page';
  if (trimmed.startsWith('<')) return 'an XML document';
  if (/^(?:---|#.*\n)?\s*[A-Za-z_][\w-]*:(?:\s|$)/.test(trimmed)) return 'a YAML document';
  return 'a text file';
}

function hasHex(bytes: Uint8Array, hex: string, at: number): boolean {
  for (let i = 0; i < hex.length; i += 2) {
    if (bytes[at + i / 2] !== Number.parseInt(hex.slice(i, i + 2), 16)) return false;
  }
  return true;
}

function textOf(start: Uint8Array): string | null {
  const bytes = start.subarray(0, SNIFF_BYTES);
  // A cut in the middle of a character must not turn text into "another kind".
  for (let cut = 0; cut < 4; cut++) {
    const text = fromUtf8(bytes.subarray(0, bytes.length - cut));
    // eslint-disable-next-line no-control-regex
    if (text !== null) return /[\u0000-\u0008\u000e-\u001a]/.test(text) ? null : text;
  }
  return null;
}
