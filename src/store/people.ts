import { formatTime, parseTime } from '../core/bytes/time.js';
import type { Finding } from '../core/generated/report.js';
import type { Trust } from '../core/trust/trust.js';
import { openDatabase, StorageError, type Database, type DatabaseSpec } from './database.js';
import {
  keyOfChange,
  linkChange,
  readChain,
  type Chain,
  type ChainHead,
  type TrustChange,
} from './peopleChain.js';
import { openReaderStore, type ReaderStore } from './reader.js';
import { storageFinding } from './finding.js';

export type { TrustChange } from './peopleChain.js';

/** A list with the name that people know it by. */
export interface KeptList {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface NewChange {
  /** The whole list from now on, accepted by `readTrust`; null for no list. */
  readonly document: Uint8Array | null;
  readonly why: string;
  readonly source: string;
  /** Name of the document; that of the list before when left out. */
  readonly name?: string;
  /** The change that this one was made on: when another one came in between, nothing is kept. */
  readonly after?: string | null;
}

/** The reader's list of people and rules with everything that it ever was. It holds no private keys. */
export interface PeopleStore {
  /** False when nothing survives this page. */
  readonly lasting: boolean;
  /** null without a list, and while the history is damaged. */
  current(): Promise<KeptList | null>;
  /** The list that stood at a time (RFC 3339); null when there was none. */
  asOf(time: string): Promise<KeptList | null>;
  /** Oldest first; up to the damage, when there is one. */
  history(): Promise<readonly TrustChange[]>;
  /** Says where the history does not hold together; null when it does. */
  damage(): Promise<Finding | null>;
  /** @throws StorageError with the finding; then the list is as before. */
  commit(change: NewChange): Promise<TrustChange>;
  /** Makes the list that stood before a change the present one again, as a new change with a new serial. */
  undo(changeId: string): Promise<TrustChange>;
  /** Sets what is damaged aside and goes on from the last change that holds. */
  setAside(): Promise<void>;
  /** Number of records that were set aside. */
  aside(): Promise<number>;
  onChange(listener: () => void): () => void;
  /** Forgets everything, the history too. */
  erase(): Promise<void>;
  close(): void;
}

const database: DatabaseSpec = {
  name: 'countersign-people',
  versions: [['changes', 'aside', 'values']],
};
const LIST_NAME = 'trust.yaml';

export interface PeopleOptions {
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Where a list was kept before there was a history. */
  readonly reader?: () => Promise<ReaderStore>;
  /** Told of every change that was written. What goes wrong in it takes no change back. */
  readonly written?: (change: TrustChange) => Promise<void>;
}

/**
 * Opens the people of this device. A list that an earlier version kept becomes the first change.
 *
 * @throws StorageError when there is a database that this version must not touch.
 */
export async function openPeopleStore(options: PeopleOptions = {}): Promise<PeopleStore> {
  const { clock = Date.now, reader = openReaderStore, written = () => Promise.resolve() } = options;
  const db = await openDatabase(database);
  const store = new Store(db, clock, written);
  await store.adopt(await reader());
  return store;
}

class Store implements PeopleStore {
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly db: Database,
    private readonly clock: () => number,
    private readonly written: (change: TrustChange) => Promise<void>,
  ) {}

  get lasting(): boolean {
    return this.db.lasting;
  }

  async current(): Promise<KeptList | null> {
    const { changes, damage } = await this.#chain();
    return damage === null ? listOf(changes.at(-1)) : null;
  }

  async asOf(time: string): Promise<KeptList | null> {
    const { changes, damage } = await this.#chain();
    const epochMs = parseTime(time);
    if (damage !== null || epochMs === null) return null;
    return listOf(changes.filter(({ at }) => (parseTime(at) ?? Infinity) <= epochMs).at(-1));
  }

