import type { ProjectFile } from '../core/build.js';

/** A file of a project in the browser. Its bytes stay where they are until somebody reads them. */
export interface WebFile extends ProjectFile {
  /** Can be handed to a worker, which makes a {@link ProjectFile} of it with {@link fileOfBlob}. */
  readonly blob: Blob;
}

/** A folder as the reader gave it. Names and bytes are attacker-controlled. */
export interface WebFolder {
  /** Name of the folder itself; no path holds it. */
  readonly name: string;
  /** Paths below the folder, with "/". In no order. */
  readonly files: readonly WebFile[];
  /** What is neither file nor folder. Browsers show none of that today; the CLI does. */
  readonly special: readonly string[];
  /** Where the browser can write back: the folder itself. */
  readonly handle?: FileSystemDirectoryHandle;
}

export interface FolderOptions {
  readonly signal?: AbortSignal;
  /** Files found so far. */
  readonly onFound?: (files: number) => void;
}

/** Something in the folder cannot be read; nothing of the folder may be used, as it would not be whole. */
export class FolderError extends Error {
  override readonly name = 'FolderError';

  constructor(
    readonly path: string,
    reason: unknown,
  ) {
    super(reason instanceof Error ? reason.message : String(reason), { cause: reason });
  }
}

/** Up to here one call for the whole file is quicker than a stream, in bytes. */
const WHOLE_BYTES_MAX = 1_048_576;
/** Files that are asked for before they are needed. */
const AHEAD_FILES = 16;
/** After so long the page has its turn again. */
const TURN_MS = 30;
/** Files of one folder asked for at once. */
const ASKED_AT_ONCE = 64;

/** A project file whose bytes are those of `blob`. */
export function fileOfBlob(path: string, blob: Blob): WebFile {
  return { path, size: blob.size, blob, open: () => piecesOf(blob) };
}

/**
 * Project files that are read one after the other, as they stand in the list: those that come next are asked for
 * while the caller is busy with one, because each question to the browser takes its time.
 */
export function readAhead(
  files: readonly { readonly path: string; readonly blob: Blob }[],
): readonly ProjectFile[] {
  const asked = new Map<number, Promise<ArrayBuffer>>();
  const ask = (index: number): void => {
    const blob = files[index]?.blob;
    if (blob === undefined || blob.size > WHOLE_BYTES_MAX || asked.has(index)) return;
    const answer = blob.arrayBuffer();
    // Whoever reads the file hears of a refusal.
    answer.catch(() => undefined);
    asked.set(index, answer);
  };
  return files.map(({ path, blob }, index) => ({
    path,
    size: blob.size,
    async *open() {
      for (let next = index; next < index + AHEAD_FILES; next += 1) ask(next);
      const mine = asked.get(index);
      asked.delete(index);
      if (mine === undefined) yield* piecesOf(blob);
      else if (blob.size > 0) yield new Uint8Array(await mine);
    },
  }));
}

/** True where the browser lets a page ask for a folder that it can also write to. */
export function canPickFolder(): boolean {
  return 'showDirectoryPicker' in globalThis;
}

/**
 * Asks for a folder to read. Null when the reader closed the question.
 *
 * @throws FolderError
 */
