import { classify, HEAD_BYTES, type WrongKind } from '$lib/view/classify';
import type { NamedDocument } from '../../engine/engine';

/** Dropped files, sorted by the door they go through. */
export interface Intake {
  readonly bundles: readonly File[];
  readonly loose: readonly NamedDocument[];
  readonly trust: readonly { readonly document: NamedDocument; readonly kind: 'trust' | 'allowed-signers' }[];
  readonly wrong: readonly { readonly name: string; readonly wrong: WrongKind }[];
  /** Names of files in dropped folders that are none of our business. */
  readonly ignored: readonly string[];
}

/** A file with the path it had below a dropped folder. */
export interface Given {
  readonly file: File;
  readonly inFolder: boolean;
}

/** Files above this size are never read whole as a document. */
export const DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

export async function sortIntake(given: readonly Given[]): Promise<Intake> {
  const bundles: File[] = [];
  const loose: NamedDocument[] = [];
  const trust: { document: NamedDocument; kind: 'trust' | 'allowed-signers' }[] = [];
  const wrong: { name: string; wrong: WrongKind }[] = [];
  const ignored: string[] = [];
  for (const { file, inFolder } of given) {
    const { kind, wrong: what } = classify(file.name, await head(file));
    const small = file.size <= DOCUMENT_BYTES_MAX;
    if (kind === 'bundle') bundles.push(file);
    else if (kind === 'loose' && small) loose.push(await whole(file));
    else if ((kind === 'trust' || kind === 'allowed-signers') && small)
      trust.push({ document: await whole(file), kind });
    else if (inFolder) ignored.push(file.name);
    else if (what !== undefined) wrong.push({ name: file.name, wrong: what });
    // A file that was dropped by itself gets an answer from the engine, whatever it is.
    else bundles.push(file);
  }
  return { bundles, loose, trust, wrong, ignored };
}

/** Collects files and folders of one drop. Must be called before the event handler yields. */
export function givenFromDrop(transfer: DataTransfer): Promise<Given[]> {
  const entries = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...transfer.files].map((file) => ({ file, inFolder: false }));
  if (entries.length === 0 || entries.every((entry) => entry === null || entry.isFile))
    return Promise.resolve(files);
  return collect(entries.filter((entry) => entry !== null));
}

async function collect(entries: readonly FileSystemEntry[]): Promise<Given[]> {
  const found: Given[] = [];
  for (const entry of entries) {
    if (entry.isFile) found.push({ file: await fileOf(entry as FileSystemFileEntry), inFolder: false });
    else
      for (const file of await walk(entry as FileSystemDirectoryEntry)) found.push({ file, inFolder: true });
  }
  return found;
}

async function walk(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  for (;;) {
    // One call gives at most a hundred entries; an empty answer is the end.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return files;
    for (const entry of entries) {
      if (entry.isFile) files.push(await fileOf(entry as FileSystemFileEntry));
      else files.push(...(await walk(entry as FileSystemDirectoryEntry)));
    }
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function head(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    // Gone or locked since the drop: the engine will say so in its own row.
    return new Uint8Array();
  }
}

async function whole(file: File): Promise<NamedDocument> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}
