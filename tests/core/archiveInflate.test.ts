import { crc32 as zlibCrc32, constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/core/archive/crc32.js';
import { Inflater } from '../../src/core/archive/inflate.js';
import { compileInflater, WasmInflater } from '../../src/platform/wasmInflater.js';
import { join, latin1, utf8, zeros } from './archiveBuilder.js';

/** A small seeded generator (mulberry32): tests must repeat. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What both inflaters have. */
interface Streaming {
  push(bytes: Uint8Array): Iterable<Uint8Array>;
  readonly damaged: boolean;
  /** What follows the deflate stream; null while it goes on. */
  tail(): Uint8Array | null;
}

function explaining(): Streaming {
  const inflater = new Inflater();
  return {
    push: (bytes) => inflater.push(bytes),
    get damaged() {
      return inflater.damaged;
    },
    tail: () => (inflater.done ? inflater.rest() : null),
  };
}

const one = new WasmInflater(await compileInflater());

/** Always the same instance: whatever came before must not show. */
function inWasm(): Streaming {
  one.begin();
  return {
    push: (bytes) => one.push(bytes),
    get damaged() {
      return one.damaged;
    },
    tail: () => one.rest,
  };
}

interface Inflated {
  readonly output: Uint8Array;
  readonly done: boolean;
  readonly damaged: boolean;
  readonly rest: number;
}

function inflate(inflater: Streaming, bytes: Uint8Array, next: () => number, pieceMax: number): Inflated {
  const output: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && inflater.tail() === null && !inflater.damaged) {
    const piece = bytes.subarray(at, at + 1 + Math.floor(next() * pieceMax));
    for (const unpacked of inflater.push(piece)) output.push(unpacked.slice());
    at += piece.length;
  }
  const tail = inflater.tail();
  const rest = tail === null ? 0 : tail.length + bytes.length - at;
  return { output: join(...output), done: tail !== null, damaged: inflater.damaged, rest };
}

function mixed(next: () => number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < 8; i++) {
    const length = Math.floor(next() * 40_000);
    const kind = Math.floor(next() * 4);
    const noise = Uint8Array.from({ length }, () => next() * 256);
    const text = utf8('the quick brown fox '.repeat(length / 20));
    parts.push(
      kind === 0 ? noise : kind === 1 ? text : kind === 2 ? zeros(length) : noise.map((byte) => byte & 7),
    );
  }
  return join(...parts);
}

/** Writes deflate bit by bit. */
class Bits {
  private readonly bytes: number[] = [];
  private count = 0;

  /** A number, its lowest bit first. */
  put(value: number, bits: number): this {
    for (let i = 0; i < bits; i++) this.bit((value >>> i) & 1);
    return this;
  }

  /** A code, as written: its first bit first. */
  code(digits: string): this {
    for (const digit of digits) this.bit(Number(digit));
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }

  private bit(bit: number): void {
    if (this.count % 8 === 0) this.bytes.push(0);
    this.bytes[this.bytes.length - 1]! |= bit << (this.count % 8);
    this.count++;
  }
}

interface Dynamic {
  /** Lengths of codes by symbol: 0, 1 or 2. Literals and lengths, then distances. */
  readonly literals: Readonly<Record<number, number>>;
  readonly literalCount?: number;
  readonly distances?: Readonly<Record<number, number>>;
  readonly distanceCount?: number;
  /** Tells the lengths of the distances as one repeat of eleven zeros. */
  readonly repeats?: boolean;
  /** Tells three lengths as a copy of the one before, after so many; the code for lengths is then for 0, 1, 16, 18. */
  readonly copiesAfter?: number;
  /** What follows the head, in codes. */
  readonly body: string;
}

