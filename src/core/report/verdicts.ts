import type { Look, VerdictCode } from '../generated/report.js';

/**
 * The decision table as data (docs/SPEC.md, "Verdict"): look and exit code of every verdict code, in the order
 * in which they are tried. Wording lives in words.ts, the conditions in decide.ts.
 */
export interface VerdictRow {
  readonly code: VerdictCode;
  readonly look: Look;
  /** Exit code of the command line. */
  readonly exit: number;
}

export const verdictRows: readonly VerdictRow[] = [
  { code: 'B-NEWER', look: 'unreadable', exit: 60 },
  { code: 'B-UNREADABLE', look: 'unreadable', exit: 60 },
  { code: 'B-CHANGED', look: 'rejected', exit: 10 },
  { code: 'B-SIGBAD', look: 'rejected', exit: 10 },
  { code: 'B-WITHDRAWN', look: 'rejected', exit: 12 },
  { code: 'B-STALE', look: 'incomplete', exit: 40 },
  { code: 'B-NOSIG', look: 'unknown', exit: 13 },
  { code: 'B-UNKNOWN', look: 'unknown', exit: 11 },
  { code: 'B-EXPIRED', look: 'incomplete', exit: 12 },
  { code: 'B-INCOMPLETE', look: 'incomplete', exit: 40 },
  { code: 'B-NOCHECK', look: 'incomplete', exit: 14 },
  { code: 'B-NORULE', look: 'incomplete', exit: 14 },
  { code: 'B-OK', look: 'confirmed', exit: 0 },
];

export function verdictRow(code: VerdictCode): VerdictRow {
  const row = verdictRows.find((candidate) => candidate.code === code);
  if (row === undefined) throw new Error(`no row for ${code}`);
  return row;
}
