import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { tarHeader, padding, tarEnd } from '../../src/core/archive/writeTar.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { eraseDatabase, StorageError } from '../../src/store/database.js';
import { judgedBy, librarySpec, openLibraryStore, type LibraryStore } from '../../src/store/library.js';
import { bundle, pack } from '../vectorgen/bundle.js';
import { member as tarMember, tarOf } from '../vectorgen/raw.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
let library: LibraryStore;

async function add(version: string): Promise<string> {
  const source = pack(bundle({ manifest: { version } }));
  const name = `release-${version}.sbundle.tgz`;
  const now = '2026-11-20T10:00:00Z';
  const report = await engine.verify({ inputs: [{ name, source }], loose: [], now });
  const blob = new Blob([source as BlobPart]);
  const evidence = [{ name: `pm-${version}.json`, bytes: new Uint8Array([1, 2, 3]) }];
  await library.add(name, blob, report.inputs[0]!, judgedBy(report), evidence);
  return report.inputs[0]!.archiveDigest!;
}

async function empty(): Promise<void> {
  library?.close();
  await eraseDatabase(librarySpec);
  library = await openLibraryStore();
}

/** A saved library as anybody could write it. */
function container(entries: readonly (readonly [string, string | Blob])[], end: BlobPart = tarEnd): Blob {
  const parts = entries.flatMap(([path, content]) => {
    const body = typeof content === 'string' ? new Blob([content]) : content;
    return [tarHeader(path, body.size), body, padding(body.size)] as BlobPart[];
  });
  return new Blob([...parts, end]);
}

async function imported(file: Blob, marks = true): Promise<string> {
  return library.importAll(file, { marks }).then(
    ({ added, present, findings }) =>
      [
        `${added.length} added`,
        ...(present.length > 0 ? [`${present.length} here`] : []),
        ...findings.map(({ code }) => code),
      ].join(', '),
    (error: unknown) => {
      if (error instanceof StorageError) return error.finding.code;
      throw error;
    },
  );
}

const list = (items: readonly unknown[] = [], schema = 'countersign.library/v1'): [string, string] => [
  'library.json',
  JSON.stringify({ schema, items }),
];

beforeEach(empty);

