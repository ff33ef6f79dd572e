import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { foldName, mixedScripts } from './names.js';
import type { Person, TrustedKey } from './trust.js';

/** A key cannot speak for two people, and a name cannot stand for two: every such case is named. */
export function checkPeople(people: readonly Person[], where: Place): Finding[] {
  return [...checkNames(people, where), ...checkKeys(people, where), ...warnOfScripts(people, where)];
}

function checkNames(people: readonly Person[], where: Place): Finding[] {
  const seen = new Map<string, string>();
  const findings: Finding[] = [];
  for (const id of people.flatMap((person) => [person.id, ...person.also])) {
    const folded = foldName(id);
    const before = seen.get(folded);
    if (before === undefined) seen.set(folded, id);
    else if (before === id) findings.push(finding('trust-duplicate-person', { id }, { where }));
    else findings.push(finding('trust-look-alike', { id, other: before }, { where }));
  }
  return findings;
}

function checkKeys(people: readonly Person[], where: Place): Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const person of people) {
    for (const { fingerprint } of person.keys) {
      const owner = owners.get(fingerprint);
      if (owner === undefined) owners.set(fingerprint, person.id);
      else if (owner !== person.id) {
        findings.push(
          finding('trust-key-two-people', { fingerprint, first: owner, second: person.id }, { where }),
        );
      }
    }
  }
  return findings;
}

function warnOfScripts(people: readonly Person[], where: Place): Finding[] {
  return people
    .flatMap(({ id, also, name }) => [id, ...also, ...(name === undefined ? [] : [name])])
    .map((text) => ({ text, scripts: mixedScripts(text) }))
    .filter(({ scripts }) => scripts.length > 0)
    .map(({ text, scripts }) =>
      finding('trust-mixed-scripts', { text, scripts: scripts.join(' and ') }, { where }),
    );
}

/**
 * One listing a key: the same key written as a line and as a fingerprint is one key (hostile input T04).
 * Listings that disagree on anything that matters are refused, because it is not clear which one holds.
 */
export function collapseKeys(
  person: Pick<Person, 'id'>,
  keys: readonly TrustedKey[],
  where: Place,
): { keys: TrustedKey[]; findings: Finding[] } {
  const kept = new Map<string, TrustedKey>();
  const findings: Finding[] = [];
  for (const key of keys) {
    const before = kept.get(key.fingerprint);
    if (before === undefined) kept.set(key.fingerprint, key);
    else if (sameTerms(before, key)) {
      kept.set(key.fingerprint, before.blob === undefined && before.certificate === undefined ? key : before);
      findings.push(
        finding('trust-key-twice', { fingerprint: key.fingerprint, person: person.id }, { where }),
      );
    } else
      findings.push(
        finding('trust-key-terms-differ', { fingerprint: key.fingerprint, person: person.id }, { where }),
      );
  }
  return { keys: [...kept.values()], findings };
}

function sameTerms(a: TrustedKey, b: TrustedKey): boolean {
  const terms = ({ from, until, origins, namespaces, kind }: TrustedKey) =>
    JSON.stringify([from ?? null, until ?? null, origins ?? null, namespaces ?? null, kind === 'passkey']);
  return terms(a) === terms(b);
}
