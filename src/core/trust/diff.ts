import { parseTime } from '../bytes/time.js';
import { diffKeys } from './diffKeys.js';
import { diffRules, effectOf } from './diffRules.js';
import { count, difference, type Difference, type Effect } from './difference.js';
import type { Person, Trust, Withdrawal } from './trust.js';

export type { Difference, Effect } from './difference.js';

const ORDER: readonly Effect[] = ['weaker', 'stronger', 'same'];

/**
 * What a new trust list changes, what makes it weaker first (docs/SPEC.md, "Trust list"). "Weaker" means that some bundle could
 * be confirmed that was not before: a new key for a known person, a role that more people may give, a lower threshold.
 *
 * @param before - null when there was no list yet.
 */
export function diffTrust(before: Trust | null, after: Trust): readonly Difference[] {
  const changes =
    before === null
      ? [
          difference('list-new', 'same', after.id ?? '', {
            people: count(after.people.length, 'person', 'people'),
            rules: count(after.rules.length, 'rule'),
          }),
        ]
      : [
          ...diffHead(before, after),
          ...diffPeople(before, after),
          ...diffWithdrawn(before.withdrawn, after.withdrawn),
          ...diffRules(before.rules, after.rules),
          ...diffDefault(before, after),
        ];
  return changes.toSorted((a, b) => ORDER.indexOf(a.effect) - ORDER.indexOf(b.effect));
}

/** The name of a person with the address that they sign as. */
export function personInWords({ id, name }: Person): string {
  return name === undefined ? id : `${name} (${id})`;
}

function diffHead(before: Trust, after: Trust): Difference[] {
  const [was = '', is = ''] = [before.id, after.id];
  if (was !== is) return [difference('list-other', 'weaker', is, { before: was, after: is })];
  const params = { before: before.serial ?? 0, after: after.serial ?? 0 };
  if (params.after < params.before) return [difference('serial-back', 'weaker', is, params)];
  if (params.after > params.before) return [difference('serial-forward', 'same', is, params)];
  const { people, withdrawn, rules, defaultRule } = before;
  const same =
    JSON.stringify(plain([people, withdrawn, rules, defaultRule])) ===
    JSON.stringify(plain([after.people, after.withdrawn, after.rules, after.defaultRule]));
  return same ? [] : [difference('serial-same', 'same', is, params)];
}

/** Keys as fingerprints: whether the list holds the whole key makes no other list. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, one: unknown) =>
      name === 'blob' || name === 'certificate' ? undefined : one,
    ),
  ) as unknown;
}

function diffPeople(before: Trust, after: Trust): Difference[] {
  const pairs = after.people.map((person) => ({ person, was: sameAs(before, person) }));
  const kept = new Set(pairs.map(({ was }) => was));
  const owners = new Map(
    before.people.flatMap((person) => person.keys.map((key) => [key.fingerprint, person] as const)),
  );
  return [
    ...before.people
      .filter((person) => !kept.has(person))
      .map((person) => difference('person-gone', 'stronger', person.id, { person: personInWords(person) })),
    ...pairs.flatMap(({ person, was }) => [
      ...(was === undefined
        ? [
            difference('person-new', 'same', person.id, {
              person: personInWords(person),
              keys: count(person.keys.length, 'key'),
            }),
          ]
        : diffNames(was, person)),
      ...diffKeys(was, person, owners),
    ]),
  ];
}

function sameAs(list: Trust, { id, also }: Person): Person | undefined {
  return (
    list.people.find((person) => person.id === id) ??
    list.people.find((person) => also.includes(person.id) || person.also.includes(id))
  );
}

function diffNames(was: Person, is: Person): Difference[] {
  const person = personInWords(is);
  const names = ({ id, also }: Person) => [id, ...also];
  const renamed =
    was.name === is.name
      ? []
      : [
          difference('person-name', 'same', is.id, {
            person: is.id,
            before: was.name ?? 'none',
            after: is.name ?? 'none',
          }),
        ];
  return [
    ...renamed,
    ...names(is)
      .filter((name) => !names(was).includes(name))
      .map((name) => difference('also-new', 'weaker', is.id, { person, name })),
    ...names(was)
      .filter((name) => !names(is).includes(name))
      .map((name) => difference('also-gone', 'stronger', is.id, { person, name })),
  ];
}

/** The earliest withdrawal of a key counts, as when a signature is judged. */
function earliest(withdrawn: readonly Withdrawal[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { fingerprint, at } of withdrawn) {
    const known = found.get(fingerprint);
    if (known === undefined || (parseTime(at) ?? -Infinity) < (parseTime(known) ?? -Infinity))
      found.set(fingerprint, at);
  }
  return found;
}

function diffWithdrawn(before: readonly Withdrawal[], after: readonly Withdrawal[]): Difference[] {
  const was = earliest(before);
  const is = earliest(after);
  const gone = [...was.keys()]
    .filter((key) => !is.has(key))
    .map((key) => difference('withdrawn-gone', 'weaker', key, { key }));
  const others = [...is].flatMap(([key, at]) => {
    const known = was.get(key);
    if (known === undefined) return [difference('withdrawn-new', 'stronger', key, { key, at })];
    if (known === at) return [];
    const later = (parseTime(at) ?? -Infinity) > (parseTime(known) ?? -Infinity);
    const params = { key, before: known, after: at };
    return [
      later
        ? difference('withdrawn-later', 'weaker', key, params)
        : difference('withdrawn-earlier', 'stronger', key, params),
    ];
  });
  return [...gone, ...others];
}

/** A list without a default rule confirms nothing by itself, so only two rules can be compared. */
function diffDefault(before: Trust, after: Trust): Difference[] {
  if (before.defaultRule === after.defaultRule) return [];
  const was = before.rules.find(({ name }) => name === before.defaultRule);
  const is = after.rules.find(({ name }) => name === after.defaultRule);
  const effect = is === undefined ? 'same' : was === undefined ? 'weaker' : effectOf(was, is);
  const params = { before: before.defaultRule ?? 'none', after: after.defaultRule ?? 'none' };
  return [difference('default-changed', effect, after.defaultRule ?? '', params)];
}
