import { fromUtf8 } from '../bytes/text.js';

export const BLOCK = 512;

/** One header block, decoded but not yet judged. */
export interface TarHeader {
  /** Name with its prefix; null when it is not UTF-8. Attacker-controlled. */
  readonly path: string | null;
  /** A readable stand-in for the name, also when `path` is null. */
  readonly shown: string;
  /** Bytes of the body. */
  readonly size: number;
  /** Type flag as a character; NUL is given as '0'. */
  readonly type: string;
}

/** A header that cannot be read. `at` is the offset within the block. */
export interface HeaderProblem {
  readonly problem: 'checksum' | 'format' | 'number' | 'hidden-bytes';
  readonly at: number;
  readonly field: string;
}

interface Field {
  readonly name: string;
  readonly at: number;
  readonly length: number;
}

const NAME: Field = { name: 'name', at: 0, length: 100 };
const SIZE: Field = { name: 'size', at: 124, length: 12 };
const CHECKSUM: Field = { name: 'checksum', at: 148, length: 8 };
const PREFIX: Field = { name: 'prefix', at: 345, length: 155 };
/** Fields that are ignored; junk in them is refused all the same, as readers stumble over it differently. */
const IGNORED: readonly Field[] = [
  { name: 'mode', at: 100, length: 8 },
  { name: 'uid', at: 108, length: 8 },
  { name: 'gid', at: 116, length: 8 },
  { name: 'mtime', at: 136, length: 12 },
];
const SPACE = 0x20;

export function isZeroBlock(block: Uint8Array): boolean {
  for (let i = 0; i < BLOCK; i++) if (block[i] !== 0) return false;
  return true;
}

/** Decodes one 512-byte header by the strict profile (docs/SPEC.md, "Container"). Attacker-controlled bytes. */
export function readHeader(block: Uint8Array): TarHeader | HeaderProblem {
  if (octal(block, CHECKSUM) !== sumOf(block)) return { problem: 'checksum', at: CHECKSUM.at, field: CHECKSUM.name };
  const gnu = hasText(block, 257, 'ustar  \0');
  if (!gnu && !hasText(block, 257, 'ustar\u000000')) return { problem: 'format', at: 257, field: 'magic' };
  const size = octal(block, SIZE);
  if (size === null) return { problem: 'number', at: SIZE.at, field: SIZE.name };
  const junk = IGNORED.find((field) => !isIgnorableNumber(block, field));
  if (junk) return { problem: 'number', at: junk.at, field: junk.name };
  // GNU tar keeps other things where USTAR has its prefix: only an empty field means the same to both.
  if (gnu && !isZero(block, PREFIX.at, BLOCK)) return { problem: 'hidden-bytes', at: PREFIX.at, field: PREFIX.name };
  const hidden = [NAME, PREFIX].find((field) => !isPadded(block, field));
  if (hidden) return { problem: 'hidden-bytes', at: hidden.at, field: hidden.name };
  const type = block[156] === 0 ? '0' : String.fromCharCode(block[156]!);
  return { ...nameOf(block), size, type };
}

function nameOf(block: Uint8Array): { path: string | null; shown: string } {
  const name = content(block, NAME);
  const prefix = content(block, PREFIX);
  const ascii = asciiOf(name);
  if (ascii !== null && prefix.length === 0) return { path: ascii, shown: ascii };
  const parts = prefix.length === 0 ? [name] : [prefix, name];
  const texts = parts.map(fromUtf8);
  const path = texts.includes(null) ? null : texts.join('/');
  return { path, shown: path ?? parts.map(showBytes).join('/') };
}

/** Bytes that are no text, for a message. */
export function showBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  return text;
}

function asciiOf(bytes: Uint8Array): string | null {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 0x7f) return null;
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

function content(block: Uint8Array, { at, length }: Field): Uint8Array {
  let end = at;
  while (end < at + length && block[end] !== 0) end++;
  return block.subarray(at, end);
}

function isPadded(block: Uint8Array, field: Field): boolean {
  return isZero(block, field.at + content(block, field).length, field.at + field.length);
}

function isZero(block: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (block[i] !== 0) return false;
  return true;
}

function hasText(block: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (block[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Octal digits, then at least one NUL or space up to the end of the field; null otherwise. Base-256 is refused. */
function octal(block: Uint8Array, { at, length }: Field): number | null {
  let value = 0;
  let i = at;
  for (; i < at + length && block[i]! >= 0x30 && block[i]! <= 0x37; i++) value = value * 8 + (block[i]! - 0x30);
  if (i === at || i === at + length) return null;
  for (; i < at + length; i++) if (block[i] !== 0 && block[i] !== SPACE) return null;
  return value;
}

/** Octal, empty, or the base-256 form in which GNU tar writes large user numbers. */
function isIgnorableNumber(block: Uint8Array, field: Field): boolean {
  const first = block[field.at];
  return first === 0x80 || first === 0xff || isZero(block, field.at, field.at + field.length) || octal(block, field) !== null;
}

function sumOf(block: Uint8Array): number {
  let sum = CHECKSUM.length * SPACE;
  for (let i = 0; i < CHECKSUM.at; i++) sum += block[i]!;
  for (let i = CHECKSUM.at + CHECKSUM.length; i < BLOCK; i++) sum += block[i]!;
  return sum;
}
