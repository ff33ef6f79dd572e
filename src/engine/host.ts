import type { Engine, ExtractedFile, Progress, VerifyInput, VerifyRequest } from './engine.js';
import type { Report } from '../core/generated/report.js';

const PROGRESS_EVERY_MS = 50;

/**
 * What the worker offers over comlink: the engine without signals. A caller stops a worker by
 * terminating it, which is quicker than any message and leaves nothing behind.
 */
export interface EngineHost {
  /** Answers as soon as the worker runs. */
  ping(): true;
  verify(request: VerifyRequest, onProgress: ((progress: Progress) => void) | null): Promise<Report>;
  extract(input: VerifyInput, path: string, bytesMax: number): Promise<ExtractedFile | null>;
  runControls(): ReturnType<Engine['runControls']>;
}

/** The worker's side of {@link EngineHost}. `clock` is in milliseconds from any origin. */
export function hostEngine(engine: Engine, clock: () => number): EngineHost {
  return {
    ping: () => true,
    verify: (request, onProgress) =>
      engine.verify(request, onProgress === null ? {} : { onProgress: thinned(onProgress, clock) }),
    extract: (input, path, bytesMax) => engine.extract(input, path, bytesMax),
    runControls: () => engine.runControls(),
  };
}

/** Passes on the first report of each input and then one in 50 ms: a message for each chunk would cost more than the chunk. */
function thinned(
  onProgress: (progress: Progress) => void,
  clock: () => number,
): (progress: Progress) => void {
  let last = -Infinity;
  let input = -1;
  return (progress) => {
    const now = clock();
    const ended = progress.readBytes === progress.totalBytes;
    if (progress.input === input && !ended && now - last < PROGRESS_EVERY_MS) return;
    last = now;
    input = progress.input;
    onProgress(progress);
  };
}
