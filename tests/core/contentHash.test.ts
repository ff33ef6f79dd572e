import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { ContentHash } from '../../src/core/archive/contentHash.js';
import { nodePlatform } from '../../src/platform/node.js';
import { webPlatform } from '../../src/platform/web.js';

const platform = { ...nodePlatform(), wholeHashBytesMax: 1000 };
const bytes = Uint8Array.from({ length: 2500 }, (_, at) => (at * 31) & 255);

/** Pieces as an archive gives them: each is gone when the next one comes. */
async function hashed(length: number, piece: number, said: number | null, exact: boolean): Promise<string> {
  const hash = new ContentHash(platform, said, exact);
  const buffer = new Uint8Array(piece);
  for (let at = 0; at < length; at += piece) {
    const part = bytes.subarray(at, Math.min(at + piece, length));
    buffer.set(part);
    hash.update(buffer.subarray(0, part.length));
  }
  return hash.digest();
}

it.each([0, 1, 999, 1000, 1001, 2500])(
  'hashes %i bytes in pieces, of known and of unknown size',
  async (length) => {
    const wanted = createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
    for (const piece of [1, 7, 400, 3000])
      for (const said of [length, null])
        expect(await hashed(length, piece, said, said !== null)).toBe(wanted);
  },
);

it.each([
  ['shorter', 300, 500],
  ['longer', 500, 300],
  ['longer than is collected', 2500, 300],
])('hashes what a source gives that is %s than it said', async (_, length, said) => {
  const wanted = createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
  const hash = new ContentHash(platform, said);
  for (let at = 0; at < length; at += said) hash.update(bytes.subarray(at, Math.min(at + said, length)));
  expect(await hash.digest()).toBe(wanted);
});

it.each([
  ['Node', nodePlatform()],
  ['WebCrypto', await webPlatform({ hasher: 'webcrypto' })],
  ['hash-wasm', await webPlatform({ hasher: 'wasm' })],
])('takes what it hashes before it returns, by %s', async (_, one) => {
  for (const length of [100, 100_000]) {
    const wanted = createHash('sha256').update(Buffer.alloc(length, 7)).digest('hex');
    const passing = new Uint8Array(length).fill(7);
    const whole = one.sha256(passing);
    const stream = one.createSha256();
    stream.update(passing);
    passing.fill(0);
    expect(Buffer.from(await whole).toString('hex')).toBe(wanted);
    expect(Buffer.from(await stream.digest()).toString('hex')).toBe(wanted);
  }
});
