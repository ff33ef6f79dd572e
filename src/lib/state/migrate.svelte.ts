import type { Finding, Report } from '../../core/generated/report';
import type { SecretFinding } from '../../core/project/secrets';
import { createMigrator, type Looked, type MigrationWishes, type Migrator } from '../../engine/migrateWorker';
import type { NamedDocument } from '../../engine/engine';
import { engine } from '../engine';
import { bundleName } from '../view/build';
import type { NewBundle } from '../view/newBundle';
import { t } from './locale.svelte';
import { requestOf } from './queue.svelte';
import { loadTrust } from './trust.svelte';

/** Work under way, in bytes. */
export interface Work {
  readonly kind: 'read' | 'write' | 'check';
  readonly done: number;
  readonly total: number;
}

interface State {
  readonly bundle: { readonly name: string; readonly file: File } | null;
  readonly looked: Looked | null;
  /** As typed; null keeps those of the older bundle. */
  readonly roles: string | null;
  readonly keepOriginal: boolean;
  readonly reasons: Readonly<Record<string, string>>;
  readonly secrets: readonly SecretFinding[];
  readonly faults: readonly Finding[];
  readonly message: string | null;
  readonly work: Work | null;
  readonly made: NewBundle | null;
}

const fresh = {
  looked: null,
  roles: null,
  keepOriginal: true,
  reasons: {},
  secrets: [],
  faults: [],
  message: null,
  made: null,
} as const satisfies Partial<State>;

let state = $state.raw<State>({ bundle: null, work: null, ...fresh });
let migrator: Migrator | null = null;
let stopper: AbortController | null = null;

export function migrateState(): State {
  return state;
}

function set(change: Partial<State>): void {
  state = { ...state, ...change };
}

function wishes(): MigrationWishes {
  const { roles, keepOriginal, reasons } = state;
  const list = roles?.split(',').flatMap((role) => (role.trim() === '' ? [] : [role.trim()]));
  return { requiredApprovals: list ?? null, keepOriginal, reasons };
}

/** Judges a bundle by the reader's rule, and works out what it would become. */
export async function giveOlder(file: File, loose: readonly NamedDocument[]): Promise<void> {
  set({ ...fresh, bundle: { name: file.name, file } });
  await during('read', file.size, async (call) => {
    await loadTrust();
    migrator ??= createMigrator();
    const given = { ...requestOf([], loose), name: file.name, bundle: file };
    set({ looked: await migrator.open(given, wishes(), call) });
  });
}

/** Another choice: what would become of it is worked out again, and what was written by the old one is old. */
export async function choose(
  change: Partial<Pick<State, 'roles' | 'keepOriginal' | 'reasons'>>,
): Promise<void> {
  set({ ...change, made: null });
  if (migrator === null || state.looked === null || state.work !== null) return;
  const asked = state.bundle;
  try {
    const looked = await migrator.plan(wishes());
    if (asked === state.bundle) set({ looked });
  } catch (error) {
    set({ message: failed(error) });
  }
}

export function allow(place: string, reason: string): void {
  set({ reasons: { ...state.reasons, [place]: reason } });
}

export function say(message: string): void {
  set({ message });
}

/** Writes the new bundle, and reads it back by the code that verifies. */
export async function writeNew(): Promise<NewBundle | null> {
  const { looked, bundle } = state;
  const migration = looked?.migration ?? null;
  if (migration === null || bundle === null || migrator === null || state.work !== null) return null;
  const total = migration.files.reduce((sum, { size }) => sum + size, 0);
  set({ faults: [], secrets: [], made: null });
  const host = migrator;
  await during('write', total, async (call) => {
    const result = await host.write(wishes(), call);
    if ('findings' in result) return set({ faults: result.findings, secrets: result.secrets });
    const { id, version } = migration.choices;
    const plain = bundleName(id, version);
    // Beside the older file, not over it.
    const name = plain === bundle.name ? plain.replace(/\.sbundle\.tgz$/, '-new.sbundle.tgz') : plain;
    set({ work: { kind: 'check', done: 0, total: result.bundle.size } });
    const report = await readBack(name, result.bundle, call.signal);
    const [input] = report.inputs;
    const readable = input?.axes.readable === 'pass' || input?.axes.readable === 'warn';
    const wrong = !readable || input.axes.unchanged === 'fail' || input.bundleDigest !== result.bundleDigest;
    if (input === undefined || wrong)
      throw new Error(`the new bundle does not read back as it was meant: ${input?.verdict.code ?? ''}`);
    set({ made: { name, bundle: result.bundle, supplement: result.supplement, report, input } });
  });
  return state.made;
}

async function readBack(name: string, source: Blob, signal: AbortSignal): Promise<Report> {
  return (await engine()).verify(
    { ...requestOf([], []), inputs: [{ name, source }], limitsProfile: 'large', limits: {} },
    { signal },
  );
}

export function stop(): void {
  stopper?.abort(new DOMException('Stopped.', 'AbortError'));
}

/** Ends the worker with the page; what was written stays for the way back. */
export function closeMigrate(): void {
  stop();
  migrator?.close();
}

interface Call {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

async function during(kind: Work['kind'], total: number, run: (call: Call) => Promise<void>): Promise<void> {
  stopper?.abort(new DOMException('Stopped.', 'AbortError'));
  const mine = new AbortController();
  stopper = mine;
  set({ work: { kind, done: 0, total }, message: null });
  // Progress comes over a port of its own and may come late: what has ended does not begin again by it.
  const onBytes = (done: number): void => {
    if (stopper === mine && state.work?.kind === kind) set({ work: { kind, done, total } });
  };
  try {
    await run({ signal: mine.signal, onBytes });
  } catch (error) {
    const message = mine.signal.aborted ? t('migrate.stopped') : failed(error);
    if (stopper === mine) set({ message });
  } finally {
    if (stopper === mine) {
      stopper = null;
      set({ work: null });
    }
  }
}

function failed(error: unknown): string {
  return t('migrate.failed', { reason: error instanceof Error ? error.message : String(error) });
}
