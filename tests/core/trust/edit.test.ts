import { describe, expect, it } from 'vitest';
import {
  onlyGiverOf,
  withDefaultRule,
  withKey,
  withoutPerson,
  withoutRule,
  withPerson,
  withRule,
  withWithdrawal,
} from '../../../src/core/trust/edit.js';
import type { Rule, Trust } from '../../../src/core/trust/trust.js';

const rule: Rule = {
  name: 'production',
  roles: [
    { role: 'pm', people: ['a'], threshold: 1 },
    { role: 'lead', people: ['a', 'b'], threshold: 1 },
  ],
  differentPeople: true,
  legacyDialects: false,
  attestations: [],
};
const list: Trust = {
  id: 'acme',
  serial: 1,
  people: [
    { id: 'a', also: [], keys: [{ kind: 'fingerprint', fingerprint: 'SHA256:A' }] },
    { id: 'b', also: [], keys: [] },
  ],
  withdrawn: [],
  rules: [rule],
  defaultRule: 'production',
};

describe('changes by hand', () => {
  it('a person leaves the roles, too; who is alone in a role is told before', () => {
    expect(onlyGiverOf(list, 'a')).toEqual([{ rule: 'production', role: 'pm' }]);
    expect(onlyGiverOf(list, 'b')).toEqual([]);
    const without = withoutPerson(list, 'b');
    expect(without.people.map(({ id }) => id)).toEqual(['a']);
    expect(without.rules[0]?.roles[1]?.people).toEqual(['a']);
  });

  it('roles follow a person who signs under another name', () => {
    const renamed = withPerson(list, 'a', { id: 'a2', also: ['a'], keys: [] });
    expect(renamed.rules[0]?.roles.map(({ people }) => people)).toEqual([['a2'], ['a2', 'b']]);
  });

  it('a key is changed or taken away, of this person only', () => {
    const ended = withKey(list, 'a', 'SHA256:A', {
      kind: 'fingerprint',
      fingerprint: 'SHA256:A',
      until: '2027-01-01T00:00:00Z',
    });
    expect(ended.people[0]?.keys[0]?.until).toBe('2027-01-01T00:00:00Z');
    expect(withKey(list, 'a', 'SHA256:A', null).people[0]?.keys).toEqual([]);
    expect(withKey(list, 'b', 'SHA256:A', null)).toEqual(list);
  });

  it('the rule that judges stays the one under a new name, and a first rule judges', () => {
    expect(withRule(list, 'production', { ...rule, name: 'release' }).defaultRule).toBe('release');
    expect(withRule(list, null, { ...rule, name: 'other' }).defaultRule).toBe('production');
    const bare: Trust = { id: 'acme', serial: 1, people: list.people, withdrawn: [], rules: list.rules };
    expect(withRule({ ...bare, rules: [] }, null, rule).defaultRule).toBe('production');
    expect(withoutRule(list, 'production')).toEqual({ ...bare, rules: [] });
    expect(withDefaultRule(list, 'x').defaultRule).toBe('x');
  });

  it('a withdrawal is added, never in the place of another', () => {
    const once = withWithdrawal(list, { fingerprint: 'SHA256:A', at: '2026-01-01T00:00:00Z' });
    expect(
      withWithdrawal(once, { fingerprint: 'SHA256:A', at: '2026-02-01T00:00:00Z' }).withdrawn,
    ).toHaveLength(2);
  });
});
