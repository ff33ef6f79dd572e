import { describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import { toHex } from '../../../src/core/bytes/hex.js';
import { bundleDigest, contentRoot, legacyPreimage } from '../../../src/core/manifest/digests.js';
import { fileLeaf } from '../../../src/core/manifest/leaves.js';
import { merkleRoot } from '../../../src/core/merkle/merkle.js';
import { nodePlatform } from '../../../src/platform/node.js';
import { sha256, platform, file, CLI } from './made.js';

describe('digests', () => {
  it('takes the bundle digest over the exact bytes', async () => {
    expect(await bundleDigest(toUtf8('abc'), platform)).toBe(
      'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('takes the content root over RFC 8785 leaves in byte order of path', () => {
    const a = file('\uffee', { size: 0 });
    const b = file('😀', { salt: '00'.repeat(16) });
    const leaf = (json: string): Uint8Array => sha256(toUtf8(`\0${json}`));
    const leaves = [
      leaf(`{"path":"\uffee","sha256":"${'ab'.repeat(32)}","size":0}`),
      leaf(`{"path":"😀","salt":"${'00'.repeat(16)}","sha256":"${'ab'.repeat(32)}","size":3}`),
    ];
    expect(fileLeaf(b, platform)).toEqual(leaves[1]);
    expect(contentRoot([b, a], platform)).toBe(`sha256:${toHex(merkleRoot(leaves, platform))}`);
    expect(contentRoot([a, b], platform)).toBe(contentRoot([b, a], platform));
  });

  it('is the same whether leaves are hashed one by one or together, by whatever means', () => {
    const ends = ['', 'ü', '😀', 'x'.repeat(900), '"', '\\', '\t', '~', '\u007f'];
    const files = Array.from({ length: 3000 }, (_, i) =>
      file(`${String(i).padStart(4, '0')}${i === 1500 ? 'y'.repeat(70_000) : ends[i % ends.length]!}`, {
        size: i,
        ...(i % 3 === 0 ? { salt: '0f'.repeat(16) } : {}),
      }),
    );
    const leaves = files.map((each) => fileLeaf(each, platform));
    const wanted = `sha256:${toHex(merkleRoot(leaves, platform))}`;
    for (const one of [platform, nodePlatform()]) {
      expect(contentRoot(files, one)).toBe(wanted);
      expect(contentRoot(files.toReversed(), one)).toBe(wanted);
    }
  });

  it('changes with path, size, digest, salt and membership', () => {
    const base = [file('a'), file('b')];
    const others = [
      [file('a'), file('c')],
      [file('a'), file('b', { size: 4 })],
      [file('a'), file('b', { sha256: 'ac'.repeat(32) })],
      [file('a'), file('b', { salt: '0'.repeat(32) })],
      [file('a')],
      [file('a'), file('b'), file('b2')],
    ];
    const roots = [base, ...others].map((files) => contentRoot(files, platform));
    expect(new Set(roots).size).toBe(roots.length);
    expect(contentRoot([file('a'), file('b', { external: true, mode: 1 })], platform)).toBe(roots[0]);
  });

  it('blanks the text for the older digest and nothing else', () => {
    const blanked = CLI.replace(
      /algorithm: .*\n {4}digest: .*\n {4}manifest_digest: .*\n/,
      'algorithm: ""\n    digest: ""\n',
    );
    expect(fromUtf8(legacyPreimage(toUtf8(CLI))!)).toBe(blanked);
    expect(legacyPreimage(toUtf8(CLI.replace('integrity:', 'Integrity:')))).toBeNull();
    expect(legacyPreimage(toUtf8(`${CLI}integrity:\n`))).toBeNull();
    expect(legacyPreimage(toUtf8(CLI.replace('    manifest_digest', '    other')))).toBeNull();
  });
});
