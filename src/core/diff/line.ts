import type { DiffLine } from '../generated/diff.js';

const ORDER: readonly DiffLine['effect'][] = ['weaker', 'changed', 'stronger'];

/** One line with what it always needs; the rest is null. Texts may repeat hostile ones: every sink makes them inert. */
export function diffLine(
  kind: string,
  effect: DiffLine['effect'],
  about: string,
  text: string,
  more: Partial<Pick<DiffLine, 'before' | 'after' | 'why' | 'path' | 'line'>> = {},
): DiffLine {
  return { kind, effect, about, text, before: null, after: null, why: null, path: null, line: null, ...more };
}

/** What became weaker comes first; else the order stays. */
export function weakerFirst(lines: readonly DiffLine[]): DiffLine[] {
  return lines.toSorted((a, b) => ORDER.indexOf(a.effect) - ORDER.indexOf(b.effect));
}

/** "pm, lead", or "nobody". */
export function listed(names: readonly string[], none = 'nobody'): string {
  return names.length === 0 ? none : names.join(', ');
}
