import 'fake-indexeddb/auto';
import { beforeEach, expect, it } from 'vitest';
import { toUtf8 } from '../../src/core/bytes/text.js';
import { eraseDatabase, openDatabase } from '../../src/store/database.js';
import {
  KEPT_BYTES_MAX,
  openProjectStore,
  projectDatabase,
  type KeptFile,
  type ProjectStore,
} from '../../src/store/project.js';

const file = (path: string, text: string): KeptFile => ({ path, bytes: toUtf8(text) });
const at = (hour: number): string => `2026-11-20T${hour}:00:00Z`;
let store: ProjectStore;

beforeEach(async () => {
  await eraseDatabase(projectDatabase);
  store = await openProjectStore();
  return () => store.close();
});

async function texts(id: string): Promise<Record<string, string> | null> {
  const files = await store.read(id);
  const decoder = new TextDecoder();
  return files && Object.fromEntries(files.map(({ path, bytes }) => [path, decoder.decode(bytes)]));
}

it('keeps projects apart, the one that changed last first', async () => {
  const one = await store.create('one', [file('a', '1'), file('b', '2')], at(10));
  const two = await store.create('two', [file('a', 'other')], at(11));
  expect((await store.list()).map(({ name }) => name)).toEqual(['two', 'one']);
  const changed = await store.change(
    one.id,
    { write: [file('a', 'new'), file('c', '3')], remove: ['b'] },
    at(12),
  );
  expect(changed?.files.map(({ path }) => path).sort()).toEqual(['a', 'c']);
  expect(await texts(one.id)).toEqual({ a: 'new', c: '3' });
  expect((await store.list()).map(({ name }) => name)).toEqual(['one', 'two']);
  await store.remove(one.id);
  expect([await texts(one.id), await texts(two.id)]).toEqual([null, { a: 'other' }]);
  expect(await store.change(one.id, { write: [file('a', 'late')] }, at(13))).toBeNull();
  expect([...(await (await openDatabase(projectDatabase)).all('files')).keys()]).toEqual([`${two.id}\na`]);
});

it('gives no project that lacks a file, or holds another one', async () => {
  const { id } = await store.create('one', [file('a', '1'), file('b', '2')], at(10));
  const database = await openDatabase(projectDatabase);
  await database.write([{ table: 'files', key: `${id}\nb`, value: toUtf8('longer') }]);
  expect(await store.read(id)).toBeNull();
  await database.write([{ table: 'files', key: `${id}\nb`, remove: true }]);
  expect(await store.read(id)).toBeNull();
  await database.write([
    { table: 'projects', key: id, value: { id, name: 'one', changedAt: at(10), files: [7] } },
  ]);
  expect(await store.list()).toEqual([]);
  database.close();
});

it('refuses what is too large, and keeps what was there', async () => {
  const { id } = await store.create('one', [file('a', '1')], at(10));
  const huge = { path: 'huge', bytes: new Uint8Array(KEPT_BYTES_MAX) };
  await expect(store.change(id, { write: [huge] }, at(11))).rejects.toMatchObject({
    finding: { code: 'build-keep-too-big' },
  });
  expect(await texts(id)).toEqual({ a: '1' });
});

it('does one change after the other', async () => {
  const { id } = await store.create('one', [], at(10));
  const names = Array.from({ length: 10 }, (_, n) => `f${n}`);
  await Promise.all(names.map((name) => store.change(id, { write: [file(name, name)] }, at(11))));
  expect(Object.keys((await texts(id)) ?? {}).sort()).toEqual(names);
});