describe('a saved library', () => {
  it('brings everything back in another browser, and judges nothing', async () => {
    const digests = [await add('1.0.0'), await add('1.1.0'), await add('1.2.0')];
    await library.setTags(digests[1]!, ['prod']);
    const mark = { role: 'pm', user: 'a@b.c', at: '2026-11-20T11:00:00Z' };
    await library.markApproved(digests[0]!, mark);
    const before = await library.list();
    const bytes = await Promise.all(
      before.map(async (one) => (await library.open(one.archiveDigest)).arrayBuffer()),
    );
    const file = new Blob([await (await library.exportAll()).arrayBuffer()]);
    await empty();
    expect(await imported(file)).toBe('3 added');
    const after = await library.list();
    for (const item of before) {
      const again = after.find(({ archiveDigest }) => archiveDigest === item.archiveDigest);
      const { name, addedAt, tags, approvedByMe, evidence, sizeBytes } = item;
      expect(again).toMatchObject({ name, addedAt, tags, approvedByMe, evidence, sizeBytes });
      // A file can say anything: a verdict is what this browser found.
      expect([again?.verdict, again?.id, again?.standing]).toEqual([null, null, null]);
      expect(await library.evidence(item.archiveDigest)).toHaveLength(1);
    }
    const again = await Promise.all(
      before.map(async (one) => (await library.open(one.archiveDigest)).arrayBuffer()),
    );
    expect(again).toEqual(bytes);
    expect(await imported(file)).toBe('0 added, 3 here');
  });

  it('can be read by any program that reads tar', async () => {
    await add('1.0.0');
    const bytes = Buffer.from(await (await library.exportAll()).arrayBuffer());
    const { execFileSync } = await import('node:child_process');
    const names = execFileSync('tar', ['-tf', '-'], { input: bytes }).toString().trim().split('\n');
    expect(names[0]).toBe('library.json');
    expect(names[1]).toMatch(/^bundles\/[0-9a-f]{64}\.sbundle\.tgz$/);
    expect(names).toHaveLength(3);
  });

  it('gives marks "approved by me" only to whom says that it is his own', async () => {
    const digest = await add('1.0.0');
    await library.markApproved(digest, { role: 'pm', user: 'a@b.c', at: '2026-11-20T11:00:00Z' });
    const file = await library.exportAll();
    await empty();
    expect(await imported(file, false)).toBe('1 added');
    expect((await library.get(digest))?.approvedByMe).toEqual([]);
  });

  it('leaves out what is not what its name says, and takes the rest', async () => {
    await add('1.0.0');
    const saved = Buffer.from(await (await library.exportAll()).arrayBuffer());
    await empty();
    const good = new Blob([pack(bundle()) as BlobPart]);
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', await good.arrayBuffer())).toString('hex');
    const wrong = `bundles/${'0'.repeat(64)}.sbundle.tgz`;
    const file = container([
      list(),
      [wrong, 'not this'],
      ['notes.txt', 'hello'],
      [`bundles/${hash}.sbundle.tgz`, good],
    ]);
    expect(await imported(file)).toBe(
      '1 added, library-import-unlisted, library-import-digest, library-import-record',
    );
    expect((await library.list())[0]?.name).toBe(`${hash}.sbundle.tgz`);
    // One byte of a bundle in the middle of the file.
    await empty();
    const flipped = Buffer.from(saved);
    const at = flipped.indexOf(Buffer.from([0x1f, 0x8b])) + 40;
    flipped[at] = flipped[at]! ^ 1;
    expect(await imported(new Blob([flipped]))).toBe('0 added, library-import-digest');
  });

  const refused: [string, () => Blob][] = [
    ['nothing', () => new Blob([])],
    ['text', () => new Blob(['hello'.repeat(1000)])],
    ['zeros', () => new Blob([new Uint8Array(2048)])],
    ['no list', () => container([['bundles/x', 'y']])],
    ['a list that is no JSON', () => container([['library.json', '{']])],
    ['a list that is no list', () => container([['library.json', '[]']])],
    ['a list without items', () => container([['library.json', '{"schema":"countersign.library/v1"}']])],
    ['a file twice', () => container([list(), ['a', '1'], ['a', '2']])],
    ['no end', () => container([list()], new Uint8Array(0))],
    ['half an end', () => container([list()], new Uint8Array(512))],
    ['something behind the end', () => container([list()], new Uint8Array(2048))],
    ['a body that is cut', () => container([list(), ['a', 'x'.repeat(3000)]]).slice(0, 2000)],
    [
      'a link',
      () =>
        new Blob([
          tarOf(
            tarMember('library.json', JSON.stringify({ schema: 'countersign.library/v1', items: [] })),
            tarMember('a', '', { type: '2' }),
          ) as BlobPart,
        ]),
    ],
  ];
  it.each(refused)('is refused as a whole: %s', async (_, make) => {
    expect(await imported(make())).toBe('library-import-unreadable');
    expect(await library.list()).toEqual([]);
  });

  it('is refused when it is of a newer kind, or over a limit', async () => {
    expect(await imported(container([list([], 'countersign.library/v2')]))).toBe('library-import-newer');
    const big = new Blob(Array.from({ length: 33 }, () => new Uint8Array(1024 * 1024)));
    expect(await imported(container([['library.json', big]]))).toBe('library-import-limit');
  });

  it('takes from a hostile list only what has its shape', async () => {
    const good = new Blob([pack(bundle()) as BlobPart]);
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', await good.arrayBuffer())).toString('hex');
    const record = {
      archiveDigest: `sha256:${hash}`,
      name: 'x.sbundle.tgz',
      addedAt: '2026-11-20T10:00:00Z',
      tags: [],
      approvedByMe: [],
      evidence: [],
    };
    const spoiled: object[] = [
      { ...record, name: 'x'.repeat(300) },
      { ...record, addedAt: 'yesterday' },
      { ...record, tags: [{}] },
      { ...record, tags: Array.from({ length: 50 }, (_, n) => String(n)) },
      { ...record, approvedByMe: [{ role: 'pm', user: 'x', at: 'now' }] },
      { ...record, evidence: 'all' },
      { archiveDigest: record.archiveDigest },
    ];
    for (const one of spoiled) {
      await empty();
      const file = container([list([one]), [`bundles/${hash}.sbundle.tgz`, good]]);
      expect(await imported(file), JSON.stringify(one)).toBe('1 added, library-import-record');
      expect((await library.list())[0]).toMatchObject({ tags: [], approvedByMe: [], verdict: null });
    }
    await empty();
    const extra = {
      ...record,
      verdict: { code: 'B-OK', look: 'confirmed' },
      standing: { code: 'B-OK' },
      id: 'a/b',
    };
    expect(await imported(container([list([extra]), [`bundles/${hash}.sbundle.tgz`, good]]))).toBe('1 added');
    expect((await library.list())[0]).toMatchObject({ id: null, verdict: null, standing: null });
  });
});
