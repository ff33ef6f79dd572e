import type { Diff, DiffFile, DiffText } from '../../core/generated/diff';
import type { Finding } from '../../core/generated/report';
import type { BothTexts } from '../../engine/compare';
import { createComparer, type Answer, type Comparer, type GivenSide } from '../../engine/compareWorker';
import type { NamedDocument, Progress } from '../../engine/engine';
import type { LibraryItem } from '../../store/library';
import { engine } from '$lib/engine';
import { t } from './locale.svelte';
import { libraryStore } from './library.svelte';
import { requestOf } from './queue.svelte';
import { loadTrust } from './trust.svelte';

/** What the compare page holds. A comparison belongs to exactly the two sides that are shown. */
export type SlotName = 'before' | 'after';
export const slotNames: readonly SlotName[] = ['before', 'after'];

export interface Chosen {
  readonly side: GivenSide;
  /** Of a bundle, in bytes. */
  readonly sizeBytes: number;
  /** Approvals that are kept beside a bundle of the library. */
  readonly evidence: readonly NamedDocument[];
}

interface CompareState {
  readonly before: Chosen | null;
  readonly after: Chosen | null;
  /** Approvals dropped beside the bundles; used for both. */
  readonly loose: readonly NamedDocument[];
  readonly diff: Diff | null;
  readonly progress: Progress | null;
  readonly running: boolean;
  readonly refused: Finding | null;
  /** What is to be said besides: stopped, a fault of ours. */
  readonly note: string | null;
  /** The version of the one bundle here that the reader approved last. */
  readonly approved: LibraryItem | null;
}

const nothing = { diff: null, progress: null, running: false, refused: null, note: null, approved: null };
let state = $state.raw<CompareState>({ before: null, after: null, loose: [], ...nothing });
let comparer: Comparer | null = null;
let control: AbortController | null = null;

export function compareState(): CompareState {
  return state;
}

export function setSlot(name: SlotName, chosen: Chosen | null): void {
  setSlots({ [name]: chosen });
}

/** Fills or empties slots; both full begins a comparison. */
export function setSlots(change: Partial<Pick<CompareState, 'before' | 'after' | 'loose'>>): void {
  control?.abort();
  state = { ...state, ...nothing, ...change };
  if (state.before !== null && state.after !== null) void run();
  else void lookForApproved();
}

export function swapSlots(): void {
  setSlots({ before: state.after, after: state.before });
}

export function tell(note: string | null): void {
  state = { ...state, note };
}

/** Compares what is chosen, under the rule, trust list and clock of now. */
export async function run(): Promise<void> {
  const { before, after } = state;
  if (before === null || after === null) return;
  control?.abort();
  const mine = new AbortController();
  control = mine;
  state = { ...state, ...nothing, running: true };
  try {
    await loadTrust();
    const documents = requestOf([], looseOf(state));
    comparer ??= createComparer();
    const answer = await comparer.compare(
      { ...documents, before: before.side, after: after.side },
      {
        signal: mine.signal,
        onProgress: (progress) => {
          if (control === mine) state = { ...state, progress };
        },
      },
    );
    if (control === mine) state = { ...state, ...nothing, ...outcome(answer) };
  } catch (error) {
    if (control !== mine) return;
    const note = mine.signal.aborted
      ? t('compare.cancelled')
      : t('compare.failed', { reason: reasonOf(error) });
    state = { ...state, ...nothing, note };
  } finally {
    if (control === mine) control = null;
  }
}

export function stop(): void {
  control?.abort();
}

/** The lines of one file of the comparison that is shown. */
export async function textOf(file: DiffFile, ignoreWhitespace: boolean): Promise<Answer<DiffText>> {
  if (comparer === null) throw new Error('nothing was compared');
  return comparer.text(file, ignoreWhitespace);
}

/** Both texts of one file of it; null where it has none that may be shown. */
export async function bothTextsOf(file: DiffFile): Promise<BothTexts | null> {
  if (comparer === null) throw new Error('nothing was compared');
  const answer = await comparer.texts(file);
  return 'refused' in answer ? null : answer.value;
}

/** Ends the worker with the page; what was chosen stays for the way back. */
export function closeCompare(): void {
  control?.abort();
  comparer?.close();
  comparer = null;
}

function outcome(answer: Answer<Diff>): Partial<CompareState> {
  return 'refused' in answer ? { refused: answer.refused } : { diff: answer.value };
}

function looseOf({ before, after, loose }: CompareState): NamedDocument[] {
  return [...loose, ...(before?.evidence ?? []), ...(after?.evidence ?? [])];
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// --- The library ---------------------------------------------------------------------------------------------------

/** A bundle of the library with the approvals that are kept with it. Rejects with StorageError. */
export async function fromLibrary(item: LibraryItem): Promise<Chosen> {
  const store = await libraryStore();
  const blob = await store.open(item.archiveDigest);
  const evidence = await store.evidence(item.archiveDigest);
  return {
    side: { kind: 'bundle', name: item.name, source: blob },
    sizeBytes: blob.size,
    evidence: evidence.map(({ name, bytes }) => ({ name, bytes })),
  };
}

/** For one bundle alone: what the reader approved last under the same id, if that is another one. */
async function lookForApproved(): Promise<void> {
  const { before, after } = state;
  const alone = before ?? after;
  if (alone === null || alone.side.kind !== 'bundle') return;
  try {
    const request = requestOf([{ name: alone.side.name, source: alone.side.source }], []);
    const input = (await (await engine()).verify(request)).inputs[0];
    const id = input?.bundle?.id;
    if (id === undefined || !isStill(alone)) return;
    const item = await (await libraryStore()).lastApprovedOf(id);
    if (item !== null && item.archiveDigest !== input?.archiveDigest && isStill(alone))
      state = { ...state, approved: item };
  } catch {
    // Only an offer: without a library, or for a file that cannot be read, there is none.
  }
}

function isStill(alone: Chosen): boolean {
  const { before, after } = state;
  return (before === alone && after === null) || (after === alone && before === null);
}
