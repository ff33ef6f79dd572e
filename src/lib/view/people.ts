import { parseTime } from '../../core/bytes/time';
import { findSigner, type KeyState } from '../../core/trust/lookup';
import type { Person, Rule, Trust, TrustedKey } from '../../core/trust/trust';

/** The one thing that is being edited; its form stands where the thing stood. */
export type Editing =
  | { readonly is: 'person'; readonly person: Person }
  | { readonly is: 'key' | 'withdraw'; readonly person: Person; readonly key: TrustedKey }
  | { readonly is: 'rule'; readonly rule: Rule | null }
  | { readonly is: 'add' };

/** Where a person may approve, by the rules of the list. */
export function rolesOf(
  list: Trust,
  id: string,
): readonly { readonly rule: string; readonly role: string }[] {
  return list.rules.flatMap((rule) =>
    rule.roles.filter(({ people }) => people.includes(id)).map(({ role }) => ({ rule: rule.name, role })),
  );
}

/** How a key of the list stands at a time, as when a signature by it is judged. */
export function keyState(list: Trust, key: TrustedKey, now: string): KeyState {
  const judgedAt = parseTime(now) ?? Number.NaN;
  return findSigner(list, { fingerprint: key.fingerprint }, judgedAt)?.state ?? 'current';
}

/** People of a list who have no key that counts at a time. */
export function withoutKey(list: Trust, now: string): readonly string[] {
  return list.people
    .filter(({ keys }) => !keys.some((key) => keyState(list, key, now) === 'current'))
    .map(({ id }) => id);
}

export type Level = 'L1' | 'L2' | 'L3' | 'L4';

/** The highest level that a rule reaches by what it asks for. */
export function levelReached({ roles, attestations }: Rule): Level {
  if (roles.length === 0) return 'L1';
  if (roles.length === 1) return 'L2';
  return attestations.length === 0 ? 'L3' : 'L4';
}

/** Roles that could not be given today, because too few of the people named have a key that counts. */
export function shortOfKeys(list: Trust, rule: Rule, now: string): readonly string[] {
  const without = new Set(withoutKey(list, now));
  return rule.roles
    .filter(({ people, threshold }) => people.filter((id) => !without.has(id)).length < threshold)
    .map(({ role }) => role);
}

/** A day as typed in a date field, as the moment when it begins or ends in UTC; undefined when empty. */
export function dayToTime(day: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00Z` : undefined;
}

/** For a date field. */
export function timeToDay(time: string | undefined): string {
  return time?.slice(0, 10) ?? '';
}
