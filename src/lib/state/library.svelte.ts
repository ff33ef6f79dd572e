import type { Finding, InputReport, Report } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import type { NamedDocument } from '../../engine/engine';
import { eraseDatabase, StorageError } from '../../store/database';
import {
  judgedBy,
  librarySpec,
  openLibraryStore,
  type DamagedRecord,
  type ImportResult,
  type LibraryItem,
  type LibraryStore,
  type Usage,
} from '../../store/library';
import { rescueLibrary } from '../../store/libraryRescue';
import { handOver } from './handoff.svelte';

/** What the library page shows; everything is read again after each change, in whichever tab it was made. */
interface LibraryState {
  readonly loaded: boolean;
  readonly items: readonly LibraryItem[];
  readonly damaged: readonly DamagedRecord[];
  readonly usage: Usage | null;
  readonly lastBackup: string | null;
  /** False: nothing survives this window. */
  readonly lasting: boolean;
  /** Why the last wish was refused. Nothing was changed then. */
  readonly fault: Finding | null;
}

const BIN_MS = 20_000;

let state = $state.raw<LibraryState>({
  loaded: false,
  items: [],
  damaged: [],
  usage: null,
  lastBackup: null,
  lasting: true,
  fault: null,
});
let opened: Promise<LibraryStore> | undefined;

export function libraryState(): LibraryState {
  return state;
}

/** The one store of this page. A database that could not be opened is tried again at the next call. */
export function libraryStore(): Promise<LibraryStore> {
  opened ??= openLibraryStore().then((store) => {
    store.onChange(() => void refresh());
    return store;
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

/** Reads everything; also erases what has been in the bin for longer than it can be undone. */
export async function loadLibrary(): Promise<void> {
  await attempt(async (store) => store.purge(new Date(Date.now() - BIN_MS).toISOString()));
  await refresh();
}

export async function refresh(): Promise<void> {
  try {
    const store = await libraryStore();
    const [items, damaged, usage, lastBackup] = await Promise.all([
      store.list(),
      store.damaged(),
      store.usage(),
      store.lastBackup(),
    ]);
    state = { ...state, loaded: true, items, damaged, usage, lastBackup, lasting: store.lasting };
  } catch (error) {
    state = { ...state, loaded: true, fault: faultOf(error) };
  }
}

export function dismissFault(): void {
  state = { ...state, fault: null };
}

/** Does what was asked, shows the result, or says why not. Null when it was refused. */
export async function attempt<T>(work: (store: LibraryStore) => Promise<T>): Promise<T | null> {
  try {
    const result = await work(await libraryStore());
    await refresh();
    return result;
  } catch (error) {
    state = { ...state, fault: faultOf(error) };
    return null;
  }
}

/** Says why something was refused. A connection that broke (another tab erased everything) is made anew next time. */
export function faultOf(error: unknown): Finding {
  const code = error instanceof StorageError ? error.finding.code : 'storage-broken';
  if (code === 'storage-broken') opened = undefined;
  if (error instanceof StorageError) return error.finding;
  const reason = error instanceof Error ? error.message : String(error);
  return finding('storage-broken', { database: 'countersign-library', reason });
}

/** Keeps a bundle that was just judged. Rejects with StorageError. */
export async function keep(
  name: string,
  source: Blob | Uint8Array,
  report: Report,
  input: InputReport,
  loose: readonly NamedDocument[],
): Promise<LibraryItem> {
  const store = await libraryStore();
  const blob = source instanceof Blob ? source : new Blob([new Uint8Array(source)]);
  return store.add(name, blob, input, judgedBy(report), evidenceFor(report, input, loose));
}

/** The loose files, but for those that the report found to speak about other inputs; signatures are not told apart there. */
function evidenceFor(
  report: Report,
  input: InputReport,
  loose: readonly NamedDocument[],
): readonly NamedDocument[] {
  const index = report.inputs.indexOf(input);
  const others = report.loose.filter(({ inputs }) => !inputs.includes(index)).map(({ file }) => file);
  return loose.filter(({ name }) => !others.includes(name));
}

/** The bundle that an address names behind its page, as `#sha256:...`; null when none is kept under it. */
export async function itemInHash(hash: string): Promise<LibraryItem | null> {
  const [, digest] = /^#(sha256:[0-9a-f]{64})$/.exec(hash) ?? [];
  if (digest === undefined) return null;
  return libraryStore()
    .then((store) => store.get(digest))
    .catch(() => null);
}

/** The bundle and what was kept with it, as files. Rejects with StorageError. */
export async function filesOf(item: LibraryItem, store?: LibraryStore): Promise<readonly File[]> {
  const from = store ?? (await libraryStore());
  const blob = await from.open(item.archiveDigest);
  const evidence = await from.evidence(item.archiveDigest);
  return [
    new File([blob], item.name, { type: 'application/gzip' }),
    ...evidence.map(({ name, bytes }) => new File([new Uint8Array(bytes)], name)),
  ];
}

/** Gives the bundle and what was kept with it to the verify page, which is opened next. */
export async function handToVerify(item: LibraryItem): Promise<boolean> {
  const files = await attempt((store) => filesOf(item, store));
  if (files !== null) handOver(files);
  return files !== null;
}

export async function discard(digest: string): Promise<boolean> {
  const done = await attempt(async (store) => {
    await store.discard(digest, true);
    return true;
  });
  // Whatever is not undone by then is erased; when the page goes away before, the next visit erases it.
  if (done === true) setTimeout(() => void loadLibrary(), BIN_MS + 1000);
  return done === true;
}

export async function importLibrary(file: Blob, marks: boolean): Promise<ImportResult | null> {
  return attempt((store) => store.importAll(file, { marks }));
}

/** What lies in a library that this version must not open, as one file. */
export async function rescue(): Promise<Blob | null> {
  try {
    return await rescueLibrary();
  } catch (error) {
    state = { ...state, fault: faultOf(error) };
    return null;
  }
}

/** Forgets everything: the bundles, their verdicts, tags and marks. */
export async function eraseLibrary(): Promise<void> {
  const store = await opened?.catch(() => undefined);
  store?.close();
  opened = undefined;
  await eraseDatabase(librarySpec).catch(() => undefined);
}
