import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { InputReport, Report } from '../../src/core/generated/report.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { eraseDatabase, openDatabase, StorageError } from '../../src/store/database.js';
import {
  judgedBy,
  librarySpec,
  openLibraryStore,
  type Judged,
  type LibraryStore,
} from '../../src/store/library.js';
import { bundle, pack, type BundleOptions } from '../vectorgen/bundle.js';

const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

interface Sample {
  readonly name: string;
  readonly blob: Blob;
  readonly input: InputReport;
  readonly judged: Judged;
  readonly digest: string;
}

async function judge(name: string, bytes: Uint8Array, now = '2026-11-20T10:00:00Z'): Promise<Report> {
  return engine.verify({ inputs: [{ name, source: bytes }], loose: [], now });
}

async function sample(options: BundleOptions = {}, name = 'release.sbundle.tgz'): Promise<Sample> {
  const bytes = pack(bundle(options));
  const report = await judge(name, bytes);
  const input = report.inputs[0]!;
  const blob = new Blob([bytes as BlobPart]);
  return { name, blob, input, judged: judgedBy(report), digest: input.archiveDigest! };
}

const of = (version: string): Promise<Sample> =>
  sample({ manifest: { version } }, `release-${version}.sbundle.tgz`);

function add(library: LibraryStore, { name, blob, input, judged }: Sample) {
  return library.add(name, blob, input, judged);
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StorageError);
  return (error as StorageError).finding.code;
}

async function bytesOf(blob: Blob): Promise<Buffer> {
  return Buffer.from(await blob.arrayBuffer());
}

/** What is really stored, past the checks of the library. */
async function raw(): Promise<ReadonlyMap<string, ReadonlyMap<string, unknown>>> {
  const database = await openDatabase(librarySpec);
  const tables = librarySpec.versions.at(-1) ?? [];
  const all = new Map(
    await Promise.all(tables.map(async (table) => [table, await database.all(table)] as const)),
  );
  database.close();
  return all;
}

async function write(table: string, key: string, value: unknown): Promise<void> {
  const database = await openDatabase(librarySpec);
  await database.write([{ table, key, value }]);
  database.close();
}

let library: LibraryStore;
beforeEach(async () => {
  library?.close();
  await eraseDatabase(librarySpec);
  library = await openLibraryStore();
});

