import type { InputReport, RoleReport } from '../generated/report.js';
import { inert } from '../messages/inert.js';
import type { Rule, Trust } from '../trust/trust.js';

/** How one role stands, and who could still give it. Role and people are the reader's own words, or inert. */
export interface RoleStatus {
  readonly role: string;
  readonly state: RoleReport['state'];
  readonly have: number;
  readonly need: number;
  /** People whose approvals count. */
  readonly by: readonly string[];
  /** People whom the rule names, who have a key that was not withdrawn and are free to give this role. */
  readonly couldGive: readonly string[];
}

/** "2 of 3, security missing, who could give it". */
export interface ApprovalStatus {
  /** Roles that are met, and roles that are needed. */
  readonly met: number;
  readonly needed: number;
  readonly roles: readonly RoleStatus[];
  readonly sentence: string;
}

/**
 * How far a bundle is on its way to "approved", from its report, the rule and the trust list that judged it. Says
 * nothing about its bytes: look at the verdict first.
 */
export function approvalStatus(input: InputReport, trust: Trust | null, rule: Rule | null): ApprovalStatus {
  const roles = input.roles.map((role) => statusOf(role, input.roles, trust, rule));
  const met = roles.filter(({ state }) => state === 'met').length;
  return { met, needed: roles.length, roles, sentence: sentenceOf(roles, met, rule) };
}

function statusOf(
  { role, state, met, threshold, people }: RoleReport,
  all: readonly RoleReport[],
  trust: Trust | null,
  rule: Rule | null,
): RoleStatus {
  const differentPeople = rule?.differentPeople ?? true;
  const busy = new Set(all.flatMap((one) => (differentPeople || one.role === role ? one.met : [])));
  const couldGive =
    state === 'met' ? [] : people.filter((person) => !busy.has(person) && canSign(person, trust));
  return { role, state, have: met.length, need: threshold, by: [...met], couldGive };
}

/** Without a list nobody can be ruled out. */
function canSign(person: string, trust: Trust | null): boolean {
  if (trust === null) return true;
  const withdrawn = new Set(trust.withdrawn.map(({ fingerprint }) => fingerprint));
  const known = trust.people.find(({ id }) => id === person);
  return known?.keys.some(({ fingerprint }) => !withdrawn.has(fingerprint)) ?? false;
}

function sentenceOf(roles: readonly RoleStatus[], met: number, rule: Rule | null): string {
  const names = (some: readonly RoleStatus[]): string => some.map(({ role }) => inert(role, 60)).join(', ');
  if (rule === null) {
    const asked = roles.length === 0 ? '' : ` The bundle asks for ${names(roles)}.`;
    return `No rule says who must approve.${asked}`;
  }
  if (roles.length === 0) return 'The rule asks nobody to approve.';
  if (met === roles.length) return `All of ${roles.length} given.`;
  const open = roles
    .filter(({ state }) => state !== 'met')
    .map(({ role, have, need, couldGive }) => {
      const count = need > 1 ? ` (${have} of ${need})` : '';
      const who =
        couldGive.length === 0
          ? 'nobody on your list could give it'
          : `${couldGive.join(' or ')} could give it`;
      return `${inert(role, 60)}${count} missing, ${who}`;
    });
  return `${met} of ${roles.length} given: ${open.join('; ')}.`;
}
