import {
  changedSince,
  foldersToLook,
  FolderView,
  INFO_BYTES_MAX,
  INFO_PATH,
  NOTES_FOLDER,
  progressOf,
  readInfo,
  readJournal,
  sameState,
  type ApplyJournal,
  type ApplyStep,
  type FileState,
  type FolderEntry,
} from '../core/apply.js';
import type { ArchiveStreamInput } from '../core/archive/writeArchive.js';
import { toHex } from '../core/bytes/hex.js';
import type { Platform } from '../core/bytes/platform.js';
import type { BundleInfo } from '../core/generated/bundle-info.js';
import type { Finding } from '../core/generated/report.js';
import type { WebFile } from './webFolder.js';

/** What an apply in the browser needs around it. */
export interface WebWriteOptions {
  readonly platform: Platform;
  readonly signal?: AbortSignal;
  /** Files done so far. */
  readonly onProgress?: (files: number) => void;
  /** Keeps what is about to be written over, before it is. */
  readonly keepOld: (index: number, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
}

/** A file of the bundle is not what the report said. It was not written. */
export class NotVerifiedError extends Error {
  override readonly name = 'NotVerifiedError';
  constructor(readonly path: string) {
    super('a file of the bundle is not what was verified');
  }
}

type Directory = FileSystemDirectoryHandle;

/** Everything in the folders that these paths lie in, with digests of the files at these very paths. */
export async function lookAtHandle(
  root: Directory,
  paths: Iterable<string>,
  platform: Platform,
  signal?: AbortSignal,
): Promise<FolderView> {
  const wanted = new Set(paths);
  const entries: FolderEntry[] = [];
  const folders = new Map<string, Directory>([['', root]]);
  for (const folder of foldersToLook(wanted).toSorted((a, b) => a.length - b.length)) {
    const directory = folders.get(folder) ?? null;
    if (directory === null) continue;
    for await (const entry of entriesOf(directory)) {
      signal?.throwIfAborted();
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.kind === 'directory') {
        folders.set(path, entry as Directory);
        entries.push({ path, kind: 'folder' });
      } else if (!wanted.has(path)) entries.push({ path, kind: 'file' });
      else {
        const file = await (entry as FileSystemFileHandle).getFile();
        entries.push({ path, kind: 'file', state: await stateOfBlob(file, platform) });
      }
    }
  }
  return new FolderView(entries);
}

/** The same for a folder that can only be read, from the list of its files. */
export async function lookAtFiles(
  files: readonly WebFile[],
  paths: Iterable<string>,
  platform: Platform,
): Promise<FolderView> {
  const wanted = new Set(paths);
  const entries: FolderEntry[] = foldersToLook(files.map(({ path }) => path))
    .filter((path) => path !== '')
    .map((path) => ({ path, kind: 'folder' }));
  for (const { path, blob } of files) {
    const state = wanted.has(path) ? { state: await stateOfBlob(blob, platform) } : {};
    entries.push({ path, kind: 'file', ...state });
  }
  return new FolderView(entries);
}

/** The record of a folder. The command line's own notes there, if it was interrupted, are told apart. */
export async function recordOfHandle(root: Directory): Promise<{
  readonly info: BundleInfo | null;
  readonly findings: readonly Finding[];
  readonly interrupted: ApplyJournal | null;
}> {
  const interrupted = await interruptedIn(root);
  const record = await fileAt(root, INFO_PATH);
  if (record === null) return { info: null, findings: [], interrupted };
  const bytes = await record.slice(0, INFO_BYTES_MAX + 1).arrayBuffer();
  return { ...readInfo(new Uint8Array(bytes)), interrupted };
}

/** An apply of the command line that was not brought to its end; one that is done, or not readable, is none. */
async function interruptedIn(root: Directory): Promise<ApplyJournal | null> {
  const file = await fileAt(root, `${NOTES_FOLDER}/apply/journal.json`);
  if (file === null) return null;
  const journal = readJournal(new Uint8Array(await file.slice(0, INFO_BYTES_MAX + 1).arrayBuffer()));
  return 'findings' in journal || journal.state === 'done' ? null : journal;
}

/** False when something else was applied to the folder since. */
export async function isLastApply(
  root: Directory,
  { steps }: ApplyJournal,
  platform: Platform,
): Promise<boolean> {
  const record = steps.at(-1);
  if (record === undefined) return false;
  const now = await stateAt(root, record.path, platform);
  return now !== 'blocked' && sameState(now, record.after);
}

/**
 * Writes what is not written yet, in the order of the bundle, the record last: for a new apply and for one that was
 * interrupted. Each file appears whole or not at all. What changed meanwhile is left as it is and named.
 */
export async function writeSteps(
  root: Directory,
  journal: ApplyJournal,
  record: Uint8Array<ArrayBuffer>,
  entries: AsyncIterable<ArchiveStreamInput>,
  options: WebWriteOptions,
): Promise<readonly Finding[]> {
  const steps = new Map(journal.steps.map((step, index) => [step.path, { step, index }]));
  const findings: Finding[] = [];
  let done = 0;
  const write = async (path: string, chunks: ArchiveStreamInput['chunks']): Promise<void> => {
    const one = steps.get(path);
    if (one === undefined) return;
    steps.delete(path);
    options.signal?.throwIfAborted();
    if (!(await writeStep(root, one.step, one.index, chunks, options))) findings.push(changedSince(path));
    options.onProgress?.((done += 1));
  };
  for await (const { path, chunks } of entries) if (path !== INFO_PATH) await write(path, chunks);
  const missing = [...steps.keys()].find((path) => path !== INFO_PATH);
  if (missing !== undefined) throw new NotVerifiedError(missing);
  await write(INFO_PATH, [record]);
  return findings;
}

