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
const NAMES: readonly Field[] = [NAME, PREFIX];
const SPACE = 0x20;

/** `bytes` from `base` on is one header, here and below: a view for each of a million headers would cost more than reading it. */
export function isZeroBlock(bytes: Uint8Array, base: number): boolean {
  return isZero(bytes, base, base + BLOCK);
}

/** Decodes one 512-byte header by the strict profile (docs/SPEC.md, "Container"). Attacker-controlled bytes. */
export function readHeader(bytes: Uint8Array, base: number): TarHeader | HeaderProblem {
  if (octal(bytes, base, CHECKSUM) !== sumOf(bytes, base))
    return { problem: 'checksum', at: CHECKSUM.at, field: CHECKSUM.name };
  const gnu = hasText(bytes, base + 257, 'ustar  \0');
  if (!gnu && !hasText(bytes, base + 257, 'ustar\u000000'))
    return { problem: 'format', at: 257, field: 'magic' };
  const size = octal(bytes, base, SIZE);
  if (size === null) return { problem: 'number', at: SIZE.at, field: SIZE.name };
  const junk = firstOf(IGNORED, isIgnorableNumber, bytes, base);
  if (junk !== null) return { problem: 'number', at: junk.at, field: junk.name };
  // GNU tar keeps other things where USTAR has its prefix: only an empty field means the same to both.
  if (gnu && !isZero(bytes, base + PREFIX.at, base + BLOCK))
    return { problem: 'hidden-bytes', at: PREFIX.at, field: PREFIX.name };
  const hidden = firstOf(NAMES, isPadded, bytes, base);
  if (hidden !== null) return { problem: 'hidden-bytes', at: hidden.at, field: hidden.name };
  const flag = bytes[base + 156]!;
  const { path, shown } = nameOf(bytes, base);
  return { path, shown, size, type: flag === 0 ? '0' : String.fromCharCode(flag) };
}

/** The first field that is not in order; without a closure, as this is asked of each of a million headers. */
function firstOf(
  fields: readonly Field[],
  isInOrder: (bytes: Uint8Array, base: number, field: Field) => boolean,
  bytes: Uint8Array,
  base: number,
): Field | null {
  for (const field of fields) if (!isInOrder(bytes, base, field)) return field;
  return null;
}

function nameOf(bytes: Uint8Array, base: number): { path: string | null; shown: string } {
  const name = content(bytes, base, NAME);
  const hasPrefix = bytes[base + PREFIX.at] !== 0;
  const ascii = asciiOf(name);
  if (ascii !== null && !hasPrefix) return { path: ascii, shown: ascii };
  const parts = hasPrefix ? [content(bytes, base, PREFIX), name] : [name];
  const texts = parts.map(fromUtf8);
  const path = texts.includes(null) ? null : texts.join('/');
  return { path, shown: path ?? parts.map(showBytes).join('/') };
}

/** Bytes that are no text, for a message. */
export function showBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes)
    text +=
      byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  return text;
}

function asciiOf(bytes: Uint8Array): string | null {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 0x7f) return null;
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

function content(bytes: Uint8Array, base: number, field: Field): Uint8Array {
  return bytes.subarray(base + field.at, contentEnd(bytes, base, field));
}

function contentEnd(bytes: Uint8Array, base: number, { at, length }: Field): number {
  let end = base + at;
  while (end < base + at + length && bytes[end] !== 0) end++;
  return end;
}

function isPadded(bytes: Uint8Array, base: number, field: Field): boolean {
  return isZero(bytes, contentEnd(bytes, base, field), base + field.at + field.length);
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Octal digits, then at least one NUL or space up to the end of the field; null otherwise. Base-256 is refused. */
function octal(bytes: Uint8Array, base: number, { at, length }: Field): number | null {
  const start = base + at;
  const end = start + length;
  let value = 0;
  let i = start;
  for (; i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x37; i++) value = value * 8 + (bytes[i]! - 0x30);
  if (i === start || i === end) return null;
  for (; i < end; i++) if (bytes[i] !== 0 && bytes[i] !== SPACE) return null;
  return value;
}

/** Octal, empty, or the base-256 form in which GNU tar writes large user numbers. */
function isIgnorableNumber(bytes: Uint8Array, base: number, field: Field): boolean {
  const start = base + field.at;
  const first = bytes[start];
  if (first === 0x80 || first === 0xff) return true;
  return isZero(bytes, start, start + field.length) || octal(bytes, base, field) !== null;
}

function sumOf(bytes: Uint8Array, base: number): number {
  let sum = CHECKSUM.length * SPACE;
  for (let i = base; i < base + CHECKSUM.at; i++) sum += bytes[i]!;
  for (let i = base + CHECKSUM.at + CHECKSUM.length; i < base + BLOCK; i++) sum += bytes[i]!;
  return sum;
}
