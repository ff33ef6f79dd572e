import type { Finding, InputReport } from '../core/generated/report.js';
import { finding } from '../core/messages/finding.js';
import type { Judged } from '../core/report/standing.js';
import { keepsBlobs } from './blobs.js';
import { openDatabase, StorageError, type Change, type Database, type DatabaseSpec } from './database.js';
import {
  limits,
  readItem,
  unjudged,
  type ApprovedMark,
  type Evidence,
  type LibraryItem,
} from './libraryRecord.js';
import {
  asBlob,
  digestOf,
  erasing,
  isEvidence,
  merge,
  recordsOf,
  tidyTags,
  withVerdict,
} from './libraryParts.js';
import { readLibraryFile, writeLibraryFile, type KeptBundle } from './libraryFile.js';

export { digestOf } from './libraryParts.js';
export type { ApprovedMark, Evidence, LibraryItem } from './libraryRecord.js';
export { judgedBy, type Judged } from '../core/report/standing.js';

/** A record that cannot be read any more. It stays where it is until the reader saves or deletes it. */
export interface DamagedRecord {
  /** Key of the record; may be anything that was written there. */
  readonly key: string;
  /** The best name that can still be told. Attacker-controlled. */
  readonly name: string;
  readonly finding: Finding;
}

export interface ImportResult {
  /** Digests, in the order of the file. None of them has a verdict yet: that of the file is not ours. */
  readonly added: readonly string[];
  /** Those that were here already and stay as they are. */
  readonly present: readonly string[];
  readonly findings: readonly Finding[];
}

export interface Usage {
  /** Bytes of this whole origin, as the browser estimates; null where it does not tell. */
  readonly used: number | null;
  readonly quota: number | null;
  /** The browser's true answer: false means that it may clear everything when room runs short. */
  readonly persisted: boolean;
}

/** Every method rejects with StorageError when the browser refuses; then nothing was changed. */
export interface LibraryStore {
  /** False when nothing survives this page. */
  readonly lasting: boolean;
  /**
   * Keeps a judged bundle, in one transaction. The same digest again takes over name and verdict, keeps tags and
   * marks, and joins the loose approvals.
   *
   * @throws StorageError also when the bytes are not those of the report.
   */
  add(
    name: string,
    blob: Blob,
    report: InputReport,
    judged: Judged,
    evidence?: readonly Evidence[],
  ): Promise<LibraryItem>;
  /** By the time they were added, newest first; those in the bin are left out. */
  list(): Promise<readonly LibraryItem[]>;
  damaged(): Promise<readonly DamagedRecord[]>;
  get(digest: string): Promise<LibraryItem | null>;
  /** The bytes as they were added; streamed by the browser, not held in memory. */
  open(digest: string): Promise<Blob>;
  evidence(digest: string): Promise<readonly Evidence[]>;
  /** Erases the bundle and everything kept with it, or a damaged record. */
  remove(key: string): Promise<void>;
  /** Takes a bundle out of the list, or back: the deletion that can be undone. */
  discard(digest: string, away: boolean): Promise<void>;
  /** Erases what has been in the bin since before `time` (RFC 3339). */
  purge(time: string): Promise<void>;
  /** Replaces the verdict; the one before is kept when it differs, until {@link seen}. */
  judgedAgain(digest: string, report: InputReport, judged: Judged): Promise<LibraryItem>;
  seen(digest: string): Promise<void>;
  setTags(digest: string, tags: readonly string[]): Promise<void>;
  /** The last bundle of this id that this person approved. */
  lastApprovedOf(bundleId: string): Promise<LibraryItem | null>;
  markApproved(digest: string, mark: ApprovedMark): Promise<void>;
  /** Everything in one file (docs/how-to/keep-a-library.md); its parts are read when the file is. */
  exportAll(): Promise<Blob>;
  /** A damaged record with what is left of it, as one file. */
  exportDamaged(key: string): Promise<Blob>;
  /**
   * Takes in a saved library: all in one transaction. Hostile input; verdicts in it are not taken, marks only with
   * `marks`, which is right only for a file that this reader saved.
   */
  importAll(file: Blob, options: { readonly marks: boolean }): Promise<ImportResult>;
  /** RFC 3339 of the last {@link exportAll} that the reader has saved; null when there was none. */
  lastBackup(): Promise<string | null>;
  backedUp(): Promise<void>;
  usage(): Promise<Usage>;
  /** Asks the browser to keep everything; gives its true answer. */
  persist(): Promise<boolean>;
  /** Calls back when another tab has changed something. Returns how to stop. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/** Tables of each released version; tests open a database of each. */
export const librarySpec: DatabaseSpec = {
  name: 'countersign-library',
  versions: [['items', 'bundles', 'evidence', 'state']],
};

/** Where a browser keeps no blobs in its database (some private windows), smaller ones are kept as bytes. */
const AS_BYTES_MAX = 256 * 1024 * 1024;

/** @throws StorageError when the database is newer, blocked or broken. */
export async function openLibraryStore(): Promise<LibraryStore> {
  return new Library(await openDatabase(librarySpec));
}

class Library implements LibraryStore {
  readonly lasting: boolean;

