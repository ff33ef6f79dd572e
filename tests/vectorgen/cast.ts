import { ecdsaKey, ed25519Key, passkey, rsaKey, skEcdsaKey, skEd25519Key, type TestKey } from './keys.js';
import type { PersonRow, RoleRow, RuleRow, TrustRow } from './trustText.js';

/** The people of the vectors and their TEST keys. Mallory is in nobody's list. */

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly key: TestKey;
}

function member(name: string, key: TestKey): Member {
  return { id: `${name.split(' ')[0]!.toLowerCase()}@example.org`, name, key };
}

export const alice = member('Alice Ang', ed25519Key('alice'));
export const bob = member('Bob Berg', ecdsaKey('bob', 'nistp384'));
export const carol = member('Carol Cho', ecdsaKey('carol', 'nistp256'));
export const dan = member('Dan Diaz', ecdsaKey('dan', 'nistp521'));
export const erin = member('Erin Eze', rsaKey('erin'));
export const frank = member('Frank Fox', passkey('frank'));
export const gina = member('Gina Gil', skEd25519Key('gina'));
export const hugo = member('Hugo Hass', skEcdsaKey('hugo'));
export const mallory = member('Mallory Moe', ed25519Key('mallory'));

export const CHECKED = 'in person by the test author on 2026-01-02';

export function personRow({ id, name, key }: Member, over: Partial<PersonRow> = {}): PersonRow {
  const line = key === frank.key ? { passkey: key.line } : { ssh: key.line };
  return {
    id,
    name,
    keys: [{ ...line, from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z', checked: CHECKED }],
    ...over,
  };
}

export const releaseRoles: Readonly<Record<string, RoleRow>> = {
  pm: { people: [alice.id] },
  security: { people: [carol.id, bob.id] },
};

export function releaseRule(over: Partial<RuleRow> = {}): RuleRow {
  return { name: 'release', roles: releaseRoles, ...over };
}

/** Alice is pm; Carol and Bob are security; rule `release` is the default. */
export function releaseTrust(over: Partial<TrustRow> = {}): TrustRow {
  return {
    people: [alice, bob, carol].map((person) => personRow(person)),
    rules: [releaseRule()],
    defaultRule: 'release',
    ...over,
  };
}

/** One person, one role: the smallest trust that can confirm. */
export function soloTrust(person: Member, role = 'pm', over: Partial<RuleRow> = {}): TrustRow {
  return {
    people: [personRow(person)],
    rules: [{ name: 'solo', roles: { [role]: { people: [person.id] } }, ...over }],
    defaultRule: 'solo',
  };
}
