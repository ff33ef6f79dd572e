/** Told how many bytes are done so far; crosses into a worker. */
export type OnBytes = ((bytes: number) => void) | null;

const PROGRESS_EVERY_MS = 50;

/** At most one call in 50 ms. `clock` is in milliseconds from any origin. */
export function thinned(onBytes: OnBytes, clock: () => number): (bytes: number) => void {
  let last = -Infinity;
  return (bytes) => {
    const now = clock();
    if (onBytes === null || now - last < PROGRESS_EVERY_MS) return;
    last = now;
    onBytes(bytes);
  };
}
