import type { InputReport, Report } from '../../core/generated/report';
import type { NamedDocument, Progress, VerifyInput, VerifyRequest } from '../../engine/engine';
import { engine } from '$lib/engine';
import { controlsFailed, splitReport } from '$lib/view/report';
import { readerStore } from './store';
import { settings } from './settings.svelte';
import { trustState, type TrustDocument } from './trust.svelte';
import type { Recent } from '../../store/reader';

export type RowState = 'waiting' | 'reading' | 'done' | 'supplement' | 'stopped' | 'failed';

/** One bundle in the queue. Its verdict belongs to this file under this request and to nothing else. */
export interface Row {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly source: File | Uint8Array;
  /** Rows of one drop share their loose approvals. */
  readonly batch: Batch;
  readonly state: RowState;
  readonly progress: Progress | null;
  readonly report: Report | null;
  readonly input: InputReport | null;
  /** Our own fault or a file that vanished; never a statement on the bundle. */
  readonly fault: Fault | null;
}

export interface Fault {
  /** `controls`: the self-test did not behave, so nothing that this engine says counts. */
  readonly kind: 'application' | 'controls';
  readonly detail: string;
}

export interface Batch {
  readonly loose: readonly NamedDocument[];
  /** A sample is judged by its own trust file, which is never kept. */
  readonly trust: NamedDocument | null;
  /** True when its bundles are judged in one request. */
  readonly joint: boolean;
}

/** One request under way. */
interface Job {
  readonly ids: readonly number[];
  readonly control: AbortController;
}

const unjudged = { state: 'waiting', progress: null, report: null, input: null, fault: null } as const;

const AT_ONCE_MAX = 2;
const RECENTS_MAX = 5;
/** Rows of progress are redrawn at most this often. */
const PROGRESS_EVERY_MS = 100;

let rows = $state.raw<readonly Row[]>([]);
let recents = $state.raw<readonly Recent[]>([]);
let running: readonly Job[] = [];
/** Numbers of another life of the page are never met again: the history of the tab still holds them after a reload. */
let nextId = Math.floor(performance.timeOrigin);

export function queue(): readonly Row[] {
  return rows;
}

export function rowById(id: number): Row | undefined {
  return rows.find((row) => row.id === id);
}

export function isBusy(): boolean {
  return rows.some((row) => row.state === 'reading' || row.state === 'waiting');
}

export function recentVerdicts(): readonly Recent[] {
  return recents;
}

/** Adds bundles behind those that wait; gives the ids of their rows. */
export function enqueue(
  files: readonly { name: string; source: File | Uint8Array }[],
  evidence: Pick<Batch, 'loose' | 'trust'>,
): number[] {
  const batch: Batch = { ...evidence, joint: evidence.loose.length > 0 };
  const added = files.map(({ name, source }) => newRow(name, source, batch));
  rows = [...rows, ...added];
  pump();
  return added.map((row) => row.id);
}

function newRow(name: string, source: File | Uint8Array, batch: Batch): Row {
  const sizeBytes = source instanceof Uint8Array ? source.length : source.size;
  return { id: nextId++, name, sizeBytes, source, batch, ...unjudged };
}

/** Gives loose approvals that came later to the bundles that are here already, and judges those again. */
export function addLoose(documents: readonly NamedDocument[]): number {
  const affected = rows.filter((row) => row.batch.trust === null);
  if (affected.length === 0) return 0;
  const byName = new Map(
    [...affected.flatMap((row) => row.batch.loose), ...documents].map((each) => [each.name, each]),
  );
  const batch: Batch = { loose: [...byName.values()], trust: null, joint: true };
  const ids = affected.map((row) => row.id);
  change(ids, { batch });
  judgeAgain(ids);
  return affected.length;
}

/** Judges rows again, with the rule, trust, limits and clock of now; rows that are judged together stay together. */
export function judgeAgain(ids: readonly number[] = rows.map((row) => row.id)): void {
  const batches = new Set(
    rows.filter((row) => ids.includes(row.id) && row.batch.joint).map((row) => row.batch),
  );
  const all = rows.filter((row) => ids.includes(row.id) || batches.has(row.batch)).map((row) => row.id);
  for (const id of all) stop(id);
  change(all, unjudged);
  pump();
}