  constructor(private readonly database: Database) {
    this.lasting = database.lasting;
  }

  async add(
    name: string,
    blob: Blob,
    report: InputReport,
    judged: Judged,
    evidence: readonly Evidence[] = [],
  ): Promise<LibraryItem> {
    const digest = report.archiveDigest;
    if (digest === null) throw new StorageError(finding('library-no-digest', { file: name }));
    const changed = (): StorageError => new StorageError(finding('library-file-changed', { file: name }));
    // A file on disk may have been written to since it was judged, or be gone.
    const actual = await digestOf(blob).catch(() => null);
    if (actual !== digest) throw changed();
    return this.database.exclusively(async () => {
      const before = (await this.get(digest)) ?? unjudged(digest, blob.size, now());
      const kept = merge(await this.evidence(digest), evidence);
      const item: LibraryItem = {
        ...withVerdict(before, report, judged),
        name: name.slice(0, limits.nameLetters),
        evidence: kept.map((each) => each.name),
        discardedAt: null,
      };
      const aside = await this.aside(digest);
      await this.keepAll([blob], ([bytes]) => [...aside, ...recordsOf({ item, evidence: kept }, bytes)]);
      return item;
    });
  }

  /** One write of records and bytes. */
  private async keepAll(
    blobs: readonly Blob[],
    changesOf: (values: readonly unknown[]) => readonly Change[],
  ): Promise<void> {
    // A memory database of this window, and a browser with blobs, take them as they are; what is written is plain, so
    // that the record does not depend on a file of the reader's disk.
    if (!this.lasting || (await keepsBlobs())) {
      const plain = blobs.map((blob) => blob.slice(0, blob.size, 'application/gzip'));
      await this.database.write(changesOf(plain));
      return;
    }
    const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
    if (size > AS_BYTES_MAX)
      throw new StorageError(
        finding('storage-broken', {
          database: librarySpec.name,
          reason: 'it keeps no large files in this window',
        }),
      );
    await this.database.write(changesOf(await Promise.all(blobs.map((blob) => blob.arrayBuffer()))));
  }

  /** A damaged record in the place of a new one is kept under another key, where {@link damaged} names it. */
  private async aside(digest: string): Promise<readonly Change[]> {
    const value = await this.database.get('items', digest);
    if (value === undefined || readItem(digest, value) !== null) return [];
    return [{ table: 'items', key: `${digest} ${now()}`, value }];
  }

  async list(): Promise<readonly LibraryItem[]> {
    const all = await this.database.all('items');
    return [...all]
      .flatMap(([key, value]) => readItem(key, value) ?? [])
      .filter(({ discardedAt }) => discardedAt === null)
      .sort((a, b) => (a.addedAt < b.addedAt ? 1 : a.addedAt > b.addedAt ? -1 : 0));
  }

  async damaged(): Promise<readonly DamagedRecord[]> {
    const all = await this.database.all('items');
    return [...all]
      .filter(([key, value]) => readItem(key, value) === null)
      .map(([key, value]) => {
        const said = (value as { name?: unknown } | null)?.name;
        const name = typeof said === 'string' && said !== '' ? said.slice(0, limits.nameLetters) : key;
        return { key, name, finding: finding('library-damaged', { name }) };
      });
  }

  async get(digest: string): Promise<LibraryItem | null> {
    const value = await this.database.get('items', digest);
    return value === undefined ? null : readItem(digest, value);
  }

  private async known(digest: string): Promise<LibraryItem> {
    const item = await this.get(digest);
    if (item === null) throw new StorageError(finding('library-missing', { digest }));
    return item;
  }

  async open(digest: string): Promise<Blob> {
    const item = await this.known(digest);
    const blob = asBlob(await this.database.get('bundles', digest));
    if (blob === null) throw new StorageError(finding('library-missing', { digest }));
    if (blob.size !== item.sizeBytes) throw new StorageError(finding('library-bytes-differ', { digest }));
    return blob;
  }

  async evidence(digest: string): Promise<readonly Evidence[]> {
    const kept = await this.database.get('evidence', digest);
    return Array.isArray(kept) ? kept.filter(isEvidence) : [];
  }

  async remove(key: string): Promise<void> {
    await this.database.write(erasing(key));
  }

  async discard(digest: string, away: boolean): Promise<void> {
    await this.change(digest, (item) => ({ ...item, discardedAt: away ? now() : null }));
  }

