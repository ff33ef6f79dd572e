import type { InputReport } from '../../core/generated/report';
import type { Rule, Trust } from '../../core/trust/trust';
import type { KeyCard } from '../../engine/signer';

/** Who the owner of these keys is, in the words of the trust list. */
export interface Myself {
  /** Ids of people in the trust list. */
  readonly people: readonly string[];
  /** Names that can stand in a statement: of the list, and of key cards. */
  readonly users: readonly string[];
}

export function myself(trust: Trust | null, cards: readonly KeyCard[]): Myself {
  const prints = new Set(cards.map(({ fingerprint }) => fingerprint));
  const named = cards.flatMap(({ user }) => (user === null || user === '' ? [] : [user]));
  const found = (trust?.people ?? []).filter(
    ({ id, also, keys }) =>
      keys.some(({ fingerprint }) => prints.has(fingerprint)) ||
      [id, ...also].some((name) => named.includes(name)),
  );
  const people = found.map(({ id }) => id);
  return { people, users: [...new Set([...people, ...named])] };
}

/** The person of the list behind a name in a statement; null when nobody in it is called so. */
export function personOf(trust: Trust | null, user: string): string | null {
  return trust?.people.find(({ id, also }) => id === user || also.includes(user))?.id ?? null;
}

export interface RoleChoice {
  readonly roles: readonly string[];
  /**
   * Why there is no choice: `unknown` nobody in the list is called so; `none` the rule gives this person no role;
   * `typed` no rule and no wish of the bundle, so any role can be written.
   */
  readonly because: null | 'unknown' | 'none' | 'typed';
}

/**
 * The roles that `user` may give to a bundle. With a rule: those that it lets them give. Without one: those that the
 * bundle or the request asks for.
 */
export function rolesFor(
  user: string,
  trust: Trust | null,
  rule: Rule | null,
  asked: readonly string[],
): RoleChoice {
  if (rule === null)
    return asked.length > 0 ? { roles: [...new Set(asked)], because: null } : { roles: [], because: 'typed' };
  const person = personOf(trust, user.trim());
  if (person === null) return { roles: [], because: 'unknown' };
  const roles = rule.roles.filter(({ people }) => people.includes(person)).map(({ role }) => role);
  return roles.length > 0 ? { roles, because: null } : { roles: [], because: 'none' };
}

/** Roles of this bundle that wait for one of my users. */
export function waitingFor(
  roles: readonly Pick<InputReport['roles'][number], 'role' | 'met' | 'state'>[],
  rule: Rule | null,
  { people }: Myself,
  given: readonly string[],
): readonly string[] {
  if (rule === null) return [];
  return rule.roles
    .filter((needed) => needed.people.some((person) => people.includes(person)))
    .map(({ role }) => role)
    .filter((role) => !given.includes(role) && roles.find((one) => one.role === role)?.state !== 'met');
}

/** Other names of the same person in the trust list that show no e-mail address. */
export function pseudonyms(trust: Trust | null, user: string): readonly string[] {
  const found = trust?.people.find(({ id, also }) => id === user || also.includes(user));
  return found === undefined ? [] : [found.id, ...found.also].filter((name) => name !== user);
}

export function looksLikeAddress(user: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(user.trim());
}
