import {
  contentOf,
  decideApply,
  INFO_PATH,
  planApply,
  type FolderView,
  previousOf,
  refusals,
  suppliedEntries,
  type ApplyDecision,
  type ApplyJournal,
  type ApplyPlan,
  type PlannedFile,
} from '../../core/apply';
import type { BundleInfo } from '../../core/generated/bundle-info';
import type { Finding, InputReport, Report } from '../../core/generated/report';
import { limitsProfiles } from '../../core/limits';
import { finding } from '../../core/messages/finding';
import type { NamedDocument } from '../../engine/engine';
import type { Platform } from '../../core/bytes/platform';
import { newId } from '../../platform/newId';
import { sourceOfBlob, webPlatform } from '../../platform/web';
import { isLastApply } from '../../platform/webWrite';
import { zipSteps } from '../../platform/webZip';
import { openApplyingStore, type ApplyingStore, type ApplyJob } from '../../store/applying';
import { carryOut, takeBack } from '../../store/applyRun';
import { StorageError } from '../../store/database';
import { engine } from '../engine';
import {
  asDocument,
  mayWrite,
  recordOf,
  supplementsOf,
  viewOf,
  withRecord,
  type GivenBundle,
  type Target,
} from '../view/applyTarget';
import { t } from './locale.svelte';
import { requestOf } from './queue.svelte';
import { loadTrust } from './trust.svelte';

/** Work under way: bytes or files of `total`, 0 when not known. */
export interface Work {
  readonly kind: 'verify' | 'look' | 'write' | 'zip' | 'undo';
  readonly done: number;
  readonly total: number;
}

export interface Outcome {
  readonly kind: 'written' | 'zipped' | 'undone' | 'finished';
  readonly files: number;
  readonly kept: number;
  /** What was left as it is, because somebody changed it meanwhile. */
  readonly findings: readonly Finding[];
  readonly zip: Blob | null;
}

interface State {
  readonly bundle: GivenBundle | null;
  readonly report: Report | null;
  readonly input: InputReport | null;
  readonly target: Target | null;
  readonly plan: ApplyPlan | null;
  readonly notes: readonly Finding[];
  /** Decided by hand; without an entry: conflicts stay, everything else is written. */
  readonly choices: ReadonlyMap<string, boolean>;
  readonly reason: string;
  readonly work: Work | null;
  readonly outcome: Outcome | null;
  readonly faults: readonly Finding[];
  readonly message: string | null;
  readonly jobs: readonly ApplyJob[];
  /** False when an interrupted apply could not be finished later. */
  readonly lasting: boolean;
}

const nothing = {
  plan: null,
  notes: [],
  choices: new Map<string, boolean>(),
  outcome: null,
  faults: [],
  message: null,
} as const satisfies Partial<State>;

let state = $state.raw<State>({
  bundle: null,
  report: null,
  input: null,
  target: null,
  reason: '',
  work: null,
  jobs: [],
  lasting: true,
  ...nothing,
});
let looked: { readonly view: FolderView; readonly info: BundleInfo | null } | null = null;
let stopper: AbortController | null = null;
let opening: Promise<ApplyingStore> | undefined;
let platform: Promise<Platform> | undefined;

export function applyState(): State {
  return state;
}

function set(change: Partial<State>): void {
  state = { ...state, ...change };
}

function store(): Promise<ApplyingStore> {
  opening ??= openApplyingStore().then((opened) => {
    opened.onChange(() => void refreshJobs());
    return opened;
  });
  opening.catch(() => (opening = undefined));
  return opening;
}

function hasher(): Promise<Platform> {
  return (platform ??= webPlatform());
}

export async function refreshJobs(): Promise<void> {
  try {
    const opened = await store();
    set({ jobs: await opened.jobs(), lasting: opened.lasting });
  } catch (error) {
    fail(error);
  }
}

