import type { Axis, CheckStatus, Finding, FileReport, RoleReport } from '../generated/report.js';
import type { Said } from '../messages/say.js';
import type { SentenceCode } from '../messages/sentences.js';
import type { Rule, Trust } from '../trust/trust.js';
import type { JudgedApproval } from './approvals.js';
import type { Reading } from './reading.js';

type Titled<C> = C extends `check-${infer Id}` ? Id : never;
export type CheckId = Titled<SentenceCode>;

/** Everything that a check may look at. Plain data: nothing here goes back to raw bytes. */
export interface CheckContext {
  readonly reading: Reading;
  readonly files: readonly FileReport[];
  readonly trust: Trust | null;
  readonly rule: Rule | null;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly approvals: readonly JudgedApproval[];
  readonly roles: readonly RoleReport[];
}

/** What one check established. There is no default status: a check that forgets one does not compile. */
export interface CheckOutcome {
  readonly status: CheckStatus;
  /** What was done, with numbers; or why it was not. */
  readonly detail: Said;
  readonly findings: readonly Finding[];
}

/** Its title is the sentence `check-<id>`. */
export interface Check {
  readonly id: CheckId;
  readonly axis: Axis;
  /** Checks that must not have failed; otherwise this one is not-checked. */
  readonly needs: readonly CheckId[];
  /** True when `could-not-check` keeps a bundle from being confirmed (docs/SPEC.md, "Verdict", row 11). */
  readonly gate: boolean;
  /** Heading in docs/SPEC.md. */
  readonly spec: string;
  readonly run: (context: CheckContext) => CheckOutcome;
}

export function outcome(status: CheckStatus, detail: Said, findings: readonly Finding[] = []): CheckOutcome {
  return { status, detail, findings };
}

/** What the approvals brought up on one axis: each finding is shown by exactly one check. */
export function approvalFindings({ approvals }: CheckContext, axis: Axis): Finding[] {
  return approvals.flatMap((approval) => approval.findings.filter((one) => one.axis === axis));
}