  async history(): Promise<readonly TrustChange[]> {
    return (await this.#chain()).changes;
  }

  async damage(): Promise<Finding | null> {
    const { damage } = await this.#chain();
    return damage === null ? null : damageFinding(damage);
  }

  async commit(change: NewChange): Promise<TrustChange> {
    return this.#append(async (last) => {
      if (change.after !== undefined && change.after !== (last?.id ?? null))
        throw new StorageError(storageFinding('people-changed-meanwhile', {}));
      const name = change.name ?? last?.name ?? LIST_NAME;
      if (change.document !== null) await accept({ name, bytes: change.document }, last);
      return { document: change.document, why: change.why, source: change.source, name };
    });
  }

  async undo(changeId: string): Promise<TrustChange> {
    return this.#append(async (last, changes) => {
      const at = changes.findIndex(({ id }) => id === changeId);
      const undone = changes[at];
      if (undone === undefined) throw new StorageError(storageFinding('people-change-missing', {}));
      const before = changes[at - 1];
      const document = before?.document ?? null;
      const name = before?.name ?? undone.name;
      return {
        document: document === null ? null : await withNextSerial(document, last),
        why: `Back to the list before: ${undone.why}`,
        source: 'undo',
        name,
      };
    });
  }

  async setAside(): Promise<void> {
    await this.db.exclusively(async () => {
      const stored = await this.db.all('changes');
      const { changes, damage } = await this.#chain();
      if (damage === null) return;
      const bad = [...stored].slice(changes.length);
      const stamp = formatTime(this.clock());
      const last = changes.at(-1);
      await this.db.write([
        ...bad.flatMap(([key, value]) => [
          { table: 'aside', key: `${stamp} ${key}`, value },
          { table: 'changes', key, remove: true as const },
        ]),
        last === undefined
          ? { table: 'values', key: 'head', remove: true as const }
          : { table: 'values', key: 'head', value: headOf(last) },
      ]);
    });
    this.#tell();
  }

  async aside(): Promise<number> {
    return (await this.db.all('aside')).size;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    const stop = this.db.onChange(listener);
    return () => {
      this.#listeners.delete(listener);
      stop();
    };
  }

  async erase(): Promise<void> {
    await this.db.write((['changes', 'aside', 'values'] as const).map((table) => ({ table, clear: true })));
    this.#tell();
  }

  close(): void {
    this.db.close();
  }

  /** Lists of the time before the history. Removed there only after they are written here. */
  async adopt(reader: ReaderStore): Promise<void> {
    const kept = (await reader.trust().catch(() => [])).filter(({ kind }) => kind === 'trust');
    for (const { id, name, bytes, added } of kept.toSorted((a, b) => (a.added < b.added ? -1 : 1))) {
      const known = (await this.history()).some(
        ({ document }) => document !== null && equal(document, bytes),
      );
      const at = parseTime(added) === null ? undefined : formatTime(parseTime(added)!);
      const change = {
        document: bytes,
        name,
        why: `Kept by an earlier version: ${name}`,
        source: 'migration',
      };
      const done =
        known || (await this.#append(() => Promise.resolve(change), at).catch(() => null)) !== null;
      if (done) await reader.removeTrust(id).catch(() => undefined);
    }
  }

  async #chain(): Promise<Chain> {
    return readChain(await this.db.all('changes'), await this.db.get('values', 'head'));
  }

  /** Read, decide and write in one turn among all tabs; the head is written with the change or neither is. */
  async #append(
    make: (
      last: TrustChange | undefined,
      changes: readonly TrustChange[],
    ) => Promise<Pick<TrustChange, 'document' | 'why' | 'source' | 'name'>>,
    at?: string,
  ): Promise<TrustChange> {
    const change = await this.db.exclusively(async () => {
      const { changes, damage } = await this.#chain();
      if (damage !== null) throw new StorageError(damageFinding(damage));
      const last = changes.at(-1);
      const made = await make(last, changes);
      const next = linkChange(last, { ...made, at: at ?? formatTime(this.clock()) });
      await this.db.write([
        { table: 'changes', key: keyOfChange(next.seq), value: next },
        { table: 'values', key: 'head', value: headOf(next) },
      ]);
      return next;
    });
    await this.written(change).catch(() => undefined);
    this.#tell();
    return change;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function listOf(change: TrustChange | undefined): KeptList | null {
  if (change === undefined || change.document === null) return null;
  return { name: change.name, bytes: change.document };
}

function headOf({ seq, id }: TrustChange): ChainHead {
  return { seq, id };
}

function damageFinding({ seq, problem }: { readonly seq: number; readonly problem: string }): Finding {
  return storageFinding('people-history-damaged', { change: seq, problem });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The readers carry a YAML parser: they come only when a list changes. */
async function readList(
  name: string,
  bytes: Uint8Array,
): Promise<{ trust: Trust | null; findings: readonly Finding[] }> {
  return (await import('../core/trust/readTrust.js')).readTrust({ name, bytes });
}

/** Only what the verifying code accepts is kept, and the serial of one list never goes back. */
async function accept({ name, bytes }: KeptList, last: TrustChange | undefined): Promise<void> {
  const { trust, findings } = await readList(name, bytes);
  const error = findings.find(({ severity }) => severity === 'error');
  if (trust === null && error !== undefined) throw new StorageError(error);
  const present = listOf(last);
  if (trust === null || present === null) return;
  const known = (await readList(present.name, present.bytes)).trust;
  const { checkSerial } = await import('../core/trust/serial.js');
  const [back] = checkSerial(trust, known, false);
  if (back !== undefined) throw new StorageError(back);
}

/** An earlier list comes back as it was, but with a serial of its own. */
async function withNextSerial(document: Uint8Array, last: TrustChange | undefined): Promise<Uint8Array> {
  const present = listOf(last);
  const restored = (await readList(LIST_NAME, document)).trust;
  if (present === null || restored === null) return document;
  const known = (await readList(present.name, present.bytes)).trust;
  const { id, serial = 0 } = known ?? {};
  if (id !== restored.id || (restored.serial ?? 0) > serial) return document;
  return (await import('../core/trust/writeTrust.js')).writeTrust({ ...restored, serial: serial + 1 });
}
