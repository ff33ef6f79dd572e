import { readEntries } from '../archive/rewrite.js';
import type { ArchiveStreamInput } from '../archive/writeArchive.js';
import { toHex } from '../bytes/hex.js';
import { GunzipError, type Platform } from '../bytes/platform.js';
import { sourceOfBytes, type ByteSource } from '../bytes/source.js';
import type { Limits } from '../limits.js';
import type { ApplyStep } from './journal.js';

export interface SuppliedOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  /** Of the bundle, lower-case hex. */
  readonly archiveSha256: string;
  /** Supplements as they were verified; other documents among them are passed over. */
  readonly supplements: readonly Uint8Array[];
  readonly signal?: AbortSignal;
}

const FOLDER = 'external/';

/**
 * The files of these steps, from the bundle and, where it keeps a file outside, from the supplements that were given
 * with it (docs/SPEC.md, "Supplements"). Whoever writes them hashes them: nothing here is believed.
 */
export async function* suppliedEntries(
  bundle: ByteSource,
  steps: readonly ApplyStep[],
  { supplements, ...options }: SuppliedOptions,
): AsyncGenerator<ArchiveStreamInput> {
  const waiting = new Map(steps.map((step) => [step.path, step.after.sha256]));
  for await (const entry of readEntries(bundle, options)) {
    if (waiting.delete(entry.path)) yield entry;
  }
  for (const bytes of supplements.filter(isGzip)) {
    // One file of a supplement can stand for several of the bundle: each takes a reading of its own.
    for (let before = -1; before !== waiting.size && waiting.size > 0;) {
      before = waiting.size;
      yield* passOver(bytes, waiting, options);
    }
  }
}

async function* passOver(
  bytes: Uint8Array,
  waiting: Map<string, string>,
  options: Omit<SuppliedOptions, 'supplements'>,
): AsyncGenerator<ArchiveStreamInput> {
  const archiveSha256 = toHex(options.platform.sha256Sync(bytes));
  try {
    for await (const entry of readEntries(sourceOfBytes(bytes), { ...options, archiveSha256 })) {
      const digest = entry.path.startsWith(FOLDER) ? entry.path.slice(FOLDER.length) : null;
      const path = [...waiting].find(([, sha256]) => sha256 === digest)?.[0];
      if (path === undefined) continue;
      waiting.delete(path);
      yield { ...entry, path };
    }
  } catch (error) {
    // A damaged one gives nothing; what is then missing is told by whoever waits for it.
    if (!(error instanceof GunzipError)) throw error;
  }
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
