import type { InputReport, RoleReport, RuleSummary, Verdict, VerdictCode } from '../generated/report.js';
import { inert } from '../messages/inert.js';
import { verdictRow } from './verdicts.js';

/** What the sentences of a verdict are made of. Text from the bundle is made inert before it enters one. */
export interface WordFacts {
  readonly code: VerdictCode;
  readonly rule: RuleSummary;
  readonly roles: readonly RoleReport[];
  readonly approvals: InputReport['approvals'];
  readonly findings: InputReport['findings'];
  readonly files: number;
}

interface Words {
  readonly headline: string;
  readonly sub: string;
  readonly next: string;
}

/** Always shown with a confirmed verdict. */
export const LIMITS_LINE =
  'This shows who approved which bytes. It does not say the content is safe or correct.';

/** Headline, sub-line and next step: fact, consequence, next step (docs/SPEC.md, "Wording"). */
export function verdictWords(facts: WordFacts): Verdict {
  const words = table[facts.code](facts);
  return { look: verdictRow(facts.code).look, code: facts.code, ...words };
}

const firstError = (facts: WordFacts, axis?: string): string =>
  facts.findings.find((one) => one.severity === 'error' && (axis === undefined || one.axis === axis))
    ?.message ?? '';

const firstAction = (facts: WordFacts, axis: string, otherwise: string): string =>
  facts.findings.find((one) => one.severity === 'error' && one.axis === axis)?.action ?? otherwise;

const table: Readonly<Record<VerdictCode, (facts: WordFacts) => Words>> = {
  'B-NEWER': (facts) => ({
    headline: 'Made with a newer format; this version cannot judge it',
    sub: `${firstError(facts)} No statement about trust is possible.`,
    next: 'Update this program, then check the file again.',
  }),
  'B-UNREADABLE': (facts) => ({
    headline: "We couldn't read this file",
    sub: `${firstError(facts)} No statement about trust is possible.`,
    next: firstAction(facts, 'readable', 'Ask the sender for the file again.'),
  }),
  'B-CHANGED': (facts) => ({
    headline: changedHeadline(facts),
    sub: `${firstError(facts, 'unchanged')} Damage in transfer can cause this, so can editing or tampering.`,
    next: "Don't use it. Ask the sender for the original file.",
  }),
  'B-SIGBAD': (facts) => ({
    headline: 'An approval does not belong to this file',
    sub: `The only approval for ${roleNames(facts, 'false-signature')} was not made for these bytes. The file itself matches its own list.`,
    next: 'Usually the bundle was packed again after approval. Ask for the original, or collect new approvals.',
  }),
  'B-WITHDRAWN': (facts) => ({
    headline: wasTakenBack(facts)
      ? 'An approval was taken back by the person who gave it'
      : `Signed with a key that was withdrawn${withdrawnOn(facts)}`,
    sub: wasTakenBack(facts)
      ? `The approval for ${roleNames(facts, 'withdrawn')} no longer stands.`
      : `The approval for ${roleNames(facts, 'withdrawn')} rests on a key that was withdrawn.`,
    next: wasTakenBack(facts)
      ? 'Ask that person why, and for a new approval if they agree.'
      : 'Ask that person to approve again with a current key.',
  }),
  'B-STALE': (facts) => ({
    headline: `Approved an earlier version${staleVersion(facts)}, not this one`,
    sub: 'People you know approved another version of this bundle. Nobody approved these bytes.',
    next: 'Ask them to read and approve this version.',
  }),
  'B-NOCHECK': (facts) => ({
    headline: 'One required check could not be made',
    sub: firstError(facts) || 'What your rule needs could not be checked with what is here.',
    next: firstAction(facts, 'approvals', 'See "How we checked" for what is missing, and add it.'),
  }),
  'B-NOSIG': () => ({
    headline: 'Complete and matches its own file list, but nobody signed it',
    sub: 'Anybody could have packed this file. Nothing says who vouches for it.',
    next: 'Ask for the approvals and add them, or ask the sender who approved it.',
  }),
  'B-UNKNOWN': (facts) => ({
    headline: "Unchanged, but we don't know who signed it",
    sub: unknownSub(facts),
    next: "Identify the signer: compare the key with the person, or import your organisation's trust list.",
  }),
  'B-EXPIRED': (facts) => ({
    headline: 'Approvals are out of date',
    sub: `For ${roleNames(facts, 'expired')}: ${firstError(facts, 'time')} The file itself is unchanged.`,
    next: 'Ask these people to approve again.',
  }),
  'B-INCOMPLETE': (facts) => ({
    headline: incompleteHeadline(facts),
    sub: incompleteSub(facts),
    next: incompleteNext(facts),
  }),
  'B-NORULE': () => ({
    headline: 'Signed by people you know, but no rule says who must',
    sub: 'The file is unchanged and the signers are in your trust list. Without a rule of yours nothing can be confirmed.',
    next: 'Choose or import a rule that says who must approve.',
  }),
  'B-OK': (facts) => ({
    headline: 'Unchanged and fully approved',
    sub: `All ${facts.files} files are exactly what was signed. ${given(facts)} of ${needed(facts)} approvals required by ${inert(facts.rule?.name ?? '')} are from people in your trust list.`,
    next: 'Save the report with the bundle.',
  }),
};

