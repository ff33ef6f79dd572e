import { proxy, type Remote } from 'comlink';
import { newId } from '../platform/newId.js';
import { dropSpool, forgetSpools, holdSpool } from '../platform/webSpool.js';
import type { OnBytes } from './onBytes.js';
import { reasonOf, type Pinged, type Seat } from './seat.js';

/** How a page may follow and stop what is done beside it. */
export interface Call {
  /** Ends the worker at once; nothing that it wrote stays. */
  readonly signal?: AbortSignal;
  /** Bytes that were read so far. */
  readonly onBytes?: (bytes: number) => void;
}

/** One worker of a page, started at the first call and again whenever it was ended; without workers, the page itself. */
export interface Seated<Host> {
  run<T>(work: (host: Host) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The same for what writes: it stays as long as this page; what a stopped call wrote goes at once. */
  write<T>(work: (host: Host, session: string) => Promise<T>, signal?: AbortSignal): Promise<T>;
  close(): void;
}

/** `onFresh`: the next host holds nothing of what the one before it was told. */
export function seated<Host extends Pinged>(
  start: () => Promise<Seat<Host>>,
  inPage: () => Promise<Host>,
  onFresh: () => void,
): Seated<Host> {
  void forgetSpools();
  let seat: Seat<Host> | null = null;
  let inline: Host | null = null;
  let starting: Promise<void> | null = null;
  /** The page can end nothing: one call waits for the other there, and what a stopped one gives is dropped. */
  let busy: Promise<unknown> = Promise.resolve();

  async function begin(): Promise<void> {
    onFresh();
    seat = await start().catch(() => null);
    if (seat === null) inline = await inPage();
  }

  async function run<T>(work: (host: Host) => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfStopped(signal);
    if (seat?.alive !== true && inline === null)
      await (starting ??= begin().finally(() => (starting = null)));
    if (seat !== null) return seat.run((host: Remote<Host>) => work(host as unknown as Host), signal);
    const host = inline!;
    const result = busy.then(() => {
      throwIfStopped(signal);
      return work(host);
    });
    busy = result.catch(() => undefined);
    return result.finally(() => throwIfStopped(signal));
  }

  return {
    run,
    async write(work, signal) {
      const session = newId();
      holdSpool(session);
      try {
        return await run((host) => work(host, session), signal);
      } catch (error) {
        void dropSpool(session);
        throw error;
      }
    },
    close() {
      seat?.stop(new DOMException('Stopped.', 'AbortError'));
      inline = null;
    },
  };
}

/** A listener as it crosses into a worker. */
export function crossing({ onBytes }: Call): OnBytes {
  return onBytes === undefined ? null : proxy(onBytes);
}

function throwIfStopped(signal?: AbortSignal): void {
  if (signal?.aborted) throw reasonOf(signal);
}
