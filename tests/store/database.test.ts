import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { eraseDatabase, memoryDatabase, openDatabase, StorageError } from '../../src/store/database.js';
import type { Database, DatabaseSpec } from '../../src/store/database.js';
import { openReaderStore } from '../../src/store/reader.js';

let serial = 0;
const fresh = (): DatabaseSpec => ({ name: `test-${++serial}`, versions: [['a', 'b']] });

const kinds: [string, () => Promise<Database>][] = [
  ['kept', () => openDatabase(fresh())],
  ['in memory', () => Promise.resolve(memoryDatabase())],
];

describe.each(kinds)('a database %s', (_, open) => {
  it('gives back what was written, in the order of the keys', async () => {
    const database = await open();
    await database.write([
      { table: 'a', key: 'two', value: { n: 2 } },
      { table: 'a', key: 'one', value: { n: 1 } },
    ]);
    expect([...(await database.all('a'))]).toEqual([
      ['one', { n: 1 }],
      ['two', { n: 2 }],
    ]);
    await database.write([{ table: 'a', key: 'one', remove: true }]);
    expect(await database.get('a', 'one')).toBeUndefined();
  });

  it('keeps all of a write or nothing of it', async () => {
    const database = await open();
    await database.write([{ table: 'a', key: 'old', value: 1 }]);
    const writing = database.write([
      { table: 'a', clear: true },
      { table: 'a', key: 'new', value: 2 },
      { table: 'b', key: 'not storable', value: () => 0 },
    ]);
    await expect(writing).rejects.toThrow();
    expect([...(await database.all('a'))]).toEqual([['old', 1]]);
  });

  it('loses no update of two that read, decide and write', async () => {
    const database = await open();
    const add = (): Promise<void> =>
      database.exclusively(async () => {
        const before = ((await database.get('a', 'sum')) as number | undefined) ?? 0;
        await new Promise((resolve) => setTimeout(resolve, 1));
        await database.write([{ table: 'a', key: 'sum', value: before + 1 }]);
      });
    await Promise.all(Array.from({ length: 10 }, add));
    expect(await database.get('a', 'sum')).toBe(10);
  });
});

const names = async (): Promise<(string | undefined)[]> =>
  (await indexedDB.databases()).map(({ name }) => name);

describe('a database that nobody has written to', () => {
  it('is not made by reading, nor by taking away', async () => {
    const spec = fresh();
    const database = await openDatabase(spec);
    expect(await database.get('a', 'x')).toBeUndefined();
    expect((await database.all('b')).size).toBe(0);
    await database.write([
      { table: 'a', key: 'x', remove: true },
      { table: 'b', clear: true },
    ]);
    expect(database.lasting).toBe(true);
    expect(await names()).not.toContain(spec.name);
    await database.write([{ table: 'a', key: 'x', value: 1 }]);
    expect(await database.get('a', 'x')).toBe(1);
    expect(await names()).toContain(spec.name);
  });

  it('is found when another page makes it, at the latest after that has told', async () => {
    const spec = fresh();
    const [mine, other] = await Promise.all([openDatabase(spec), openDatabase(spec)]);
    const told = new Promise<void>((resolve) => void mine.onChange(resolve));
    expect(await mine.get('a', 'x')).toBeUndefined();
    await other.write([{ table: 'a', key: 'x', value: 1 }]);
    await told;
    expect(await mine.get('a', 'x')).toBe(1);
    for (const each of [mine, other]) each.close();
  });

  it('is left alone when another page has made a newer one meanwhile', async () => {
    const spec = fresh();
    const mine = await openDatabase(spec);
    const newer = await openDatabase({ ...spec, versions: [...spec.versions, ['a', 'b', 'c']] });
    await newer.write([{ table: 'c', key: 'x', value: 1 }]);
    const code = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'done',
        (error: unknown) => (error as StorageError).finding.code,
      );
    expect(await code(mine.get('a', 'x'))).toBe('storage-newer');
    expect(await code(mine.write([{ table: 'a', key: 'x', value: 1 }]))).toBe('storage-newer');
  });

  it('is made by opening where the browser does not tell what there is', async () => {
    const spec = fresh();
    const told = indexedDB.databases.bind(indexedDB);
    indexedDB.databases = () => Promise.reject(new Error('not here'));
    try {
      await openDatabase(spec);
    } finally {
      indexedDB.databases = told;
    }
    expect(await names()).toContain(spec.name);
  });
});

describe("the reader's store", () => {
  it('is made with the first thing that is kept, and not by looking', async () => {
    const store = await openReaderStore();
    expect([await store.trust(), await store.takeHandoff(), await store.get('recents')]).toEqual([
      [],
      [],
      undefined,
    ]);
    await store.erase();
    expect(store.lasting).toBe(true);
    expect(await names()).not.toContain('countersign-reader');
    await store.set('ruleName', 'production');
    expect(await store.get('ruleName')).toBe('production');
    expect(await names()).toContain('countersign-reader');
  });
});

describe('a database over the versions', () => {
  it('carries records into the newer shape', async () => {
    const spec = fresh();
    const before = await openDatabase(spec);
    await before.write([{ table: 'b', key: 'x', value: 1 }]);
    before.close();
    const after = await openDatabase({
      ...spec,
      versions: [...spec.versions, ['a', 'c']],
      migrations: [(records) => new Map([['c', records.get('b') ?? new Map()]])],
    });
    expect([...(await after.all('c'))]).toEqual([['x', 1]]);
  });

  it('leaves a newer one alone and says so', async () => {
    const spec = fresh();
    const newer = await openDatabase({ ...spec, versions: [...spec.versions, ['a', 'b', 'c']] });
    await newer.write([{ table: 'c', key: 'x', value: 1 }]);
    newer.close();
    const refused = await openDatabase(spec).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StorageError);
    expect((refused as StorageError).finding.code).toBe('storage-newer');
  });

  it('is gone when erased', async () => {
    const spec = fresh();
    const database = await openDatabase(spec);
    await database.write([{ table: 'a', key: 'x', value: 1 }]);
    database.close();
    await eraseDatabase(spec);
    expect((await (await openDatabase(spec)).all('a')).size).toBe(0);
  });
});
