import 'fake-indexeddb/auto';
import { readdirSync, readFileSync } from 'node:fs';
import { deleteDB, openDB } from 'idb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { StorageError } from '../../src/store/database.js';
import { judgedBy, librarySpec, openLibraryStore, type LibraryStore } from '../../src/store/library.js';
import { rescueLibrary } from '../../src/store/libraryRescue.js';
import { bundle, pack } from '../vectorgen/bundle.js';

/** A database as a released version wrote it: tables, keys, values; bytes and blobs in base64. */
interface Fixture {
  readonly database: string;
  readonly version: number;
  readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const folder = new URL('../fixtures/', import.meta.url);
const fixtures = readdirSync(folder)
  .filter((name) => /^library-v\d+\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Fixture);

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  const { blob, bytes } = value as { blob?: string; bytes?: string };
  if (typeof blob === 'string') return new Blob([Buffer.from(blob, 'base64')]);
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'base64'));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each)]));
}

async function written({ database: name, version, tables }: Fixture): Promise<void> {
  const database = await openDB(name, version, {
    upgrade: (made) => {
      for (const table of Object.keys(tables)) made.createObjectStore(table);
    },
  });
  for (const [table, records] of Object.entries(tables))
    for (const [key, value] of Object.entries(records)) await database.put(table, revive(value), key);
  database.close();
}

beforeEach(() => deleteDB(librarySpec.name));

describe('a library of an earlier release', () => {
  it('is there for every version', () => {
    expect(fixtures.map(({ version }) => version)).toEqual(librarySpec.versions.map((_, index) => index + 1));
  });

  it.each(fixtures)('opens and keeps everything: version $version', async (fixture) => {
    await written(fixture);
    const library = await openLibraryStore();
    const [item, ...others] = await library.list();
    expect(others).toEqual([]);
    expect(await library.damaged()).toEqual([]);
    expect(item).toMatchObject({
      name: 'healthcare-1.3.0.sbundle.tgz',
      id: 'example/healthcare-api',
      version: '1.3.0',
      tags: ['production', 'q4'],
      verdict: { code: 'B-INCOMPLETE', look: 'incomplete' },
      before: { code: 'B-NOSIG' },
      approvedByMe: [{ role: 'pm', user: 'alice@acme.org', at: '2026-11-20T11:00:00Z' }],
    });
    const digest = item?.archiveDigest ?? '';
    const bytes = new Uint8Array(await (await library.open(digest)).arrayBuffer());
    expect(Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex')).toBe(digest.slice(7));
    expect((await library.evidence(digest)).map(({ name }) => name)).toEqual(item?.evidence);
    expect(await library.lastBackup()).not.toBeNull();
    library.close();
  });

  it('is not made by looking for one to save', async () => {
    expect(await rescueLibrary()).toBeNull();
    const library = await openLibraryStore();
    expect(await library.list()).toEqual([]);
    library.close();
  });

  it('of a newer release is left alone, and that is said', async () => {
    const database = await openDB(librarySpec.name, librarySpec.versions.length + 1, {
      upgrade: (made) => void made.createObjectStore('items').put({ of: 'tomorrow' }, 'x'),
    });
    database.close();
    const refused: unknown = await openLibraryStore().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StorageError);
    expect((refused as StorageError).finding.code).toBe('storage-newer');
    const saved = await rescueLibrary();
    expect(Buffer.from(await saved!.arrayBuffer()).toString()).toContain('"of": "tomorrow"');
    const again = await openDB(librarySpec.name);
    expect([again.version, await again.getAll('items')]).toEqual([
      librarySpec.versions.length + 1,
      [{ of: 'tomorrow' }],
    ]);
    again.close();
  });
});

describe('a browser without room', () => {
  const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

  async function sample(version: string) {
    const source = pack(bundle({ manifest: { version } }));
    const now = '2026-11-20T10:00:00Z';
    const report = await engine.verify({ inputs: [{ name: 'x.tgz', source }], loose: [], now });
    const input = report.inputs[0]!;
    return {
      blob: new Blob([source as BlobPart]),
      input,
      judged: judgedBy(report),
      digest: input.archiveDigest!,
    };
  }

  /** Everything in the database, as text. */
  async function state(): Promise<string> {
    const database = await openDB(librarySpec.name);
    const all: unknown[] = [];
    for (const table of database.objectStoreNames)
      all.push(table, await database.getAllKeys(table), await database.getAll(table));
    database.close();
    return JSON.stringify(all, (_, value: unknown) =>
      value instanceof Blob ? `${value.size} bytes` : value,
    );
  }

  /** Refuses the write number `refused` of everything that follows; tells how many there were. */
  function refusing(refused: number): { readonly end: () => number } {
    let writes = 0;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
    const put = IDBObjectStore.prototype.put;
    const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      value: unknown,
      key?: IDBValidKey,
    ) {
      writes += 1;
      if (writes === refused) throw new DOMException('no room', 'QuotaExceededError');
      return put.call(this, value, key);
    });
    return {
      end: () => {
        spy.mockRestore();
        return writes;
      },
    };
  }

  type Sample = Awaited<ReturnType<typeof sample>>;
  const operations: [
    string,
    number,
    (library: LibraryStore, here: Sample, away: Sample, file: Blob) => Promise<unknown>,
  ][] = [
    ['add', 3, (library, _, away) => library.add('x.tgz', away.blob, away.input, away.judged)],
    ['import', 3, (library, _here, _away, file) => library.importAll(file, { marks: true })],
    [
      'judge again',
      1,
      (library, here) =>
        library.judgedAgain(here.digest, here.input, { ...here.judged, at: '2026-11-21T10:00:00Z' }),
    ],
    ['tags', 1, (library, here) => library.setTags(here.digest, ['a'])],
    [
      'mark',
      1,
      (library, here) =>
        library.markApproved(here.digest, { role: 'pm', user: 'x', at: '2026-11-20T10:00:00Z' }),
    ],
    ['bin', 1, (library, here) => library.discard(here.digest, true)],
    ['backup', 1, (library) => library.backedUp()],
  ];

  it.each(operations)('loses nothing, whichever write it refuses: %s', async (_, writes, operation) => {
    const library = await openLibraryStore();
    const [here, away] = [await sample('1.0.0'), await sample('1.1.0')];
    await library.add('away.tgz', away.blob, away.input, away.judged);
    const file = new Blob([await (await library.exportAll()).arrayBuffer()]);
    await library.remove(away.digest);
    await library.add('here.tgz', here.blob, here.input, here.judged);
    const before = await state();
    for (let refused = 1; refused <= writes; refused += 1) {
      const full = refusing(refused);
      const outcome: unknown = await operation(library, here, away, file).catch((error: unknown) => error);
      full.end();
      expect(outcome).toBeInstanceOf(StorageError);
      expect((outcome as StorageError).finding.code).toBe('storage-full');
      expect(await state()).toBe(before);
    }
    const room = refusing(0);
    await operation(library, here, away, file);
    expect(room.end()).toBe(writes);
    expect(await state()).not.toBe(before);
    library.close();
  });
});
