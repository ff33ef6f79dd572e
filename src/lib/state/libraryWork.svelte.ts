import type { Finding } from '../../core/generated/report';
import { engine } from '$lib/engine';
import type { NamedDocument, VerifyInput } from '../../engine/engine';
import { StorageError } from '../../store/database';
import { judgedBy, type LibraryStore } from '../../store/library';
import { keep, faultOf, libraryStore, refresh } from './library.svelte';
import { requestOf } from './queue.svelte';

/** A bundle of the library to be judged again, or a file to be judged and kept. */
export type Job = { readonly digest: string; readonly name: string } | NewFile;
interface NewFile {
  readonly file: File;
  readonly loose: readonly NamedDocument[];
  readonly name: string;
}

/** The work in the background: one bundle after the other, so that a verdict asked for elsewhere waits for one at most. */
export interface Work {
  readonly total: number;
  readonly done: number;
  /** Attacker-controlled. */
  readonly name: string;
  readonly readBytes: number;
  readonly totalBytes: number | null;
}

export interface WorkResult {
  readonly judged: number;
  readonly added: number;
  readonly changed: number;
  readonly stopped: boolean;
  readonly failures: readonly { readonly name: string; readonly finding: Finding }[];
}

const LOCK = 'countersign:library-work';
const PROGRESS_EVERY_MS = 100;

let work = $state.raw<Work | null>(null);
let result = $state.raw<WorkResult | null>(null);
let elsewhere = $state(false);
let control: AbortController | null = null;

export function libraryWork(): Work | null {
  return work;
}

export function lastResult(): WorkResult | null {
  return result;
}

/** True when another tab does this work just now. */
export function worksElsewhere(): boolean {
  return elsewhere;
}

export function dismissResult(): void {
  result = null;
  elsewhere = false;
}

export function stopWork(): void {
  control?.abort();
}

/** Jobs that came while others are done. */
let waiting: readonly Job[] = [];

/**
 * Does the jobs in turn, under the rule, trust list and clock of now, behind those that wait. Only one tab of this
 * browser does it at a time: judging again is then left to the other one, new files wait for their turn.
 */
export async function runJobs(jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) return;
  const isNew = (job: Job): boolean =>
    'file' in job || !waiting.some((one) => 'digest' in one && one.digest === job.digest);
  waiting = [...waiting, ...jobs.filter(isNew)];
  if (work !== null) {
    work = { ...work, total: work.total + jobs.length };
    return;
  }
  if (waiting.length > jobs.length) return;
  dismissResult();
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return run();
  const ifAvailable = !jobs.some((job) => 'file' in job);
  await locks.request(LOCK, { ifAvailable }, async (lock) => {
    if (lock !== null) return run();
    elsewhere = true;
    waiting = [];
  });
}

async function run(): Promise<void> {
  if (waiting.length === 0) return;
  const mine = new AbortController();
  control = mine;
  let done = 0;
  let outcome: WorkResult = { judged: 0, added: 0, changed: 0, stopped: false, failures: [] };
  try {
    for (let job = waiting[0]; job !== undefined && !mine.signal.aborted; job = waiting[0]) {
      waiting = waiting.slice(1);
      work = { total: done + 1 + waiting.length, done, name: job.name, readBytes: 0, totalBytes: null };
      try {
        outcome = counted(outcome, job, await one(job, mine.signal));
      } catch (error) {
        if (mine.signal.aborted) break;
        const failure = { name: job.name, finding: faultOf(error) };
        outcome = { ...outcome, failures: [...outcome.failures, failure] };
        // What does not fit now does not fit for the next one either.
        if (error instanceof StorageError && error.finding.code === 'storage-full') break;
      }
      done += 1;
      await refresh();
    }
  } finally {
    waiting = [];
    work = null;
    control = null;
    result = { ...outcome, stopped: mine.signal.aborted };
    await refresh();
  }
}

function counted(before: WorkResult, job: Job, changed: boolean): WorkResult {
  return {
    ...before,
    judged: before.judged + ('file' in job ? 0 : 1),
    added: before.added + ('file' in job ? 1 : 0),
    changed: before.changed + (changed ? 1 : 0),
  };
}

/** True when the verdict of a bundle that was here came out differently. */
async function one(job: Job, signal: AbortSignal): Promise<boolean> {
  const store = await libraryStore();
  if ('file' in job) {
    const report = await judge({ name: job.name, source: job.file }, job.loose, signal);
    const input = report.inputs[0];
    if (input !== undefined) await keep(job.name, job.file, report, input, job.loose);
    return false;
  }
  return again(store, job, signal);
}

async function again(
  store: LibraryStore,
  { digest, name }: { readonly digest: string; readonly name: string },
  signal: AbortSignal,
): Promise<boolean> {
  const before = await store.get(digest);
  const source = await store.open(digest);
  const report = await judge({ name, source }, await store.evidence(digest), signal);
  const input = report.inputs[0];
  if (input === undefined || before === null) return false;
  const after = await store.judgedAgain(digest, input, judgedBy(report));
  return before.verdict !== null && before.verdict.code !== after.verdict?.code;
}

async function judge(input: VerifyInput, loose: readonly NamedDocument[], signal: AbortSignal) {
  let last = 0;
  return (await engine()).verify(requestOf([input], loose), {
    signal,
    onProgress: ({ readBytes, totalBytes }) => {
      const now = performance.now();
      if (work === null || now - last < PROGRESS_EVERY_MS) return;
      last = now;
      work = { ...work, readBytes, totalBytes };
    },
  });
}
