import type { Person, RoleRule, Rule, Trust, TrustedKey, Withdrawal } from './trust.js';

/** Changes of a list that a person makes by hand. Each gives a new list; whether it may be kept is asked of `nextList`. */

export function withoutPerson(list: Trust, id: string): Trust {
  const people = list.people.filter((person) => person.id !== id);
  const rules = list.rules.map((rule) => ({
    ...rule,
    roles: rule.roles.map((role) => ({ ...role, people: role.people.filter((one) => one !== id) })),
  }));
  return { ...list, people, rules };
}

/** Roles that nobody could give without this person. */
export function onlyGiverOf(
  list: Trust,
  id: string,
): readonly { readonly rule: string; readonly role: string }[] {
  return list.rules.flatMap((rule) =>
    rule.roles
      .filter(({ people }) => people.includes(id) && people.length === 1)
      .map(({ role }) => ({ rule: rule.name, role })),
  );
}

/** The person as given; roles follow when the id changes. */
export function withPerson(list: Trust, id: string, changed: Person): Trust {
  const people = list.people.map((person) => (person.id === id ? changed : person));
  if (changed.id === id) return { ...list, people };
  const rename = (role: RoleRule): RoleRule => ({
    ...role,
    people: role.people.map((one) => (one === id ? changed.id : one)),
  });
  return { ...list, people, rules: list.rules.map((rule) => ({ ...rule, roles: rule.roles.map(rename) })) };
}

export function withKey(list: Trust, id: string, fingerprint: string, changed: TrustedKey | null): Trust {
  const people = list.people.map((person) => {
    if (person.id !== id) return person;
    const keys = person.keys.flatMap((key) => {
      if (key.fingerprint !== fingerprint) return [key];
      return changed === null ? [] : [changed];
    });
    return { ...person, keys };
  });
  return { ...list, people };
}

export function withWithdrawal(list: Trust, withdrawal: Withdrawal): Trust {
  return { ...list, withdrawn: [...list.withdrawn, withdrawal] };
}

/** Adds the rule, or puts it in the place of the one called `name`. A first rule is the one that judges. */
export function withRule(list: Trust, name: string | null, rule: Rule): Trust {
  const there = name !== null && list.rules.some((one) => one.name === name);
  const rules = there ? list.rules.map((one) => (one.name === name ? rule : one)) : [...list.rules, rule];
  const judges = list.defaultRule === undefined ? list.rules.length === 0 : list.defaultRule === name;
  return { ...list, rules, ...(judges ? { defaultRule: rule.name } : {}) };
}

export function withoutRule(list: Trust, name: string): Trust {
  const { defaultRule, ...rest } = list;
  const rules = list.rules.filter((rule) => rule.name !== name);
  return { ...rest, rules, ...(defaultRule === undefined || defaultRule === name ? {} : { defaultRule }) };
}

export function withDefaultRule(list: Trust, name: string): Trust {
  return { ...list, defaultRule: name };
}
