import { openDB, type IDBPDatabase } from 'idb';
import { toHex } from '../core/bytes/hex.js';
import { padding, tarEnd, tarHeader } from '../core/archive/writeTar.js';
import { librarySpec } from './library.js';

/**
 * Everything that lies in the database of the library, whichever version wrote it, as one tar: `records.json` with
 * each table, and the bytes that the records name. Nothing is judged, changed or left out; for a library that this
 * version must not open. Null when there is nothing.
 */
export async function rescueLibrary(): Promise<Blob | null> {
  const database = await openAsIs(librarySpec.name);
  if (database === null) return null;
  try {
    const blobs: Blob[] = [];
    const records: Record<string, unknown> = {};
    for (const table of database.objectStoreNames) {
      const keys = await database.getAllKeys(table);
      const values = await Promise.all(keys.map((key) => database.get(table, key) as Promise<unknown>));
      records[table] = keys.map((key, index) => ({ key, value: plain(values[index], blobs) }));
    }
    if (Object.keys(records).length === 0) return null;
    const list = new Blob([JSON.stringify({ version: database.version, records }, null, 2)]);
    const entries = [
      ['records.json', list] as const,
      ...blobs.map((blob, n) => [`blobs/${n + 1}`, blob] as const),
    ];
    const parts = entries.flatMap(([path, body]) => [tarHeader(path, body.size), body, padding(body.size)]);
    return new Blob([...parts, tarEnd], { type: 'application/x-tar' });
  } finally {
    database.close();
  }
}

/** Without a version, a database opens as it is; one that is not there is not made. */
async function openAsIs(name: string): Promise<IDBPDatabase | null> {
  let absent = false;
  try {
    return await openDB(name, undefined, {
      upgrade(_database, _before, _after, transaction) {
        absent = true;
        transaction.done.catch(() => undefined);
        transaction.abort();
      },
    });
  } catch (error) {
    if (absent) return null;
    throw error;
  }
}

/** A record as JSON can hold it; blobs go into `blobs` and leave their number. */
function plain(value: unknown, blobs: Blob[]): unknown {
  if (value instanceof Blob) return { blob: `blobs/${blobs.push(value)}` };
  if (value instanceof ArrayBuffer) return { blob: `blobs/${blobs.push(new Blob([value]))}` };
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  if (Array.isArray(value)) return value.map((each) => plain(each, blobs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each, blobs)]));
}
