import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { checkPeople } from './people.js';
import { combineCertificates } from '../signature/openpgp/import.js';
import type { Person, Trust, TrustedKey, TrustRead } from './trust.js';

const nobody: Trust = { people: [], withdrawn: [], rules: [] };

/**
 * Adds identities to a trust list (docs/SPEC.md, "Rule and trust"). Only people and withdrawals are taken
 * from what is added: rules, roles and the default rule stay those of `base`. A key that already belongs to
 * somebody else, or a line that would make one person of two, refuses the whole.
 */
export function mergeTrust(base: Trust | null, added: readonly Trust[]): TrustRead {
  const start = base ?? nobody;
  const people = [...start.people];
  const findings: Finding[] = [];
  for (const person of added.flatMap((trust) => trust.people)) {
    const problem = addPerson(people, person);
    if (problem !== null) findings.push(problem);
  }
  const clashes = checkPeople(people, {}).filter(({ severity }) => severity === 'error');
  findings.push(...clashes);
  if (findings.length > 0) return { trust: null, findings };
  const withdrawn = [...start.withdrawn, ...added.flatMap((trust) => trust.withdrawn)];
  return { trust: { ...start, people, withdrawn }, findings: [] };
}

/** Adds in place: to the person who has one of the names already, else as somebody new. */
function addPerson(people: Person[], person: Person): Finding | null {
  const names = [person.id, ...person.also];
  const same = people.filter(({ id, also }) => [id, ...also].some((name) => names.includes(name)));
  const [known] = same;
  if (known === undefined) {
    people.push(person);
    return null;
  }
  if (same.length > 1) {
    return finding('trust-merge-two-people', {
      source: 'The signers file',
      ids: same.map(({ id }) => id).join(', '),
    });
  }
  const others = names.filter((name) => name !== known.id && !known.also.includes(name));
  // What the list already says of a key stands: a second file must not lengthen its dates.
  const fresh = person.keys.filter(
    ({ fingerprint }) => !known.keys.some((key) => key.fingerprint === fingerprint),
  );
  people[people.indexOf(known)] = {
    ...known,
    also: [...known.also, ...others],
    keys: [...known.keys.map((key) => withCertificate(key, person.keys)), ...fresh],
  };
  return null;
}

/** A public key itself changes nothing about whom the fingerprint is bound to, nor until when. */
function withCertificate(key: TrustedKey, added: readonly TrustedKey[]): TrustedKey {
  const fresh = added.find(({ fingerprint }) => fingerprint === key.fingerprint)?.certificate;
  if (key.kind !== 'openpgp' || fresh === undefined) return key;
  const certificate = key.certificate === undefined ? fresh : combineCertificates(key.certificate, fresh);
  return { ...key, certificate };
}