describe('the library', () => {
  it('keeps bundles over a reload, newest first, with what gave their verdict', async () => {
    const made = [await of('1.0.0'), await of('1.1.0'), await of('1.2.0')];
    for (const one of made) await add(library, one);
    library.close();
    library = await openLibraryStore();
    const list = await library.list();
    expect(list.map(({ version }) => version).sort()).toEqual(['1.0.0', '1.1.0', '1.2.0']);
    const item = list.find(({ version }) => version === '1.1.0')!;
    expect(item).toMatchObject({
      archiveDigest: made[1]!.digest,
      name: 'release-1.1.0.sbundle.tgz',
      sizeBytes: made[1]!.blob.size,
      verdict: { code: 'B-NOSIG', look: 'unknown' },
      judged: { at: '2026-11-20T10:00:00Z', rule: null, trustId: null },
    });
    expect(await bytesOf(await library.open(item.archiveDigest))).toEqual(await bytesOf(made[1]!.blob));
  });

  it('takes the same bytes again as the same bundle, and keeps tags and marks', async () => {
    const one = await of('1.0.0');
    await add(library, one);
    await library.setTags(one.digest, ['  prod ', 'prod', 'q4  2026']);
    await library.markApproved(one.digest, { role: 'pm', user: 'a@b.c', at: '2026-11-20T11:00:00Z' });
    await library.add('other-name.tgz', one.blob, one.input, one.judged, [
      { name: 'pm-1.json', bytes: new Uint8Array([1]) },
    ]);
    await library.add('other-name.tgz', one.blob, one.input, one.judged, [
      { name: 'pm-1.json', bytes: new Uint8Array([1]) },
      { name: 'pm-1.json', bytes: new Uint8Array([2]) },
    ]);
    const [item, ...others] = await library.list();
    expect(others).toEqual([]);
    expect(item).toMatchObject({
      name: 'other-name.tgz',
      tags: ['prod', 'q4 2026'],
      approvedByMe: [{ role: 'pm', user: 'a@b.c', at: '2026-11-20T11:00:00Z' }],
      evidence: ['pm-1.json', '2-pm-1.json'],
    });
    expect(await library.evidence(one.digest)).toEqual([
      { name: 'pm-1.json', bytes: new Uint8Array([1]) },
      { name: '2-pm-1.json', bytes: new Uint8Array([2]) },
    ]);
  });

  it('lets no document of a bundle give way to later ones, which could bury a withdrawal', async () => {
    const one = await of('1.0.0');
    const nth = (n: number) => ({ name: `${n}.json`, bytes: new Uint8Array([n & 255, n >> 8]) });
    const all = Array.from({ length: 256 }, (_, n) => nth(n));
    await library.add('x.tgz', one.blob, one.input, one.judged, all);
    const more = library.add('x.tgz', one.blob, one.input, one.judged, [nth(256)]);
    expect(await refusal(more)).toBe('library-evidence-limit');
    expect((await library.evidence(one.digest)).map(({ name }) => name)).toEqual(all.map(({ name }) => name));
  });

  it('refuses bytes that are not those that were judged, and a file without a digest', async () => {
    const one = await of('1.0.0');
    const other = await of('1.0.1');
    expect(await refusal(library.add('x.tgz', other.blob, one.input, one.judged))).toBe(
      'library-file-changed',
    );
    const cut = await judge('cut.tgz', new Uint8Array([0x1f, 0x8b, 8]));
    const input = { ...cut.inputs[0]!, archiveDigest: null };
    expect(await refusal(library.add('cut.tgz', one.blob, input, one.judged))).toBe('library-no-digest');
    expect(await library.list()).toEqual([]);
  });

  it('repeats nothing that a changed bundle says of itself', async () => {
    const made = bundle();
    const bytes = pack({
      ...made,
      content: made.content.map((one) => ({ ...one, bytes: new Uint8Array(3) })),
    });
    const report = await judge('changed.tgz', bytes);
    expect(report.inputs[0]?.verdict.code).toBe('B-CHANGED');
    const item = await library.add(
      'changed.tgz',
      new Blob([bytes as BlobPart]),
      report.inputs[0]!,
      judgedBy(report),
    );
    expect([item.id, item.version]).toEqual([null, null]);
  });

  it('deletes into a bin, back from it, and for good', async () => {
    const one = await of('1.0.0');
    await add(library, one);
    await library.discard(one.digest, true);
    expect(await library.list()).toEqual([]);
    await library.discard(one.digest, false);
    expect(await library.list()).toHaveLength(1);
    await library.discard(one.digest, true);
    await library.purge('2020-01-01T00:00:00Z');
    expect((await raw()).get('bundles')?.size).toBe(1);
    await library.purge(new Date(Date.now() + 1000).toISOString());
    for (const [table, records] of await raw()) expect(records.size, table).toBe(0);
    expect(await refusal(library.open(one.digest))).toBe('library-missing');
  });

  it('knows the last bundle of an id that I approved', async () => {
    const [a, b, c] = [await of('1.0.0'), await of('1.1.0'), await of('1.2.0')];
    for (const one of [a, b, c]) await add(library, one);
    const id = (await library.get(a.digest))?.id ?? '';
    expect(await library.lastApprovedOf(id)).toBeNull();
    await library.markApproved(b.digest, { role: 'pm', user: 'a@b.c', at: '2026-11-20T11:00:00Z' });
    await library.markApproved(a.digest, { role: 'pm', user: 'a@b.c', at: '2026-11-10T11:00:00Z' });
    expect((await library.lastApprovedOf(id))?.archiveDigest).toBe(b.digest);
    expect(await library.lastApprovedOf('another/id')).toBeNull();
  });

  it('keeps the verdict before another one until it was seen', async () => {
    const one = await of('1.0.0');
    await add(library, one);
    const later: InputReport = {
      ...one.input,
      verdict: { ...one.input.verdict, code: 'B-INCOMPLETE', look: 'incomplete' },
    };
    await library.judgedAgain(one.digest, one.input, one.judged);
    expect((await library.get(one.digest))?.before).toBeNull();
    await library.judgedAgain(one.digest, later, { ...one.judged, at: '2026-11-21T10:00:00Z' });
    const item = await library.get(one.digest);
    expect([item?.before?.code, item?.verdict?.code]).toEqual(['B-NOSIG', 'B-INCOMPLETE']);
    await library.seen(one.digest);
    expect((await library.get(one.digest))?.before).toBeNull();
    const other = await of('9.9.9');
    expect(await refusal(library.judgedAgain(one.digest, other.input, other.judged))).toBe(
      'library-bytes-differ',
    );
  });

  it('tells another tab', async () => {
    const other = await openLibraryStore();
    const told = new Promise<void>((resolve) => other.onChange(resolve));
    await add(library, await of('1.0.0'));
    await told;
    expect(await other.list()).toHaveLength(1);
    other.close();
  });

  it('loses no mark when two tabs write at once', async () => {
    const one = await of('1.0.0');
    await add(library, one);
    const other = await openLibraryStore();
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        (n % 2 === 0 ? library : other).markApproved(one.digest, {
          role: `role-${n}`,
          user: 'a@b.c',
          at: '2026-11-20T11:00:00Z',
        }),
      ),
    );
    expect((await library.get(one.digest))?.approvedByMe).toHaveLength(20);
    other.close();
  });
});

