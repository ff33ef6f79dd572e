import { proxy, type Remote } from 'comlink';
import { dropSpool, forgetSpools, holdSpool } from '../platform/webSpool.js';
import type { AttachAsked, AttachHost, AttachLook, AttachWritten } from './attacher.js';
import type { OnBytes } from './onBytes.js';
import { reasonOf, startSeat, type Seat } from './seat.js';

export type { AttachAsked, AttachLook, AttachWritten } from './attacher.js';

export interface AttachCall {
  /** Ends the worker at once; nothing that it wrote stays. */
  readonly signal?: AbortSignal;
  /** Bytes of the packed bundle that were read so far. */
  readonly onBytes?: (bytes: number) => void;
}

/** Puts approvals into bundles beside the page. One call at a time; the caller waits, or aborts, before the next. */
export interface Attacher {
  look(asked: AttachAsked, call: AttachCall): Promise<AttachLook>;
  /** Writes what was looked at last; it lasts as long as this page. */
  write(call: AttachCall): Promise<AttachWritten>;
  close(): void;
}

type StartAttach = () => Promise<Seat<AttachHost>>;

async function startFromBlob(): Promise<Seat<AttachHost>> {
  const { default: source } = await import('../../workers/attach.worker.ts?self-contained');
  return startSeat<AttachHost>(source, 'countersign-attach');
}

/** Where workers cannot start, the page does the work itself. */
async function inPage(): Promise<AttachHost> {
  const [{ hostAttaching }, { webPlatform }] = await Promise.all([
    import('./attacher.js'),
    import('../platform/web.js'),
  ]);
  return hostAttaching(webPlatform(), () => performance.now());
}

export function createAttacher(start: StartAttach = startFromBlob): Attacher {
  void forgetSpools();
  let seat: Seat<AttachHost> | null = null;
  let inline: AttachHost | null = null;
  let asked: AttachAsked | null = null;
  /** What the host has looked at: it has to look again after it was ended. */
  let told: AttachAsked | null = null;

  async function run<T>(work: (host: AttachHost) => Promise<T>, { signal }: AttachCall): Promise<T> {
    if (signal?.aborted) throw reasonOf(signal);
    if (seat?.alive !== true && inline === null) {
      told = null;
      seat = await start().catch(() => null);
      if (seat === null) inline = await inPage();
    }
    if (seat === null) return work(inline!);
    return seat.run((host: Remote<AttachHost>) => work(host as unknown as AttachHost), signal);
  }

  async function look(host: AttachHost, what: AttachAsked, onBytes: OnBytes): Promise<AttachLook> {
    const seen = await host.look(what, onBytes);
    told = what;
    return seen;
  }

  return {
    look(given, call) {
      asked = given;
      return run((host) => look(host, given, listener(call)), call);
    },
    async write(call) {
      const again = asked;
      if (again === null) throw new Error('nothing was looked at');
      // What was written stays as long as this page; what a stopped call wrote goes at once.
      const session = crypto.randomUUID();
      holdSpool(session);
      try {
        return await run(async (host) => {
          if (told !== again) {
            const seen = await look(host, again, null);
            if (!seen.writes) return { findings: seen.findings };
          }
          return host.write(session, listener(call));
        }, call);
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

function listener({ onBytes }: AttachCall): OnBytes {
  return onBytes === undefined ? null : proxy(onBytes);
}
