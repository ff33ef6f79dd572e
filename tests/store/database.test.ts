import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { eraseDatabase, memoryDatabase, openDatabase, StorageError } from '../../src/store/database.js';
import type { Database, DatabaseSpec } from '../../src/store/database.js';

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
