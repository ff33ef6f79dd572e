import { proxy, type Remote } from 'comlink';
import type { NamedBytes } from '../core/envelope/approval.js';
import { dropSpool, forgetSpools, holdSpool } from '../platform/webSpool.js';
import type { BuildFile, BuildHost, BuildWishes, Planned, PackResult } from './builder.js';
import { reasonOf, startSeat, type Seat } from './seat.js';

export interface BuildCall {
  /** Ends the worker at once; nothing that it wrote stays. */
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
}

/** Builds beside the page. One call at a time; the caller waits, or aborts, before the next. */
export interface Builder {
  open(files: readonly BuildFile[]): void;
  plan(paths: readonly string[], wishes: BuildWishes, call: BuildCall): Promise<Planned>;
  /** Packs what was planned last. */
  pack(carried: readonly NamedBytes[], call: BuildCall): Promise<PackResult>;
  close(): void;
}

type StartBuild = () => Promise<Seat<BuildHost>>;

async function startFromBlob(): Promise<Seat<BuildHost>> {
  const { default: source } = await import('../../workers/build.worker.ts?self-contained');
  return startSeat<BuildHost>(source, 'countersign-build');
}

/** Where workers cannot start, the page does the work itself. */
async function inPage(): Promise<BuildHost> {
  const [{ hostBuilder }, { webPlatform }] = await Promise.all([
    import('./builder.js'),
    import('../platform/web.js'),
  ]);
  return hostBuilder(webPlatform(), () => performance.now());
}

export function createBuilder(start: StartBuild = startFromBlob): Builder {
  void forgetSpools();
  let files: readonly BuildFile[] = [];
  let asked: { readonly paths: readonly string[]; readonly wishes: BuildWishes } | null = null;
  let seat: Seat<BuildHost> | null = null;
  let inline: BuildHost | null = null;
  /** What the host holds: it has to be told again after it was ended. */
  let told: readonly BuildFile[] | null = null;

  async function run<T>(work: (host: BuildHost) => Promise<T>, { signal }: BuildCall): Promise<T> {
    if (signal?.aborted) throw reasonOf(signal);
    if (seat?.alive !== true && inline === null) {
      told = null;
      seat = await start().catch(() => null);
      if (seat === null) inline = await inPage();
    }
    const whole = async (host: BuildHost): Promise<T> => {
      // Other files may be opened while the host is being told of these: it must never be taken to hold what it was
      // not told of.
      while (told !== files) {
        const given = files;
        await host.open(given);
        told = given;
      }
      return work(host);
    };
    if (seat !== null)
      return seat.run((host: Remote<BuildHost>) => whole(host as unknown as BuildHost), signal);
    return whole(inline!);
  }

  return {
    open(given) {
      files = given;
      asked = null;
    },
    plan(paths, wishes, call) {
      asked = { paths, wishes };
      return run((host) => host.plan(paths, wishes, listener(call)), call);
    },
    async pack(carried, call) {
      const again = asked;
      if (again === null) throw new Error('nothing is planned');
      // What a build wrote stays as long as this page; what a stopped one wrote goes at once.
      const session = crypto.randomUUID();
      holdSpool(session);
      try {
        return await run(async (host) => {
          // A worker that was ended since has planned nothing.
          await host.plan(again.paths, again.wishes, null);
          return host.pack(carried, session, listener(call));
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

function listener({ onBytes }: BuildCall): ((bytes: number) => void) | null {
  return onBytes === undefined ? null : proxy(onBytes);
}