export async function pickFolder(options: FolderOptions = {}): Promise<WebFolder | null> {
  const ask = (globalThis as { showDirectoryPicker?: (o: unknown) => Promise<FileSystemDirectoryHandle> })
    .showDirectoryPicker;
  if (ask === undefined) return null;
  let handle: FileSystemDirectoryHandle;
  try {
    handle = await ask.call(globalThis, { id: 'countersign-project', mode: 'read' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw new FolderError('', error);
  }
  return readHandle(handle, options);
}

/**
 * Reads a folder that the reader picked. `.git` is not entered.
 *
 * @throws FolderError when something in it cannot be read; the reason of `signal` when it aborts.
 */
export async function readHandle(
  handle: FileSystemDirectoryHandle,
  options: FolderOptions = {},
): Promise<WebFolder> {
  const found = new Found(options);
  const walk = async (folder: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
    const files: FileSystemFileHandle[] = [];
    const folders: FileSystemDirectoryHandle[] = [];
    await orFolderError(prefix, async () => {
      for await (const entry of entriesOf(folder)) {
        if (entry.kind === 'file') files.push(entry as FileSystemFileHandle);
        else if (!isGit(entry.name)) folders.push(entry as FileSystemDirectoryHandle);
      }
    });
    await inTurns(files, async (file) => {
      const path = prefix + file.name;
      found.add(path, await orFolderError(path, () => file.getFile()));
    });
    for (const inner of folders) await walk(inner, `${prefix}${inner.name}/`);
  };
  await walk(handle, '');
  return { name: handle.name, files: found.files, special: [], handle };
}

/** The files of an `<input webkitdirectory>`; null when it holds none, or files of no folder. */
export function readFileList(list: Iterable<File>): WebFolder | null {
  const listed = new Listed();
  for (const file of list) if (!listed.add(file)) return null;
  return listed.folder();
}

/**
 * The same for very many files: some browsers look on the disk for the size of each, so the page breathes in between.
 */
export async function readLongFileList(
  list: readonly File[],
  { signal, onFound }: FolderOptions = {},
): Promise<WebFolder | null> {
  const listed = new Listed();
  let since = performance.now();
  for (const [index, file] of list.entries()) {
    if (!listed.add(file)) return null;
    if (performance.now() - since < TURN_MS) continue;
    onFound?.(index + 1);
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
    since = performance.now();
  }
  return listed.folder();
}

class Listed {
  private name: string | null = null;
  private readonly files: WebFile[] = [];

  /** False for a file of no folder. */
  add(file: File): boolean {
    const [folder, ...path] = file.webkitRelativePath.split('/');
    if (folder === undefined || path.length === 0) return false;
    this.name ??= folder;
    if (!path.slice(0, -1).some(isGit)) this.files.push(fileOfBlob(path.join('/'), file));
    return true;
  }

  folder(): WebFolder | null {
    return this.name === null ? null : { name: this.name, files: this.files, special: [] };
  }
}

/**
 * What was dropped: one folder, or files and folders that become one folder without a name. Call it before the
 * event handler yields: afterwards the browser has forgotten what it was.
 *
 * @throws FolderError
 */
export function readDrop(transfer: DataTransfer, options: FolderOptions = {}): Promise<WebFolder | null> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const loose = [...transfer.files];
  const [only] = entries;
  if (entries.length === 1 && only?.isDirectory === true) {
    const asked = handleOf(items[0]);
    return asked.then((handle) => (handle === null ? readEntry(only, options) : readHandle(handle, options)));
  }
  if (entries.every((entry) => entry !== null) && entries.length > 0) return readEntries(entries, options);
  const files = loose.map((file) => fileOfBlob(file.name, file));
  return Promise.resolve(files.length === 0 ? null : { name: '', files, special: [] });
}

async function readEntry(entry: FileSystemEntry, options: FolderOptions): Promise<WebFolder> {
  const found = new Found(options);
  await walkEntry(entry as FileSystemDirectoryEntry, '', found);
  return { name: entry.name, files: found.files, special: [] };
}

async function readEntries(entries: readonly FileSystemEntry[], options: FolderOptions): Promise<WebFolder> {
  const found = new Found(options);
  for (const entry of entries) {
    if (entry.isFile) found.add(entry.name, await fileOfEntry(entry as FileSystemFileEntry, entry.name));
    else if (!isGit(entry.name)) await walkEntry(entry as FileSystemDirectoryEntry, `${entry.name}/`, found);
  }
  return { name: '', files: found.files, special: [] };
}

async function walkEntry(folder: FileSystemDirectoryEntry, prefix: string, found: Found): Promise<void> {
  const reader = folder.createReader();
  for (;;) {
    // One call gives at most a hundred entries; an empty answer is the end.
    const entries = await orFolderError(
      prefix,
      () => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject)),
    );
    if (entries.length === 0) return;
    await inTurns(
      entries.filter(({ isFile }) => isFile),
      async (entry) => {
        const path = prefix + entry.name;
        found.add(path, await fileOfEntry(entry as FileSystemFileEntry, path));
      },
    );
    for (const entry of entries)
      if (!entry.isFile && !isGit(entry.name))
        await walkEntry(entry as FileSystemDirectoryEntry, `${prefix}${entry.name}/`, found);
  }
}

function fileOfEntry(entry: FileSystemFileEntry, path: string): Promise<File> {
  return orFolderError(path, () => new Promise((resolve, reject) => entry.file(resolve, reject)));
}

class Found {
  readonly files: WebFile[] = [];

  constructor(private readonly options: FolderOptions) {}

  add(path: string, file: File): void {
    this.options.signal?.throwIfAborted();
    this.files.push(fileOfBlob(path, file));
    this.options.onFound?.(this.files.length);
  }
}

/** Chromium alone gives a dropped folder as one that can be written back. */
async function handleOf(item: DataTransferItem | undefined): Promise<FileSystemDirectoryHandle | null> {
  const asker = item as { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> } | undefined;
  const asked = asker?.getAsFileSystemHandle?.();
  const handle = await asked?.catch(() => null);
  return handle?.kind === 'directory' ? (handle as FileSystemDirectoryHandle) : null;
}

/** TypeScript's library does not know the iterator in every setting that this file is compiled in. */
function entriesOf(folder: FileSystemDirectoryHandle): AsyncIterable<FileSystemHandle> {
  return (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values();
}

/** A few at a time: one after the other is slow, all at once holds ten thousand requests. */
async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += ASKED_AT_ONCE)
    await Promise.all(all.slice(at, at + ASKED_AT_ONCE).map(work));
}

async function orFolderError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new FolderError(path, error);
  }
}

function isGit(name: string): boolean {
  return name.toLowerCase() === '.git';
}

async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  if (blob.size <= WHOLE_BYTES_MAX) {
    if (blob.size > 0) yield new Uint8Array(await blob.arrayBuffer());
    return;
  }
  const reader = blob.stream().getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
