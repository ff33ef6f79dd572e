import { describe, expect, test } from 'vitest';
import type { Archive } from '../../src/core/archive/archive.js';
import { extractEntry, readArchive } from '../../src/core/archive/readArchive.js';
import type { ByteSource } from '../../src/core/bytes/source.js';
import { sourceOfBytes } from '../../src/core/bytes/source.js';
import { limitsProfiles } from '../../src/core/limits.js';
import { nodePlatform } from '../../src/platform/node.js';
import { sourceOfBlob, webPlatform } from '../../src/platform/web.js';
import { codesOf, entry, gzip, join, pax, read, sha256, tar, tgz, utf8, zeros } from './archiveBuilder.js';
import { cases } from './archiveCases.js';

const node = nodePlatform();
const web = await webPlatform();

describe('archive: the catalogue A01-A54', () => {
  test.each(cases.map((one) => [`${one.id} ${one.what}`, one] as const))('%s', async (_, one) => {
    const bytes = one.bytes();
    const archive = await read(node, bytes, one.limits);
    expect(codesOf(archive)).toEqual(one.codes);
    expect(archive.readable).toBe(one.codes.every((code) => code === 'entry-hidden-characters'));
    expect(archive.archiveSha256).toBe(sha256(bytes));
    const inWeb = await read(web, bytes, one.limits);
    expect(plain(inWeb)).toEqual(plain(archive));
  });

  test('every id is there', () => {
    const ids = new Set(cases.map((one) => one.id));
    const missing = Array.from({ length: 54 }, (_, i) => `A${String(i + 1).padStart(2, '0')}`).filter(
      (id) => !ids.has(id),
    );
    expect(missing).toEqual([]);
  });

  test('cut anywhere, it is refused', async () => {
    const bytes = tgz(entry('manifest.yaml', 'a: 1\n'), entry('b', 'two'));
    for (let length = 0; length < bytes.length; length++) {
      const archive = await read(node, bytes.subarray(0, length));
      expect([length, archive.readable]).toEqual([length, false]);
    }
  });

  test('one flipped bit gives the same files, or is refused, alike on both platforms', async () => {
    const bytes = tgz(entry('manifest.yaml', 'a: 1\n'), entry('b', 'two '.repeat(50)));
    const right = await read(node, bytes);
    let refused = 0;
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const archive = await read(node, flipped);
      expect(plain(await read(web, flipped))).toEqual(plain(archive));
      if (archive.readable) expect(archive.entries).toEqual(right.entries);
      else refused++;
    }
    expect(refused).toBeGreaterThan(bytes.length * 6);
  });
});

