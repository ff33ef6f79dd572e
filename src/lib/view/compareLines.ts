import type { DiffTextLine } from '../../core/generated/diff';

/** Lines of one hunk for two columns: what went beside what came, equal lines in both. */
export function pairLines(
  lines: readonly DiffTextLine[],
): readonly (readonly [DiffTextLine | null, DiffTextLine | null])[] {
  const rows: [DiffTextLine | null, DiffTextLine | null][] = [];
  let gone: DiffTextLine[] = [];
  let come: DiffTextLine[] = [];
  const flush = (): void => {
    for (let at = 0; at < Math.max(gone.length, come.length); at++)
      rows.push([gone[at] ?? null, come[at] ?? null]);
    gone = [];
    come = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') gone.push(line);
    else if (line.kind === 'added') come.push(line);
    else {
      flush();
      rows.push([line, line]);
    }
  }
  flush();
  return rows;
}
