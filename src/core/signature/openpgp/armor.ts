import { fromBase64 } from '../../bytes/base64.js';
import { fromUtf8 } from '../../bytes/text.js';

/** What stands behind "BEGIN PGP" in the frame. */
export type ArmorKind = 'SIGNATURE' | 'PUBLIC KEY BLOCK' | 'PRIVATE KEY BLOCK';

/** A frame read, or why there is none. `problem` completes "the file is not framed as OpenPGP: …". */
export type ArmorRead = { readonly blocks: readonly Uint8Array[] } | { readonly problem: string };

/** RFC 9580 section 6.2: implementations write 76 characters or fewer. */
const COLUMNS_MAX = 76;

/**
 * Reads ASCII armor (RFC 9580 section 6) in one strict form, because readers disagree about everything beside it
 * (hostile input S18): nothing before, between or behind the frames but empty lines; no control character (a form
 * feed, an escape) anywhere; headers are `Name: text` and mean nothing; a checksum, where there is one, must fit.
 * `text` is attacker-controlled; never throws.
 */
export function dearmorOpenPgp(bytes: Uint8Array, kind: ArmorKind, blocksMax = 1): ArmorRead {
  const text = fromUtf8(bytes);
  if (text === null) return { problem: 'it is not plain text' };
  // One kind of line ending throughout: Windows tools write CR LF.
  const plain = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
  if (/[^\n\t\x20-\x7e]/.test(withoutHeaders(plain))) return { problem: 'it is not plain text' };
  const lines = plain.split('\n');
  const blocks: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    while (at < lines.length && lines[at] === '') at++;
    if (at === lines.length) break;
    if (blocks.length === blocksMax) return { problem: 'something follows its last line' };
    const block = readBlock(lines, at, kind);
    if ('problem' in block) return block;
    blocks.push(block.body);
    at = block.end;
  }
  return blocks.length === 0 ? { problem: `it has no line "BEGIN PGP ${kind}"` } : { blocks };
}

/** Header lines may hold UTF-8 (a comment in any language); they are taken out before the characters are looked at. */
function withoutHeaders(text: string): string {
  return text.replace(/^[A-Za-z-]{1,40}: [^\p{Cc}\n]*$/gmu, '');
}

type Block = { readonly body: Uint8Array; readonly end: number } | { readonly problem: string };

function readBlock(lines: readonly string[], start: number, kind: ArmorKind): Block {
  if (lines[start] !== `-----BEGIN PGP ${kind}-----`) {
    return { problem: `it does not start with the line "BEGIN PGP ${kind}"` };
  }
  let at = start + 1;
  while (at < lines.length && /^[A-Za-z-]{1,40}: [^\p{Cc}]*$/u.test(lines[at]!)) at++;
  if (lines[at] !== '') return { problem: 'the empty line before its data is missing' };
  const end = lines.indexOf(`-----END PGP ${kind}-----`, at);
  if (end < 0) return { problem: `it does not end with the line "END PGP ${kind}"` };
  return readBody(lines.slice(at + 1, end), end + 1);
}

function readBody(lines: readonly string[], end: number): Block {
  const last = lines.at(-1) ?? '';
  const sum = /^=[A-Za-z0-9+/]{4}$/.test(last) ? fromBase64(last.slice(1)) : null;
  const data = sum === null ? lines : lines.slice(0, -1);
  if (data.some((line) => line.length > COLUMNS_MAX || line === '')) {
    return { problem: 'a line of its data is empty or too long' };
  }
  const body = fromBase64(data.join(''));
  if (body === null || body.length === 0) return { problem: 'its base64 is damaged' };
  if (sum !== null && crc24(body) !== (sum[0]! << 16) + (sum[1]! << 8) + sum[2]!) {
    return { problem: 'its checksum does not fit' };
  }
  return { body, end };
}

/** RFC 9580 section 6.1.1. */
function crc24(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x800000) === 0 ? crc << 1 : (crc << 1) ^ 0x1864cfb;
  }
  return crc & 0xffffff;
}
