import type { ApprovalReport, CheckResult, RoleReport, VerdictCode } from '../generated/report.js';

/** All that a verdict depends on: parts of the report itself, so anybody can decide again from a filed report. */
export interface DecisionFacts {
  readonly checks: readonly CheckResult[];
  /** Ids of the checks that must have had data (docs/SPEC.md, "Verdict", row 11). */
  readonly gates: ReadonlySet<string>;
  readonly newer: boolean;
  readonly approvals: readonly ApprovalReport[];
  readonly roles: readonly RoleReport[];
  readonly hasRule: boolean;
}

interface Row {
  readonly code: VerdictCode;
  readonly when: (facts: DecisionFacts) => boolean;
}

/** The decision table (docs/SPEC.md, "Verdict"). First match wins; the last row must be earned by every gate. */
const rows: readonly Row[] = [
  { code: 'B-NEWER', when: ({ newer }) => newer },
  { code: 'B-UNREADABLE', when: (facts) => !allOf(facts, 'readable', ['pass', 'warn']) },
  { code: 'B-CHANGED', when: (facts) => someOf(facts, 'unchanged', ['fail']) },
  { code: 'B-SIGBAD', when: ({ roles }) => roles.some(({ state }) => state === 'false-signature') },
  { code: 'B-WITHDRAWN', when: ({ roles }) => roles.some(({ state }) => state === 'withdrawn') },
  { code: 'B-STALE', when: (facts) => !facts.approvals.some(isUsable) && facts.approvals.some(isKnownStale) },
  {
    code: 'B-NOCHECK',
    when: (facts) => !facts.approvals.some(isSigned) && facts.approvals.some(isUncheckable),
  },
  { code: 'B-NOSIG', when: (facts) => !facts.approvals.some(isSigned) },
  { code: 'B-UNKNOWN', when: (facts) => !hasKnownSigner(facts) },
  { code: 'B-EXPIRED', when: ({ roles }) => roles.some(({ state }) => state === 'expired') },
  { code: 'B-INCOMPLETE', when: (facts) => rolesMissing(facts) },
  { code: 'B-NOCHECK', when: (facts) => facts.checks.some((check) => !isEarned(check, facts)) },
  { code: 'B-NORULE', when: ({ hasRule }) => !hasRule },
  {
    code: 'B-OK',
    when: ({ hasRule, roles }) => hasRule && roles.length > 0 && roles.every(({ state }) => state === 'met'),
  },
];

/** Looks and codes are earned: facts that fit no row count as a check that could not be made. */
export function decide(facts: DecisionFacts): VerdictCode {
  return rows.find(({ when }) => when(facts))?.code ?? 'B-NOCHECK';
}

function allOf(
  facts: DecisionFacts,
  axis: CheckResult['axis'],
  statuses: readonly CheckResult['status'][],
): boolean {
  const onAxis = facts.checks.filter((check) => check.axis === axis);
  return onAxis.length > 0 && onAxis.every(({ status }) => statuses.includes(status));
}

function someOf(
  facts: DecisionFacts,
  axis: CheckResult['axis'],
  statuses: readonly CheckResult['status'][],
): boolean {
  return facts.checks.some((check) => check.axis === axis && statuses.includes(check.status));
}

/** Signed, about these very bytes. Nothing is said yet about who signed. */
export function isSigned({ binding, signature }: ApprovalReport): boolean {
  return (binding === 'bundle' || binding === 'archive') && (signature === 'true' || signature === 'weak');
}

function isUsable(approval: ApprovalReport): boolean {
  return isSigned(approval) && approval.claims.decision === 'approved';
}

function isKnownStale({ binding, signature, known }: ApprovalReport): boolean {
  return binding === 'stale' && signature === 'true' && known !== null;
}

/** Claims these very bytes, signed in a way that could not be checked here. */
export function isUncheckable({ binding, signature }: ApprovalReport): boolean {
  return signature === 'could-not-check' && (binding === 'bundle' || binding === 'archive');
}

/** Known to the reader and speaking for a needed role; without any needed role, known at all. */
function hasKnownSigner({ approvals, roles }: DecisionFacts): boolean {
  const needed = roles.map(({ role }) => role);
  return approvals.some(
    (approval) =>
      isSigned(approval) &&
      approval.known !== null &&
      (needed.length === 0 || needed.includes(approval.claims.role ?? '')),
  );
}

/** Without a rule nobody may fill a role; a known person's claim to it is then left for B-NORULE. */
function rolesMissing({ checks, roles, hasRule }: DecisionFacts): boolean {
  const filled = hasRule ? 'met' : 'no-rule';
  return (
    roles.some(({ state }) => state !== filled) ||
    checks.some(({ id, status }) => id === 'level' && status === 'fail')
  );
}

/** Whether a gate had its data and did not fail. Without a rule the rule's own checks wait for B-NORULE. */
export function isEarned(
  { id, axis, status }: CheckResult,
  { gates, hasRule }: Pick<DecisionFacts, 'gates' | 'hasRule'>,
): boolean {
  if (!gates.has(id)) return true;
  if (!hasRule && axis !== 'readable' && axis !== 'unchanged') return true;
  return status === 'pass' || status === 'warn' || status === 'not-applicable';
}
