import { Zip, ZipDeflate } from 'fflate';
import { NotVerifiedError } from './webWrite.js';
import type { ApplyStep } from '../core/apply.js';
import type { ArchiveStreamInput } from '../core/archive/writeArchive.js';
import { toHex } from '../core/bytes/hex.js';
import type { Platform } from '../core/bytes/platform.js';

export interface ZipOptions {
  readonly platform: Platform;
  readonly signal?: AbortSignal;
  readonly onProgress?: (files: number) => void;
}

const LEVEL = 6;
/** The oldest time that a zip can say: the files have none of their own. */
const NO_TIME = new Date(1980, 0, 1);

/** The files of these steps as one zip, hashed on their way; the same files give the same bytes. */
export async function zipSteps(
  steps: readonly ApplyStep[],
  entries: AsyncIterable<ArchiveStreamInput>,
  { platform, signal, onProgress }: ZipOptions,
): Promise<Blob> {
  const wanted = new Map(steps.map((step) => [step.path, step]));
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, part) => {
    if (error) failure = error;
    else parts.push(part);
  });
  for await (const { path, chunks } of entries) {
    const step = wanted.get(path);
    if (step === undefined) continue;
    wanted.delete(path);
    const file = new ZipDeflate(path, { level: LEVEL });
    file.mtime = NO_TIME;
    zip.add(file);
    const hash = platform.createSha256();
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      hash.update(chunk);
      file.push(chunk.slice());
      await platform.yieldToEvents?.();
    }
    if (toHex(await hash.digest()) !== step.after.sha256) throw new NotVerifiedError(path);
    file.push(new Uint8Array(0), true);
    onProgress?.(steps.length - wanted.size);
  }
  const [missing] = wanted.keys();
  if (missing !== undefined) throw new NotVerifiedError(missing);
  zip.end();
  if (failure !== null) throw failure as Error;
  return new Blob(parts, { type: 'application/zip' });
}