function changedHeadline(facts: WordFacts): string {
  return facts.approvals.length > 0 ? 'Does not match what was signed' : 'Does not match its own file list';
}

const needed = ({ roles }: WordFacts): number => roles.reduce((sum, { threshold }) => sum + threshold, 0);
const given = ({ roles }: WordFacts): number =>
  roles.reduce((sum, { threshold, met }) => sum + Math.min(threshold, met.length), 0);

function incompleteHeadline(facts: WordFacts): string {
  const missing = needed(facts) - given(facts);
  if (missing === 0) return 'The level that your rule asks for is not met';
  return `Still needs ${missing} ${missing === 1 ? 'approval' : 'approvals'} (${given(facts)} of ${needed(facts)} given)`;
}

function incompleteSub(facts: WordFacts): string {
  const met = facts.roles.filter(({ state }) => state === 'met').map(({ role }) => inert(role));
  const open = facts.roles.filter(({ state }) => state !== 'met').map((role) => openRole(role));
  const start = met.length === 0 ? '' : `Approved as ${list(met)}. `;
  return `${start}${open.join(' ')} The file itself is unchanged.`;
}

function openRole({ role, state, people }: RoleReport): string {
  const name = inert(role);
  if (state === 'weak')
    return `As ${name} it was signed with an algorithm that proves nothing any more (RSA with SHA-1).`;
  if (state === 'unknown-signer') return `As ${name} it was signed with a key that you don't know.`;
  if (state === 'could-not-check') return `As ${name} it was signed in a way that could not be checked here.`;
  if (people.length === 0) return `The bundle asks for ${name}, and your rule names nobody for it.`;
  return `Nobody approved as ${name} yet.`;
}

function incompleteNext({ roles }: WordFacts): string {
  const open = roles.filter(({ state, people }) => state !== 'met' && people.length > 0);
  if (open.length === 0)
    return 'Name the people for the missing roles in your rule, or ask the author why the bundle asks for them.';
  const asks = open.map((role) =>
    role.state === 'weak'
      ? `${list(
          role.people.map((person) => inert(person)),
          'or',
        )} to approve again as ${inert(role.role)} with a current key (Ed25519, ECDSA, or RSA with SHA-2)`
      : `${list(
          role.people.map((person) => inert(person)),
          'or',
        )} to approve as ${inert(role.role)}`,
  );
  return `Ask ${asks.join('; ')}.`;
}

/** Files come in any order; the sentence must not depend on it. */
function firstInOrder(texts: readonly string[]): string | undefined {
  return texts.toSorted()[0];
}

function unknownSub({ approvals }: WordFacts): string {
  const strangers = approvals.flatMap(({ signature, known, key, claims }) =>
    signature === 'true' && known === null && key !== null
      ? [{ fingerprint: key.fingerprint, user: claims.user ?? '' }]
      : [],
  );
  const fingerprint = firstInOrder(strangers.map((stranger) => stranger.fingerprint));
  if (fingerprint === undefined) return 'No signer in a needed role is in your trust list.';
  const user = firstInOrder(
    strangers.filter((stranger) => stranger.fingerprint === fingerprint).map((stranger) => stranger.user),
  );
  const claim =
    user === undefined || user === '' ? '' : ` Anybody can make a key that says "${inert(user)}".`;
  return `A signature belongs to these bytes, but key ${fingerprint} is not in your trust list.${claim}`;
}

/** Only where no key was withdrawn: a key in somebody else's hands is the worse news. */
function wasTakenBack(facts: WordFacts): boolean {
  return withdrawnOn(facts) === '' && facts.findings.some(({ code }) => code === 'approval-taken-back');
}

function withdrawnOn({ approvals }: WordFacts): string {
  const at = firstInOrder(
    approvals.flatMap(({ known }) =>
      known?.keyState === 'withdrawn' && known.withdrawnAt !== undefined ? [known.withdrawnAt] : [],
    ),
  );
  return at === undefined ? '' : ` on ${at.slice(0, 10)}`;
}

function staleVersion({ findings }: WordFacts): string {
  const version = firstInOrder(
    findings
      .filter(({ code }) => code === 'approval-stale')
      .map(({ params }) => String(params['version'] ?? '')),
  );
  return version === undefined || version === '' ? '' : ` (${version})`;
}

function roleNames({ roles }: WordFacts, state: RoleReport['state']): string {
  return list(roles.filter((role) => role.state === state).map(({ role }) => inert(role)));
}

function list(items: readonly string[], last = 'and'): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} ${last} ${items.at(-1) ?? ''}`;
}