export function cancel(id: number): void {
  const state = rowById(id)?.state;
  if (state !== 'waiting' && state !== 'reading') return;
  change([id], { ...unjudged, state: 'stopped' });
  stop(id);
  pump();
}

export function cancelAll(): void {
  const ids = rows.filter((row) => row.state === 'waiting' || row.state === 'reading').map((row) => row.id);
  change(ids, { ...unjudged, state: 'stopped' });
  for (const id of ids) stop(id);
}

/** Takes rows off the list and gives them back, for undo. */
export function removeRows(ids: readonly number[]): readonly Row[] {
  const removed = rows.filter((row) => ids.includes(row.id));
  rows = rows.filter((row) => !ids.includes(row.id));
  for (const id of ids) stop(id);
  pump();
  return removed;
}

export function restoreRows(removed: readonly Row[]): void {
  rows = [...rows, ...removed].sort((a, b) => a.id - b.id);
  judgeAgain(
    removed.filter((row) => row.state === 'waiting' || row.state === 'reading').map((row) => row.id),
  );
}

/** Ends the job that reads this row. Other rows of the same job wait again: their verdict was to be made together. */
function stop(id: number): void {
  const job = running.find((each) => each.ids.includes(id));
  if (job === undefined) return;
  job.control.abort();
  running = running.filter((each) => each !== job);
  const others = rows
    .filter((row) => job.ids.includes(row.id) && row.state === 'reading')
    .map((row) => row.id);
  change(others, unjudged);
}

function change(ids: readonly number[], next: Partial<Row>): void {
  rows = rows.map((row) => (ids.includes(row.id) ? { ...row, ...next } : row));
}

function pump(): void {
  while (running.length < AT_ONCE_MAX && !running.some((job) => job.ids.length > 1)) {
    const first = rows.find((row) => row.state === 'waiting');
    if (first === undefined) return;
    const together = first.batch.joint
      ? rows.filter((row) => row.batch === first.batch && row.state === 'waiting')
      : [first];
    void judge(together);
  }
}

/**
 * One request to the engine. Bundles that came with loose approvals are one request, because which bundle an
 * approval belongs to is decided among them; others are judged one by one, so that each row is done on its own.
 */
async function judge(together: readonly Row[]): Promise<void> {
  const job: Job = { ids: together.map((row) => row.id), control: new AbortController() };
  running = [...running, job];
  change(job.ids, { state: 'reading' });
  // A result counts only while this very job is the current one: a stale verdict is dropped.
  const isCurrent = (): boolean => running.includes(job);
  try {
    const report = await (
      await engine()
    ).verify(requestFor(together), {
      signal: job.control.signal,
      onProgress: throttled((progress) => {
        const id = job.ids[progress.input];
        if (id !== undefined && isCurrent()) change([id], { progress });
      }),
    });
    if (isCurrent()) settle(together, report);
  } catch (error) {
    if (isCurrent()) await fail(together, error, isCurrent);
  } finally {
    running = running.filter((each) => each !== job);
    pump();
  }
}

function settle(together: readonly Row[], report: Report): void {
  if (controlsFailed(report)) {
    change(
      together.map((row) => row.id),
      { ...unjudged, state: 'failed', fault: { kind: 'controls', detail: controlsLine(report) } },
    );
    return;
  }
  const parts = splitReport(report, together);
  const isSupplement = (index: number): boolean => parts[index] === null;
  for (const [index, row] of together.entries()) {
    const part = parts[index];
    if (part === null || part === undefined) change([row.id], { ...unjudged, state: 'supplement' });
    else {
      change([row.id], { ...unjudged, state: 'done', report: part, input: part.inputs[0] ?? null });
      if (row.batch.trust === null) void remember(row.name, part);
    }
  }
  // A supplement that came among single rows brings evidence for the others: judge them together.
  if (together.length === 1 && together[0] !== undefined && isSupplement(0) && !together[0].batch.joint)
    joinBatch(together[0].batch);
}

function controlsLine({ controls }: Report): string {
  return controls === null ? '' : `${controls.behaved} of ${controls.total}`;
}