/** Judges a bundle by the reader's rule; a plan is made when a folder is there, too. */
export async function giveBundle(files: readonly File[], loose: readonly NamedDocument[]): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  stopper?.abort();
  const bundle = { name: first.name, file: first, loose };
  set({ ...nothing, bundle, report: null, input: null, reason: '' });
  await during('verify', async (signal) => {
    await loadTrust();
    const inputs = files.map((file) => ({ name: file.name, source: file }));
    const request = requestOf(inputs, loose);
    const report = await (
      await engine()
    ).verify(request, {
      signal,
      onProgress: ({ readBytes, totalBytes }) =>
        set({ work: { kind: 'verify', done: readBytes, total: totalBytes ?? 0 } }),
    });
    const [input, ...more] = report.inputs;
    if (input === undefined) return set({ message: t('apply.supplement'), bundle: null });
    if (more.length > 0) return set({ message: t('apply.many'), bundle: null });
    const file = files.find(({ name }) => name === input.file) ?? first;
    const beside = await Promise.all(files.filter((one) => one !== file).map(asDocument));
    set({ report, input, bundle: { name: file.name, file, loose: [...loose, ...beside] } });
  });
  await look();
}

export async function giveTarget(target: Target | null): Promise<void> {
  set({ ...nothing, target });
  await look();
}

export function tell(message: string): void {
  set({ message });
}

export function giveReason(reason: string): void {
  set({ reason });
}

/** Why this bundle may not be written, whatever is chosen. */
export function against(): readonly Finding[] {
  const { input, reason } = state;
  return input === null ? [] : refusals(input, reason);
}

/** Compares the bundle with the folder. Writes nothing. */
export async function look(): Promise<void> {
  const { input, target } = state;
  looked = null;
  set({ plan: null });
  if (input === null || target === null) return;
  if (refusals(input, 'to see the plan').length > 0) return;
  await during('look', async (signal) => {
    const content = contentOf(input);
    const { info, findings, interrupted } = await recordOf(target);
    const paths = [...content.files.map(({ path }) => path), ...previousOf(info).keys(), INFO_PATH];
    const view = await viewOf(target, paths, await hasher(), signal);
    looked = { view, info };
    const plan = planApply(content, { view, info });
    const open = interrupted ?? (await interruptedHere(target));
    const stop = open === null ? [] : [finding('apply-unfinished', { id: open.id, version: open.version })];
    set({ plan: { ...plan, refusals: [...stop, ...plan.refusals] }, notes: findings });
  });
}

async function interruptedHere(target: Target): Promise<ApplyJournal | null> {
  if (target.kind !== 'folder') return null;
  for (const { folder, journal } of await (await store()).jobs())
    if (journal.state !== 'done' && (await folder.isSameEntry(target.handle))) return journal;
  return null;
}

/** Asks for a folder to write to. */
export async function pickTarget(): Promise<void> {
  try {
    const ask = (globalThis as { showDirectoryPicker?: (o: unknown) => Promise<FileSystemDirectoryHandle> })
      .showDirectoryPicker;
    const handle = await ask?.call(globalThis, { id: 'countersign-apply', mode: 'readwrite' });
    if (handle !== undefined) await giveTarget({ kind: 'folder', name: handle.name, handle });
  } catch (error) {
    // The reader closed the question: nothing changes.
    if (error instanceof DOMException && error.name === 'AbortError') return;
    set({ message: t('apply.target.failed', { reason: error instanceof Error ? error.message : '' }) });
  }
}

/** Whether a file of the plan is going to be written. */
export function isWritten({ path, action }: PlannedFile): boolean {
  return action !== 'unchanged' && (state.choices.get(path) ?? action !== 'conflict');
}

export function choose(path: string, write: boolean): void {
  set({ choices: new Map([...state.choices, [path, write]]) });
}

/** Every conflict at once; the page asks a second time before. */
export function overwriteAll(): void {
  const conflicts = (state.plan?.files ?? []).filter(({ action }) => action === 'conflict');
  set({ choices: new Map([...state.choices, ...conflicts.map(({ path }) => [path, true] as const)]) });
}

async function decided(): Promise<ApplyDecision | null> {
  const { plan, input, report, reason } = state;
  if (plan === null || input === null || report === null || looked === null) return null;
  if (plan.refusals.length > 0 || refusals(input, reason).length > 0) return null;
  const { view, info: previous } = looked;
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  const choices = { input, rule: report.rule, tool: report.tool, at, reason, previous, writes: isWritten };
  return decideApply(plan, view, choices, await hasher());
}

