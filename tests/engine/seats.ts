import type { Remote } from 'comlink';
import type { Seat } from '../../src/engine/seat.js';

export const noWorkers = () => Promise.reject(new Error('this place has no workers'));

export interface Seats<Host> {
  readonly start: () => Promise<Seat<Host>>;
  /** Ends the one in use, as a crash would. */
  readonly lose: () => void;
  readonly started: number;
}

/** Seats around hosts in this process. */
export function seats<Host>(host: () => Host): Seats<Host> {
  let started = 0;
  let lose = (): void => undefined;
  return {
    get started() {
      return started;
    },
    lose: () => lose(),
    start() {
      started += 1;
      const own = host();
      let alive = true;
      lose = () => (alive = false);
      return Promise.resolve({
        get alive() {
          return alive;
        },
        stop: () => (alive = false),
        run: (call) => call(own as unknown as Remote<Host>),
      });
    },
  };
}
