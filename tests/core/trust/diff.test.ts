import { describe, expect, it } from 'vitest';
import { diffTrust } from '../../../src/core/trust/diff.js';
import type { Person, RoleRule, Rule, Trust, TrustedKey } from '../../../src/core/trust/trust.js';

const key = (name: string, more: Partial<TrustedKey> = {}): TrustedKey => ({
  kind: 'fingerprint',
  fingerprint: `SHA256:${name}`,
  ...more,
});
const alice: Person = { id: 'alice@acme.org', also: [], name: 'Alice', keys: [key('A')] };
const bob: Person = { id: 'bob@acme.org', also: [], keys: [key('B')] };
const pm: RoleRule = { role: 'pm', people: ['alice@acme.org', 'bob@acme.org'], threshold: 2, maxAgeDays: 30 };
const rule: Rule = {
  name: 'production',
  level: 'L2',
  roles: [pm],
  differentPeople: true,
  legacyDialects: false,
  attestations: [],
};
const before: Trust = {
  id: 'acme',
  serial: 3,
  people: [alice, bob],
  withdrawn: [{ fingerprint: 'SHA256:W', at: '2026-03-01T00:00:00Z' }],
  rules: [rule],
  defaultRule: 'production',
};

type Row = readonly [title: string, after: Partial<Trust>, expected: readonly (readonly [string, string])[]];
const withKey = (more: Partial<TrustedKey>): Partial<Trust> => ({
  people: [{ ...alice, keys: [key('A', more)] }, bob],
});
const withRole = (more: Partial<RoleRule>): Partial<Trust> => ({
  rules: [{ ...rule, roles: [{ ...pm, ...more }] }],
});
const withRule = (more: Partial<Rule>): Partial<Trust> => ({ rules: [{ ...rule, ...more }] });

