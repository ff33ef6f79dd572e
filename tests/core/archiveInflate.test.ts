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
    output.push(...inflater.push(piece));
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

describe.each([
  ['the explaining inflater', explaining],
  ['the inflater in WebAssembly', inWasm],
])('%s', (_, start) => {
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

  test('hands out small pieces of a bomb', () => {
    const packed = deflateRawSync(zeros(20_000_000));
    let largest = 0;
    let total = 0;
    for (const piece of start().push(packed)) {
      largest = Math.max(largest, piece.length);
      total += piece.length;
    }
    expect(total).toBe(20_000_000);
    expect(largest).toBeLessThan(165_000);
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
