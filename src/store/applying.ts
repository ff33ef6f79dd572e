import { readJournal, writeJournal, type ApplyJournal } from '../core/apply.js';
import { openDatabase, type Database, type DatabaseSpec } from './database.js';
import { isObject, isText } from './approvingShape.js';

/** An apply in this browser: begun, done, or being taken back. All that is needed to go on with it is here. */
export interface ApplyJob {
  readonly id: string;
  /** Name of the folder, as the browser gives it. */
  readonly folderName: string;
  readonly folder: FileSystemDirectoryHandle;
  readonly journal: ApplyJournal;
  readonly record: Uint8Array<ArrayBuffer>;
  /** The bundle as it was verified; empty once everything is written. */
  readonly bundle: Blob;
  /** Files that the bundle keeps outside of itself, as they were given. */
  readonly supplements: readonly Uint8Array<ArrayBuffer>[];
  /** Lower-case hex: the bundle must still be this one. */
  readonly archiveSha256: string;
}

/** Journals of the folders that this browser writes to. @throws StorageError */
export interface ApplyingStore {
  /** False when nothing survives this page: then nothing could be finished after it. */
  readonly lasting: boolean;
  /** Newest first. What cannot be read is left out, and left where it is. */
  jobs(): Promise<readonly ApplyJob[]>;
  /** Before the first file is touched. */
  begin(job: ApplyJob): Promise<void>;
  setState(job: ApplyJob, state: ApplyJournal['state']): Promise<ApplyJob>;
  keepOld(job: ApplyJob, index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  old(job: ApplyJob, index: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Forgets an apply with everything that was kept for it. */
  drop(job: ApplyJob): Promise<void>;
  /** One writer at a time, whichever tab. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  onChange(listener: () => void): () => void;
}

export const applyingDatabase: DatabaseSpec = {
  name: 'countersign-apply',
  versions: [['jobs', 'old']],
};

export async function openApplyingStore(): Promise<ApplyingStore> {
  return storeOf(await openDatabase(applyingDatabase));
}

function storeOf(database: Database): ApplyingStore {
  return {
    lasting: database.lasting,
    async jobs() {
      const all = [...(await database.all('jobs')).entries()].flatMap(
        ([id, value]) => readJob(id, value) ?? [],
      );
      return all.toSorted((a, b) => (a.journal.at < b.journal.at ? 1 : -1));
    },
    begin: (job) => database.write([{ table: 'jobs', key: job.id, value: valueOf(job) }]),
    async setState(job, state) {
      const bundle = state === 'done' ? new Blob([]) : job.bundle;
      const supplements = state === 'done' ? [] : job.supplements;
      const next = { ...job, bundle, supplements, journal: { ...job.journal, state } };
      await database.write([{ table: 'jobs', key: job.id, value: valueOf(next) }]);
      return next;
    },
    keepOld: (job, index, bytes) =>
      database.write([{ table: 'old', key: oldKey(job, index), value: new Blob([bytes]) }]),
    async old(job, index) {
      const value = await database.get('old', oldKey(job, index));
      return value instanceof Blob ? new Uint8Array(await value.arrayBuffer()) : null;
    },
    drop: (job) =>
      database.write([
        { table: 'jobs', key: job.id, remove: true },
        ...job.journal.steps.flatMap(({ before }, index) =>
          before === null ? [] : [{ table: 'old', key: oldKey(job, index), remove: true as const }],
        ),
      ]),
    exclusively: (work) => database.exclusively(work),
    onChange: (listener) => database.onChange(listener),
  };
}

function oldKey({ id }: ApplyJob, index: number): string {
  return `${id}/${index}`;
}

function valueOf({ id: _, journal, ...rest }: ApplyJob): unknown {
  return { ...rest, journal: writeJournal(journal) };
}

/** Storage can be changed from outside the app: what does not fit is not used. */
function readJob(id: string, value: unknown): ApplyJob | null {
  if (!isObject(value)) return null;
  const { folderName, folder, journal, record, bundle, supplements, archiveSha256 } = value;
  const read = journal instanceof Uint8Array ? readJournal(journal) : null;
  if (read === null || 'findings' in read) return null;
  if (!isText(folderName) || !isText(archiveSha256) || !(record instanceof Uint8Array)) return null;
  if (!(bundle instanceof Blob) || !isDirectory(folder) || !Array.isArray(supplements)) return null;
  return {
    id,
    folderName,
    folder,
    journal: read,
    record: new Uint8Array(record),
    bundle,
    supplements: supplements.filter((one) => one instanceof Uint8Array).map((one) => new Uint8Array(one)),
    archiveSha256,
  };
}

function isDirectory(value: unknown): value is FileSystemDirectoryHandle {
  return isObject(value) && value['kind'] === 'directory' && typeof value['getFileHandle'] === 'function';
}
