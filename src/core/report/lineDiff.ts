/** Longest text that is compared, in lines of either side, and the most lines that may differ. */
export const lineDiffLimits = { linesMax: 5000, changesMax: 1500 } as const;

export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
  /** Line number before and after, from 1; null where the line is not. */
  readonly before: number | null;
  readonly after: number | null;
}

/** Lines that differ with some around them; `skipped` equal lines stand before. */
export interface DiffHunk {
  readonly skipped: number;
  readonly lines: readonly DiffLine[];
}

/**
 * The shortest list of removed and added lines that turns `before` into `after` (Myers, "An O(ND) difference
 * algorithm", 1986), or null when a text is longer than {@link lineDiffLimits}. Lines end at a line feed; what stands
 * before it, a carriage return too, belongs to the line. A missing feed at the end is shown as a line of its own, so
 * two texts that differ have a difference. Both texts are attacker-controlled: work is bounded by the limits.
 */
export function lineDiff(before: string, after: string): readonly DiffLine[] | null {
  const a = linesOf(before);
  const b = linesOf(after);
  if (a.length > lineDiffLimits.linesMax || b.length > lineDiffLimits.linesMax) return null;
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const steps = editScript(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  if (steps === null) return null;
  const same = (count: number): DiffLine['kind'][] => Array.from({ length: count }, () => 'same');
  return numbered([...same(head), ...steps, ...same(tail)], a, b);
}

/** Cuts equal lines out, but for `around` lines beside every change. */
export function hunksOf(lines: readonly DiffLine[], around = 3): readonly DiffHunk[] {
  const hunks: { skipped: number; lines: DiffLine[] }[] = [];
  let quiet: DiffLine[] = [];
  for (const line of lines) {
    if (line.kind === 'same') {
      quiet.push(line);
      continue;
    }
    const last = hunks.at(-1);
    if (last !== undefined && quiet.length <= 2 * around) last.lines.push(...quiet, line);
    else {
      const trail = last === undefined ? [] : quiet.slice(0, around);
      const lead = quiet.slice(Math.max(0, quiet.length - around));
      last?.lines.push(...trail);
      hunks.push({ skipped: quiet.length - trail.length - lead.length, lines: [...lead, line] });
    }
    quiet = [];
  }
  hunks.at(-1)?.lines.push(...quiet.slice(0, around));
  return hunks;
}

/** An empty text has no line; `a` and `a\n` differ by the mark of a missing feed. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push('\\ no line feed at the end');
  return lines;
}

/** What to do line by line; null when more than `changesMax` lines differ. */
function editScript(a: readonly string[], b: readonly string[]): DiffLine['kind'][] | null {
  const most = Math.min(a.length + b.length, lineDiffLimits.changesMax);
  const trace: Int32Array[] = [];
  const reach = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let d = 0; d <= most; d++) {
    trace.push(reach.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[middle + k - 1]! < reach[middle + k + 1]!);
      let x = down ? reach[middle + k + 1]! : reach[middle + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a.length, b.length);
    }
  }
  return null;
}

/** From the end to the beginning over what each round had reached; `trace[d]` has its middle at index d + 1. */
function walkBack(trace: readonly Int32Array[], aLength: number, bLength: number): DiffLine['kind'][] {
  const steps: DiffLine['kind'][] = [];
  let x = aLength;
  let y = bLength;
  for (let d = trace.length - 1; d >= 0; d--) {
    const reach = trace[d]!;
    const at = (k: number): number => reach[d + 1 + k]!;
    const k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const fromX = d === 0 ? 0 : down ? at(k + 1) : at(k - 1);
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    // Where the equal lines of this round begin: behind its one removed or added line.
    const snake = d === 0 || down ? fromX : fromX + 1;
    for (; x > snake; x--, y--) steps.push('same');
    if (d === 0) break;
    steps.push(down ? 'added' : 'removed');
    x = fromX;
    y = fromY;
  }
  return steps.reverse();
}

function numbered(
  steps: readonly DiffLine['kind'][],
  a: readonly string[],
  b: readonly string[],
): readonly DiffLine[] {
  let x = 0;
  let y = 0;
  return steps.map((kind) => {
    const text = kind === 'added' ? b[y]! : a[x]!;
    const before = kind === 'added' ? null : ++x;
    const after = kind === 'removed' ? null : ++y;
    return { kind, text, before, after };
  });
}