describe('a damaged record', () => {
  const damage: [string, (item: Record<string, unknown>) => unknown][] = [
    ['no longer an object', () => 'gone'],
    ['without a name', ({ name: _, ...item }) => item],
    ['of another digest', (item) => ({ ...item, archiveDigest: `sha256:${'0'.repeat(64)}` })],
    ['with a verdict that is none', (item) => ({ ...item, standing: { code: 'B-OK' } })],
    [
      'with a look that is none',
      (item) => ({ ...item, standing: { ...(item['standing'] as object), look: 'fine' } }),
    ],
    ['with a size that is none', (item) => ({ ...item, sizeBytes: -1 })],
    ['with marks that are none', (item) => ({ ...item, approvedByMe: [{ role: 'pm' }] })],
  ];
  it.each(damage)('is put aside, named, saved and never dropped: %s', async (_, change) => {
    const [one, other] = [await of('1.0.0'), await of('1.1.0')];
    await add(library, one);
    await add(library, other);
    const item = (await raw()).get('items')?.get(one.digest) as Record<string, unknown>;
    const broken = change(item);
    await write('items', one.digest, broken);
    expect((await library.list()).map(({ archiveDigest }) => archiveDigest)).toEqual([other.digest]);
    const [damaged] = await library.damaged();
    expect(damaged).toMatchObject({ key: one.digest, finding: { code: 'library-damaged' } });
    const saved = await bytesOf(await library.exportDamaged(one.digest));
    expect(saved.includes(await bytesOf(one.blob))).toBe(true);
    expect(
      saved.toString('utf8').startsWith(JSON.stringify({ key: one.digest, record: broken }, null, 2)),
    ).toBe(true);
    // The bundle comes again: the new record is whole, the damaged one is still there to be looked at.
    await add(library, one);
    expect(await library.list()).toHaveLength(2);
    const [aside] = await library.damaged();
    expect((await raw()).get('items')?.get(aside!.key)).toEqual(broken);
    await library.remove(aside!.key);
    expect(await library.damaged()).toEqual([]);
    expect(await library.list()).toHaveLength(2);
  });

  it('with bytes that are gone or cut says so when it is opened', async () => {
    const one = await of('1.0.0');
    await add(library, one);
    await write('bundles', one.digest, new Blob(['short']));
    expect(await refusal(library.open(one.digest))).toBe('library-bytes-differ');
    await write('bundles', one.digest, 'no blob');
    expect(await refusal(library.open(one.digest))).toBe('library-missing');
  });
});