/** Writes what was chosen: into the folder, by a journal, or into a zip. */
export async function write(): Promise<void> {
  const { bundle, input, target } = state;
  if (bundle === null || input === null || target === null || state.work !== null) return;
  const decision = await decided();
  if (decision === null) return set({ message: t('apply.plan.none') });
  const archiveSha256 = (input.archiveDigest ?? '').replace('sha256:', '');
  if (target.kind !== 'folder') return makeZip(bundle, archiveSha256, decision);
  if (!(await mayWrite(target.handle))) return set({ message: t('apply.refused') });
  const job: ApplyJob = {
    id: newId(),
    folderName: target.name,
    folder: target.handle,
    journal: { ...decision.journal, state: 'writing' },
    record: decision.record,
    bundle: new Blob([bundle.file]),
    supplements: supplementsOf(bundle),
    archiveSha256,
  };
  await during('write', async (signal) => {
    await (await store()).begin(job);
    await finishNow(job, signal, 'written', decision.kept.length);
  });
}

async function makeZip(bundle: GivenBundle, archiveSha256: string, decision: ApplyDecision): Promise<void> {
  const { steps } = decision.journal;
  await during('zip', async (signal) => {
    const zip = await zipSteps(
      steps,
      withRecord(
        suppliedEntries(sourceOfBlob(bundle.file), steps, {
          platform: await hasher(),
          limits: limitsProfiles.large,
          archiveSha256,
          supplements: supplementsOf(bundle),
          signal,
        }),
        decision,
      ),
      {
        platform: await hasher(),
        signal,
        onProgress: (done) => set({ work: { kind: 'zip', done, total: steps.length } }),
      },
    );
    const files = steps.length - 1;
    set({ outcome: { kind: 'zipped', files, kept: decision.kept.length, findings: [], zip } });
  });
}

/** Brings an interrupted apply to its end: writes the rest, or takes the rest back. */
export async function finish(job: ApplyJob): Promise<void> {
  if (!(await mayWrite(job.folder))) return set({ message: t('apply.refused') });
  if (job.journal.state === 'undoing') return undo(job);
  await during('write', (signal) => finishNow(job, signal, 'finished', 0));
}

async function finishNow(
  job: ApplyJob,
  signal: AbortSignal,
  kind: 'written' | 'finished',
  kept: number,
): Promise<void> {
  const total = job.journal.steps.length;
  const ran = await carryOut(await store(), job, {
    platform: await hasher(),
    signal,
    onProgress: (done) => set({ work: { kind: 'write', done, total } }),
  });
  set({ plan: null, outcome: { kind, files: total - 1, kept, findings: ran.findings, zip: null } });
}

/** Puts back what stood there before: an interrupted apply, or one that is done. */
export async function undo(job: ApplyJob): Promise<void> {
  if (!(await mayWrite(job.folder))) return set({ message: t('apply.refused') });
  await during('undo', async () => {
    const opened = await store();
    const platform = await hasher();
    if (job.journal.state === 'done' && !(await isLastApply(job.folder, job.journal, platform)))
      return set({ faults: [finding('apply-nothing-to-undo', {})] });
    const findings = await takeBack(opened, job, platform);
    const files = job.journal.steps.length - 1;
    set({ plan: null, outcome: { kind: 'undone', files, kept: 0, findings, zip: null } });
  });
}

/** Forgets what was kept for a rollback, or a journal whose folder is gone. */
export async function forget(job: ApplyJob): Promise<void> {
  try {
    await (await store()).drop(job);
    await refreshJobs();
  } catch (error) {
    fail(error);
  }
}

export function stop(): void {
  stopper?.abort();
}

async function during(kind: Work['kind'], work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  stopper?.abort();
  const mine = new AbortController();
  stopper = mine;
  set({ work: { kind, done: 0, total: 0 }, faults: [], message: null });
  try {
    await work(mine.signal);
  } catch (error) {
    if (!mine.signal.aborted) fail(error);
    else if (stopper === mine) set({ message: t('apply.stopped') });
  } finally {
    if (stopper === mine) {
      stopper = null;
      set({ work: null });
    }
    await refreshJobs();
  }
}

function fail(error: unknown): void {
  if (error instanceof StorageError) return set({ faults: [error.finding] });
  const reason = error instanceof Error ? error.message : String(error);
  set({ message: t('apply.failed', { reason }) });
}
