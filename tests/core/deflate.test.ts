import { Deflate } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import { BitJoiner } from '../../src/core/archive/deflateBits.js';
import { PIECE_BYTES, ScriptDeflater, type PieceDeflater } from '../../src/core/archive/deflatePieces.js';
import { compileDeflater, startDeflater, WasmDeflater } from '../../src/platform/wasmDeflater.js';

/** Our packers against fflate, whose bytes are the format's (docs/SPEC.md, "Container"). */

const compiled = compileDeflater();
const ours: Readonly<Record<string, () => PieceDeflater>> = {
  'plain script': () => new ScriptDeflater(),
  WebAssembly: () => new WasmDeflater(compiled),
};

function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(bytes.subarray(at, at + PIECE_BYTES));
  return pieces;
}

function byFflate(bytes: Uint8Array): Uint8Array {
  const out: Uint8Array[] = [];
  const deflate = new Deflate({ level: 6 });
  deflate.ondata = (chunk) => out.push(chunk);
  const pieces = piecesOf(bytes);
  pieces.forEach((piece, index) => deflate.push(piece.slice(), index === pieces.length - 1));
  return concatBytes(out);
}

/** Packed by `workers` packers in turns of `turn` pieces. `told`: pieces between two looks at what came out. */
function byUs(
  bytes: Uint8Array,
  start: (worker: number) => PieceDeflater,
  workers = 1,
  turn = 1,
  told = 1,
): Uint8Array {
  const joiner = new BitJoiner();
  const packers = Array.from({ length: workers }, (_, worker) => start(worker));
  const pieces = piecesOf(bytes);
  const out = pieces.map((piece, index) => {
    const mine = Math.floor(index / turn) % workers;
    packers.forEach((packer, worker) => worker !== mine && packer.skip(piece));
    const last = index === pieces.length - 1;
    packers[mine]!.pack(piece, last);
    // Within one turn, a packer goes on where it was, in the midst of a byte.
    const tells = last || (index + 1) % turn === 0 || told === 1;
    return tells ? joiner.push(packers[mine]!.stretch()) : new Uint8Array(0);
  });
  return concatBytes([...out, joiner.finish()]);
}

const WORDS = 'specification lock routing policy approval evidence bundle digest release token'.split(' ');

type Fill = (next: () => number) => number[] | Uint8Array;
const kinds: Readonly<Record<string, Fill>> = {
  noise: (next) => Array.from({ length: 1000 }, () => Math.floor(next() * 256)),
  zeros: () => new Uint8Array(3000),
  words: (next) => [
    ...Buffer.from(`${WORDS[Math.floor(next() * WORDS.length)]} ${Math.floor(next() * 1000)}\n`),
  ],
  letters: (next) => Array.from({ length: 500 }, () => 97 + Math.floor(next() ** 3 * 26)),
  // One symbol is very much rarer than another: codes that would be too long.
  skewed: (next) =>
    Array.from({ length: 500 }, () => Math.min(255, Math.floor(-Math.log2(next() + 1e-9) * 1.4))),
  two: (next) => Array.from({ length: 300 }, () => (next() < 0.5 ? 0 : 255)),
  far: (next) => {
    const text = Array.from({ length: 40 }, (_, at) => (at * 7) & 255);
    return [...text, ...Array.from({ length: 30_000 }, () => Math.floor(next() * 256)), ...text];
  },
};

function fill(size: number, seed: number, names: readonly string[]): Uint8Array {
  const next = chance(seed);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const name = names[Math.floor(next() * names.length)] ?? 'noise';
    const part = Uint8Array.from(kinds[name]!(next)).subarray(0, size - at);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

describe.each(Object.entries(ours))('packing by %s', (_, start) => {
  const sizes = [
    1, 2, 3, 4, 100, 423, 424, 5000, 32_768, 65_535, 65_536, 65_537, 65_538, 65_539, 98_304, 131_072, 400_001,
  ];

  it.each(Object.keys(kinds))('gives the bytes of fflate for %s of any length', (kind) => {
    for (const size of sizes) {
      const bytes = fill(size, size, [kind]);
      expect(Buffer.compare(byUs(bytes, start), byFflate(bytes)), String(size)).toBe(0);
    }
  });

  it('gives the same bytes whoever packs which piece', () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const next = chance(seed);
      const bytes = fill(300_000 + Math.floor(next() * 700_000), seed, Object.keys(kinds));
      const expected = byFflate(bytes);
      for (const [workers, turn, told] of [
        [1, 1, 1],
        [1, 4, 4],
        [2, 1, 1],
        [2, 3, 1],
        [2, 3, 3],
        [3, 2, 2],
      ] as const)
        expect(
          Buffer.compare(byUs(bytes, start, workers, turn, told), expected),
          `${seed} ${workers} ${turn} ${told}`,
        ).toBe(0);
    }
  });

  it('ends a piece of any length as fflate does', () => {
    for (let rest = 1; rest <= 300; rest += 1) {
      const bytes = fill(PIECE_BYTES + rest, 77 + (rest % 5), ['words', 'zeros']);
      expect(Buffer.compare(byUs(bytes, start), byFflate(bytes)), String(rest)).toBe(0);
    }
  });

  it('begins no last block that would be too short', () => {
    for (let size = 24_990; size <= 25_090; size += 1) {
      const bytes = fill(size, 3, ['noise']);
      expect(Buffer.compare(byUs(bytes, start), byFflate(bytes)), String(size)).toBe(0);
    }
  });

  it('finds what is exactly as far away as deflate reaches, and nothing farther', () => {
    for (const distance of [32_766, 32_767, 32_768, 32_769, 65_535, 65_536]) {
      const bytes = fill(200_000, distance, ['noise']);
      for (const at of [100, 33_000, 65_500, 70_000, 98_300]) bytes.copyWithin(at + distance, at, at + 300);
      expect(Buffer.compare(byUs(bytes, start), byFflate(bytes)), String(distance)).toBe(0);
    }
  });
});

it('may be shared by both kinds of packers', () => {
  const bytes = fill(900_000, 5, Object.keys(kinds));
  const mixed = (worker: number): PieceDeflater => (worker === 0 ? new ScriptDeflater() : startDeflater());
  expect(Buffer.compare(byUs(bytes, mixed, 2, 2, 2), byFflate(bytes))).toBe(0);
});

it('packs by WebAssembly where that runs, and in plain script where it does not', async () => {
  expect(startDeflater()).toBeInstanceOf(WasmDeflater);
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  try {
    const fresh = await import('../../src/platform/wasmDeflater.js');
    const bytes = fill(200_000, 9, ['words', 'noise']);
    expect(fresh.startDeflater().constructor.name).toBe('ScriptDeflater');
    expect(Buffer.compare(byUs(bytes, fresh.startDeflater), byFflate(bytes))).toBe(0);
  } finally {
    vi.unstubAllGlobals();
  }
});

it('gives the bytes of fflate for whatever is put together', () => {
  const part = fc.record({
    kind: fc.constantFrom(...Object.keys(kinds)),
    size: fc.nat(40_000),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (parts, workers) => {
        const bytes = concatBytes(parts.map(({ kind, size, seed }) => fill(size + 1, seed, [kind])));
        expect(Buffer.compare(byUs(bytes, startDeflater, workers), byFflate(bytes))).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
});
