import { deleteDB, openDB, unwrap, type IDBPDatabase, type OpenDBCallbacks } from 'idb';
import type { Finding } from '../core/generated/report.js';
import { storageFinding } from './finding.js';
import { endOnLeaving, endTransactionOnLeaving } from './leaving.js';
import { onDemand, type OnDemand } from './onDemand.js';

/** One database of ours. Each area has its own, so that no page opens what it has no business with. */
export interface DatabaseSpec {
  readonly name: string;
  /** Tables of each version, oldest first: `[['keys'], ['keys', 'log']]` is version 2. Keys are given with every write. */
  readonly versions: readonly (readonly string[])[];
  /** Turns the records of version n (index n - 1) into those of n + 1; a missing one leaves them as they are. */
  readonly migrations?: readonly (((records: Records) => Records) | undefined)[];
}

/** Everything in a database: table, key, value. */
export type Records = ReadonlyMap<string, ReadonlyMap<string, unknown>>;

export type Change =
  | { readonly table: string; readonly key: string; readonly value: unknown }
  | { readonly table: string; readonly key: string; readonly remove: true }
  | { readonly table: string; readonly clear: true };

/** Values must be structured-cloneable; what comes back was perhaps changed by hand: whoever reads it checks it. */
export interface Database {
  /** False when nothing survives this page: a private window, storage switched off. */
  readonly lasting: boolean;
  get(table: string, key: string): Promise<unknown>;
  /** All records of a table, by key in ascending order. */
  all(table: string): Promise<ReadonlyMap<string, unknown>>;
  /**
   * One transaction: all of it is kept, or nothing.
   *
   * @throws StorageError; then the state is the one before.
   */
  write(changes: readonly Change[]): Promise<void>;
  /** Runs `work` while no other tab of this origin runs one on this database: read, decide, write without a lost update. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Calls back when another tab has written. Returns how to stop. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/** Storage that cannot do what was asked; `finding` says why and what to do. Nothing was changed. */
export class StorageError extends Error {
  override readonly name = 'StorageError';

  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}

/**
 * Opens a database, which is made with the first write; where the browser has no storage, one that lasts as long as
 * the page, which `lasting` tells.
 *
 * @throws StorageError when there is one that this version must not touch: newer, held by an old tab, or broken.
 */
export async function openDatabase(spec: DatabaseSpec): Promise<Database> {
  if (!hasIndexedDb()) return memoryDatabase();
  try {
    const late = (): Error => new StorageError(storageFinding('storage-blocked', { database: spec.name }));
    const database = onDemand(spec.name, async () => endOnLeaving(await opened(spec)), late);
    await database.there();
    return stored(database, spec.name);
  } catch (error) {
    if (nameOf(error) === 'SecurityError' || nameOf(error) === 'InvalidStateError') return memoryDatabase();
    throw faultOf(error, spec.name);
  }
}

/** Removes a database with everything in it. */
export async function eraseDatabase({ name }: DatabaseSpec): Promise<void> {
  if (hasIndexedDb()) await deleteDB(name);
}

function hasIndexedDb(): boolean {
  try {
    return globalThis.indexedDB !== undefined && globalThis.indexedDB !== null;
  } catch {
    return false;
  }
}

type Upgrade = NonNullable<OpenDBCallbacks<unknown>['upgrade']>;

function opened(spec: DatabaseSpec): Promise<IDBPDatabase> {
  return openDB(spec.name, spec.versions.length, {
    upgrade(...given) {
      const [, , , transaction] = given;
      endTransactionOnLeaving(unwrap(transaction));
      // Half a migration is undone with everything in it, and opening fails.
      carry(spec, ...given).catch(() => transaction.abort());
    },
    // Another tab with a newer version must not wait for this one.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

/** Brings the tables and their records to the newest version. */
async function carry(
  { versions, migrations = [] }: DatabaseSpec,
  ...[database, before, , transaction]: Parameters<Upgrade>
): Promise<void> {
  const had = [...database.objectStoreNames];
  const wanted = versions.at(-1) ?? [];
  for (const table of wanted) if (!had.includes(table)) database.createObjectStore(table);
  let records: Records = new Map(
    await Promise.all(
      had.map(async (table) => [table, await recordsOf(transaction.objectStore(table))] as const),
    ),
  );
  for (const table of had) if (!wanted.includes(table)) database.deleteObjectStore(table);
  if (before === 0) return;
  for (let version = before; version < versions.length; version++)
    records = migrations[version - 1]?.(records) ?? records;
  for (const table of wanted) {
    const store = transaction.objectStore(table);
    await store.clear();
    for (const [key, value] of records.get(table) ?? []) await store.put(value, key);
  }
}

interface Readable {
  getAllKeys(): Promise<IDBValidKey[]>;
  getAll(): Promise<unknown[]>;
}

/** Every key of ours is a text. */
async function recordsOf(store: Readable): Promise<ReadonlyMap<string, unknown>> {
  const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
  return new Map((keys as string[]).map((key, i) => [key, values[i]]));
}

function stored(database: OnDemand<IDBPDatabase>, name: string): Database {
  const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
  return {
    lasting: true,
    get: (table, key) =>
      guarded(name, async (): Promise<unknown> => (await database.there())?.get(table, key)),
    all: (table) =>
      guarded(name, async () => {
        const open = await database.there();
        return open === null ? new Map<string, unknown>() : recordsOf(open.transaction(table).store);
      }),
    write: (changes) =>
      guarded(name, async () => {
        if (changes.length === 0) return;
        const tables = [...new Set(changes.map(({ table }) => table))];
        const open = await (changes.some((change) => 'value' in change) ? database.made() : database.there());
        // There is nothing to take away.
        if (open === null) return;
        const transaction = open.transaction(tables, 'readwrite', { durability: 'strict' });
        try {
          // The transaction itself reports a failed request, once, and undoes the others.
          for (const change of changes)
            void apply(transaction.objectStore(change.table), change).catch(() => undefined);
        } catch (error) {
          // A value that cannot be stored is refused before it is a request: the others must not stay alone.
          transaction.abort();
          await transaction.done.catch(() => undefined);
          throw error;
        }
        await transaction.done;
        channel?.postMessage('changed');
      }),
    exclusively: (work) => locked(name, work),
    onChange(listener) {
      channel?.addEventListener('message', listener);
      return () => channel?.removeEventListener('message', listener);
    },
    close() {
      channel?.close();
      database.opened?.close();
    },
  };
}

interface Writable {
  put(value: unknown, key: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  clear(): Promise<unknown>;
}

function apply(store: Writable, change: Change): Promise<unknown> {
  if ('clear' in change) return store.clear();
  return 'remove' in change ? store.delete(change.key) : store.put(change.value, change.key);
}

async function guarded<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error, name);
  }
}

function faultOf(error: unknown, database: string): StorageError {
  if (error instanceof StorageError) return error;
  const name = nameOf(error);
  if (name === 'QuotaExceededError') return new StorageError(storageFinding('storage-full', { database }));
  if (name === 'VersionError') return new StorageError(storageFinding('storage-newer', { database }));
  const reason = error instanceof Error ? error.message : String(error);
  return new StorageError(storageFinding('storage-broken', { database, reason }));
}

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : '';
}

/** Writers of one page in turn, where there are no Web Locks (a page without a secure context). */
const turns = new Map<string, Promise<unknown>>();

function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
  if (locks !== undefined) return locks.request(`countersign:${name}`, work);
  const turn = (turns.get(name) ?? Promise.resolve()).then(work, work);
  turns.set(
    name,
    turn.catch(() => undefined),
  );
  return turn;
}

/** The same behaviour for this page only. */
export function memoryDatabase(): Database {
  const tables = new Map<string, Map<string, unknown>>();
  const table = (name: string): Map<string, unknown> => {
    const found = tables.get(name) ?? new Map<string, unknown>();
    tables.set(name, found);
    return found;
  };
  let turn: Promise<unknown> = Promise.resolve();
  return {
    lasting: false,
    get: (name, key) => Promise.resolve(structuredClone(table(name).get(key))),
    all: (name) =>
      Promise.resolve(
        new Map(
          [...table(name)]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, value]) => [key, structuredClone(value)]),
        ),
      ),
    write: (changes) =>
      guarded('memory', () => {
        // Cloning may refuse: nothing is written before all of it is known to be storable.
        const ready = changes.map((change) =>
          'value' in change ? { ...change, value: structuredClone(change.value) } : change,
        );
        for (const change of ready) {
          if ('clear' in change) table(change.table).clear();
          else if ('remove' in change) table(change.table).delete(change.key);
          else table(change.table).set(change.key, change.value);
        }
      }),
    exclusively: (work) => {
      const mine = turn.then(work, work);
      turn = mine.catch(() => undefined);
      return mine;
    },
    onChange: () => () => undefined,
    close: () => undefined,
  };
}