describe('archive: what it tells', () => {
  test('digests, sizes, folders and kept documents, whatever the pieces', async () => {
    const big = new Uint8Array(3_000_000).map((_, i) => (i * 7919) >> 3);
    const bytes = tgz(
      entry('manifest.yaml', 'a: 1\n'),
      entry({ name: 'd/', type: '5' }),
      entry('d/big.bin', big),
      entry('empty'),
    );
    for (const platform of [node, web]) {
      for (const chunk of [1000, 4099, 65_536, bytes.length]) {
        const archive = await read(platform, bytes, {}, chunk, (path) => path === 'manifest.yaml');
        expect(archive).toMatchObject({
          readable: true,
          complete: true,
          directories: ['d'],
          findings: [],
          sizeBytes: bytes.length,
        });
        expect(archive.entries).toEqual([
          { path: 'manifest.yaml', size: 5, sha256: sha256(utf8('a: 1\n')) },
          { path: 'd/big.bin', size: big.length, sha256: sha256(big) },
          { path: 'empty', size: 0, sha256: sha256(zeros(0)) },
        ]);
        expect([...archive.kept]).toEqual([['manifest.yaml', utf8('a: 1\n')]]);
        expect(archive.archiveSha256).toBe(sha256(bytes));
      }
    }
  });

  test('byte by byte it reads the same', async () => {
    const bytes = tgz(pax({ path: 'caf\u00e9' }), entry('x', 'one'), entry('b', 'two'));
    for (const platform of [node, web])
      expect(plain(await read(platform, bytes, {}, 1))).toEqual(plain(await read(node, bytes)));
    const cut = bytes.subarray(0, -9);
    for (const platform of [node, web])
      expect(plain(await read(platform, cut, {}, 1))).toEqual(plain(await read(node, cut)));
  });

  test('goes on after a bad path, and says where it is', async () => {
    const archive = await read(node, tgz(entry('../a', '1'), entry('ok', '2'), entry('CON', '3')));
    expect(archive.findings.map((one) => one.where)).toEqual([
      { path: '../a', byte: 0 },
      { path: 'CON', byte: 2048 },
    ]);
    expect(archive.entries.map((one) => one.path)).toEqual(['ok']);
    expect(archive).toMatchObject({ readable: false, complete: true });
  });

  test.each([
    ['%PDF-1.7 \u00e4', 'This is a PDF document, not a bundle.'],
    ['PK\u0003\u0004aaaa', 'This is a zip archive (or an Office document), not a bundle.'],
    ['\u0089PNG\r\n\u001a\n', 'This is a PNG picture, not a bundle.'],
    ['{"a": 1}', 'This is a JSON document, not a bundle.'],
    ['schema: x\nid: y\n', 'This is a YAML document, not a bundle.'],
    ['<!DOCTYPE html><p>login', 'This is a web page, not a bundle.'],
    ['hello', 'This is a text file, not a bundle.'],
  ])('names another kind of file: %s', async (text, message) => {
    const archive = await read(
      node,
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
    );
    expect(archive.findings.map((one) => one.message)).toEqual([message]);
  });

  test('a raw tar is named', async () => {
    const archive = await read(node, tar(entry('a', '1')));
    expect(archive.findings[0]?.message).toBe('This is a tar archive that is not compressed, not a bundle.');
  });

  test('lists at most 500 problems and counts the rest', async () => {
    const archive = await read(node, tgz(...Array.from({ length: 600 }, (_, i) => entry(`../${i}`, 'x'))));
    expect(archive.findings).toHaveLength(501);
    expect(archive.findings.at(-1)).toMatchObject({
      code: 'archive-more-problems',
      params: { count: 100 },
      severity: 'error',
    });
  });

  test('kept documents are bounded together', async () => {
    const limits = { manifestBytesMax: 1000, approvalsMax: 1, approvalBytesMax: 100 };
    const documents = Array.from({ length: 10 }, (_, i) => entry(`approvals/${i}`, 'x'.repeat(300)));
    const archive = await read(node, tgz(...documents), limits, 65_536, () => true);
    expect(codesOf(archive)).toEqual(['archive-too-many-documents']);
    expect(archive.kept.size).toBe(8);
  });
});

