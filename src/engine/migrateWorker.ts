import type { OnBytes } from './onBytes.js';
import type {
  GivenOlder,
  Looked,
  MigrateHost,
  Migrated,
  MigrationWishes,
  NotMigrated,
} from './migrateHost.js';
import { startSeat, type Seat } from './seat.js';
import { crossing, seated, type Call } from './seated.js';

export type { GivenOlder, Looked, Migrated, MigrationWishes, NotMigrated } from './migrateHost.js';

/** Migrates beside the page. One call at a time; the caller waits, or aborts, before the next. */
export interface Migrator {
  open(given: GivenOlder, wishes: MigrationWishes, call: Call): Promise<Looked>;
  /** What the bundle that was opened last would become by other wishes. */
  plan(wishes: MigrationWishes): Promise<Looked>;
  /** Writes what was opened last. */
  write(wishes: MigrationWishes, call: Call): Promise<Migrated | NotMigrated>;
  close(): void;
}

type Start = () => Promise<Seat<MigrateHost>>;

async function startFromBlob(): Promise<Seat<MigrateHost>> {
  const { default: source } = await import('../../workers/migrate.worker.ts?self-contained');
  return startSeat<MigrateHost>(source, 'countersign-migrate');
}

/** Where workers cannot start, the page does the work itself. */
async function inPage(): Promise<MigrateHost> {
  const [{ hostMigrating }, { judgingTools }] = await Promise.all([
    import('./migrateHost.js'),
    import('./judgingTools.js'),
  ]);
  return hostMigrating(judgingTools(), () => performance.now());
}

export function createMigrator(start: Start = startFromBlob): Migrator {
  let given: GivenOlder | null = null;
  /** What the host has open: it has to be told again after it was ended. */
  let told: GivenOlder | null = null;
  const desk = seated(start, inPage, () => (told = null));

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
      return desk.run((host) => openIn(host, one, wishes, crossing(call)), call.signal);
    },
    plan(wishes) {
      const one = opened();
      return desk.run((host) => (told === one ? host.plan(wishes) : openIn(host, one, wishes, null)));
    },
    async write(wishes, call) {
      const one = opened();
      return desk.write(async (host, session) => {
        if (told !== one) await openIn(host, one, wishes, null);
        return host.write(wishes, session, crossing(call));
      }, call.signal);
    },
    close: () => desk.close(),
  };
}