  async purge(time: string): Promise<void> {
    await this.database.exclusively(async () => {
      const all = await this.database.all('items');
      const old = [...all].filter(([key, value]) => {
        const discardedAt = readItem(key, value)?.discardedAt ?? null;
        return discardedAt !== null && discardedAt < time;
      });
      await this.database.write(old.flatMap(([key]) => erasing(key)));
    });
  }

  async judgedAgain(digest: string, report: InputReport, judged: Judged): Promise<LibraryItem> {
    if (report.archiveDigest !== digest) throw new StorageError(finding('library-bytes-differ', { digest }));
    return this.change(digest, (item) => {
      const next = withVerdict(item, report, judged);
      const differs = item.standing !== null && item.standing.code !== next.standing?.code;
      return { ...next, before: differs ? item.standing : item.before };
    });
  }

  async seen(digest: string): Promise<void> {
    await this.change(digest, (item) => ({ ...item, before: null }));
  }

  async setTags(digest: string, tags: readonly string[]): Promise<void> {
    await this.change(digest, (item) => ({ ...item, tags: tidyTags(tags) }));
  }

  async lastApprovedOf(bundleId: string): Promise<LibraryItem | null> {
    const mine = (await this.list())
      .filter(({ id, approvedByMe }) => id === bundleId && approvedByMe.length > 0)
      .map((item) => ({
        item,
        at:
          item.approvedByMe
            .map(({ at }) => at)
            .sort()
            .at(-1) ?? '',
      }))
      .sort((a, b) => (a.at < b.at ? 1 : -1));
    return mine[0]?.item ?? null;
  }

  async markApproved(digest: string, { role, user, at }: ApprovedMark): Promise<void> {
    await this.change(digest, (item) => {
      const others = item.approvedByMe.filter((mark) => mark.role !== role || mark.user !== user);
      return { ...item, approvedByMe: [...others, { role, user, at }].slice(-limits.marks) };
    });
  }

  private change(digest: string, next: (item: LibraryItem) => LibraryItem): Promise<LibraryItem> {
    return this.database.exclusively(async () => {
      const item = next(await this.known(digest));
      await this.database.write([{ table: 'items', key: digest, value: item }]);
      return item;
    });
  }

  async exportAll(): Promise<Blob> {
    const bundles: KeptBundle[] = [];
    for (const item of await this.list())
      bundles.push({
        item,
        blob: await this.open(item.archiveDigest),
        evidence: await this.evidence(item.archiveDigest),
      });
    return writeLibraryFile(bundles, now());
  }

  async exportDamaged(key: string): Promise<Blob> {
    const record = await this.database.get('items', key);
    const text = JSON.stringify({ key, record: record ?? null }, null, 2);
    const blob = asBlob(await this.database.get('bundles', key));
    return new Blob(blob === null ? [text, '\n'] : [text, '\n', blob]);
  }

  async importAll(file: Blob, { marks }: { readonly marks: boolean }): Promise<ImportResult> {
    const { bundles, findings } = await readLibraryFile(file, digestOf);
    return this.database.exclusively(async () => {
      const present: string[] = [];
      const taken: KeptBundle[] = [];
      for (const bundle of bundles) {
        const { item } = bundle;
        const here = await this.get(item.archiveDigest);
        if (here === null || here.discardedAt !== null)
          taken.push({ ...bundle, item: marks ? item : { ...item, approvedByMe: [] } });
        else present.push(item.archiveDigest);
      }
      const aside = await Promise.all(taken.map(({ item }) => this.aside(item.archiveDigest)));
      await this.keepAll(
        taken.map(({ blob }) => blob),
        (values) => [...aside.flat(), ...taken.flatMap((bundle, index) => recordsOf(bundle, values[index]))],
      );
      return { added: taken.map(({ item }) => item.archiveDigest), present, findings };
    });
  }

  async lastBackup(): Promise<string | null> {
    const at = await this.database.get('state', 'backup');
    return typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? at : null;
  }

  async backedUp(): Promise<void> {
    await this.database.write([{ table: 'state', key: 'backup', value: now() }]);
  }

  async usage(): Promise<Usage> {
    const storage = manager();
    const { usage = null, quota = null } = (await storage?.estimate?.().catch(() => null)) ?? {};
    const persisted = (await storage?.persisted?.().catch(() => false)) ?? false;
    return { used: usage, quota, persisted: persisted && this.lasting };
  }

  async persist(): Promise<boolean> {
    return (
      this.lasting &&
      ((await manager()
        ?.persist?.()
        .catch(() => false)) ??
        false)
    );
  }

  onChange(listener: () => void): () => void {
    return this.database.onChange(listener);
  }

  close(): void {
    this.database.close();
  }
}

function manager(): StorageManager | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.storage;
}

function now(): string {
  return new Date().toISOString();
}
