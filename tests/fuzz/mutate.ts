import type { Random } from './random.js';

/** Longest input that mutation makes from a shorter one, in bytes. */
export const INPUT_BYTES_MAX = 256 * 1024;

export interface MutationOptions {
  /** Lines are moved, doubled, indented and cut, too. */
  readonly text: boolean;
  /** Words of the format, put in and put over others. */
  readonly dictionary: readonly Uint8Array[];
}

type Mutator = (bytes: Uint8Array, random: Random, options: MutationOptions, other: Uint8Array) => Uint8Array;

const BYTES = [0, 1, 9, 10, 13, 32, 0x22, 0x27, 0x2d, 0x30, 0x3a, 0x5c, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xff];
const NUMBERS = [
  0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1ff, 0x200, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
  0xfffffffe, 0xffffffff,
];
const DIGITS = [
  ...['0', '1', '7', '8', '9', '-1', '+1', '00', '1e9', '1e400', '0x10', '1.10', '377', '77777777777'],
  ...['2147483648', '4294967296', '9007199254740993', '18446744073709551616', '1000000000000000000000'],
].map(utf8);

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `bytes` with `length` bytes at `at` replaced by `by`. */
function replaced(bytes: Uint8Array, at: number, length: number, by: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - length + by.length);
  result.set(bytes.subarray(0, at));
  result.set(by, at);
  result.set(bytes.subarray(at + length), at + by.length);
  return result;
}

/** Mostly short blocks, now and then a long one. */
function blockLength(random: Random, max: number): number {
  const bound = random.oneIn(8) ? max : Math.min(max, random.oneIn(2) ? 8 : 64);
  return Math.min(max, 1 + random.below(bound));
}

const bitFlip: Mutator = (bytes, random) => {
  const at = random.below(bytes.length);
  bytes[at] = bytes[at]! ^ (1 << random.below(8));
  return bytes;
};

const byteSet: Mutator = (bytes, random) => {
  bytes[random.below(bytes.length)] = random.oneIn(2) ? random.pick(BYTES) : random.below(256);
  return bytes;
};

const insertBytes: Mutator = (bytes, random) => {
  const by = new Uint8Array(blockLength(random, 64));
  if (random.oneIn(2)) by.fill(random.pick(BYTES));
  else for (let i = 0; i < by.length; i++) by[i] = random.below(256);
  return replaced(bytes, random.below(bytes.length + 1), 0, by);
};

const deleteBlock: Mutator = (bytes, random) => {
  const length = blockLength(random, bytes.length);
  return replaced(bytes, random.below(bytes.length - length + 1), length, new Uint8Array(0));
};

const duplicateBlock: Mutator = (bytes, random) => {
  const length = blockLength(random, bytes.length);
  const from = random.below(bytes.length - length + 1);
  const times = random.oneIn(16) ? 2 + random.below(64) : 1;
  const by = new Uint8Array(length * times);
  for (let i = 0; i < times; i++) by.set(bytes.subarray(from, from + length), i * length);
  return replaced(bytes, random.oneIn(2) ? from : random.below(bytes.length + 1), 0, by);
};

const swapBlocks: Mutator = (bytes, random) => {
  const length = blockLength(random, bytes.length >> 1);
  const a = random.below(bytes.length - 2 * length + 1);
  const b = a + length + random.below(bytes.length - a - 2 * length + 1);
  const first = bytes.slice(a, a + length);
  bytes.copyWithin(a, b, b + length);
  bytes.set(first, b);
  return bytes;
};

const copyOver: Mutator = (bytes, random) => {
  const length = blockLength(random, bytes.length);
  const from = random.below(bytes.length - length + 1);
  bytes.copyWithin(random.below(bytes.length - length + 1), from, from + length);
  return bytes;
};

const splice: Mutator = (bytes, random, _options, other) => {
  if (random.oneIn(2)) {
    const cut = random.below(bytes.length + 1);
    return replaced(bytes, cut, bytes.length - cut, other.subarray(random.below(other.length + 1)));
  }
  const from = random.below(other.length);
  const piece = other.subarray(from, from + blockLength(random, other.length - from));
  const at = random.below(bytes.length + 1);
  return replaced(bytes, at, random.oneIn(2) ? Math.min(piece.length, bytes.length - at) : 0, piece);
};

const truncate: Mutator = (bytes, random) =>
  bytes
    .subarray(0, random.oneIn(2) ? random.below(bytes.length) : bytes.length - 1 - random.below(16))
    .slice();

const interestingNumber: Mutator = (bytes, random) => {
  const width = random.pick([1, 2, 4]);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const value = random.pick(NUMBERS);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = random.oneIn(2);
  if (width === 1) view.setUint8(at, value & 0xff);
  else if (width === 2) view.setUint16(at, value & 0xffff, little);
  else view.setUint32(at, value >>> 0, little);
  return bytes;
};

