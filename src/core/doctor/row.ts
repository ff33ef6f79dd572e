import type { CheckStatus, Finding, Place } from '../generated/report.js';

export type DoctorTopic =
  | 'files'
  | 'ignore'
  | 'secrets'
  | 'spec'
  | 'lock'
  | 'plan'
  | 'routing'
  | 'execution-policy'
  | 'governance-policy'
  | 'autonomy-policy'
  | 'config';

/** One thing that was looked at. `not-applicable`: it is not there and need not be. */
export interface DoctorRow {
  readonly topic: DoctorTopic;
  readonly status: CheckStatus;
  /** What was found. May repeat names of files, which are hostile text. */
  readonly detail: string;
  /** What to do; null where nothing needs to be done. */
  readonly action: string | null;
  readonly where: Place;
  readonly findings: readonly Finding[];
}

const FINDINGS_MAX = 50;

export interface Found<T> {
  readonly value: T | null;
  readonly row: DoctorRow;
}

/** One row; its place is that of the first finding unless it is given. */
export function rowOf(
  topic: DoctorTopic,
  status: CheckStatus,
  detail: string,
  action: string | null = null,
  extra: { readonly where?: Place; readonly findings?: readonly Finding[] } = {},
): DoctorRow {
  const findings = (extra.findings ?? []).slice(0, FINDINGS_MAX);
  return { topic, status, detail, action, where: extra.where ?? findings[0]?.where ?? {}, findings };
}

/** `1 file`, `2 files`. */
export function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}
