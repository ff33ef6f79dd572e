import { createHash } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import {
  foldersToLook,
  FolderView,
  INFO_BYTES_MAX,
  INFO_PATH,
  readInfo,
  type FileState,
  type FolderEntry,
} from '../core/apply.js';
import type { BundleInfo } from '../core/generated/bundle-info.js';
import type { Finding } from '../core/generated/report.js';

const PIECE_BYTES = 256 * 1024;

/** Everything in the folders that these paths lie in, with digests of the files at these very paths. */
export function lookAt(dir: string, paths: Iterable<string>): FolderView {
  const wanted = new Set(paths);
  const entries: FolderEntry[] = [];
  for (const folder of foldersToLook(wanted)) {
    if (folder !== '' && kindOf(join(dir, folder)) !== 'folder') continue;
    for (const entry of readdirSync(join(dir, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
      const state = kind === 'file' && wanted.has(path) ? stateOf(join(dir, path)) : null;
      entries.push({ path, kind, ...(state === null ? {} : { state }) });
    }
  }
  return new FolderView(entries);
}

/** The record of the folder, or null; what is wrong with one that cannot be used. */
export function recordOf(dir: string): {
  readonly info: BundleInfo | null;
  readonly findings: readonly Finding[];
} {
  const path = join(dir, INFO_PATH);
  if (kindOf(join(dir, '.specular')) !== 'folder' || kindOf(path) !== 'file')
    return { info: null, findings: [] };
  return readInfo(readFileSync(path).subarray(0, INFO_BYTES_MAX + 1));
}

/** What stands at a path, links not followed; null where nothing does. */
export function kindOf(path: string): FolderEntry['kind'] | null {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return null;
  return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other';
}

/** Length and digest of a file, read without following a link; null where there is none. */
export function stateOf(path: string): FileState | null {
  if (kindOf(path) === null) return null;
  const hash = createHash('sha256');
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const piece = new Uint8Array(PIECE_BYTES);
    let size = 0;
    for (let read = readSync(handle, piece); read > 0; read = readSync(handle, piece)) {
      hash.update(piece.subarray(0, read));
      size += read;
    }
    return { size, sha256: hash.digest('hex') };
  } finally {
    closeSync(handle);
  }
}
