import { parseTime } from '../bytes/time.js';
import { difference, type Difference } from './difference.js';
import type { Person, TrustedKey } from './trust.js';

/**
 * What changes in the keys of one person. A key that comes to somebody who was known already is the change to look at: it
 * speaks with the weight that the person has (hostile input T18).
 *
 * @param was - the person in the list before, undefined when new.
 * @param owners - who had which key before.
 */
export function diffKeys(
  was: Person | undefined,
  is: Person,
  owners: ReadonlyMap<string, Person>,
): Difference[] {
  const old = new Map((was?.keys ?? []).map((key) => [key.fingerprint, key]));
  const now = new Set(is.keys.map(({ fingerprint }) => fingerprint));
  const gone = [...old.keys()].filter((key) => !now.has(key));
  const fresh = is.keys.filter(({ fingerprint }) => !old.has(fingerprint));
  const person = is.id;
  const arrived = fresh.flatMap(({ fingerprint: key }) => {
    const owner = owners.get(key);
    if (owner !== undefined)
      return [difference('key-moved', 'weaker', person, { key, person, before: owner.id })];
    if (was === undefined) return [];
    if (gone.length > 0)
      return [difference('key-replaced', 'weaker', person, { key, person, before: gone.join(', ') })];
    return [difference('key-new', 'weaker', person, { key, person })];
  });
  const lost = arrived.some(({ code }) => code === 'key-replaced')
    ? []
    : gone.map((key) => difference('key-gone', 'stronger', person, { key, person }));
  const kept = is.keys.flatMap((key) => {
    const before = old.get(key.fingerprint);
    return before === undefined ? [] : diffKey(person, before, key);
  });
  return [...arrived, ...lost, ...kept];
}

function diffKey(person: string, was: TrustedKey, is: TrustedKey): Difference[] {
  return [...diffWindow(person, was, is), ...diffPlaces(person, was, is), ...diffChecked(person, was, is)];
}

function diffWindow(person: string, was: TrustedKey, is: TrustedKey): Difference[] {
  const changes: Difference[] = [];
  const key = is.fingerprint;
  if (was.from !== is.from) {
    const params = { key, person, before: was.from ?? 'always', after: is.from ?? 'always' };
    const earlier = time(is.from, -Infinity) < time(was.from, -Infinity);
    changes.push(
      earlier
        ? difference('key-from-earlier', 'weaker', person, params)
        : difference('key-from-later', 'stronger', person, params),
    );
  }
  if (was.until !== is.until) {
    const params = { key, person, before: was.until ?? 'no end', after: is.until ?? 'no end' };
    const later = time(is.until, Infinity) > time(was.until, Infinity);
    changes.push(
      later
        ? difference('key-until-later', 'weaker', person, params)
        : difference('key-until-earlier', 'stronger', person, params),
    );
  }
  return changes;
}

function time(text: string | undefined, open: number): number {
  return text === undefined ? open : (parseTime(text) ?? open);
}

/** Web origins of a passkey and namespaces: both say where a key may sign, and absent has its own meaning. */
function diffPlaces(person: string, was: TrustedKey, is: TrustedKey): Difference[] {
  const key = is.fingerprint;
  return (['origins', 'namespaces'] as const).flatMap((field) => {
    const [before, after] = [was[field], is[field]];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    // Absent origins are one, the passkey's own domain; absent namespaces are any.
    const open = field === 'namespaces';
    const wider = after === undefined ? open : !(before === undefined ? open : isPart(after, before));
    const say = (list: readonly string[] | undefined) =>
      list === undefined ? (open ? 'anything' : 'its own domain') : list.join(', ');
    const params = { key, person, before: say(before), after: say(after) };
    return [
      wider
        ? difference('key-wider', 'weaker', person, params)
        : difference('key-narrower', 'stronger', person, params),
    ];
  });
}

function isPart(part: readonly string[], whole: readonly string[]): boolean {
  return part.every((one) => whole.includes(one));
}

function diffChecked(person: string, was: TrustedKey, is: TrustedKey): Difference[] {
  if (was.checked === is.checked) return [];
  const params = {
    key: is.fingerprint,
    person,
    before: was.checked ?? 'nothing noted',
    after: is.checked ?? 'nothing noted',
  };
  return [difference('key-checked', 'same', person, params)];
}
