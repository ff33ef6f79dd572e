import type { Entry } from '../archive/archive.js';
import { readArchive } from '../archive/readArchive.js';
import { concatBytes } from '../bytes/bytes.js';
import { toHex } from '../bytes/hex.js';
import type { Platform } from '../bytes/platform.js';
import type { ByteSource } from '../bytes/source.js';
import { hasLoneSurrogate } from '../bytes/text.js';
import type { Reading } from '../checks/reading.js';
import type { DiffState } from '../generated/diff.js';
import type { InputReport } from '../generated/report.js';
import type { Limits } from '../limits.js';
import { contentRoot } from '../manifest/digests.js';

/** Bytes of some files by path, each only where its SHA-256 is the one asked for. */
export type ReadFiles = (
  wanted: ReadonlyMap<string, DiffState>,
  signal?: AbortSignal,
) => Promise<ReadonlyMap<string, Uint8Array>>;

/** A bundle that was judged. Everything in it is attacker-controlled. */
export interface BundleSide {
  readonly kind: 'bundle';
  readonly report: InputReport;
  /** What lies beside the listed files: approvals and attestations. */
  readonly evidence: readonly Entry[];
  readonly read: ReadFiles;
}

/** A folder: nobody judges it, and it asks nobody. */
export interface FolderSide {
  readonly kind: 'folder';
  readonly name: string;
  readonly files: readonly DiffState[];
  /** Content root that a bundle of these files without salts has; null when there are none. */
  readonly contentRoot: string | null;
  readonly read: ReadFiles;
}

export type Side = BundleSide | FolderSide;

/** One file of a folder. `open` is called again when its text is wanted. */
export interface FolderFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

export interface SideOptions {
  readonly platform: Platform;
  readonly signal?: AbortSignal;
  /** Bytes of the folder hashed so far. */
  readonly onProgress?: (bytes: number, path: string) => void;
}

/** A file was written to while it was compared: nothing can be said about it. */
export class ChangedMeanwhileError extends Error {
  override readonly name = 'ChangedMeanwhileError';

  constructor(readonly path: string) {
    super('a file changed while it was compared');
  }
}

/** The bundle that `report` judged. Its archive is read again when documents or texts of it are wanted. */
export function bundleSide(
  reading: Pick<Reading, 'archive'>,
  report: InputReport,
  source: ByteSource,
  { platform, limits }: { readonly platform: Platform; readonly limits: Limits },
): BundleSide {
  const listed = new Set(['manifest.yaml', 'checksums.txt', ...report.files.map(({ path }) => path)]);
  return {
    kind: 'bundle',
    report,
    evidence: reading.archive.entries.filter(({ path }) => !listed.has(path)),
    async read(wanted, signal) {
      if (wanted.size === 0) return new Map();
      const archive = await readArchive(source, {
        platform,
        limits,
        keep: (path, size) => wanted.get(path)?.size === size,
        ...(signal === undefined ? {} : { signal }),
      });
      return onlyTheWanted(archive.kept, wanted, platform);
    },
  };
}

/** Hashes every file of a folder. Throws {@link ChangedMeanwhileError}, what `open` throws, and the reason of an abort. */
export async function folderSide(
  name: string,
  files: readonly FolderFile[],
  options: SideOptions,
): Promise<FolderSide> {
  const states: DiffState[] = [];
  let seen = 0;
  for (const file of files) {
    const hash = options.platform.createSha256();
    let size = 0;
    for await (const chunk of file.open()) {
      options.signal?.throwIfAborted();
      hash.update(chunk);
      size += chunk.length;
      options.onProgress?.((seen += chunk.length), file.path);
      await options.platform.yieldToEvents?.();
    }
    if (size !== file.size) throw new ChangedMeanwhileError(file.path);
    states.push({ path: file.path, size, sha256: toHex(await hash.digest()) });
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    kind: 'folder',
    name,
    files: states,
    contentRoot: rootOf(states, options.platform),
    async read(wanted, signal) {
      const found = new Map<string, Uint8Array>();
      for (const path of wanted.keys()) {
        const file = byPath.get(path);
        if (file !== undefined) found.set(path, await whole(file, signal));
      }
      return onlyTheWanted(found, wanted, options.platform);
    },
  };
}

function rootOf(states: readonly DiffState[], platform: Platform): string | null {
  // A name that has no UTF-8 form is in no bundle.
  if (states.length === 0 || states.some(({ path }) => hasLoneSurrogate(path))) return null;
  return contentRoot(
    states.map((state) => ({ ...state, external: false })),
    platform,
  );
}

/** No more than the file had when it was hashed: one that grows must not fill the memory. */
async function whole(file: FolderFile, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.open()) {
    signal?.throwIfAborted();
    size += chunk.length;
    if (size > file.size) throw new ChangedMeanwhileError(file.path);
    chunks.push(chunk);
  }
  return concatBytes(chunks);
}

async function onlyTheWanted(
  found: ReadonlyMap<string, Uint8Array>,
  wanted: ReadonlyMap<string, DiffState>,
  platform: Platform,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const same = new Map<string, Uint8Array>();
  for (const [path, bytes] of found) {
    if (!wanted.has(path)) continue;
    if (toHex(await platform.sha256(bytes)) !== wanted.get(path)?.sha256)
      throw new ChangedMeanwhileError(path);
    same.set(path, bytes);
  }
  return same;
}

/** True when the side may say who it is and who must approve (docs/SPEC.md, "Verdict"). */
export function maySpeak(side: Side): boolean {
  return side.kind === 'bundle' && side.report.bundle !== null;
}

export function sideName(side: Side): string {
  return side.kind === 'bundle' ? side.report.file : side.name;
}

/** The files of a side as they are, not as they are listed: what is missing is not there. */
export function filesOf(side: Side): readonly DiffState[] {
  if (side.kind === 'folder') return side.files;
  return side.report.files
    .filter(({ status }) => status !== 'missing')
    .map(({ path, size, sha256 }) => ({ path, size, sha256 }));
}