/** One last block with codes of its own; the lengths are told in a code of two bits for 0, 1, 2. */
function dynamic({
  literals,
  literalCount = 257,
  distances = {},
  distanceCount = 1,
  repeats = false,
  copiesAfter,
  body,
}: Dynamic): Uint8Array {
  const bits = new Bits().put(1, 1).put(2, 2);
  bits
    .put(literalCount - 257, 5)
    .put(distanceCount - 1, 5)
    .put(14, 4);
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1])
    bits.put([0, 1, copiesAfter === undefined ? 2 : 16, 18].includes(symbol) ? 2 : 0, 3);
  const lengths = [
    ...Array.from({ length: literalCount }, (_, i) => literals[i] ?? 0),
    ...Array.from({ length: repeats ? 0 : distanceCount }, (_, i) => distances[i] ?? 0),
  ];
  for (const [i, length] of lengths.entries()) {
    if (i === copiesAfter) bits.code('10').put(0, 2);
    const copied = copiesAfter !== undefined && i >= copiesAfter && i < copiesAfter + 3;
    if (!copied) bits.code(['00', '01', '10'][length]!);
  }
  if (repeats) bits.code('11').put(0, 7);
  return bits.code(body).put(0, 40).done();
}

/** Two literals, a length of three and the end, each of two bits: 00, 01, 11, 10. */
const four = { 97: 2, 98: 2, 256: 2, 257: 2 };
const heads: readonly (readonly [string, 'read' | 'refused', Dynamic])[] = [
  ['no code of distances', 'read', { literals: { 97: 1, 256: 1 }, body: '01' }],
  ['the end of the block alone', 'read', { literals: { 256: 1 }, body: '0' }],
  ['the other bit of a single code', 'refused', { literals: { 256: 1 }, body: '1' }],
  ['an incomplete code', 'refused', { literals: { 97: 2, 256: 1 }, body: '0' }],
  ['a single code of two bits', 'refused', { literals: { 256: 2 }, body: '00' }],
  ['an over-subscribed code', 'refused', { literals: { 97: 1, 98: 1, 256: 1 }, body: '0' }],
  ['no end of the block', 'refused', { literals: { 97: 1, 98: 1 }, body: '01' }],
  ['286 literals', 'read', { literals: { 97: 1, 256: 1 }, literalCount: 286, body: '01' }],
  ['287 literals', 'refused', { literals: { 97: 1, 256: 1 }, literalCount: 287, body: '01' }],
  ['30 distances', 'read', { literals: { 97: 1, 256: 1 }, distanceCount: 30, body: '01' }],
  ['31 distances', 'refused', { literals: { 97: 1, 256: 1 }, distanceCount: 31, body: '01' }],
  [
    'a repeat up to the last length',
    'read',
    { literals: { 97: 1, 256: 1 }, distanceCount: 11, repeats: true, body: '01' },
  ],
  [
    'a repeat beyond the last length',
    'refused',
    { literals: { 97: 1, 256: 1 }, distanceCount: 10, repeats: true, body: '01' },
  ],
  ['a copy of the first length', 'read', { literals: { 97: 1, 256: 1 }, copiesAfter: 1, body: '01' }],
  ['a copy of no length', 'refused', { literals: { 97: 1, 256: 1 }, copiesAfter: 0, body: '01' }],
  ['a distance of one', 'read', { literals: four, distances: { 0: 1 }, literalCount: 258, body: '0011010' }],
  ['a distance without a code', 'refused', { literals: four, literalCount: 258, body: '0011010' }],
  [
    'the other bit of a single distance',
    'refused',
    { literals: four, distances: { 0: 1 }, literalCount: 258, body: '0011110' },
  ],
  [
    'a single distance of two bits',
    'refused',
    { literals: four, distances: { 0: 2 }, literalCount: 258, body: '00110010' },
  ],
  [
    'a distance too far back',
    'refused',
    { literals: four, distances: { 0: 1, 1: 1 }, literalCount: 258, body: '0011110' },
  ],
];