/** False when something else stands there than before the apply. */
async function writeStep(
  root: Directory,
  step: ApplyStep,
  index: number,
  chunks: ArchiveStreamInput['chunks'],
  { platform, keepOld }: WebWriteOptions,
): Promise<boolean> {
  const now = await stateAt(root, step.path, platform);
  const progress = progressInBrowser(step, now);
  if (progress !== 'before') return progress === 'after';
  if (step.before !== null) {
    const old = await fileAt(root, step.path);
    await keepOld(index, new Uint8Array(await (old ?? new Blob([])).arrayBuffer()));
  }
  const { folder, name } = placeOf(step.path);
  const parent = await directoryAt(root, folder, true);
  if (parent === null) return false;
  await writeWhole(parent, name, chunks, step, platform);
  return true;
}

/** The browser writes beside the place and moves the file there when it is closed: never before it was hashed. */
async function writeWhole(
  parent: Directory,
  name: string,
  chunks: ArchiveStreamInput['chunks'],
  { path, before, after }: ApplyStep,
  platform: Platform,
): Promise<void> {
  const handle = await parent.getFileHandle(name, { create: true });
  const stream = await handle.createWritable({ keepExistingData: false });
  const hash = platform.createSha256();
  let size = 0;
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      if (size > after.size) break;
      await stream.write(chunk as Uint8Array<ArrayBuffer>);
    }
    if (!sameState({ size, sha256: toHex(await hash.digest()) }, after)) throw new NotVerifiedError(path);
    await stream.close();
  } catch (error) {
    await stream.abort().catch(() => undefined);
    if (before === null) await parent.removeEntry(name).catch(() => undefined);
    throw error;
  }
}

/**
 * Puts back what stood there before, the last step first.
 *
 * @param old - what was kept of a step; null where nothing was.
 */
export async function takeBackSteps(
  root: Directory,
  { steps, folders }: ApplyJournal,
  old: (index: number) => Promise<Uint8Array<ArrayBuffer> | null>,
  platform: Platform,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [index, step] of [...steps.entries()].reverse()) {
    const now = await stateAt(root, step.path, platform);
    const progress = progressInBrowser(step, now);
    const husk = progress === 'before' && step.before === null && now !== null;
    if (progress === 'other') findings.push(changedSince(step.path));
    if (progress !== 'after' && !husk) continue;
    if (!(await putBack(root, step, await old(index), platform))) findings.push(changedSince(step.path));
  }
  for (const folder of [...folders].reverse()) {
    const { folder: parent, name } = placeOf(folder);
    const directory = await directoryAt(root, parent, false);
    // Not empty, or not there: both are as they should be.
    await directory?.removeEntry(name).catch(() => undefined);
  }
  return findings;
}

async function putBack(
  root: Directory,
  step: ApplyStep,
  old: Uint8Array<ArrayBuffer> | null,
  platform: Platform,
): Promise<boolean> {
  const { folder, name } = placeOf(step.path);
  const parent = await directoryAt(root, folder, false);
  if (parent === null) return false;
  if (step.before === null) {
    await parent.removeEntry(name);
    return true;
  }
  if (old === null) return false;
  await writeWhole(parent, name, [old], { ...step, after: step.before }, platform);
  return true;
}

/** A new file is empty for a moment before its bytes appear: whoever is killed then has written nothing. */
function progressInBrowser(
  step: ApplyStep,
  now: FileState | null | 'blocked',
): ReturnType<typeof progressOf> {
  if (now === 'blocked') return 'other';
  if (step.before === null && now?.size === 0 && step.after.size > 0) return 'before';
  return progressOf(step, now);
}

async function stateAt(
  root: Directory,
  path: string,
  platform: Platform,
): Promise<FileState | null | 'blocked'> {
  try {
    const file = await fileAt(root, path);
    return file === null ? null : await stateOfBlob(file, platform);
  } catch {
    return 'blocked';
  }
}

export async function stateOfBlob(blob: Blob, platform: Platform): Promise<FileState> {
  const hash = platform.createSha256();
  const reader = blob.stream().getReader();
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    hash.update(next.value);
    size += next.value.length;
    await platform.yieldToEvents?.();
  }
  return { size, sha256: toHex(await hash.digest()) };
}

/** null where nothing stands. @throws where a folder stands, or the browser refuses. */
export async function fileAt(root: Directory, path: string): Promise<File | null> {
  const { folder, name } = placeOf(path);
  try {
    const parent = await directoryAt(root, folder, false);
    return parent === null ? null : await (await parent.getFileHandle(name)).getFile();
  } catch (error) {
    if (nameOf(error) === 'NotFoundError') return null;
    throw error;
  }
}

async function directoryAt(root: Directory, folder: string, create: boolean): Promise<Directory | null> {
  let at = root;
  for (const name of folder === '' ? [] : folder.split('/')) {
    try {
      at = await at.getDirectoryHandle(name, { create });
    } catch (error) {
      if (nameOf(error) === 'NotFoundError') return null;
      throw error;
    }
  }
  return at;
}

function placeOf(path: string): { readonly folder: string; readonly name: string } {
  const at = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, at)), name: path.slice(at + 1) };
}

function nameOf(error: unknown): string {
  return error instanceof DOMException ? error.name : '';
}

/** TypeScript's library does not know the iterator in every setting that this file is compiled in. */
function entriesOf(folder: Directory): AsyncIterable<FileSystemHandle> {
  return (folder as unknown as { values(): AsyncIterable<FileSystemHandle> }).values();
}
