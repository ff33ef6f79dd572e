import { Deflate } from 'fflate';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import { BitJoiner } from '../../src/core/archive/deflateBits.js';
import { PIECE_BYTES, PieceDeflater } from '../../src/core/archive/deflatePieces.js';

/** Our packer against fflate, whose bytes are the format's (docs/SPEC.md, "Container"). */

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

/** Packed by `workers` packers in turns of `turn` pieces. */
function byUs(bytes: Uint8Array, workers: number, turn: number): Uint8Array {
  const joiner = new BitJoiner();
  const packers = Array.from({ length: workers }, () => new PieceDeflater());
  const pieces = piecesOf(bytes);
  const out = pieces.map((piece, index) => {
    const mine = Math.floor(index / turn) % workers;
    packers.forEach((packer, worker) => worker !== mine && packer.skip(piece));
    packers[mine]!.pack(piece, index === pieces.length - 1);
    return joiner.push(packers[mine]!.stretch());
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

describe('packing', () => {
  const sizes = [
    1, 2, 3, 4, 100, 423, 424, 5000, 32_768, 65_535, 65_536, 65_537, 65_539, 98_304, 131_072, 400_001,
  ];

  it.each(Object.keys(kinds))('gives the bytes of fflate for %s of any length', (kind) => {
    for (const size of sizes) {
      const bytes = fill(size, size, [kind]);
      expect(Buffer.compare(byUs(bytes, 1, 1), byFflate(bytes)), String(size)).toBe(0);
    }
  });

  it('gives the same bytes whoever packs which piece', () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const next = chance(seed);
      const bytes = fill(300_000 + Math.floor(next() * 700_000), seed, Object.keys(kinds));
      const expected = byFflate(bytes);
      for (const [workers, turn] of [
        [1, 1],
        [2, 1],
        [2, 3],
        [3, 2],
      ] as const)
        expect(Buffer.compare(byUs(bytes, workers, turn), expected), `${seed} ${workers} ${turn}`).toBe(0);
    }
  });
});
