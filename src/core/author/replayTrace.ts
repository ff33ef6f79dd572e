import { fromUtf8 } from '../bytes/text.js';
import type { Policy } from '../policy/readPolicy.js';
import { replay, type PastDecision } from '../policy/replay.js';
import { readTrace, TRACE_LINES_MAX } from '../policy/traces.js';

export interface ReplayedRow {
  /** 1-based line of its trace. */
  readonly line: number;
  /** Which trace, from 0. */
  readonly trace: number;
  readonly promptType: string | null;
  readonly confidence: string | null;
  /** Beginning of the prompt; may be hostile. */
  readonly text: string | null;
  readonly before: string;
  readonly after: string;
  /** Rule that decides now; null for the default. */
  readonly rule: string | null;
}

/** Counts as `countersign policy replay` gives them, added up over all traces. */
export interface ReplayTotals {
  readonly total: number;
  readonly same: number;
  readonly changed: number;
  readonly cannotTell: number;
  readonly unreadable: number;
  /** `auto_reply becomes deny`: how many; most first. */
  readonly byKind: readonly (readonly [kind: string, count: number])[];
  /** The first {@link REPLAYED_ROWS_MAX} of those that change. */
  readonly rows: readonly ReplayedRow[];
}

export const REPLAYED_ROWS_MAX = 500;
const TEXT_SHOWN = 200;
const NEWLINE = 10;

interface Counts {
  total: number;
  same: number;
  cannotTell: number;
  unreadable: number;
  byKind: Map<string, number>;
  rows: ReplayedRow[];
}

function nothing(): Counts {
  return { total: 0, same: 0, cannotTell: 0, unreadable: 0, byKind: new Map(), rows: [] };
}

/** Runs past decisions against a policy, a block of a trace at a time. Bytes are attacker-controlled; never throws. */
export class TraceReplay {
  private readonly done: Counts[] = [];
  private now = nothing();
  private rest: Uint8Array = new Uint8Array();
  private line = 0;
  private isText = true;

  constructor(private readonly policy: Policy) {}

  push(bytes: Uint8Array): void {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.rest = joined(this.rest, bytes);
      return;
    }
    this.take(joined(this.rest, bytes.subarray(0, end)));
    this.rest = bytes.slice(end);
  }

  /** The trace is at its end; the next bytes are those of another. */
  finishTrace(): void {
    if (this.rest.length > 0 || this.line === 0) this.take(this.rest);
    // Bytes that are no text are one thing that could not be read, whatever stood before them.
    this.done.push(this.isText ? this.now : { ...nothing(), unreadable: 1 });
    this.now = nothing();
    this.rest = new Uint8Array();
    this.line = 0;
    this.isText = true;
  }

  get totals(): ReplayTotals {
    const all = [...this.done, this.now];
    const sum = (of: (one: Counts) => number): number => all.reduce((before, one) => before + of(one), 0);
    const byKind = new Map<string, number>();
    for (const one of all)
      for (const [kind, count] of one.byKind) byKind.set(kind, (byKind.get(kind) ?? 0) + count);
    return {
      total: sum(({ total }) => total),
      same: sum(({ same }) => same),
      changed: [...byKind.values()].reduce((before, count) => before + count, 0),
      cannotTell: sum(({ cannotTell }) => cannotTell),
      unreadable: sum(({ unreadable }) => unreadable),
      byKind: [...byKind].toSorted(([, a], [, b]) => b - a),
      rows: all.flatMap(({ rows }) => rows).slice(0, REPLAYED_ROWS_MAX),
    };
  }

  private take(block: Uint8Array): void {
    const lines = count(block);
    const room = Math.max(0, TRACE_LINES_MAX - this.line);
    const part = lines > room ? firstLines(block, room) : block;
    this.now.unreadable += Math.max(0, lines - room);
    if (room > 0) this.read(part);
    this.line += lines;
  }

  private read(block: Uint8Array): void {
    if (fromUtf8(block) === null) this.isText = false;
    const { decisions, unreadable } = readTrace(block);
    this.now.unreadable += unreadable.length;
    const skipped = new Set(unreadable);
    const places: number[] = [];
    for (let at = 1; places.length < decisions.length; at++)
      if (!skipped.has(at)) places.push(this.line + at);
    const { total, same, changed, cannotTell, byKind } = replay(this.policy, decisions);
    this.now.total += total;
    this.now.same += same;
    this.now.cannotTell += cannotTell.length;
    for (const [kind, many] of byKind) this.now.byKind.set(kind, (this.now.byKind.get(kind) ?? 0) + many);
    for (const { at, before, after } of changed.slice(0, REPLAYED_ROWS_MAX - this.now.rows.length))
      this.now.rows.push({
        ...shown(decisions[at]),
        line: places[at] ?? 0,
        trace: this.done.length,
        before,
        after: after.action,
        rule: after.rule,
      });
  }
}

function shown(past: PastDecision | undefined): Pick<ReplayedRow, 'promptType' | 'confidence' | 'text'> {
  const { promptType = null, confidence = null, text = null } = past ?? {};
  return { promptType, confidence, text: text === null ? null : text.slice(0, TEXT_SHOWN) };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b.slice();
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Lines of a block that ends in one, or is the last. */
function count(block: Uint8Array): number {
  let lines = block.at(-1) === NEWLINE ? 0 : 1;
  for (const byte of block) if (byte === NEWLINE) lines++;
  return lines;
}

function firstLines(block: Uint8Array, many: number): Uint8Array {
  let lines = 0;
  const end = block.findIndex((byte) => byte === NEWLINE && ++lines === many);
  return block.subarray(0, end < 0 ? 0 : end + 1);
}
