import { FolderView, INFO_PATH, readInfo, type ApplyDecision } from '../../core/apply';
import type { ArchiveStreamInput } from '../../core/archive/writeArchive';
import type { Platform } from '../../core/bytes/platform';
import { fromUtf8 } from '../../core/bytes/text';
import type { NamedDocument } from '../../engine/engine';
import type { WebFile } from '../../platform/webFolder';
import { fileAt, lookAtFiles, lookAtHandle, recordOfHandle } from '../../platform/webWrite';
import { engine } from '../engine';

/** Where the bundle goes: a folder that can be written, one that can only be read, or a zip. */
export type Target =
  | { readonly kind: 'folder'; readonly name: string; readonly handle: FileSystemDirectoryHandle }
  | { readonly kind: 'files'; readonly name: string; readonly files: readonly WebFile[] }
  | { readonly kind: 'zip' };

export interface GivenBundle {
  readonly name: string;
  readonly file: Blob;
  readonly loose: readonly NamedDocument[];
}

export async function recordOf(target: Target): ReturnType<typeof recordOfHandle> {
  if (target.kind === 'folder') return recordOfHandle(target.handle);
  const record = target.kind === 'files' ? target.files.find(({ path }) => path === INFO_PATH) : undefined;
  if (record === undefined) return { info: null, findings: [], interrupted: null };
  return { ...readInfo(new Uint8Array(await record.blob.arrayBuffer())), interrupted: null };
}

export async function viewOf(
  target: Target,
  paths: readonly string[],
  platform: Platform,
  signal: AbortSignal,
): Promise<FolderView> {
  if (target.kind === 'folder') return lookAtHandle(target.handle, paths, platform, signal);
  return target.kind === 'files' ? lookAtFiles(target.files, paths, platform) : new FolderView([]);
}

const TEXT_BYTES_MAX = 256 * 1024;

/** A file as it stands in the folder and as the bundle has it; null when one of them is no text, or too long. */
export async function textsOf(
  bundle: GivenBundle,
  target: Target,
  path: string,
): Promise<{ readonly now: string; readonly then: string } | null> {
  const file = target.kind === 'folder' ? await fileAt(target.handle, path) : listed(target, path);
  const found = await (
    await engine()
  ).extract({ name: bundle.name, source: bundle.file }, path, TEXT_BYTES_MAX);
  if (file === null || file.size > TEXT_BYTES_MAX || found === null || found.truncated) return null;
  const now = fromUtf8(new Uint8Array(await file.arrayBuffer()));
  const then = fromUtf8(found.bytes);
  return now === null || then === null || `${now}${then}`.includes('\0') ? null : { now, then };
}

function listed(target: Target, path: string): Blob | null {
  return target.kind === 'files' ? (target.files.find((file) => file.path === path)?.blob ?? null) : null;
}

export async function asDocument(file: File): Promise<NamedDocument> {
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

/** The record behind the files of the bundle. */
export async function* withRecord(
  entries: AsyncIterable<ArchiveStreamInput>,
  { record }: ApplyDecision,
): AsyncGenerator<ArchiveStreamInput> {
  for await (const entry of entries) if (entry.path !== INFO_PATH) yield entry;
  yield { path: INFO_PATH, size: record.length, chunks: [record] };
}

/** What lay beside the bundle, for files that it keeps outside of itself. */
export function supplementsOf({ loose }: GivenBundle): readonly Uint8Array<ArrayBuffer>[] {
  return loose.map(({ bytes }) => new Uint8Array(bytes)).filter(([a, b]) => a === 0x1f && b === 0x8b);
}

interface Permitted {
  queryPermission?(how: { mode: 'readwrite' }): Promise<PermissionState>;
  requestPermission?(how: { mode: 'readwrite' }): Promise<PermissionState>;
}

/** The browser may have to be asked again after a restart; folders of the page itself need no asking. */
export async function mayWrite(handle: FileSystemDirectoryHandle): Promise<boolean> {
  const asked = handle as Permitted;
  const how = { mode: 'readwrite' } as const;
  if ((await asked.queryPermission?.(how)) === 'granted') return true;
  return asked.requestPermission === undefined || (await asked.requestPermission(how)) === 'granted';
}
