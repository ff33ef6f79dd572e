import { readFileSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Platform } from '../../src/core/bytes/platform.js';
import { checkPath } from '../../src/core/archive/path.js';
import { collisionKey } from '../../src/core/archive/namespace.js';
import { nodePlatform } from '../../src/platform/node.js';
import { webPlatform } from '../../src/platform/web.js';
import { describeShared, sharedPath } from '../shared.js';
import { classesOf, codesOf, entry, gzip, join, pax, read, tgz } from './archiveBuilder.js';

const node = nodePlatform();
let web: Platform;
beforeAll(async () => {
  web = await webPlatform();
});

const load = (...parts: readonly string[]): Uint8Array => readFileSync(sharedPath(...parts));
const loadJson = <T>(...parts: readonly string[]): T =>
  JSON.parse(readFileSync(sharedPath(...parts), 'utf8')) as T;
const lines = (...parts: readonly string[]): string[] =>
  readFileSync(sharedPath(...parts), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
const fromHex = (points: string): string =>
  String.fromCodePoint(
    ...points
      .trim()
      .split(' ')
      .map((point) => Number.parseInt(point, 16)),
  );
const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');

async function readBoth(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof read>>> {
  const [inNode, inWeb] = [await read(node, bytes), await read(web, bytes)];
  expect({ ...inWeb, kept: null }).toEqual({ ...inNode, kept: null });
  return inNode;
}

interface Hostile {
  file: string;
  catalogue: string;
  expected: string;
  error_class: string | null;
  also_acceptable: string[];
}

/** Catalogue families that other parts of the program decide: here their container must be read. */
const NOT_OF_THE_CONTAINER = /^[BCSTUY]/;
/** Bundle-level rows that the container refuses already. */
const REFUSED_EARLY = ['B15', 'B16'];

describeShared('corpora: hostile bundles, as far as the container goes', () => {
  test('every one is refused with a listed class, or read where it has to be', async () => {
    const index = loadJson<Hostile[]>('corpora', 'bundles', 'hostile', 'index.json');
    expect(index.length).toBeGreaterThan(100);
    for (const row of index) {
      const archive = await readBoth(load('corpora', 'bundles', 'hostile', row.file));
      const classes = classesOf(archive);
      const mustRead =
        row.expected !== 'reject' ||
        (NOT_OF_THE_CONTAINER.test(row.catalogue) && !REFUSED_EARLY.includes(row.catalogue));
      if (mustRead) expect([row.file, archive.readable, classes]).toEqual([row.file, true, []]);
      else {
        expect([row.file, archive.readable]).toEqual([row.file, false]);
        for (const one of classes)
          expect([row.error_class, ...row.also_acceptable], `${row.file}: ${one}`).toContain(one);
        expect([row.file, classes.length > 0]).toEqual([row.file, true]);
      }
    }
  });
});

describeShared('corpora: golden bundles and samples', () => {
  const unreadable: Readonly<Record<string, readonly string[]>> = {
    'neg-duplicate-manifest.sbundle.tgz': ['entry-duplicate'],
    'neg-path-traversal.sbundle.tgz': ['entry-unsafe-path'],
    'neg-symlink.sbundle.tgz': ['entry-unsupported-type'],
    'neg-truncated.sbundle.tgz': ['gzip-ends-early'],
  };
  const files = [
    ...readdirSync(sharedPath('corpora', 'bundles', 'golden')).map(
      (name) => ['corpora/bundles/golden', name] as const,
    ),
    ...readdirSync(sharedPath('samples', 'bundles')).map((name) => ['samples/bundles', name] as const),
  ].filter(([, name]) => name.endsWith('.tgz'));

  test.each(files)('%s/%s', async (folder, name) => {
    const archive = await readBoth(load(folder, name));
    expect(codesOf(archive)).toEqual(unreadable[name] ?? []);
    expect(archive.readable).toBe(!(name in unreadable));
  });
});

interface Reading {
  n: number;
  err: string;
}

/**
 * Ordinary archives, of the shape that Go writes, in which the one reader nanotar 0.3.0 differs from the other six: it
 * knows no name prefix, and miscounts where exactly two end blocks follow. Every golden bundle has that shape.
 */
const ONLY_NANOTAR_DIFFERS = [
  'go/file-and-dir.tar',
  'go/trailing-slash.tar',
  'go/ustar-file-devs.tar',
  'go/ustar.tar',
  'node-tar/dir.tar',
  'node-tar/long-paths.tar',
  'tar-rs/file_times.tar',
  'tar-stream/long-name.tar',
  'tar-stream/multi-file.tar',
];

interface TarRow extends Record<'go' | 'py' | 'nodetar' | 'tarstream' | 'gnutar' | 'bsdtar', Reading> {
  file: string;
  class: string;
  types: string[];
  b64?: string;
  listing?: { n: string; t: string; s: number; h: string }[];
}

describeShared('corpora: tar', () => {
  test('what is accepted is read alike by all known readers', async () => {
    const accepted: string[] = [];
    for (const row of loadJson<TarRow[]>('corpora', 'tar', 'reader-differential.json')) {
      const raw = row.b64 === undefined ? load('corpora', 'tar', row.file) : fromBase64(row.b64);
      const archive = await readBoth(gzip(raw));
      if (!archive.readable) {
        expect([row.file, classesOf(archive).length > 0]).toEqual([row.file, true]);
        continue;
      }
      accepted.push(row.file);
      if (ONLY_NANOTAR_DIFFERS.includes(row.file)) {
        const others = [row.go, row.py, row.nodetar, row.tarstream, row.gnutar, row.bsdtar];
        const count = archive.entries.length + archive.directories.length;
        expect([row.file, others.map(({ n, err }) => [n, err])]).toEqual([
          row.file,
          others.map(() => [row.go.n, '']),
        ]);
        expect([row.file, count]).toEqual([row.file, row.go.n]);
        continue;
      }
      expect([row.file, row.class]).toEqual([row.file, 'agree-accept']);
      const files = row.listing?.filter((one) => one.t === '0').map((one) => [one.n, one.s, one.h]);
      if (files)
        expect(archive.entries.map((one) => [one.path, one.size, one.sha256.slice(0, 16)])).toEqual(files);
    }
    expect(accepted.length).toBeGreaterThan(15);
  });
});

describeShared('corpora: gzip', () => {
  interface GoRow {
    desc: string;
    gzip_b64: string;
    go_error: string;
  }
  test("Go's cases: damage and second members are refused, the rest gets as far as the tar", async () => {
    for (const row of loadJson<GoRow[]>('corpora', 'gzip', 'go-gunzip.json')) {
      const archive = await readBoth(fromBase64(row.gzip_b64));
      expect(archive.readable).toBe(false);
      const refused =
        row.go_error !== '' || row.desc === 'hello.txt x2' || row.desc === 'header with all fields used';
      expect([row.desc, codesOf(archive)[0]?.startsWith('gzip-')]).toEqual([row.desc, refused]);
    }
  });

  test('fuzz seeds: refused or read alike, never thrown', async () => {
    for (const { b64 } of loadJson<{ b64: string }[]>('corpora', 'gzip', 'go-fuzz.json')) {
      const archive = await readBoth(fromBase64(b64));
      expect(archive.readable).toBe(false);
    }
  });
});

describeShared('corpora: names', () => {
  /** Where a path ends up below "root" for a system that takes both slashes. */
  const staysInside = (path: string): boolean => {
    let depth = 0;
    for (const part of path.split(/[/\\]/)) {
      depth += part === '..' ? -1 : part === '' || part === '.' ? 0 : 1;
      if (depth < 0) return false;
    }
    return !/^[/\\]|:/.test(path);
  };

  test('path traversal: refused, or harmless', async () => {
    const all = lines('corpora', 'names', 'path-traversal-directory_traversal.txt');
    expect(all.filter((line) => checkPath(line) === null && !staysInside(line))).toEqual([]);
    expect(all.filter((line) => !staysInside(line) && checkPath(line) === null)).toEqual([]);
    expect(all.filter((line) => checkPath(line) !== null).length).toBeGreaterThan(50);
    for (const line of all) {
      const archive = await read(node, tgz(join(pax({ path: line }), entry('x', '1'))));
      expect([line, archive.readable]).toEqual([line, checkPath(line) === null]);
    }
  });

  test('two normalisation forms of one name collide', () => {
    const differing = lines('corpora', 'names', 'unicode-normalization.txt').filter(
      (line) => !line.startsWith('#'),
    );
    for (const line of differing) {
      const [source, nfc, nfd] = line.split(';').map((column, i) => (i < 3 ? fromHex(column) : ''));
      expect([line, collisionKey(`a${source}`)]).toEqual([line, collisionKey(`a${nfc}`)]);
      expect([line, collisionKey(`a${source}`)]).toEqual([line, collisionKey(`a${nfd}`)]);
    }
  });

  test('two cases of one name collide', () => {
    for (const line of lines('corpora', 'names', 'unicode-casefolding.txt')) {
      const [from, status, to] = line.split(';').map((column) => column.trim());
      if (line.startsWith('#') || (status !== 'C' && status !== 'F')) continue;
      expect([line, collisionKey(`x${fromHex(from!)}`)]).toEqual([line, collisionKey(`x${fromHex(to!)}`)]);
    }
  });

  test('hostile texts as names: refused, warned of, or plain', async () => {
    for (const text of loadJson<string[]>('corpora', 'names', 'naughty-strings.json')) {
      if (text === '' || text.includes('\0')) continue;
      const archive = await read(node, tgz(join(pax({ path: text }), entry('x', '1'))));
      expect([text, archive.readable]).toEqual([text, checkPath(text) === null]);
    }
  });
});

describe('corpora: rule of the tests themselves', () => {
  test('the builder makes readable archives', async () => {
    expect((await read(node, tgz(entry('a', '1')))).readable).toBe(true);
  });
});
