import { releaseProxy, wrap, type Remote } from 'comlink';
import { workerAddress } from './address.js';
import type { EngineHost } from './host.js';

const START_WITHIN_MS = 10_000;

/** The worker died; nothing is known about what it was working on. */
export class WorkerLostError extends Error {
  override readonly name = 'WorkerLostError';
}

/** What every worker of ours answers first. */
export interface Pinged {
  ping(): Promise<true>;
}

/** One running worker. */
export interface Seat<Host = EngineHost> {
  /**
   * Runs one call. Rejects with the signal's reason when `signal` aborts (the worker is terminated), with
   * {@link WorkerLostError} when the worker dies, and otherwise as the call does.
   */
  run<T>(call: (host: Remote<Host>) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** False after a crash, an abort or `stop`: a dead seat is never used again. */
  readonly alive: boolean;
  stop(reason: unknown): void;
}

/** Starts a worker from the text of its script. Rejects when it does not answer: refused by a policy, too old a browser. */
export async function startSeat<Host extends Pinged = EngineHost>(
  source: string,
  name = 'countersign-engine',
): Promise<Seat<Host>> {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  // The address stays as long as the worker: one that builds starts those that pack from it.
  const forget = (): void => URL.revokeObjectURL(url);
  try {
    const seat = createSeat<Host>(new Worker(workerAddress(url), { name }), forget);
    const late = setTimeout(
      () => seat.stop(new WorkerLostError('the worker did not start')),
      START_WITHIN_MS,
    );
    // The mapped type of a remote object cannot see through the type parameter.
    const ping = async (host: unknown): Promise<true> => (host as Pinged).ping();
    await seat.run(ping).finally(() => clearTimeout(late));
    return seat;
  } catch (error) {
    forget();
    throw error;
  }
}

function createSeat<Host>(worker: Worker, onStop: () => void): Seat<Host> {
  const host = wrap<Host>(worker);
  const pending = new Set<(reason: unknown) => void>();
  let alive = true;

  function stop(reason: unknown): void {
    if (!alive) return;
    alive = false;
    worker.terminate();
    onStop();
    for (const reject of pending) reject(reason);
    pending.clear();
    (host as unknown as { [releaseProxy](): void })[releaseProxy]();
  }

  worker.addEventListener('error', (event) =>
    stop(new WorkerLostError(event.message || 'the worker stopped')),
  );
  worker.addEventListener('messageerror', () =>
    stop(new WorkerLostError('the worker answered with something unreadable')),
  );

  return {
    get alive() {
      return alive;
    },
    stop,
    run(call, signal) {
      return new Promise((resolve, reject) => {
        if (!alive) return reject(new WorkerLostError('the worker has stopped'));
        if (signal?.aborted) return reject(reasonOf(signal));
        const abort = (): void => stop(signal === undefined ? undefined : reasonOf(signal));
        const settle = (): void => {
          pending.delete(reject);
          signal?.removeEventListener('abort', abort);
        };
        pending.add(reject);
        signal?.addEventListener('abort', abort);
        call(host).then(resolve, reject).finally(settle);
      });
    },
  };
}

/** The reason of an abort as an Error. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException('Stopped.', 'AbortError');
}
