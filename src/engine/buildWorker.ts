import type { NamedBytes } from '../core/envelope/approval.js';
import type { BuildFile, BuildHost, BuildWishes, Planned, PackResult } from './builder.js';
import { startSeat, type Seat } from './seat.js';
import { crossing, seated, type Call } from './seated.js';

/** Builds beside the page. One call at a time; the caller waits, or aborts, before the next. */
export interface Builder {
  open(files: readonly BuildFile[]): void;
  plan(paths: readonly string[], wishes: BuildWishes, call: Call): Promise<Planned>;
  /** Packs what was planned last. */
  pack(carried: readonly NamedBytes[], call: Call): Promise<PackResult>;
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
  let files: readonly BuildFile[] = [];
  let asked: { readonly paths: readonly string[]; readonly wishes: BuildWishes } | null = null;
  /** What the host holds: it has to be told again after it was ended. */
  let told: readonly BuildFile[] | null = null;
  const desk = seated(start, inPage, () => (told = null));

  /** Other files may be opened while the host is being told of these: it must never be taken to hold what it was not told of. */
  async function tell(host: BuildHost): Promise<void> {
    while (told !== files) {
      const given = files;
      await host.open(given);
      told = given;
    }
  }

  return {
    open(given) {
      files = given;
      asked = null;
    },
    plan(paths, wishes, call) {
      asked = { paths, wishes };
      return desk.run(async (host) => {
        await tell(host);
        return host.plan(paths, wishes, crossing(call));
      }, call.signal);
    },
    async pack(carried, call) {
      const again = asked;
      if (again === null) throw new Error('nothing is planned');
      return desk.write(async (host, session) => {
        await tell(host);
        // A worker that was ended since has planned nothing.
        await host.plan(again.paths, again.wishes, null);
        return host.pack(carried, session, crossing(call));
      }, call.signal);
    },
    close: () => desk.close(),
  };
}
