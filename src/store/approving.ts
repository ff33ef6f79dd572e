import type { Finding } from '../core/generated/report.js';
import { finding } from '../core/messages/finding.js';
import { readDraft, readReceipt, type Draft, type Receipt } from './approvingRecord.js';
import { openDatabase, type Database, type DatabaseSpec } from './database.js';

export type { About, Draft, DraftStep, Pane, Receipt, Said, SecondPath } from './approvingRecord.js';

/** A record that is not what was written there; it is neither used nor deleted. */
export interface DamagedRecord {
  readonly table: 'drafts' | 'receipts';
  readonly key: string;
  readonly finding: Finding;
}

/** Decisions under way and signatures made, for as long as the person keeps them. @throws StorageError */
export interface ApprovingStore {
  /** False when nothing survives this page. */
  readonly lasting: boolean;
  /** Newest first. */
  drafts(): Promise<readonly Draft[]>;
  draft(id: string): Promise<Draft | null>;
  receipts(): Promise<readonly Receipt[]>;
  receipt(id: string): Promise<Receipt | null>;
  damaged(): Promise<readonly DamagedRecord[]>;
  keepDraft(draft: Draft): Promise<void>;
  dropDraft(id: string): Promise<void>;
  /** A draft becomes a receipt in one step: there is never both, and never neither. */
  finish(draftId: string, receipt: Receipt): Promise<void>;
  /** Does one thing that has to follow a signature, once, whichever tab or reload comes to it first. */
  noteOnce(
    id: string,
    what: keyof Receipt['noted'],
    work: (receipt: Receipt) => Promise<void>,
  ): Promise<void>;
  dropReceipt(id: string): Promise<void>;
  dropDamaged(record: DamagedRecord): Promise<void>;
  onChange(listener: () => void): () => void;
}

export const approvingDatabase: DatabaseSpec = {
  name: 'countersign-approve',
  versions: [['drafts', 'receipts']],
};

export async function openApprovingStore(): Promise<ApprovingStore> {
  return storeOf(await openDatabase(approvingDatabase));
}

function storeOf(database: Database): ApprovingStore {
  const store: ApprovingStore = {
    lasting: database.lasting,
    drafts: async () =>
      newestFirst(await readAll(database, 'drafts', readDraft), ({ changedAt }) => changedAt),
    draft: async (id) => readDraft(id, await database.get('drafts', id)),
    receipts: async () => newestFirst(await readAll(database, 'receipts', readReceipt), ({ at }) => at),
    receipt: async (id) => readReceipt(id, await database.get('receipts', id)),
    async damaged() {
      const drafts = await database.all('drafts');
      const receipts = await database.all('receipts');
      const broken = (table: DamagedRecord['table'], keys: readonly string[]): DamagedRecord[] =>
        keys.map((key) => ({ table, key, finding: finding('approve-record-damaged', {}) }));
      return [
        ...broken('drafts', [...drafts].filter(([key, one]) => readDraft(key, one) === null).map(first)),
        ...broken(
          'receipts',
          [...receipts].filter(([key, one]) => readReceipt(key, one) === null).map(first),
        ),
      ];
    },
    keepDraft: (draft) => database.write([{ table: 'drafts', key: draft.id, value: draft }]),
    dropDraft: (id) => database.write([{ table: 'drafts', key: id, remove: true }]),
    finish: (draftId, receipt) =>
      database.write([
        { table: 'drafts', key: draftId, remove: true },
        { table: 'receipts', key: receipt.id, value: receipt },
      ]),
    noteOnce: (id, what, work) =>
      database.exclusively(async () => {
        const receipt = await store.receipt(id);
        if (receipt === null || receipt.noted[what]) return;
        await work(receipt);
        const noted = { ...receipt.noted, [what]: true };
        await database.write([{ table: 'receipts', key: id, value: { ...receipt, noted } }]);
      }),
    dropReceipt: (id) => database.write([{ table: 'receipts', key: id, remove: true }]),
    dropDamaged: ({ table, key }) => database.write([{ table, key, remove: true }]),
    onChange: (listener) => database.onChange(listener),
  };
  return store;
}

const first = ([key]: readonly [string, unknown]): string => key;

async function readAll<T>(
  database: Database,
  table: string,
  read: (key: string, value: unknown) => T | null,
): Promise<T[]> {
  return [...(await database.all(table))].flatMap(([key, value]) => read(key, value) ?? []);
}

function newestFirst<T>(records: readonly T[], time: (record: T) => string): readonly T[] {
  return records.toSorted((a, b) => (time(a) < time(b) ? 1 : -1));
}
