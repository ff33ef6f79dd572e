import { proxy, type Remote } from 'comlink';
import { dropSpool, forgetSpools, holdSpool } from '../platform/webSpool.js';
import type { OnBytes } from './onBytes.js';
import type {
  GivenOlder,
  Looked,
  MigrateHost,
  Migrated,
  MigrationWishes,
  NotMigrated,
} from './migrateHost.js';
import { reasonOf, startSeat, type Seat } from './seat.js';

export type { GivenOlder, Looked, Migrated, MigrationWishes, NotMigrated } from './migrateHost.js';

export interface MigrateCall {
  /** Ends the worker at once; nothing that it wrote stays. */
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
}

/** Migrates beside the page. One call at a time; the caller waits, or aborts, before the next. */
export interface Migrator {
  open(given: GivenOlder, wishes: MigrationWishes, call: MigrateCall): Promise<Looked>;
  /** What the bundle that was opened last would become by other wishes. */
  plan(wishes: MigrationWishes): Promise<Looked>;
  /** Writes what was opened last. */
  write(wishes: MigrationWishes, call: MigrateCall): Promise<Migrated | NotMigrated>;
  close(): void;
}

type Start = () => Promise<Seat<MigrateHost>>;

async function startFromBlob(): Promise<Seat<MigrateHost>> {
  const { default: source } = await import('../../workers/migrate.worker.ts?self-contained');
  return startSeat<MigrateHost>(source, 'countersign-migrate');
}

/** Where workers cannot start, the page does the work itself. */
async function inPage(): Promise<MigrateHost> {
  const [{ hostMigrating }, { createInlineEngine }, { sourceOfBlob, webPlatform }] = await Promise.all([
    import('./migrateHost.js'),
    import('./inline.js'),
    import('../platform/web.js'),
  ]);
  const tools = webPlatform().then((platform) => ({
    platform,
    engine: createInlineEngine(platform, { sourceOfBlob }),
  }));
  return hostMigrating(tools, () => performance.now());
}

export function createMigrator(start: Start = startFromBlob): Migrator {
  void forgetSpools();
  let seat: Seat<MigrateHost> | null = null;
  let inline: MigrateHost | null = null;
  let given: GivenOlder | null = null;
  /** What the host has open: it has to be told again after it was ended. */
  let told: GivenOlder | null = null;

  async function run<T>(work: (host: MigrateHost) => Promise<T>, { signal }: MigrateCall): Promise<T> {
    if (signal?.aborted) throw reasonOf(signal);
    if (seat?.alive !== true && inline === null) {
      told = null;
      seat = await start().catch(() => null);
      if (seat === null) inline = await inPage();
    }
    if (seat === null) return work(inline!);
    return seat.run((host: Remote<MigrateHost>) => work(host as unknown as MigrateHost), signal);
  }

  async function openIn(
    host: MigrateHost,
    one: GivenOlder,
    wishes: MigrationWishes,
    onBytes: OnBytes,
  ): Promise<Looked> {
    const looked = await host.open(one, wishes, onBytes);
    told = one;
    return looked;
  }

  function opened(): GivenOlder {
    if (given === null) throw new Error('nothing is open');
    return given;
  }

  return {
    open(one, wishes, call) {
      given = one;
      return run((host) => openIn(host, one, wishes, listener(call)), call);
    },
    plan(wishes) {
      const one = opened();
      return run((host) => (told === one ? host.plan(wishes) : openIn(host, one, wishes, null)), {});
    },
    async write(wishes, call) {
      const one = opened();
      // What a migration wrote stays as long as this page; what a stopped one wrote goes at once.
      const session = crypto.randomUUID();
      holdSpool(session);
      try {
        return await run(async (host) => {
          if (told !== one) await openIn(host, one, wishes, null);
          return host.write(wishes, session, listener(call));
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

function listener({ onBytes }: MigrateCall): ((bytes: number) => void) | null {
  return onBytes === undefined ? null : proxy(onBytes);
}
