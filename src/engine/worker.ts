import { proxy, type Remote } from 'comlink';
import type { Report } from '../core/generated/report.js';
import type { Engine, VerifyOptions, VerifyRequest } from './engine.js';
import type { EngineHost } from './host.js';
import { createPool, SEATS, type StartSeat } from './pool.js';
import { reasonOf, startSeat } from './seat.js';
import { divide, merge, progressOfWhole, type Share } from './shares.js';

async function startFromBlob(): ReturnType<StartSeat> {
  const { default: source } = await import('../../workers/engine.worker.ts?self-contained');
  return startSeat(source);
}

async function inlineEngine(): Promise<Engine> {
  const [{ createInlineEngine }, { webPlatform }] = await Promise.all([
    import('./inline.js'),
    import('../platform/web.js'),
  ]);
  return createInlineEngine(webPlatform());
}

/** Runs one call in a worker of its own, or by `otherwise` where workers cannot run. */
type InWorker = <T>(
  call: (host: Remote<EngineHost>) => Promise<T>,
  otherwise: (engine: Engine) => Promise<T>,
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
  fallback: () => Promise<Engine> = inlineEngine,
): Engine {
  const pool = createPool(start);
  let inline: Promise<Engine> | undefined;
  const startInline = (): Promise<Engine> => (inline ??= fallback());

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
    verify: async (request, options = {}) =>
      request.inputs.some(({ source }) => isByteSource(source))
        ? (await startInline()).verify(request, options)
        : verifyShares(request, options, inWorker),
    extract: async (input, path, bytesMax, signal) =>
      isByteSource(input.source)
        ? (await startInline()).extract(input, path, bytesMax, signal)
        : inWorker(
            async (host) => host.extract(input, path, bytesMax),
            (engine) => engine.extract(input, path, bytesMax, signal),
            signal,
          ),
    runControls: () =>
      inWorker(
        async (host) => host.runControls(),
        (engine) => engine.runControls(),
      ),
    close() {
      pool.close();
      void inline?.then((engine) => engine.close());
    },
  };
}

async function verifyShares(
  request: VerifyRequest,
  options: VerifyOptions,
  inWorker: InWorker,
): Promise<Report> {
  const { signal, onProgress } = options;
  if (signal?.aborted) throw reasonOf(signal);
  const shares = divide(request, SEATS);
  // One share that fails ends the others: half a batch is no report.
  const every = new AbortController();
  const stop = (): void => every.abort(signal?.reason);
  signal?.addEventListener('abort', stop);
  const told = (share: Share): VerifyOptions['onProgress'] =>
    onProgress && ((progress) => onProgress(progressOfWhole(progress, share, request.inputs.length)));
  try {
    const reports = await Promise.all(
      shares.map((share) => verifyShare(share, told(share), every.signal, inWorker)),
    );
    return merge(shares, reports);
  } finally {
    signal?.removeEventListener('abort', stop);
    every.abort();
  }
}

function verifyShare(
  { request }: Share,
  onProgress: VerifyOptions['onProgress'],
  signal: AbortSignal,
  inWorker: InWorker,
): Promise<Report> {
  return inWorker(
    async (host) => host.verify(request, onProgress === undefined ? null : proxy(onProgress)),
    (engine) => engine.verify(request, onProgress === undefined ? { signal } : { signal, onProgress }),
    signal,
  );
}

function isByteSource(source: VerifyRequest['inputs'][number]['source']): boolean {
  return !(source instanceof Uint8Array) && 'open' in source;
}