describe.each([
  ['the explaining inflater', explaining, 100_000],
  ['the inflater in WebAssembly', inWasm, 165_000],
])('%s', (_, start, pieceMax) => {
  test('gives what zlib gives, at every level and strategy, cut anywhere', () => {
    const next = random(1);
    for (let round = 0; round < 60; round++) {
      const plain = mixed(next);
      const strategy = [
        constants.Z_DEFAULT_STRATEGY,
        constants.Z_FIXED,
        constants.Z_HUFFMAN_ONLY,
        constants.Z_RLE,
      ][round % 4]!;
      const packed = deflateRawSync(plain, { level: round % 10, strategy, memLevel: 1 + (round % 9) });
      const result = inflate(start(), join(packed, 'tail'), next, [3, 100, 5000, 100_000][round % 4]!);
      expect([round, result.done, result.rest, Buffer.compare(result.output, plain)]).toEqual([
        round,
        true,
        4,
        0,
      ]);
    }
  });

  test('refuses and accepts as zlib does on flipped bits', () => {
    const next = random(2);
    const packed = deflateRawSync(mixed(next).subarray(0, 3000), { level: 9 });
    for (let bit = 0; bit < Math.min(packed.length * 8, 6000); bit++) {
      const flipped = Uint8Array.from(packed);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect([bit, outcome(inflate(start(), flipped, next, 64))]).toEqual([bit, zlibOutcome(flipped)]);
    }
  });

  test('refuses and accepts as zlib does on noise', () => {
    const next = random(3);
    for (let round = 0; round < 20_000; round++) {
      const noise = Uint8Array.from({ length: 1 + Math.floor(next() * 200) }, () => next() * 256);
      if (round % 2 === 0) noise[0] = (noise[0]! & 0xf8) | 5;
      expect([round, outcome(inflate(start(), noise, next, 50))]).toEqual([round, zlibOutcome(noise)]);
    }
  });

  test('reads what fills its window at the end of a block, stored or packed', () => {
    const next = random(4);
    for (const size of [65_536, 131_072, 163_840]) {
      for (let over = -3; over <= 300; over += 1 + Math.floor(next() * 40)) {
        const front = zeros(size + over);
        const back = Uint8Array.from({ length: 70_000 }, () => next() * 256);
        const packed = join(
          deflateRawSync(front, { finishFlush: constants.Z_FULL_FLUSH }),
          deflateRawSync(back, { level: over & 1 ? 0 : 6 }),
        );
        const result = inflate(start(), packed, next, over & 2 ? 500 : 300_000);
        expect([size, over, result.done, Buffer.compare(result.output, join(front, back))]).toEqual([
          size,
          over,
          true,
          0,
        ]);
      }
    }
  });

  test.each(heads)('%s: %s', (_name, expected, head) => {
    const packed = dynamic(head);
    expect(outcome(inflate(start(), packed, () => 0, 1)) === 'refused').toBe(expected === 'refused');
    expect(outcome(inflate(start(), packed, () => 0.99, 1000))).toBe(zlibOutcome(packed));
  });

  test('reads a stored block behind literals that fill its window', () => {
    for (let i = 0; i < 27; i++) {
      // The end of the block must also come third among symbols that are read at once.
      const front = zeros(163_840 - 18 - (i % 3));
      const literals = 17 + Math.floor(i / 3);
      const bits = new Bits().put(0, 1).put(1, 2);
      for (let written = 0; written < literals; written++) bits.code('10010001');
      // The end of the block, the head of a last stored block, what is left of its byte.
      bits.code('0000000').put(1, 1).put(0, 2).put(0, 3);
      const stored = zeros(65_535).fill(7);
      const packed = join(
        deflateRawSync(front, { finishFlush: constants.Z_FULL_FLUSH }),
        bits.done(),
        Uint8Array.of(0xff, 0xff, 0, 0),
        stored,
      );
      const result = inflate(start(), packed, () => 0.99, 300_000);
      const plain = join(front, 'a'.repeat(literals), stored);
      expect([i, result.done, Buffer.compare(result.output, plain)]).toEqual([i, true, 0]);
    }
  });

  test('hands out small pieces of a bomb', () => {
    const packed = deflateRawSync(zeros(20_000_000));
    let largest = 0;
    let total = 0;
    for (const piece of start().push(packed)) {
      largest = Math.max(largest, piece.length);
      total += piece.length;
    }
    expect(total).toBe(20_000_000);
    expect(largest).toBeLessThan(pieceMax);
  });
});

test('crc32', () => {
  expect(crc32(latin1('123456789'))).toBe(0xcbf43926);
  expect(crc32(latin1('6789'), crc32(latin1('12345')))).toBe(zlibCrc32('123456789'));
});

function outcome({ done, output }: { done: boolean; output: Uint8Array }): string {
  return done ? `${output.length} ${zlibCrc32(output)}` : 'refused';
}

function zlibOutcome(bytes: Uint8Array): string {
  try {
    return outcome({ done: true, output: inflateRawSync(bytes) });
  } catch {
    return 'refused';
  }
}
