import type { Finding, RoleReport } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { say, type Said } from '../messages/say.js';
import { assignPeople } from '../trust/quorum.js';
import { addDays, parseTime } from '../trust/time.js';
import type { RoleRule, Rule } from '../trust/trust.js';
import type { JudgedApproval } from './approvals.js';

/** A claimed time may run ahead of the reader's clock by this much before it is refused. Seconds. */
export const CLOCK_TOLERANCE_SECONDS = 300;

interface NeededRole {
  readonly role: string;
  readonly threshold: number;
  readonly askedBy: RoleReport['askedBy'];
  readonly rule: RoleRule | null;
}

/** One approval as seen by the rule. */
export interface Standing {
  /** Roles that it counts for: none or one. */
  readonly counts: readonly string[];
  readonly because: Said | null;
  /** Judgement of role and time, beside what the approval's own check found. */
  readonly findings: readonly Finding[];
  /** Would count, but for time. */
  readonly outOfTime: boolean;
  readonly withdrawn: boolean;
}

export interface RoleJudgement {
  readonly roles: readonly RoleReport[];
  /** In the order of the approvals given. */
  readonly standings: readonly Standing[];
}

export interface RoleQuestion {
  readonly approvals: readonly JudgedApproval[];
  readonly rule: Rule | null;
  /** Roles that the bundle itself asks for; each is added with threshold 1, the stricter wins. */
  readonly asked: readonly string[];
  /** `created` of the manifest, RFC 3339. */
  readonly created: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** Who counts for which role (docs/SPEC.md, "Rule"): a person once a role, a key once, different people unless the rule says otherwise. */
export function judgeRoles(question: RoleQuestion): RoleJudgement {
  const needed = neededRoles(question.rule, question.asked);
  const standings = question.approvals.map((approval) => standingOf(approval, needed, question));
  const candidates = question.approvals.flatMap((approval, i) =>
    standings[i]!.counts.map((role) => ({ role, person: approval.signer!.person.id })),
  );
  const differentPeople = question.rule?.differentPeople ?? true;
  const assigned = assignPeople(needed, candidates, differentPeople);
  const seen = new Set<string>();
  const final = standings.map((standing, i) => settle(standing, question.approvals[i]!, assigned, seen));
  return {
    roles: needed.map((role) => roleReport(role, assigned.get(role.role) ?? [], question, final)),
    standings: final,
  };
}

function neededRoles(rule: Rule | null, asked: readonly string[]): NeededRole[] {
  const byRule = (rule?.roles ?? []).map((roleRule): NeededRole => ({
    role: roleRule.role,
    threshold: roleRule.threshold,
    askedBy: asked.includes(roleRule.role) ? ['rule', 'bundle'] : ['rule'],
    rule: roleRule,
  }));
  const extra = [...new Set(asked)]
    .filter((role) => !byRule.some((needed) => needed.role === role))
    .map((role): NeededRole => ({ role, threshold: 1, askedBy: ['bundle'], rule: null }));
  return [...byRule, ...extra];
}

function standingOf(
  approval: JudgedApproval,
  needed: readonly NeededRole[],
  question: RoleQuestion,
): Standing {
  const refuse = (
    because: Said,
    findings: readonly Finding[] = [],
    flags: Partial<Standing> = {},
  ): Standing => ({
    counts: [],
    because,
    findings,
    outOfTime: false,
    withdrawn: false,
    ...flags,
  });
  const where = { file: approval.file };
  const { role = '', decision } = approval.claims;
  if (approval.takesBack) return refuse(say('because-takes-back'));
  if (approval.claims.path !== undefined) return refuse(say('because-one-file'));
  if (decision === 'declined') {
    const findings = approval.attributable
      ? [finding('approval-declined', { role, user: approval.claims.user ?? '' }, { where })]
      : [];
    return refuse(say('because-declines'), findings);
  }
  if (approval.takenBackAt !== undefined && approval.signer !== null && isSigned(approval)) {
    return refuse(say('because-taken-back'), [takenBackFinding(approval)], { withdrawn: true });
  }
  if (approval.signer?.state === 'withdrawn' && isSigned(approval)) {
    return refuse(say('because-key-withdrawn'), [withdrawnFinding(approval)], { withdrawn: true });
  }
  if (!approval.attributable) return refuse(whyNotAttributable(approval));
  const target = needed.find((candidate) => candidate.role === role);
  if (target === undefined) return refuse(say('because-nobody-asks', { role }));
  const person = approval.signer!.person.id;
  if (target.rule === null && question.rule !== null) return refuse(say('because-nobody-named', { role }));
  if (target.rule !== null && !target.rule.people.includes(person)) {
    const notAllowed = finding(
      'approval-role-not-allowed',
      { person, role },
      { where, expected: target.rule.people.join(', '), found: person },
    );
    return refuse(say('because-not-allowed', { role }), [notAllowed]);
  }
  const late = timeFindings(approval, target.rule, question);
  if (late.length > 0) return refuse(say('because-out-of-date'), late, { outOfTime: true });
  return { counts: [role], because: null, findings: [], outOfTime: false, withdrawn: false };
}

function isSigned({ binding, signature }: JudgedApproval): boolean {
  return (binding === 'bundle' || binding === 'archive') && (signature === 'true' || signature === 'weak');
}

function whyNotAttributable(approval: JudgedApproval): Said {
  if (approval.binding === 'stale') return say('because-stale');
  if (approval.binding === 'other') return say('because-other');
  if (approval.signature === 'none') return say('because-unsigned');
  if (approval.signature === 'could-not-check') return say('because-could-not-check');
  if (approval.signature === 'false') return say('because-false');
  if (approval.signature === 'weak') return say('because-weak');
  if (approval.signer === null) return say('because-unknown');
  return say('because-disagrees');
}

function takenBackFinding({ file, signer, takenBackAt = '' }: JudgedApproval): Finding {
  const params = { person: signer?.person.id ?? '', at: takenBackAt };
  return finding('approval-taken-back', params, { where: { file } });
}

function withdrawnFinding({ file, signer }: JudgedApproval): Finding {
  const at = signer?.withdrawnAt ?? '';
  return finding('key-withdrawn', { person: signer?.person.id ?? '', at }, { where: { file } });
}

/** Windows are judged at `now`; a claimed time never helps, it can only hurt. */
function timeFindings(
  approval: JudgedApproval,
  rule: RoleRule | null,
  { now, created }: RoleQuestion,
): Finding[] {
  const where = { file: approval.file };
  const { signer, claims } = approval;
  const person = signer!.person.id;
  const found: Finding[] = [];
  if (signer!.state === 'expired')
    found.push(finding('key-expired', { person, until: signer!.key.until ?? '' }, { where }));
  if (signer!.state === 'not-yet')
    found.push(finding('key-not-yet', { person, from: signer!.key.from ?? '' }, { where }));
  const expires = claims.expires === undefined ? null : parseTime(claims.expires);
  if (expires !== null && expires <= now)
    found.push(finding('approval-expired', { expires: claims.expires! }, { where }));
  const signedAt = parseTime(claims.signedAt ?? '');
  if (signedAt === null)
    return [...found, finding('approval-time-unreadable', { signedAt: claims.signedAt ?? '' }, { where })];
  if (signedAt > now + CLOCK_TOLERANCE_SECONDS * 1000)
    found.push(finding('approval-signed-in-future', { signedAt: claims.signedAt! }, { where }));
  const made = created === undefined ? null : parseTime(created);
  if (made !== null && signedAt < made - CLOCK_TOLERANCE_SECONDS * 1000) {
    found.push(
      finding('approval-before-created', { signedAt: claims.signedAt!, created: created! }, { where }),
    );
  }
  if (rule?.maxAgeDays !== undefined && addDays(signedAt, rule.maxAgeDays) <= now) {
    found.push(finding('approval-too-old', { signedAt: claims.signedAt!, days: rule.maxAgeDays }, { where }));
  }
  return found;
}

/** After people were assigned: a second approval of the same person for the same role is shown, not counted. */
function settle(
  standing: Standing,
  approval: JudgedApproval,
  assigned: ReadonlyMap<string, readonly string[]>,
  seen: Set<string>,
): Standing {
  const [role] = standing.counts;
  if (role === undefined) return standing;
  const person = approval.signer!.person.id;
  const where = { file: approval.file };
  if (!(assigned.get(role) ?? []).includes(person)) {
    const twice = finding('same-person-two-roles', { person, role }, { where });
    return {
      ...standing,
      counts: [],
      because: say('because-counted-elsewhere'),
      findings: [twice],
    };
  }
  const once = `${role} ${person}`;
  if (seen.has(once))
    return {
      ...standing,
      counts: [],
      because: say('because-counted-already'),
    };
  seen.add(once);
  return { ...standing, because: say('because-counts', { person, role }) };
}

function roleReport(
  needed: NeededRole,
  met: readonly string[],
  question: RoleQuestion,
  standings: readonly Standing[],
): RoleReport {
  return {
    role: needed.role,
    threshold: needed.threshold,
    askedBy: [...needed.askedBy],
    people: [...(needed.rule?.people ?? [])],
    met: question.rule === null ? [] : [...met],
    state: stateOf(needed, met, question, standings),
  };
}

function stateOf(
  needed: NeededRole,
  met: readonly string[],
  question: RoleQuestion,
  standings: readonly Standing[],
): RoleReport['state'] {
  if (met.length >= needed.threshold) return question.rule === null ? 'no-rule' : 'met';
  const about = question.approvals
    .map((approval, i) => ({ approval, standing: standings[i]! }))
    .filter(({ approval }) => approval.claims.role === needed.role && approval.claims.decision !== 'declined')
    .filter(
      ({ approval }) =>
        approval.binding === 'bundle' || approval.binding === 'archive' || approval.binding === 'unknown',
    );
  const mayGive = (person: string | undefined) =>
    needed.rule === null || (person !== undefined && needed.rule.people.includes(person));
  if (about.some(({ standing, approval }) => standing.withdrawn && mayGive(approval.signer?.person.id)))
    return 'withdrawn';
  if (about.some(({ standing }) => standing.outOfTime)) return 'expired';
  if (about.some(({ approval }) => approval.signature === 'weak' && approval.signer !== null)) return 'weak';
  const signed = about.filter(({ approval }) => approval.signature !== 'none');
  if (signed.length > 0 && signed.every(({ approval }) => approval.signature === 'false'))
    return 'false-signature';
  if (signed.some(({ approval }) => approval.signature === 'could-not-check')) return 'could-not-check';
  if (signed.some(({ approval }) => isSigned(approval) && approval.signer === null)) return 'unknown-signer';
  return 'missing';
}
