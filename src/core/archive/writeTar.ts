import { concatBytes } from '../bytes/bytes.js';
import { compareUtf8, toUtf8 } from '../bytes/text.js';
import { checkPath } from './path.js';
import { PAX_SIZE_MIN } from './tar.js';
import { BLOCK } from './tarHeader.js';

/** What every header has. */
const EVERY_HEADER = new Uint8Array(BLOCK);
put(EVERY_HEADER, 100, '0000644\0');
put(EVERY_HEADER, 108, '0000000\0');
put(EVERY_HEADER, 116, '0000000\0');
put(EVERY_HEADER, 136, '00000000000\0');
put(EVERY_HEADER, 148, '        ');
put(EVERY_HEADER, 257, 'ustar\u000000');
put(EVERY_HEADER, 329, '0000000\0');
put(EVERY_HEADER, 337, '0000000\0');
const NAME_BYTES_MAX = 100;
const PAX_NAME = 'PaxHeader';
const UNDERSCORE = 0x5f;
const SLASH = 0x2f;

/**
 * The header blocks of one regular file (docs/SPEC.md, "Container"): USTAR with mode 0644, owner 0 and time 0,
 * before it a PAX header with `path` when the path is not ASCII or longer than 100 bytes, and with `size`
 * from 8 GiB on. Throws on a path that the reader would refuse: that is a fault of the caller.
 */
export function tarHeader(path: string, size: number): Uint8Array<ArrayBuffer> {
  const problem = checkPath(path);
  if (problem) throw new Error(`cannot write this path: ${problem.reason}`);
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('size is not a whole number of bytes');
  const name = toUtf8(path);
  const longName = name.length > NAME_BYTES_MAX || name.some((byte) => byte > 0x7f);
  const large = size >= PAX_SIZE_MIN;
  const records = [
    ...(longName ? [paxRecord('path', path)] : []),
    ...(large ? [paxRecord('size', String(size))] : []),
  ];
  const plain = headerBlock(longName ? plainName(name) : name, large ? 0 : size, '0');
  if (records.length === 0) return plain;
  const body = concatBytes(records);
  return concatBytes([headerBlock(toUtf8(PAX_NAME), body.length, 'x'), body, padding(body.length), plain]);
}

/** Zeros that fill `size` bytes up to whole blocks. */
export function padding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The two end blocks. */
export const tarEnd: Uint8Array<ArrayBuffer> = new Uint8Array(2 * BLOCK);

/**
 * Order of entries in a bundle of our dialect: `manifest.yaml`, content by the UTF-8 bytes of the path,
 * `approvals/`, `attestations/`, last `checksums.txt`.
 */
export function bundleOrder(paths: Iterable<string>): string[] {
  return [...paths].sort(compareInBundle);
}

/** The order of {@link bundleOrder} for two paths. */
export function compareInBundle(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || compareUtf8(a, b);
}

function rankOf(path: string): number {
  if (path === 'manifest.yaml') return 0;
  if (path.startsWith('approvals/')) return 2;
  if (path.startsWith('attestations/')) return 3;
  return path === 'checksums.txt' ? 4 : 1;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = toUtf8(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return concatBytes([toUtf8(String(length)), rest]);
}

/** For readers without PAX: ASCII, cut to 100 bytes, and never the name of a folder. */
function plainName(name: Uint8Array): Uint8Array {
  const plain = name.slice(0, NAME_BYTES_MAX).map((byte) => (byte > 0x7f ? UNDERSCORE : byte));
  if (plain.at(-1) === SLASH) plain[plain.length - 1] = UNDERSCORE;
  return plain;
}

function headerBlock(name: Uint8Array, size: number, type: string): Uint8Array<ArrayBuffer> {
  const block = EVERY_HEADER.slice();
  block.set(name, 0);
  put(block, 124, `${size.toString(8).padStart(11, '0')}\0`);
  put(block, 156, type);
  let sum = 0;
  for (const byte of block) sum += byte;
  put(block, 148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

function put(block: Uint8Array, at: number, ascii: string): void {
  for (let i = 0; i < ascii.length; i++) block[at + i] = ascii.charCodeAt(i);
}
