import type {
  Finding,
  InputReport,
  RoleReport,
  RuleSummary,
  Verdict,
  VerdictCode,
} from '../generated/report.js';
import { say, sayAll, sayBoth, sayFinding, sayList, saysOf, type Said } from '../messages/say.js';
import { isEarned, isSigned, isUncheckable } from './decide.js';
import { verdictRow } from './verdicts.js';

/** What the sentences of a verdict are made of. Text from the bundle is made inert before it enters one. */
export interface WordFacts {
  readonly code: VerdictCode;
  readonly rule: RuleSummary;
  readonly roles: readonly RoleReport[];
  readonly checks: InputReport['checks'];
  /** As in the decision: ids of the checks that must have had data. */
  readonly gates: ReadonlySet<string>;
  readonly approvals: InputReport['approvals'];
  readonly findings: InputReport['findings'];
  readonly files: number;
}

interface Words {
  readonly headline: Said;
  readonly sub: Said;
  readonly next: Said;
}

/** Always shown with a confirmed verdict. */
export const LIMITS_LINE =
  'This shows who approved which bytes. It does not say the content is safe or correct.';

/** Headline, sub-line and next step: fact, consequence, next step (docs/SPEC.md, "Wording"). */
export function verdictWords(facts: WordFacts): Verdict {
  const { headline, sub, next } = table[facts.code](facts);
  return {
    look: verdictRow(facts.code).look,
    code: facts.code,
    headline: headline.text,
    sub: sub.text,
    next: next.text,
    says: saysOf({ headline, sub, next }),
  };
}

function firstError(facts: WordFacts, axis?: string): Said | null {
  const first = facts.findings.find(
    (one) => one.severity === 'error' && (axis === undefined || one.axis === axis),
  );
  return first === undefined ? null : sayFinding(first, 'message');
}

function firstAction(facts: WordFacts, axis: string, otherwise: Said): Said {
  const first = facts.findings.find((one) => one.severity === 'error' && one.axis === axis);
  return first === undefined ? otherwise : sayFinding(first, 'action');
}

const table: Readonly<Record<VerdictCode, (facts: WordFacts) => Words>> = {
  'B-NEWER': (facts) => ({
    headline: say('newer-headline'),
    sub: sayBoth(firstError(facts), say('no-statement')),
    next: say('newer-next'),
  }),
  'B-UNREADABLE': (facts) => ({
    headline: say('unreadable-headline'),
    sub: sayBoth(firstError(facts), say('no-statement')),
    next: firstAction(facts, 'readable', say('unreadable-next')),
  }),
  'B-CHANGED': (facts) => ({
    headline: facts.approvals.length > 0 ? say('changed-headline') : say('changed-headline-unsigned'),
    sub: sayBoth(firstError(facts, 'unchanged'), say('changed-sub')),
    next: say('changed-next'),
  }),
  'B-SIGBAD': (facts) => ({
    headline: say('sigbad-headline'),
    sub: say('sigbad-sub', { roles: roleNames(facts, 'false-signature') }),
    next: say('sigbad-next'),
  }),
  'B-WITHDRAWN': (facts) => (wasTakenBack(facts) ? takenBackWords(facts) : withdrawnWords(facts)),
  'B-STALE': (facts) => ({
    headline: staleHeadline(facts),
    sub: say('stale-sub'),
    next: say('stale-next'),
  }),
  'B-NOCHECK': (facts) => {
    const open = uncheckedFinding(facts);
    return {
      headline: say('nocheck-headline'),
      sub: open === undefined ? uncheckedDetail(facts) : sayFinding(open, 'message'),
      next: open === undefined ? say('nocheck-next') : sayFinding(open, 'action'),
    };
  },
  'B-NOSIG': () => ({ headline: say('nosig-headline'), sub: say('nosig-sub'), next: say('nosig-next') }),
  'B-UNKNOWN': (facts) => ({
    headline: say('unknown-headline'),
    sub: unknownSub(facts),
    next: say('unknown-next'),
  }),
  'B-EXPIRED': expiredWords,
  'B-INCOMPLETE': incompleteWords,
  'B-NORULE': () => ({ headline: say('norule-headline'), sub: say('norule-sub'), next: say('norule-next') }),
  'B-OK': (facts) => ({
    headline: say('ok-headline'),
    sub: say('ok-sub', {
      files: facts.files,
      given: given(facts),
      needed: needed(facts),
      rule: facts.rule?.name ?? '',
    }),
    next: say('ok-next'),
  }),
};