/** Adds to or takes from a number of one, two or four bytes: most lengths are such a field. */
const lengthField: Mutator = (bytes, random) => {
  const width = random.pick([1, 2, 4]);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const change = 1 + random.below(16);
  const delta = random.oneIn(2) ? change : -change;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = random.oneIn(2);
  if (width === 1) view.setUint8(at, view.getUint8(at) + delta);
  else if (width === 2) view.setUint16(at, view.getUint16(at, little) + delta, little);
  else view.setUint32(at, view.getUint32(at, little) + delta, little);
  return bytes;
};

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Another number in place of one that is written in digits. */
const digits: Mutator = (bytes, random) => {
  let at = random.below(bytes.length);
  for (let tried = 0; tried < 256 && !isDigit(bytes[at]); tried++) at = (at + 1) % bytes.length;
  if (!isDigit(bytes[at])) return bytes;
  if (random.oneIn(2)) {
    bytes[at] = 0x30 + random.below(10);
    return bytes;
  }
  let end = at;
  while (isDigit(bytes[end])) end++;
  const by = random.pick(DIGITS);
  // Numbers of a fixed width keep it half of the time.
  if (random.oneIn(2)) return replaced(bytes, at, end - at, by.subarray(0, end - at));
  return replaced(bytes, at, end - at, by);
};

const word: Mutator = (bytes, random, { dictionary }) => {
  if (dictionary.length === 0) return byteSet(bytes, random, { text: false, dictionary }, bytes);
  const by = random.pick(dictionary);
  const at = random.below(bytes.length + 1);
  return replaced(bytes, at, random.oneIn(2) ? 0 : Math.min(by.length, bytes.length - at), by);
};

/** Start and end (behind its line feed) of the line that holds byte `at`. */
function lineAt(bytes: Uint8Array, at: number): readonly [number, number] {
  const start = at === 0 ? 0 : bytes.lastIndexOf(0x0a, at - 1) + 1;
  const feed = bytes.indexOf(0x0a, at);
  return [start, feed < 0 ? bytes.length : feed + 1];
}

const lineEdit: Mutator = (bytes, random, options, other) => {
  const [start, end] = lineAt(bytes, random.below(bytes.length));
  const line = bytes.slice(start, end);
  const [target] = lineAt(bytes, random.below(bytes.length));
  const nothing = new Uint8Array(0);
  switch (random.below(8)) {
    case 0:
      return replaced(bytes, start, end - start, nothing);
    case 1:
      return replaced(bytes, start, 0, line);
    case 2:
      return replaced(bytes, target, 0, line);
    case 3: {
      const [from, to] = lineAt(other, random.below(other.length));
      return replaced(bytes, start, random.oneIn(2) ? end - start : 0, other.slice(from, to));
    }
    case 4:
      return replaced(bytes, start, 0, utf8(random.pick([' ', '  ', '    ', '\t', '- ', '#', '\ufeff'])));
    case 5:
      return line[0] === 0x20
        ? replaced(bytes, start, Math.min(line.length, random.pick([1, 2])), nothing)
        : bytes;
    case 6:
      return replaced(bytes, end - 1, 1, utf8(random.pick(['\r\n', '\r', '', '\n\n', ' \n'])));
    default:
      return options.dictionary.length === 0
        ? bytes
        : replaced(bytes, start, 0, random.pick(options.dictionary));
  }
};

const ALWAYS: readonly Mutator[] = [
  bitFlip,
  bitFlip,
  byteSet,
  insertBytes,
  deleteBlock,
  duplicateBlock,
  swapBlocks,
  copyOver,
  splice,
  truncate,
  interestingNumber,
  lengthField,
  digits,
  word,
  word,
];
const TEXT: readonly Mutator[] = [...ALWAYS, lineEdit, lineEdit, lineEdit, lineEdit];

/**
 * A changed copy of `bytes`: one to eight edits, mostly few. `other` is a second input of the same format,
 * for splicing. Depends on nothing but its arguments.
 */
export function mutate(
  bytes: Uint8Array,
  other: Uint8Array,
  random: Random,
  options: MutationOptions,
): Uint8Array {
  const mutators = options.text ? TEXT : ALWAYS;
  let result: Uint8Array = bytes.slice();
  for (let edits = random.oneIn(2) ? 1 : 1 + random.below(8); edits > 0; edits--) {
    if (result.length < 2 || other.length === 0) result = insertBytes(result, random, options, other);
    else result = random.pick(mutators)(result, random, options, other);
  }
  return result.length > INPUT_BYTES_MAX ? result.slice(0, INPUT_BYTES_MAX) : result;
}
