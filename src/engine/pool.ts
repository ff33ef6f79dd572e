import { reasonOf, WorkerLostError, type Seat } from './seat.js';

/** Both cores of the smallest machine that we measure on; more workers would each need their own WebAssembly memory. */
const SEATS = 2;

/** Starts one worker. */
export type StartSeat = () => Promise<Seat>;

/** Hands out workers, each to one call at a time. */
export interface Pool {
  /** A worker of one's own until `give`; null when workers cannot run here. */
  take(signal?: AbortSignal): Promise<Seat | null>;
  give(seat: Seat): void;
  /** A worker that the next call may get, too: nothing is to be given back. null when workers cannot run here. */
  share(): Promise<Seat | null>;
  close(): void;
}

interface Waiter {
  readonly shares: boolean;
  readonly seat: (seat: Seat | null) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Starts the first worker at once and a second one when two calls wait. */
export function createPool(start: StartSeat): Pool {
  const all = new Set<Seat>();
  const idle: Seat[] = [];
  const waiting: Waiter[] = [];
  let starting = 0;
  let closed = false;
  // A worker that could not start will not start later: the policy of the page does not change under it.
  let seatsMax = SEATS;

  async function startOne(): Promise<void> {
    starting += 1;
    try {
      const seat = await start();
      all.add(seat);
      if (closed) seat.stop(new WorkerLostError('the engine was closed'));
      else idle.push(seat);
    } catch {
      seatsMax = all.size;
    } finally {
      starting -= 1;
    }
    serve();
  }

  function serve(): void {
    for (const seat of [...all]) if (!seat.alive) all.delete(seat);
    while (waiting.length > 0) {
      if (seatsMax === 0) {
        waiting.shift()?.seat(null);
        continue;
      }
      const seat = idle.shift();
      if (seat === undefined) break;
      if (!seat.alive) continue;
      if (waiting[0]?.shares) idle.unshift(seat);
      waiting.shift()?.seat(seat);
    }
    // Whoever shares is content with a worker that starts for another.
    const wanted = starting > 0 ? waiting.filter(({ shares }) => !shares).length : waiting.length;
    if (wanted > starting && all.size + starting < seatsMax) void startOne();
  }

  function wait(shares: boolean, signal?: AbortSignal): Promise<Seat | null> {
    if (closed) return Promise.reject(new WorkerLostError('the engine was closed'));
    const waited = enqueue(waiting, shares, signal);
    serve();
    return waited;
  }

  // The first worker starts before it is asked for: the first verdict should not wait for it.
  void startOne();

  return {
    take: (signal) => wait(false, signal),
    share: () => wait(true),
    give(seat) {
      if (seat.alive) idle.push(seat);
      else all.delete(seat);
      serve();
    },
    close() {
      closed = true;
      const gone = new WorkerLostError('the engine was closed');
      for (const seat of all) seat.stop(gone);
      for (const { refuse } of waiting.splice(0)) refuse(gone);
    },
  };
}

/** Stands in line until somebody is served, or its signal aborts. */
function enqueue(waiting: Waiter[], shares: boolean, signal?: AbortSignal): Promise<Seat | null> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal));
    const waiter: Waiter = { shares, seat: resolve, refuse: reject };
    signal?.addEventListener('abort', () => {
      const at = waiting.indexOf(waiter);
      if (at < 0) return;
      waiting.splice(at, 1);
      reject(reasonOf(signal));
    });
    waiting.push(waiter);
  });
}