/** Why the check was not made: where something is signed a check of the bundle was, else that of an approval. */
function uncheckedFinding(facts: WordFacts): Finding | undefined {
  const open = facts.approvals.some(isSigned) ? openChecks(facts) : facts.approvals.filter(isUncheckable);
  return reasonIn(open, facts);
}

/** For a check that needs no finding to say it. */
function uncheckedDetail(facts: WordFacts): Said {
  const [open] = openChecks(facts);
  const saying = open?.says?.['detail'];
  return saying === undefined ? say('nocheck-sub') : { text: open!.detail, saying };
}

function openChecks({ checks, gates, rule }: WordFacts): InputReport['checks'] {
  return checks.filter((check) => !isEarned(check, { gates, hasRule: rule !== null }));
}

/** The finding that tells most about these approvals or checks: the first error, or what there is. */
function reasonIn(
  about: readonly { readonly findings: readonly number[] }[],
  { findings }: WordFacts,
): Finding | undefined {
  const reasons = about.flatMap((one) => one.findings.map((i) => findings[i]!));
  return reasons.find(({ severity }) => severity === 'error') ?? reasons[0];
}

const needed = ({ roles }: WordFacts): number => roles.reduce((sum, { threshold }) => sum + threshold, 0);
const given = ({ roles }: WordFacts): number =>
  roles.reduce((sum, { threshold, met }) => sum + Math.min(threshold, met.length), 0);

function takenBackWords(facts: WordFacts): Words {
  return {
    headline: say('takenback-headline'),
    sub: say('takenback-sub', { roles: roleNames(facts, 'withdrawn') }),
    next: say('takenback-next'),
  };
}

function withdrawnWords(facts: WordFacts): Words {
  const date = withdrawnOn(facts);
  return {
    headline: date === null ? say('withdrawn-headline') : say('withdrawn-headline-on', { date }),
    sub: say('withdrawn-sub', { roles: roleNames(facts, 'withdrawn') }),
    next: say('withdrawn-next'),
  };
}

/** One reason for each role that is out of date; what to do about several of one kind is said once. */
function expiredWords(facts: WordFacts): Words {
  const late = facts.roles.flatMap(({ role, state }) => {
    const why = state === 'expired' ? lateFinding(role, facts) : undefined;
    return why === undefined ? [] : [{ role, why }];
  });
  const actions = new Map(late.map(({ why }) => [why.action, sayFinding(why, 'action')]));
  const problems = late.map(({ role, why }) =>
    say('expired-sub', { role, problem: sayFinding(why, 'message') }),
  );
  return {
    headline: say('expired-headline'),
    sub: sayBoth(sayAll(problems), say('incomplete-unchanged')),
    next: sayAll([...actions.values()]) ?? say('expired-next'),
  };
}

function lateFinding(role: string, { approvals, findings }: WordFacts): Finding | undefined {
  return approvals
    .filter((one) => one.claims.role === role && one.known !== null && isSigned(one))
    .flatMap((approval) => approval.findings.map((i) => findings[i]!))
    .find(({ axis, severity }) => axis === 'time' && severity === 'error');
}

/** The level is named only where no role is open: an open one says more. */
function incompleteWords(facts: WordFacts): Words {
  const unmet = facts.findings.find(({ code }) => code === 'level-not-met');
  if (unmet === undefined || needed(facts) > given(facts))
    return { headline: incompleteHeadline(facts), sub: incompleteSub(facts), next: incompleteNext(facts) };
  return {
    headline: say('incomplete-headline-level'),
    sub: sayBoth(sayFinding(unmet, 'message'), say('incomplete-unchanged')),
    next: sayFinding(unmet, 'action'),
  };
}

function incompleteHeadline(facts: WordFacts): Said {
  const values = {
    missing: needed(facts) - given(facts),
    given: given(facts),
    needed: needed(facts),
  };
  return values.missing === 1 ? say('incomplete-headline-one', values) : say('incomplete-headline', values);
}

function incompleteSub(facts: WordFacts): Said {
  const met = facts.roles.filter(({ state }) => state === 'met').map(({ role }) => role);
  const open = facts.roles.filter(({ state }) => state !== 'met').map((role) => openRole(role, facts));
  const start = met.length === 0 ? null : say('incomplete-given', { roles: sayList(met) });
  return sayBoth(start, sayBoth(sayAll(open), say('incomplete-unchanged')));
}

