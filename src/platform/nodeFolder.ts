import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectFile } from '../core/build.js';

const PIECE_BYTES = 256 * 1024;
/** Up to here one call for the whole file is many times quicker than a stream. */
const WHOLE_BYTES_MAX = PIECE_BYTES;

/** A file of a project, and where it is. */
export interface FolderFile extends ProjectFile {
  readonly full: string;
}

export interface FolderList {
  readonly files: readonly FolderFile[];
  /** Links, devices, sockets: nothing of that kind is in a bundle. */
  readonly special: readonly string[];
}

/** Every file below `folder`, links not followed, `.git` not entered. Paths with "/". Throws what Node throws. */
export function listFolder(folder: string): FolderList {
  const files: FolderFile[] = [];
  const special: string[] = [];
  const walk = (prefix: string): void => {
    for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix + entry.name;
      if (entry.isDirectory()) {
        if (entry.name !== '.git') walk(`${path}/`);
      } else if (entry.isFile()) files.push(fileAt(join(folder, path), path));
      else special.push(path);
    }
  };
  walk('');
  return { files, special };
}

function fileAt(full: string, path: string): FolderFile {
  const { size } = statSync(full);
  return {
    path,
    full,
    size,
    open: () =>
      size > WHOLE_BYTES_MAX ? createReadStream(full, { highWaterMark: PIECE_BYTES }) : wholeFile(full),
  };
}

async function* wholeFile(full: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(readFileSync(full));
}
