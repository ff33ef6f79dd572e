import { count, difference, type Difference, type Effect } from './difference.js';
import type { RoleRule, Rule } from './trust.js';

/** What changes between two rules that are compared under the name of the second. */
export function diffRule(before: Rule, after: Rule): Difference[] {
  const rule = after.name;
  return [
    ...diffLevel(before, after),
    ...diffSwitches(before, after),
    ...without(before.attestations, after.attestations).map((name) =>
      difference('attestation-gone', 'weaker', rule, { rule, name }),
    ),
    ...without(after.attestations, before.attestations).map((name) =>
      difference('attestation-new', 'stronger', rule, { rule, name }),
    ),
    ...diffRoles(before, after),
  ];
}

/** The rules of two lists by name. A rule that comes or goes changes nothing unless it judges. */
export function diffRules(before: readonly Rule[], after: readonly Rule[]): Difference[] {
  const old = new Map(before.map((rule) => [rule.name, rule]));
  const now = new Set(after.map(({ name }) => name));
  return [
    ...before
      .filter(({ name }) => !now.has(name))
      .map(({ name }) => difference('rule-gone', 'same', name, { rule: name })),
    ...after.flatMap((rule) => {
      const known = old.get(rule.name);
      if (known !== undefined) return diffRule(known, rule);
      return [difference('rule-new', 'same', rule.name, { rule: rule.name, roles: rolesInWords(rule) })];
    }),
  ];
}

/** Whether a verdict by `after` is easier to reach than one by `before`. */
export function effectOf(before: Rule, after: Rule): Effect {
  const effects = new Set(diffRule(before, after).map(({ effect }) => effect));
  if (effects.has('weaker')) return 'weaker';
  return effects.has('stronger') ? 'stronger' : 'same';
}

/** "pm (1 of 2), security (1 of 1)". */
export function rolesInWords({ roles }: Rule): string {
  return roles.map((role) => `${role.role} (${needInWords(role)})`).join(', ') || 'no roles';
}

function needInWords({ threshold, people }: RoleRule): string {
  return `${threshold} of ${people.length}`;
}

function diffLevel(before: Rule, after: Rule): Difference[] {
  if (before.level === after.level) return [];
  const weaker = (after.level ?? '') < (before.level ?? '');
  const params = { rule: after.name, before: before.level ?? 'none', after: after.level ?? 'none' };
  return [
    weaker
      ? difference('level-lower', 'weaker', after.name, params)
      : difference('level-higher', 'stronger', after.name, params),
  ];
}

function diffSwitches(before: Rule, after: Rule): Difference[] {
  const rule = after.name;
  const changes: Difference[] = [];
  if (before.differentPeople !== after.differentPeople)
    changes.push(
      after.differentPeople
        ? difference('people-different', 'stronger', rule, { rule })
        : difference('people-same', 'weaker', rule, { rule }),
    );
  if (before.legacyDialects !== after.legacyDialects)
    changes.push(
      after.legacyDialects
        ? difference('legacy-on', 'weaker', rule, { rule })
        : difference('legacy-off', 'stronger', rule, { rule }),
    );
  return changes;
}

function diffRoles(before: Rule, after: Rule): Difference[] {
  const rule = after.name;
  const old = new Map(before.roles.map((role) => [role.role, role]));
  const now = new Set(after.roles.map(({ role }) => role));
  return [
    ...before.roles
      .filter(({ role }) => !now.has(role))
      .map(({ role }) => difference('role-gone', 'weaker', rule, { rule, role })),
    ...after.roles.flatMap((role) => {
      const known = old.get(role.role);
      return known === undefined
        ? [difference('role-new', 'stronger', rule, { rule, role: role.role, need: needInWords(role) })]
        : diffRole(rule, known, role);
    }),
  ];
}

function diffRole(rule: string, before: RoleRule, after: RoleRule): Difference[] {
  const { role } = after;
  const changes: Difference[] = [];
  if (after.threshold !== before.threshold) {
    const params = {
      rule,
      role,
      before: count(before.threshold, 'person', 'people'),
      after: count(after.threshold, 'person', 'people'),
    };
    changes.push(
      after.threshold < before.threshold
        ? difference('threshold-lower', 'weaker', rule, params)
        : difference('threshold-higher', 'stronger', rule, params),
    );
  }
  return [...changes, ...diffAge(rule, before, after), ...diffGivers(rule, before, after)];
}

function diffAge(rule: string, before: RoleRule, after: RoleRule): Difference[] {
  if (before.maxAgeDays === after.maxAgeDays) return [];
  const longer = (after.maxAgeDays ?? Infinity) > (before.maxAgeDays ?? Infinity);
  const days = (n: number | undefined) => (n === undefined ? 'any time' : count(n, 'day'));
  const params = { rule, role: after.role, before: days(before.maxAgeDays), after: days(after.maxAgeDays) };
  return [
    longer
      ? difference('age-longer', 'weaker', rule, params)
      : difference('age-shorter', 'stronger', rule, params),
  ];
}

function diffGivers(rule: string, before: RoleRule, after: RoleRule): Difference[] {
  const { role } = after;
  return [
    ...without(after.people, before.people).map((person) =>
      difference('role-person-new', 'weaker', rule, { rule, role, person }),
    ),
    ...without(before.people, after.people).map((person) =>
      difference('role-person-gone', 'stronger', rule, { rule, role, person }),
    ),
  ];
}

function without(all: readonly string[], those: readonly string[]): string[] {
  return all.filter((one) => !those.includes(one));
}
