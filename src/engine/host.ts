import type { Reading } from '../core/verify.js';
import type { Engine, ExtractedFile, Progress, VerifyInput, VerifyOptions, VerifyRequest } from './engine.js';
import type { InlineEngine } from './inline.js';
import { packReport, type PackedReport } from './packed.js';

const PROGRESS_EVERY_MS = 50;

/**
 * What the worker offers over comlink: the inline engine without signals. A caller stops a worker by
 * terminating it, which is quicker than any message and leaves nothing behind.
 */
export interface EngineHost {
  /** Answers as soon as the worker can work. */
  ping(): Promise<true>;
  verify(request: VerifyRequest, onProgress: OnProgress): Promise<PackedReport>;
  /** The heavy half of `verify`, for one input of it. */
  read(request: VerifyRequest, input: number, onProgress: OnProgress): Promise<Reading>;
  /** The light half, for all inputs together. */
  judge(request: VerifyRequest, readings: readonly Reading[]): Promise<PackedReport>;
  extract(input: VerifyInput, path: string, bytesMax: number): Promise<ExtractedFile | null>;
  runControls(): ReturnType<Engine['runControls']>;
}

/** null where nobody listens: a message for nobody costs as much as one for somebody. */
export type OnProgress = ((progress: Progress) => void) | null;

/**
 * The worker's side of {@link EngineHost}. The engine may still be on its way: calls wait for it.
 * `clock` is in milliseconds from any origin.
 */
export function hostEngine(starting: Promise<InlineEngine>, clock: () => number): EngineHost {
  return {
    ping: async () => (await starting, true),
    verify: async (request, onProgress) =>
      packReport(await (await starting).verify(request, thinned(onProgress, clock))),
    read: async (request, input, onProgress) =>
      (await starting).read(request, input, thinned(onProgress, clock)),
    judge: async (request, readings) => packReport(await (await starting).judge(request, readings)),
    extract: async (input, path, bytesMax) => (await starting).extract(input, path, bytesMax),
    runControls: async () => (await starting).runControls(),
  };
}

/** Lets through the first and last progress of each input and else one in 50 ms: a message for each chunk would cost more than the chunk. */
function thinned(onProgress: OnProgress, clock: () => number): VerifyOptions {
  if (onProgress === null) return {};
  let last = -Infinity;
  let input = -1;
  return {
    onProgress(progress) {
      const now = clock();
      const ended = progress.readBytes === progress.totalBytes;
      if (progress.input === input && !ended && now - last < PROGRESS_EVERY_MS) return;
      last = now;
      input = progress.input;
      onProgress(progress);
    },
  };
}
