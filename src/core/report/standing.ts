import { addDays, formatTime, parseTime } from '../bytes/time.js';
import type {
  ApprovalReport,
  CheckStatus,
  InputReport,
  Look,
  Report,
  RoleReport,
  RuleSummary,
  ToolInfo,
  TrustSourceUsed,
  VerdictCode,
} from '../generated/report.js';

/** What gave a verdict: a verdict without these says nothing. */
export interface Judged {
  /** RFC 3339, the time that judged. */
  readonly at: string;
  readonly rule: RuleSummary;
  /** `id` of the trust file; null when it has none, or none was given. */
  readonly trustId: string | null;
  readonly trust: readonly TrustSourceUsed[];
  readonly tool: ToolInfo;
}

/**
 * What is remembered of a report: enough to say later what changed, and small whatever the bundle holds. Names of
 * roles and people in it may come from the bundle: attacker-controlled.
 */
export interface Standing {
  readonly look: Look;
  readonly code: VerdictCode;
  readonly headline: string;
  readonly judged: Judged;
  readonly roles: readonly StandingRole[];
  readonly approvals: readonly StandingApproval[];
  /** Checks that neither passed nor were out of place. */
  readonly open: readonly { readonly id: string; readonly title: string; readonly status: CheckStatus }[];
  /** RFC 3339: when the first of the approvals that count runs out; null when none does. */
  readonly endsAt: string | null;
}

export type StandingRole = Pick<RoleReport, 'role' | 'threshold' | 'askedBy' | 'met' | 'state'>;

export interface StandingApproval {
  readonly fingerprint: string | null;
  /** Who the key belongs to by the trust list. */
  readonly person: string | null;
  readonly keyState: 'current' | 'not-yet' | 'expired' | 'withdrawn' | null;
  /** Claimed. */
  readonly role: string | null;
  readonly declined: boolean;
  readonly counts: readonly string[];
}

/** What gave the verdicts of a report. */
export function judgedBy(report: Pick<Report, 'now' | 'rule' | 'trust' | 'tool'>): Judged {
  const { sources } = report.trust;
  return {
    at: report.now,
    rule: report.rule,
    trustId: sources.find((each) => each.kind === 'trust')?.id ?? null,
    trust: sources,
    tool: report.tool,
  };
}

/** The part of one input's report that is worth keeping. */
export function standingOf(input: InputReport, judged: Judged): Standing {
  const { look, code, headline } = input.verdict;
  return {
    look,
    code,
    headline,
    judged,
    roles: input.roles.map(({ role, threshold, askedBy, met, state }) => ({
      role,
      threshold,
      askedBy,
      met,
      state,
    })),
    approvals: input.approvals.filter((each) => each.binding !== 'other').map(approvalOf),
    open: input.checks
      .filter(({ status }) => status !== 'pass' && status !== 'not-applicable')
      .map(({ id, title, status }) => ({ id, title, status })),
    endsAt: endOf(input, judged.rule),
  };
}

function approvalOf({ key, known, claims, counts }: ApprovalReport): StandingApproval {
  return {
    fingerprint: key?.fingerprint ?? null,
    person: known?.person ?? null,
    keyState: known?.keyState ?? null,
    role: claims.role ?? null,
    declined: claims.decision === 'declined',
    counts,
  };
}

function endOf({ approvals }: InputReport, rule: RuleSummary): string | null {
  const ends = approvals
    .filter(({ counts }) => counts.length > 0)
    .flatMap(({ claims, known, counts }) => {
      const signed = parseTime(claims.signedAt ?? '');
      const ages = (rule?.roles ?? [])
        .filter(({ role }) => counts.includes(role))
        .flatMap(({ maxAgeDays }) =>
          maxAgeDays === undefined || signed === null ? [] : [addDays(signed, maxAgeDays)],
        );
      return [parseTime(claims.expires ?? ''), parseTime(known?.until ?? ''), ...ages];
    })
    .filter((end) => end !== null);
  return ends.length === 0 ? null : formatTime(Math.min(...ends));
}