describe('archive: sources and shells', () => {
  const bytes = tgz(entry('a', 'hello'), entry('b', zeros(300_000)));

  test('a source that fails is no damaged bundle', async () => {
    const failing: ByteSource = {
      sizeBytes: null,
      reopenable: true,
      async *open() {
        yield bytes.subarray(0, 100);
        throw new Error('disk gone');
      },
    };
    const others = (['wasm', 'browser', 'own'] as const).map((inflater) => webPlatform({ inflater }));
    for (const platform of [node, web, ...(await Promise.all(others))]) {
      const archive = await readArchive(failing, {
        platform,
        limits: limitsProfiles.default,
        keep: () => false,
      });
      expect(codesOf(archive)).toEqual(['input-unreadable']);
      expect(archive.archiveSha256).toBeNull();
    }
  });

  test('a source that cannot be opened twice is refused with the reason that the platform has', async () => {
    const once: ByteSource = { ...sourceOfBytes(bytes.subarray(0, -4)), sizeBytes: null, reopenable: false };
    expect(
      codesOf(await readArchive(once, { platform: node, limits: limitsProfiles.default, keep: () => false })),
    ).toEqual(['gzip-ends-early']);
    for (const inflater of ['browser', 'wasm'] as const) {
      const platform = await webPlatform({ inflater });
      expect(
        codesOf(await readArchive(once, { platform, limits: limitsProfiles.default, keep: () => false })),
      ).toEqual(['gzip-damaged']);
    }
  });

  test.each(['browser', 'wasm'] as const)('the inflater %s reads blobs', async (inflater) => {
    for (const hasher of ['webcrypto', 'wasm'] as const) {
      const platform = await webPlatform({ inflater, hasher });
      const source = sourceOfBlob(new Blob([bytes as Uint8Array<ArrayBuffer>]));
      const archive = await readArchive(source, {
        platform,
        limits: limitsProfiles.default,
        keep: () => false,
      });
      expect(plain(archive)).toEqual(plain(await read(node, bytes)));
    }
  });

  test('archives that are read side by side share nothing, nor does one with another that was given up', async () => {
    const platform = await webPlatform({ inflater: 'wasm' });
    const many = [1, 2, 3, 4].map((by) =>
      tgz(
        entry(
          'a',
          new Uint8Array(400_000).map((_, i) => (i * 7919 * by) >> 3),
        ),
      ),
    );
    const alone = await Promise.all(many.map((each) => read(node, each)));
    for (let round = 0; round < 3; round++) {
      const together = many.map((each) => read(platform, each));
      const tooLarge = await read(platform, many[0]!, { unpackedBytesMax: 1000 });
      expect(tooLarge.readable).toBe(false);
      expect((await Promise.all(together)).map(plain)).toEqual(alone.map(plain));
    }
  });

  test.each(['node', 'own', 'browser', 'wasm'] as const)(
    'an abort is heard within 200 ms (%s)',
    async (which) => {
      const platform = which === 'node' ? node : await webPlatform({ inflater: which });
      const huge = gzip(join(entry('zeros', zeros(90_000_000)), zeros(1024)));
      const stop = new AbortController();
      let asked = 0;
      setTimeout(() => {
        asked = performance.now();
        stop.abort(new Error('enough'));
      }, 20);
      const endless: ByteSource = {
        sizeBytes: null,
        reopenable: false,
        async *open() {
          yield huge.subarray(0, -8);
          for (;;) yield zeros(10);
        },
      };
      const reading = readArchive(endless, {
        platform,
        limits: limitsProfiles.large,
        keep: () => false,
        signal: stop.signal,
      });
      await expect(reading).rejects.toThrow('enough');
      expect(performance.now() - asked).toBeLessThan(1000);
    },
  );

  test('progress ends at the size of the file', async () => {
    const seen: number[] = [];
    const source = sourceOfBytes(
      gzip(
        join(
          entry(
            'r',
            Uint8Array.from({ length: 900_000 }, (_, i) => (i * i * 31) >> 5),
          ),
          zeros(1024),
        ),
      ),
    );
    const onProgress = ({ readBytes }: { readBytes: number }): void => void seen.push(readBytes);
    await readArchive(source, {
      platform: node,
      limits: limitsProfiles.default,
      keep: () => false,
      onProgress,
    });
    expect(seen.at(-1)).toBe(source.sizeBytes);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  test('extracts the beginning of one entry', async () => {
    for (const platform of [node, web]) {
      const options = { platform, limits: limitsProfiles.default };
      const extract = (path: string, max: number): ReturnType<typeof extractEntry> =>
        extractEntry(sourceOfBytes(bytes), path, max, options);
      expect(await extract('a', 100)).toEqual({ bytes: utf8('hello'), size: 5, truncated: false });
      expect(await extract('a', 2)).toEqual({ bytes: utf8('he'), size: 5, truncated: true });
      expect(await extract('b', 10)).toEqual({ bytes: zeros(10), size: 300_000, truncated: true });
      expect(await extract('c', 10)).toBeNull();
      expect(await extractEntry(sourceOfBytes(utf8('no')), 'a', 10, options)).toBeNull();
    }
  });
});

/** What must be equal on all platforms: everything. */
function plain(archive: Archive): object {
  return { ...archive, kept: [...archive.kept] };
}
