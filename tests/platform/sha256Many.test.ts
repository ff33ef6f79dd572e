import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigestWindow, HashesTogether } from '../../src/core/archive/contentHash.js';
import { sha256Many, type ManyHasher } from '../../src/core/bytes/sha256.js';
import { nodePlatform } from '../../src/platform/node.js';
import { webPlatform } from '../../src/platform/web.js';

const one = (bytes: Uint8Array): Uint8Array => nodePlatform().sha256Sync(bytes);
const platforms: [string, ManyHasher][] = [
  ['Node', nodePlatform()],
  ['pages', await webPlatform()],
  ['platforms without it', { sha256Sync: one }],
];

const plain = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Messages of these lengths, all different, and what they come to one by one. */
function messages(lengths: readonly number[]): { readonly bytes: Uint8Array; readonly wanted: string } {
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2_654_435_761) >>> 24;
  let at = 0;
  const wanted = lengths.map((length) => plain(bytes.subarray(at, (at += length)))).join('');
  return { bytes, wanted };
}

function digests(lengths: readonly number[], platform: ManyHasher): void {
  const { bytes, wanted } = messages(lengths);
  expect(Buffer.from(sha256Many(bytes, lengths, platform)).toString('hex')).toBe(wanted);
}

it('has WebAssembly to hash with, here', () => {
  for (const [, platform] of platforms.slice(0, 2)) expect(platform.sha256Many).toBeTypeOf('function');
});

describe.each(platforms)('many messages by %s', (_, platform) => {
  it('have the digests that they have one by one, whatever their length', () => {
    digests([], platform);
    for (let length = 0; length < 300; length++) digests([length], platform);
    digests(
      Array.from({ length: 300 }, (_, length) => length),
      platform,
    );
    digests(
      Array.from({ length: 300 }, (_, length) => 299 - length),
      platform,
    );
  });

  it('may be more, longer and together longer than there is room for at once', () => {
    digests(new Array<number>(9000).fill(1), platform);
    digests([5, 131_072, 7, 131_073, 0, 400_000, 1, 131_071, 2], platform);
    digests(new Array<number>(100).fill(5000), platform);
  });

  it('come in any order of lengths', () => {
    const lengths = fc.array(fc.oneof(fc.nat(200), fc.nat(5000)), { maxLength: 60 });
    fc.assert(fc.property(lengths, (some) => digests(some, platform)));
  });
});

it('hashes files together, and forgets one that never ended', () => {
  const together = new HashesTogether(nodePlatform(), new DigestWindow());
  const files = Array.from({ length: 3000 }, (_, i) => Buffer.alloc(i % 90, i));
  const found = files.map((bytes, i) => {
    const file = { sha256: '' };
    if (i % 7 === 0) {
      together.begin(100);
      together.update(Buffer.alloc(50, 255));
    }
    together.begin(bytes.length);
    together.update(bytes.subarray(0, 20));
    together.update(bytes.subarray(20));
    together.end(file);
    return file;
  });
  together.flush();
  expect(found.map(({ sha256 }) => sha256)).toEqual(files.map(plain));
});
