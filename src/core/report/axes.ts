import type { Axis, CheckResult, CheckStatus, InputReport } from '../generated/report.js';

/** The status that speaks for an axis: the first of these that any of its checks has. */
const precedence: readonly CheckStatus[] = [
  'fail',
  'could-not-check',
  'warn',
  'not-checked',
  'pass',
  'not-applicable',
];

export function foldAxes(checks: readonly CheckResult[]): InputReport['axes'] {
  const fold = (axis: Axis): CheckStatus => {
    const statuses = checks.filter((check) => check.axis === axis).map(({ status }) => status);
    return precedence.find((status) => statuses.includes(status)) ?? 'not-checked';
  };
  return {
    readable: fold('readable'),
    unchanged: fold('unchanged'),
    signers: fold('signers'),
    approvals: fold('approvals'),
    time: fold('time'),
  };
}

/**
 * After B-UNREADABLE or B-CHANGED no name, role or comment from the bundle is shown (docs/SPEC.md, "Verdict"):
 * if the bytes are not what was signed, nothing in them may speak.
 */
export function hidden(report: InputReport): InputReport {
  return {
    ...report,
    bundle: null,
    approvals: [],
    roles: [],
    level: { claimed: null, met: null, required: report.level.required },
    commands: report.commands.filter(({ check }) => check !== 'signatures'),
  };
}
