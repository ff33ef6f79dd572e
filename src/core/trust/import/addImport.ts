import { fixedLimits } from '../../limits.js';
import type { Finding } from '../../generated/report.js';
import { mergeTrust } from '../mergeTrust.js';
import { readTrust } from '../readTrust.js';
import type { Person, Rule, Trust, TrustedKey, TrustRead } from '../trust.js';
import { NEW_LIST_ID, writeTrust } from '../writeTrust.js';

/** A new state of the list, ready to be kept: bytes that `readTrust` accepts, and what they say. */
export type Candidate =
  | { readonly bytes: Uint8Array; readonly trust: Trust; readonly findings: readonly Finding[] }
  | { readonly bytes: null; readonly trust: null; readonly findings: readonly Finding[] };

/** What is known of a key that the reader gives to a person. */
export interface KeyTerms {
  readonly from?: string;
  readonly until?: string;
  readonly checked?: string;
  readonly origins?: readonly string[];
}

/**
 * Writes a changed list with the next serial and reads it back: nothing is offered for keeping that the verifying code
 * would refuse. `before` is the list that it replaces.
 */
export function nextList(before: Trust | null, changed: Trust): Candidate {
  const id = before?.id ?? changed.id ?? NEW_LIST_ID;
  const serial = before === null ? (changed.serial ?? 1) : (before.serial ?? 0) + 1;
  return checkedList({ ...changed, id, serial });
}

/** The list as bytes, if the reader of lists accepts them. */
export function checkedList(trust: Trust): Candidate {
  const bytes = writeTrust(trust);
  const read: TrustRead = readTrust({ name: 'trust.yaml', bytes });
  if (read.trust === null) return { bytes: null, trust: null, findings: read.findings };
  return { bytes, trust: read.trust, findings: read.findings };
}

/**
 * The present list with what an import brings: people and keys by {@link mergeTrust}, withdrawals that are not there yet, and
 * rules under names that are free. The default rule of the present list stays; a list without rules takes the first.
 */
export function addImport(present: Trust | null, imported: Trust): Candidate {
  const merged = mergeTrust(present, [{ ...imported, withdrawn: [] }]);
  if (merged.trust === null) return { bytes: null, trust: null, findings: merged.findings };
  const base = merged.trust;
  const withdrawn = [
    ...base.withdrawn,
    ...imported.withdrawn.filter(
      ({ fingerprint, at }) =>
        !base.withdrawn.some((known) => known.fingerprint === fingerprint && known.at === at),
    ),
  ];
  const rules = [...base.rules];
  for (const rule of imported.rules) {
    const there = rules.find(({ name }) => name === rule.name);
    if (there === undefined) rules.push(rule);
    else if (JSON.stringify(there) !== JSON.stringify(rule))
      rules.push({ ...rule, name: freeName(rule.name, rules) });
  }
  const first = imported.defaultRule ?? imported.rules[0]?.name;
  const defaultRule = base.defaultRule ?? (base.rules.length === 0 ? first : undefined);
  return nextList(present, {
    ...base,
    withdrawn,
    rules,
    ...(defaultRule === undefined ? {} : { defaultRule }),
  });
}

/** Gives a key to a person, who is made when new. A key that the person has already keeps its terms. */
export function addKey(
  present: Trust | null,
  person: Pick<Person, 'id' | 'name'>,
  key: TrustedKey,
  terms: KeyTerms = {},
): Candidate {
  const { from, until, checked, origins } = terms;
  const listed: TrustedKey = {
    ...key,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(checked === undefined ? {} : { checked }),
    ...(origins === undefined || origins.length === 0 ? {} : { origins }),
  };
  const people = [{ ...person, also: [], keys: [listed] }];
  return addImport(present, { people, withdrawn: [], rules: [] });
}

function freeName(name: string, rules: readonly Rule[]): string {
  for (let n = 2; n <= fixedLimits.peopleMax; n++) {
    const free = `${name.slice(0, 58)}-${n}`;
    if (!rules.some((rule) => rule.name === free)) return free;
  }
  return name;
}