function joinBatch(batch: Batch): void {
  const mates = rows.filter((row) => row.batch === batch).map((row) => row.id);
  if (mates.length < 2) return;
  change(mates, { batch: { ...batch, joint: true } });
  judgeAgain(mates);
}

/** A fault is never a verdict. In a joint job only the files that vanished fail; the others are judged again. */
async function fail(together: readonly Row[], error: unknown, isCurrent: () => boolean): Promise<void> {
  const kind =
    error instanceof Error && error.name === 'ControlsError'
      ? ('controls' as const)
      : ('application' as const);
  const fault: Fault = { kind, detail: error instanceof Error ? error.message : String(error) };
  const gone = together.length === 1 ? [] : await unreadable(together);
  if (!isCurrent()) return;
  const failed = gone.length === 0 ? together : gone;
  change(
    together.filter((row) => !failed.includes(row)).map((row) => row.id),
    unjudged,
  );
  change(
    failed.map((row) => row.id),
    { ...unjudged, state: 'failed', fault },
  );
}

async function unreadable(together: readonly Row[]): Promise<Row[]> {
  const gone: Row[] = [];
  for (const row of together) {
    if (row.source instanceof Uint8Array) continue;
    await row.source
      .slice(0, 1)
      .arrayBuffer()
      .catch(() => gone.push(row));
  }
  return gone;
}

/** What the engine is asked now for rows of one batch. */
function requestFor(together: readonly Row[]): VerifyRequest {
  const batch = together[0]?.batch ?? { loose: [], trust: null, joint: false };
  return requestOf(together.map(inputOf), batch.loose, batch.trust);
}

/** One request under the reader's trust, rule, limits and clock of now; `sampleTrust` stands in their place. */
export function requestOf(
  inputs: readonly VerifyInput[],
  loose: readonly NamedDocument[],
  sampleTrust: NamedDocument | null = null,
): VerifyRequest {
  const { documents, ruleName } = trustState();
  const own = documents.find((each) => each.kind === 'trust');
  const trust = sampleTrust ?? (own === undefined ? undefined : named(own));
  const signers = sampleTrust === null ? documents.filter((each) => each.kind === 'allowed-signers') : [];
  return {
    inputs,
    loose,
    ...(trust === undefined ? {} : { trust }),
    ...(ruleName === null || sampleTrust !== null ? {} : { ruleName }),
    ...(signers.length === 0 ? {} : { allowedSigners: signers.map(named) }),
    now: `${new Date().toISOString().slice(0, 19)}Z`,
    limitsProfile: settings().limitsProfile,
    limits: settings().limits,
  };
}

export function inputOf(row: Pick<Row, 'name' | 'source'>): VerifyInput {
  return { name: row.name, source: row.source };
}

function named(document: TrustDocument): NamedDocument {
  return { name: document.name, bytes: document.bytes };
}

function throttled(run: (progress: Progress) => void): (progress: Progress) => void {
  let last = 0;
  return (progress) => {
    const now = performance.now();
    if (now - last < PROGRESS_EVERY_MS) return;
    last = now;
    run(progress);
  };
}

export async function loadRecents(): Promise<void> {
  const stored = await (await readerStore()).get('recents').catch(() => undefined);
  if (Array.isArray(stored)) recents = stored.slice(0, RECENTS_MAX) as Recent[];
}

async function remember(file: string, report: Report): Promise<void> {
  const input = report.inputs[0];
  if (input === undefined) return;
  const { look, code, headline, says } = input.verdict;
  const sentence = says?.['headline'];
  const recent: Recent = {
    file,
    look,
    code,
    headline,
    at: report.now,
    archiveDigest: input.archiveDigest,
    ...(sentence === undefined ? {} : { says: { headline: sentence } }),
  };
  const others = recents.filter((each) => each.file !== file || each.archiveDigest !== recent.archiveDigest);
  recents = [recent, ...others].slice(0, RECENTS_MAX);
  await (await readerStore()).set('recents', recents).catch(() => undefined);
}

export async function forgetRecents(): Promise<void> {
  recents = [];
  await (await readerStore()).set('recents', []).catch(() => undefined);
}