const rows: readonly Row[] = [
  ['nothing', {}, []],
  ['a newer serial', { serial: 4 }, [['serial-forward', 'same']]],
  ['an older serial', { serial: 2 }, [['serial-back', 'weaker']]],
  ['another list', { id: 'evil' }, [['list-other', 'weaker']]],
  ['a person gone', { people: [bob] }, [['person-gone', 'stronger']]],
  ['a person new', { people: [alice, bob, { ...bob, id: 'x', keys: [key('X')] }] }, [['person-new', 'same']]],
  [
    'a key under another name (T18)',
    { people: [{ ...alice, keys: [key('M')] }, bob] },
    [['key-replaced', 'weaker']],
  ],
  ['one more key', { people: [{ ...alice, keys: [key('A'), key('M')] }, bob] }, [['key-new', 'weaker']]],
  ['a key less', { people: [{ ...alice, keys: [] }, bob] }, [['key-gone', 'stronger']]],
  [
    'a key that moves',
    { people: [alice, { ...bob, keys: [] }, { id: 'x', also: [], keys: [key('B')] }] },
    [
      ['key-moved', 'weaker'],
      ['key-gone', 'stronger'],
      ['person-new', 'same'],
    ],
  ],
  ['one more name', { people: [{ ...alice, also: ['root'] }, bob] }, [['also-new', 'weaker']]],
  ['another title', { people: [{ ...alice, name: 'Alicia' }, bob] }, [['person-name', 'same']]],
  ['a key that ends', withKey({ until: '2027-01-01T00:00:00Z' }), [['key-until-earlier', 'stronger']]],
  ['a key that begins', withKey({ from: '2026-01-01T00:00:00Z' }), [['key-from-later', 'stronger']]],
  ['one more origin', withKey({ origins: ['https://evil.example'] }), [['key-wider', 'weaker']]],
  ['fewer namespaces', withKey({ namespaces: ['approval@countersign'] }), [['key-narrower', 'stronger']]],
  ['a note', withKey({ checked: 'by phone' }), [['key-checked', 'same']]],
  ['no withdrawal', { withdrawn: [] }, [['withdrawn-gone', 'weaker']]],
  [
    'a later withdrawal',
    { withdrawn: [{ fingerprint: 'SHA256:W', at: '2026-04-01T00:00:00Z' }] },
    [['withdrawn-later', 'weaker']],
  ],
  [
    'a second, later withdrawal changes nothing',
    { withdrawn: [...before.withdrawn, { fingerprint: 'SHA256:W', at: '2026-04-01T00:00:00Z' }] },
    [],
  ],
  [
    'one more withdrawal',
    { withdrawn: [...before.withdrawn, { fingerprint: 'SHA256:A', at: '2026-04-01T00:00:00Z' }] },
    [['withdrawn-new', 'stronger']],
  ],
  ['a lower threshold', withRole({ threshold: 1 }), [['threshold-lower', 'weaker']]],
  ['a higher threshold', withRole({ threshold: 3 }), [['threshold-higher', 'stronger']]],
  ['a longer age', withRole({ maxAgeDays: 31 }), [['age-longer', 'weaker']]],
  [
    'no age at all',
    { rules: [{ ...rule, roles: [{ role: 'pm', people: pm.people, threshold: 2 }] }] },
    [['age-longer', 'weaker']],
  ],
  ['a shorter age', withRole({ maxAgeDays: 7 }), [['age-shorter', 'stronger']]],
  ['one more giver', withRole({ people: [...pm.people, 'x'] }), [['role-person-new', 'weaker']]],
  ['a giver less', withRole({ people: ['alice@acme.org'] }), [['role-person-gone', 'stronger']]],
  ['no role', withRule({ roles: [] }), [['role-gone', 'weaker']]],
  [
    'one more role',
    withRule({ roles: [pm, { role: 'lead', people: ['x'], threshold: 1 }] }),
    [['role-new', 'stronger']],
  ],
  ['one person for all', withRule({ differentPeople: false }), [['people-same', 'weaker']]],
  ['older bundles', withRule({ legacyDialects: true }), [['legacy-on', 'weaker']]],
  ['a lower level', withRule({ level: 'L1' }), [['level-lower', 'weaker']]],
  ['a higher level', withRule({ level: 'L3' }), [['level-higher', 'stronger']]],
  ['an attestation', withRule({ attestations: ['urn:x'] }), [['attestation-new', 'stronger']]],
  [
    'another, weaker rule judges',
    { rules: [rule, { ...rule, name: 'lax', differentPeople: false }], defaultRule: 'lax' },
    [
      ['default-changed', 'weaker'],
      ['rule-new', 'same'],
    ],
  ],
];

describe('diffTrust', () => {
  it.each(rows)('names %s', (_title, after, expected) => {
    const changes = diffTrust(before, { ...before, serial: 3, ...after });
    const told = changes
      .filter(({ code }) => code !== 'serial-same')
      .map(({ code, effect }) => [code, effect]);
    expect(told).toEqual(expected);
  });

  it('says every change in words, with nothing left open', () => {
    for (const [, after] of rows)
      for (const { text, subject } of diffTrust(before, { ...before, ...after })) {
        expect(text).not.toMatch(/[{}]|undefined/);
        expect(typeof subject).toBe('string');
      }
  });

  it('puts what weakens first', () => {
    const after: Trust = { ...before, serial: 4, people: [bob], rules: [{ ...rule, legacyDialects: true }] };
    expect(diffTrust(before, after).map(({ effect }) => effect)).toEqual(['weaker', 'stronger', 'same']);
  });

  it('says that a change without a new serial is one', () => {
    expect(diffTrust(before, { ...before, people: [alice] }).map(({ code }) => code)).toContain(
      'serial-same',
    );
  });

  it('a name from a file cannot open a place of the sentence', () => {
    const after = { ...before, people: [{ ...alice, name: '{before}' }, bob] };
    expect(diffTrust(before, after).map(({ text }) => text)).toContain(
      'alice@acme.org is called "{before}" instead of "Alice".',
    );
  });

  it('a first list is told in one line', () => {
    expect(diffTrust(null, before)).toEqual([
      {
        code: 'list-new',
        effect: 'same',
        subject: 'acme',
        text: 'This is your first list: 2 people, 1 rule.',
      },
    ]);
  });
});
