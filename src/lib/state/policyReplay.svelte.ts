import type { NamedText } from '../../core/author/compare';
import type { ReplayTotals } from '../../core/author/replayTrace';
import type { Finding } from '../../core/generated/report';
import { author } from './policies.svelte';

interface ReplayState {
  readonly traces: readonly File[];
  readonly running: boolean;
  /** Bytes read so far, of all traces. */
  readonly read: number;
  readonly bytes: number;
  /** Counts so far, or of the last whole run. */
  readonly totals: ReplayTotals | null;
  /** The policy that the counts are of. */
  readonly of: NamedText | null;
  readonly at: string;
  readonly stopped: boolean;
  readonly findings: readonly Finding[];
  /** Names of traces that are too large to be taken. */
  readonly tooLarge: readonly string[];
}

/** Largest trace, in bytes, as on the command line. */
const TRACE_BYTES_MAX = 256 * 1024 * 1024;

const nothing: ReplayState = {
  traces: [],
  running: false,
  read: 0,
  bytes: 0,
  totals: null,
  of: null,
  at: '',
  stopped: false,
  findings: [],
  tooLarge: [],
};
let state = $state.raw<ReplayState>(nothing);
let current: AbortController | undefined;

export function replayState(): ReplayState {
  return state;
}

export function takeTraces(files: readonly File[]): void {
  cancelReplay();
  const fits = files.filter(({ size }) => size <= TRACE_BYTES_MAX);
  const tooLarge = files.filter(({ size }) => size > TRACE_BYTES_MAX).map(({ name }) => name);
  state = { ...nothing, traces: fits, tooLarge };
}

export function forgetTraces(): void {
  cancelReplay();
  state = nothing;
}

/** Ends the worker at once; what was counted is thrown away, because it is not of the whole. */
export function cancelReplay(): void {
  current?.abort(new DOMException('Stopped.', 'AbortError'));
}

/** Runs the traces against the policy as it stands now; one that still runs is ended. */
export async function runReplay(policy: NamedText): Promise<void> {
  if (state.traces.length === 0) return;
  current?.abort(new DOMException('Stopped.', 'AbortError'));
  const mine = new AbortController();
  current = mine;
  const bytes = state.traces.reduce((sum, { size }) => sum + size, 0);
  state = { ...state, running: true, stopped: false, read: 0, bytes, totals: null, of: policy, findings: [] };
  try {
    const answer = await author().replay(
      policy,
      state.traces,
      (read, totals) => {
        if (current === mine && !mine.signal.aborted) state = { ...state, read, totals };
      },
      mine.signal,
    );
    if (current !== mine) return;
    state =
      answer.is === 'done'
        ? { ...state, running: false, read: bytes, totals: answer.totals, at: new Date().toISOString() }
        : { ...state, running: false, totals: null, findings: answer.findings };
  } catch (error) {
    if (!mine.signal.aborted) throw error;
    // Replaced by a newer run, which shows its own counts.
    if (current === mine) state = { ...state, running: false, totals: null, stopped: true };
  }
}
