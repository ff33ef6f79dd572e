import { proxy, type Remote } from 'comlink';
import type { Report } from '../core/generated/report.js';
import type { Reading } from '../core/verify.js';
import type { Engine, VerifyOptions, VerifyRequest } from './engine.js';
import type { EngineHost } from './host.js';
import { createPool, type StartSeat } from './pool.js';
import { unpackReport } from './packed.js';
import { engineScript } from './script.js';
import { reasonOf, startSeat } from './seat.js';
import type { InlineEngine } from './inline.js';

async function startFromBlob(): ReturnType<StartSeat> {
  return startSeat(await engineScript());
}

async function inlineEngine(): Promise<InlineEngine> {
  const [{ createInlineEngine }, { sourceOfBlob, webPlatform }] = await Promise.all([
    import('./inline.js'),
    import('../platform/web.js'),
  ]);
  return createInlineEngine(await webPlatform(), { sourceOfBlob });
}

/** Runs one call in a worker of its own, or by `otherwise` where workers cannot run. */
type InWorker = <T>(
  call: (host: Remote<EngineHost>) => Promise<T>,
  otherwise: (engine: InlineEngine) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/**
 * The engine in Web Workers: two when several inputs wait. A worker is one self-contained script
 * started from a blob, because only such a worker inherits the document's `connect-src 'none'`.
 * Abort terminates the worker at once and rejects with the signal's reason. A crashed worker rejects its
 * calls with `WorkerLostError` and is replaced on the next call; it never turns into a verdict. Where
 * workers cannot start, and for inputs that cannot cross into one (a `ByteSource`), the inline engine answers.
 */
export function createWorkerEngine(
  start: StartSeat = startFromBlob,
  fallback: () => Promise<InlineEngine> = inlineEngine,
): Engine {
  const pool = createPool(start);
  let inline: Promise<InlineEngine> | undefined;
  const startInline = (): Promise<InlineEngine> => (inline ??= fallback());

  const inWorker: InWorker = async (call, otherwise, signal) => {
    const seat = await pool.take(signal);
    if (seat === null) return otherwise(await startInline());
    try {
      return await seat.run(call, signal);
    } finally {
      pool.give(seat);
    }
  };

  return {
    async verify(request, options = {}) {
      if (request.inputs.some(({ source }) => isByteSource(source))) {
        return (await startInline()).verify(request, options);
      }
      return request.inputs.length > 1
        ? verifyMany(request, options, inWorker)
        : verifyOne(request, options, inWorker);
    },
    extract: async (input, path, bytesMax, signal) =>
      isByteSource(input.source)
        ? (await startInline()).extract(input, path, bytesMax, signal)
        : inWorker(
            async (host) => host.extract(input, path, bytesMax),
            (engine) => engine.extract(input, path, bytesMax, signal),
            signal,
          ),
    async runControls() {
      // Shared: a verdict that is asked for meanwhile waits for these controls, and not for its own in another worker.
      const seat = await pool.share();
      return seat === null
        ? (await startInline()).runControls()
        : seat.run(async (host) => host.runControls());
    },
    close() {
      pool.close();
      void inline?.then((engine) => engine.close());
    },
  };
}

function verifyOne(request: VerifyRequest, options: VerifyOptions, inWorker: InWorker): Promise<Report> {
  const { signal, onProgress } = options;
  return inWorker(
    async (host) =>
      unpackReport(await host.verify(request, onProgress === undefined ? null : proxy(onProgress))),
    (engine) => engine.verify(request, options),
    signal,
  );
}

/** Reads the inputs side by side, each in whichever worker is free, then judges them together in one. */
async function verifyMany(
  request: VerifyRequest,
  { signal, onProgress }: VerifyOptions,
  inWorker: InWorker,
): Promise<Report> {
  if (signal?.aborted) throw reasonOf(signal);
  // One input that cannot be read for a fault of ours ends the others: half a batch is no report.
  const every = new AbortController();
  const stop = (): void => every.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  try {
    const readings = await Promise.all(
      request.inputs.map((_, index) =>
        readOne(request, index, { signal: every.signal, ...(onProgress && { onProgress }) }, inWorker),
      ),
    );
    const judged = { ...request, inputs: [] };
    return await inWorker(
      async (host) => unpackReport(await host.judge(judged, readings)),
      (engine) => engine.judge(judged, readings),
      every.signal,
    );
  } finally {
    signal?.removeEventListener('abort', stop);
    every.abort();
  }
}

function readOne(
  request: VerifyRequest,
  index: number,
  { signal, onProgress }: VerifyOptions,
  inWorker: InWorker,
): Promise<Reading> {
  // Only this input crosses, and nothing that judging alone needs; progress is told in the numbers of the whole.
  const alone: VerifyRequest = {
    ...request,
    inputs: request.inputs.slice(index, index + 1),
    loose: [],
    allowedSigners: [],
    certificates: [],
  };
  const told: VerifyOptions['onProgress'] =
    onProgress && ((progress) => onProgress({ ...progress, input: index, inputs: request.inputs.length }));
  return inWorker(
    async (host) => host.read(alone, 0, told === undefined ? null : proxy(told)),
    (engine) => engine.read(alone, 0, { ...(signal && { signal }), ...(told && { onProgress: told }) }),
    signal,
  );
}

function isByteSource(source: VerifyRequest['inputs'][number]['source']): boolean {
  return !(source instanceof Uint8Array) && 'open' in source;
}
