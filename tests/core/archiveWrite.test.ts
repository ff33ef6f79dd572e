import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  bundleOrder,
  writeArchive,
  writeArchiveStream,
  writeTar,
  type ArchiveStreamInput,
} from '../../src/core/archive/writeArchive.js';
import { PAX_SIZE_MIN } from '../../src/core/archive/tar.js';
import { tarHeader } from '../../src/core/archive/writeTar.js';
import { nodePlatform } from '../../src/platform/node.js';
import { join, read, sha256, utf8, zeros } from './archiveBuilder.js';

const files = [
  { path: 'manifest.yaml', bytes: utf8('schema: x\n') },
  { path: 'a'.repeat(100), bytes: utf8('exactly 100') },
  { path: `long/${'b'.repeat(120)}`, bytes: utf8('over 100') },
  { path: 'caf\u00e9/\u{1f600}.txt', bytes: utf8('not ASCII') },
  { path: 'big.bin', bytes: new Uint8Array(400_000).map((_, i) => (i * i) >> 7) },
  { path: 'empty', bytes: zeros(0) },
  { path: 'block', bytes: zeros(512) },
  { path: 'checksums.txt', bytes: utf8('x\n') },
];

describe('the writer', () => {
  test('what it writes is read back, file by file', async () => {
    const archive = await read(nodePlatform(), writeArchive(files), {}, 65_536, () => true);
    expect(archive.findings).toEqual([]);
    expect(archive.entries).toEqual(
      files.map(({ path, bytes }) => ({ path, size: bytes.length, sha256: sha256(bytes) })),
    );
    for (const { path, bytes } of files) expect(Buffer.compare(archive.kept.get(path)!, bytes)).toBe(0);
  });

  test('gives the same bytes every time, whole or streamed, in pieces of any size', async () => {
    const whole = writeArchive(files);
    expect(sha256(writeArchive(files))).toBe(sha256(whole));
    for (const piece of [1, 777, 65_536, 1_000_000]) {
      const parts: Uint8Array[] = [];
      for await (const part of writeArchiveStream(files.map((file) => inPieces(file, piece))))
        parts.push(part);
      expect([piece, Buffer.compare(join(...parts), whole)]).toEqual([piece, 0]);
    }
  });

  test('the bytes are pinned: they must not change with an engine or a release', () => {
    const bytes = writeArchive(files);
    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    expect(sha256(writeTar(files))).toBe('a0c28cf51934de5d4362c2179213f025bee0a7fd565ede3d18baa860b2b1e491');
    expect(sha256(bytes)).toBe('bba3a86d768142fea4c5d704ff937f62c9f977d8dffeb2a677d7b86cf3ea700a');
  });

  test('stock tools accept it', () => {
    const folder = mkdtempSync(joinPath(tmpdir(), 'countersign-'));
    try {
      const file = joinPath(folder, 'x.sbundle.tgz');
      writeFileSync(file, writeArchive(files));
      execFileSync('gzip', ['-t', file]);
      const listing = execFileSync('tar', ['--quoting-style=literal', '-tzf', file], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      expect(listing.trimEnd().split('\n')).toEqual(files.map(({ path }) => path));
      execFileSync('tar', ['-xzf', file, '-C', folder], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
      for (const { path, bytes } of files)
        expect(Buffer.compare(readFileSync(joinPath(folder, path)), bytes)).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('PAX size from 8 GiB on, then the plain size is 0', () => {
    expect(tarHeader('x', PAX_SIZE_MIN - 1)).toHaveLength(512);
    const large = Buffer.from(tarHeader('x', PAX_SIZE_MIN));
    expect(large).toHaveLength(1536);
    expect(large.toString('latin1', 512, 528)).toContain('19 size=8589934');
    expect(large.toString('latin1', 1024 + 124, 1024 + 136)).toBe('00000000000\0');
  });

  test.each(['../x', '/x', 'a//b', 'CON', '', 'a'.repeat(256), 'a\nb', '\ud800'])(
    'refuses to write the path %j',
    (path) => {
      expect(() => writeArchive([{ path, bytes: zeros(0) }])).toThrow('cannot write this path');
    },
  );

  test('a file that is longer or shorter than it says stops the writing', async () => {
    for (const size of [0, 2, 4, 100]) {
      const consume = async (): Promise<void> => {
        for await (const part of writeArchiveStream([{ path: 'a', size, chunks: [utf8('abc')] }]))
          expect(part).toBeInstanceOf(Uint8Array);
      };
      await expect(consume()).rejects.toThrow('changed its length');
    }
  });

  test('order of a bundle', () => {
    const ordered = [
      'manifest.yaml',
      'Z',
      'a',
      'a/b',
      'a0',
      'checksums.txt.bak',
      '\uffee',
      '\u{10000}',
      'approvals/pm-1.json',
      'attestations/x',
      'checksums.txt',
    ];
    expect(bundleOrder([...ordered].reverse())).toEqual(ordered);
  });
});

function inPieces({ path, bytes }: { path: string; bytes: Uint8Array }, piece: number): ArchiveStreamInput {
  const chunks = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) =>
    bytes.subarray(i * piece, (i + 1) * piece),
  );
  return { path, size: bytes.length, chunks };
}