function openRole(open: RoleReport, facts: WordFacts): Said {
  const { role, met, threshold } = open;
  const why = whyOpen(open, facts);
  if (met.length > 0) return sayBoth(say('open-some', { role, given: met.length, needed: threshold }), why);
  return why ?? say('open-missing', { role });
}

function whyOpen(open: RoleReport, facts: WordFacts): Said | null {
  const { role, state, people } = open;
  if (state === 'weak') return say('open-weak', { role });
  if (state === 'unknown-signer') return say('open-unknown', { role });
  if (state === 'could-not-check') return say('open-could-not-check', { role });
  if (people.length === 0) return say('open-nobody-named', { role });
  const reason = reasonIn(uncounted(open, facts), facts);
  return reason === undefined ? null : sayFinding(reason, 'message');
}

/**
 * Approvals for this role that do not count though their key is known and current: they decline, may not give it, or
 * their person counts elsewhere. Whoever has a stranger's key, or one that ended, has no part in the sentence.
 */
function uncounted({ role, met }: RoleReport, { approvals }: WordFacts): InputReport['approvals'] {
  return approvals
    .filter((one) => one.claims.role === role && isSigned(one))
    .filter(({ known }) => known?.keyState === 'current' && !met.includes(known.person));
}

function incompleteNext(facts: WordFacts): Said {
  const open = facts.roles.filter(({ state, people }) => state !== 'met' && people.length > 0);
  const busy = new Set(facts.rule?.differentPeople === false ? [] : facts.roles.flatMap(({ met }) => met));
  const asks = open.map((role) => askFor(role, facts, busy));
  const all = sayAll(asks, 'list-asks');
  return all === null ? say('incomplete-next-rule') : say('incomplete-next', { asks: all });
}

/** Who may still give the role, without `busy`, who count elsewhere; who declined is asked why first. */
function askFor(open: RoleReport, facts: WordFacts, busy: ReadonlySet<string>): Said {
  const { role, state, people, met } = open;
  const declined = uncounted(open, facts).flatMap(({ claims, known }) =>
    claims.decision === 'declined' && known !== null && people.includes(known.person) ? [known.person] : [],
  );
  if (declined.length > 0) return say('ask-why', { people: sayList([...new Set(declined)]), role });
  const others = people.filter((person) => !busy.has(person) && !met.includes(person));
  const asked = sayList(others.length > 0 ? others : people, 'list-or');
  return say(state === 'weak' ? 'ask-again' : 'ask-to-approve', { people: asked, role });
}

/** Approvals come in the archive or beside it; the sentence must not depend on which of the two. */
function firstInOrder(texts: readonly string[]): string | undefined {
  return texts.toSorted()[0];
}

function unknownSub({ approvals }: WordFacts): Said {
  const strangers = approvals.flatMap(({ signature, known, key, claims }) =>
    signature === 'true' && known === null && key !== null
      ? [{ fingerprint: key.fingerprint, user: claims.user ?? '' }]
      : [],
  );
  const key = firstInOrder(strangers.map((stranger) => stranger.fingerprint));
  if (key === undefined) return say('unknown-sub');
  const user = firstInOrder(
    strangers.filter((stranger) => stranger.fingerprint === key).map((stranger) => stranger.user),
  );
  const claim = user === undefined || user === '' ? null : say('unknown-sub-claim', { user });
  return sayBoth(say('unknown-sub-key', { key }), claim);
}

/** Only where no key was withdrawn: a key in somebody else's hands is the worse news. */
function wasTakenBack(facts: WordFacts): boolean {
  return withdrawnOn(facts) === null && facts.findings.some(({ code }) => code === 'approval-taken-back');
}

function withdrawnOn({ approvals }: WordFacts): string | null {
  const at = firstInOrder(
    approvals.flatMap(({ known }) =>
      known?.keyState === 'withdrawn' && known.withdrawnAt !== undefined ? [known.withdrawnAt] : [],
    ),
  );
  return at === undefined ? null : at.slice(0, 10);
}

function staleHeadline({ findings }: WordFacts): Said {
  const version = firstInOrder(
    findings
      .filter(({ code }) => code === 'approval-stale')
      .map(({ params }) => String(params['version'] ?? '')),
  );
  return version === undefined || version === ''
    ? say('stale-headline')
    : say('stale-headline-version', { version });
}

function roleNames({ roles }: WordFacts, state: RoleReport['state']): string | Said {
  return sayList(roles.filter((role) => role.state === state).map(({ role }) => role));
}
