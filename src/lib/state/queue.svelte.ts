import type { InputReport, Report } from '../../core/generated/report';
import type { NamedDocument, Progress, VerifyInput, VerifyRequest } from '../../engine/engine';
import { engine } from '$lib/engine';
import { controlsFailed } from '$lib/view/report';
import { readerStore } from './store';
import { settings } from './settings.svelte';
import { trustState, type TrustDocument } from './trust.svelte';
import type { Recent } from '../../store/reader';

export type RowState = 'waiting' | 'reading' | 'done' | 'stopped' | 'failed';

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
  readonly fault: string | null;
}

export interface Batch {
  readonly loose: readonly NamedDocument[];
  /** A sample is judged by its own trust file, which is never kept. */
  readonly trust: NamedDocument | null;
}

const AT_ONCE_MAX = 2;
const RECENTS_MAX = 5;
/** Rows of progress are redrawn at most this often. */
const PROGRESS_EVERY_MS = 100;

let rows = $state.raw<readonly Row[]>([]);
let recents = $state.raw<readonly Recent[]>([]);
const running = new Map<number, AbortController>();
let nextId = 1;

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
  batch: Batch,
): number[] {
  const added = files.map(({ name, source }) => newRow(name, source, batch));
  rows = [...rows, ...added];
  pump();
  return added.map((row) => row.id);
}

function newRow(name: string, source: File | Uint8Array, batch: Batch): Row {
  const sizeBytes = source instanceof Uint8Array ? source.length : source.size;
  const blank = { state: 'waiting', progress: null, report: null, input: null, fault: null } as const;
  return { id: nextId++, name, sizeBytes, source, batch, ...blank };
}

/** Gives loose approvals that came later to the bundles that are here already, and judges those again. */
export function addLoose(documents: readonly NamedDocument[]): number {
  const names = new Set(documents.map((each) => each.name));
  const merge = (batch: Batch): Batch => ({
    ...batch,
    loose: [...batch.loose.filter((each) => !names.has(each.name)), ...documents],
  });
  const affected = rows.filter((row) => row.batch.trust === null);
  rows = rows.map((row) => (affected.includes(row) ? { ...row, batch: merge(row.batch) } : row));
  judgeAgain(affected.map((row) => row.id));
  return affected.length;
}

/** Judges rows again, with the rule, trust, limits and clock of now. */
export function judgeAgain(ids: readonly number[] = rows.map((row) => row.id)): void {
  for (const id of ids) stop(id);
  rows = rows.map((row) =>
    ids.includes(row.id)
      ? { ...row, state: 'waiting', progress: null, report: null, input: null, fault: null }
      : row,
  );
  pump();
}

export function cancel(id: number): void {
  stop(id);
  const row = rowById(id);
  if (row?.state === 'waiting' || row?.state === 'reading') update(id, { state: 'stopped', progress: null });
  pump();
}

export function cancelAll(): void {
  for (const row of rows) if (row.state === 'waiting' || row.state === 'reading') cancel(row.id);
}

/** Takes rows off the list and gives them back, for undo. */
export function removeRows(ids: readonly number[]): readonly Row[] {
  const removed = rows.filter((row) => ids.includes(row.id));
  for (const id of ids) stop(id);
  rows = rows.filter((row) => !ids.includes(row.id));
  pump();
  return removed;
}

export function restoreRows(removed: readonly Row[]): void {
  rows = [...rows, ...removed].sort((a, b) => a.id - b.id);
  judgeAgain(
    removed.filter((row) => row.state === 'waiting' || row.state === 'reading').map((row) => row.id),
  );
}

function stop(id: number): void {
  running.get(id)?.abort();
  running.delete(id);
}

function update(id: number, change: Partial<Row>): void {
  rows = rows.map((row) => (row.id === id ? { ...row, ...change } : row));
}

function pump(): void {
  while (running.size < AT_ONCE_MAX) {
    const row = rows.find((each) => each.state === 'waiting');
    if (row === undefined) return;
    void judge(row);
  }
}

async function judge(row: Row): Promise<void> {
  const control = new AbortController();
  running.set(row.id, control);
  update(row.id, { state: 'reading' });
  // A result counts only while this very run is the current one: a stale verdict is dropped.
  const isCurrent = (): boolean => running.get(row.id) === control;
  try {
    const report = await (
      await engine()
    ).verify(requestFor(row), {
      signal: control.signal,
      onProgress: throttled((progress) => isCurrent() && update(row.id, { progress })),
    });
    if (isCurrent()) settle(row, report);
  } catch (error) {
    if (isCurrent()) fail(row, error, control.signal.aborted);
  } finally {
    if (isCurrent()) running.delete(row.id);
    pump();
  }
}

function settle(row: Row, report: Report): void {
  const input = report.inputs[0] ?? null;
  if (input === null || controlsFailed(report)) {
    update(row.id, { state: 'failed', progress: null, report, fault: input === null ? 'empty' : 'controls' });
    return;
  }
  update(row.id, { state: 'done', progress: null, report, input });
  if (row.batch.trust === null) void remember(row.name, report, input);
}

function fail(row: Row, error: unknown, aborted: boolean): void {
  if (aborted) {
    update(row.id, { state: 'stopped', progress: null });
    return;
  }
  update(row.id, {
    state: 'failed',
    progress: null,
    fault: error instanceof Error ? error.message : String(error),
  });
}

/** What the engine is asked for this row now: the reader's trust, rule, limits and clock. */
export function requestFor(row: Pick<Row, 'name' | 'source' | 'batch'>): VerifyRequest {
  const { documents, ruleName } = trustState();
  const own = documents.find((each) => each.kind === 'trust');
  const trust = row.batch.trust ?? (own === undefined ? undefined : named(own));
  const signers = row.batch.trust === null ? documents.filter((each) => each.kind === 'allowed-signers') : [];
  return {
    inputs: [inputOf(row)],
    loose: row.batch.loose,
    ...(trust === undefined ? {} : { trust }),
    ...(ruleName === null || row.batch.trust !== null ? {} : { ruleName }),
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

async function remember(file: string, report: Report, input: InputReport): Promise<void> {
  const { look, code, headline } = input.verdict;
  const recent: Recent = { file, look, code, headline, at: report.now, archiveDigest: input.archiveDigest };
  const others = recents.filter((each) => each.file !== file || each.archiveDigest !== recent.archiveDigest);
  recents = [recent, ...others].slice(0, RECENTS_MAX);
  await (await readerStore()).set('recents', recents).catch(() => undefined);
}

export async function forgetRecents(): Promise<void> {
  recents = [];
  await (await readerStore()).set('recents', []).catch(() => undefined);
}
