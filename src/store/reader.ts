import { openDB, unwrap, type DBSchema, type IDBPDatabase } from 'idb';
import { endOnLeaving, endTransactionOnLeaving } from './leaving.js';
import { onDemand, type OnDemand } from './onDemand.js';
import type { Says } from '../core/generated/report.js';

/** A trust document that the reader chose to keep. */
export interface StoredTrust {
  readonly id: string;
  readonly name: string;
  readonly kind: 'trust' | 'allowed-signers';
  readonly bytes: Uint8Array;
  /** RFC 3339, when the reader imported it. */
  readonly added: string;
}

/** One earlier verdict, for the list on the first page. Never used to judge anything. */
export interface Recent {
  readonly file: string;
  readonly look: string;
  readonly code: string;
  readonly headline: string;
  /** RFC 3339, the time that judged. */
  readonly at: string;
  readonly archiveDigest: string | null;
  /** The sentence behind the headline; absent in what earlier versions kept. */
  readonly says?: Says;
}

interface ReaderSchema extends DBSchema {
  trust: { key: string; value: StoredTrust };
  values: { key: string; value: unknown };
  /** Files handed over by the operating system before the verify page was open. */
  handoff: { key: number; value: LaidOut };
}

/** What the reader's side of the application keeps on this device. It holds no keys. */
export interface ReaderStore {
  /** False when nothing survives this page: no IndexedDB, or a blocked one. */
  readonly lasting: boolean;
  trust(): Promise<readonly StoredTrust[]>;
  putTrust(document: StoredTrust): Promise<void>;
  removeTrust(id: string): Promise<void>;
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  putHandoff(files: readonly File[]): Promise<void>;
  /** Files handed over, once. */
  takeHandoff(): Promise<readonly File[]>;
  erase(): Promise<void>;
}

const DATABASE = 'countersign-reader';

type Tables = IDBPDatabase<ReaderSchema>;

/** Opens the store; falls back to memory when the browser has none, and says so in `lasting`. Made with the first write. */
export async function openReaderStore(): Promise<ReaderStore> {
  try {
    const late = (): Error => new Error('IndexedDB did not open');
    const database = onDemand(DATABASE, async () => endOnLeaving(await openDatabase()), late);
    await database.there();
    return databaseStore(database);
  } catch {
    return memoryStore();
  }
}

function openDatabase(): Promise<Tables> {
  return openDB<ReaderSchema>(DATABASE, 1, {
    upgrade(database, _before, _after, transaction) {
      endTransactionOnLeaving(unwrap(transaction));
      database.createObjectStore('trust', { keyPath: 'id' });
      database.createObjectStore('values');
      database.createObjectStore('handoff', { autoIncrement: true });
    },
    // Another tab with a newer version must not wait for this one.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

/** Up to this size the bytes themselves are laid out: WebKit never answers when a private window is to keep a file. */
const BYTES_LAID_OUT_MAX = 64 * 1024 * 1024;

/** A file as it lies in a table. Its name lies beside it: not every browser keeps that on a file. */
export interface LaidOut {
  readonly name: string;
  readonly file: ArrayBuffer | File;
}

/** Files in a form that every browser keeps in a table. */
export function layOut(files: readonly File[]): Promise<LaidOut[]> {
  const each = async (file: File): Promise<LaidOut> => ({
    name: file.name,
    file: file.size <= BYTES_LAID_OUT_MAX ? await file.arrayBuffer() : file,
  });
  return Promise.all(files.map(each));
}

/** The files of what {@link layOut} gave; anything else that lies there is left out. */
export function takeUp(value: unknown): File[] {
  if (!Array.isArray(value)) return [];
  return (value as (Partial<LaidOut> | null)[]).flatMap((each) => {
    const { name, file } = each ?? {};
    const known = typeof name === 'string' && (file instanceof ArrayBuffer || file instanceof Blob);
    return known ? [new File([file], name)] : [];
  });
}

function databaseStore({ there, made }: OnDemand<Tables>): ReaderStore {
  return {
    lasting: true,
    trust: async () => (await there())?.getAll('trust') ?? [],
    putTrust: async (document) => void (await (await made()).put('trust', document)),
    removeTrust: async (id) => (await there())?.delete('trust', id),
    get: async (key) => (await there())?.get('values', key),
    set: async (key, value) => void (await (await made()).put('values', value, key)),
    putHandoff: async (files) => {
      const laid = await layOut(files);
      const write = (await made()).transaction('handoff', 'readwrite');
      for (const each of laid) await write.store.add(each);
      await write.done;
    },
    takeHandoff: async () => {
      const write = (await there())?.transaction('handoff', 'readwrite');
      if (write === undefined) return [];
      const laid: unknown = await write.store.getAll();
      await write.store.clear();
      await write.done;
      return takeUp(laid);
    },
    erase: async () => {
      const write = (await there())?.transaction(['trust', 'values', 'handoff'], 'readwrite');
      if (write === undefined) return;
      await Promise.all(
        (['trust', 'values', 'handoff'] as const).map((name) => write.objectStore(name).clear()),
      );
      await write.done;
    },
  };
}

/** Same behaviour for this page only. */
export function memoryStore(): ReaderStore {
  const trust = new Map<string, StoredTrust>();
  const values = new Map<string, unknown>();
  let handoff: readonly File[] = [];
  return {
    lasting: false,
    trust: () => Promise.resolve([...trust.values()]),
    putTrust: (document) => Promise.resolve(void trust.set(document.id, document)),
    removeTrust: (id) => Promise.resolve(void trust.delete(id)),
    get: (key) => Promise.resolve(values.get(key)),
    set: (key, value) => Promise.resolve(void values.set(key, value)),
    putHandoff: (files) => Promise.resolve(void (handoff = [...handoff, ...files])),
    takeHandoff: () => {
      const files = handoff;
      handoff = [];
      return Promise.resolve(files);
    },
    erase: () => {
      trust.clear();
      values.clear();
      handoff = [];
      return Promise.resolve();
    },
  };
}
