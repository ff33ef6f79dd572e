import { alice, bob, personRow, soloTrust } from '../cast.js';
import { open } from '../expect.js';
import { utf8 } from '../raw.js';
import { trustText, type TrustRow } from '../trustText.js';
import type { Vector } from '../vector.js';
import { uncounted } from './uncounted.js';

/** The reader's own file is at fault: it is refused whole, and nothing is confirmed by the rest of it. */
export function trustVectors(): readonly Vector[] {
  const solo = soloTrust(alice);
  const refusedTrust = (
    name: string,
    about: string,
    finding: string,
    trust: TrustRow | string,
    also: readonly string[] = [],
  ): Vector =>
    uncounted(`trust-${name}`, about, {
      trust: utf8(typeof trust === 'string' ? trust : trustText(trust)),
      expect: {
        ...open('B-UNKNOWN', { pm: [] }, ['signer-unknown', 'trust-missing', 'no-rule', 'role-missing'], {
          'known-signers': 'not-checked',
          'required-roles': 'not-checked',
          windows: 'not-applicable',
        }),
        trustFindings: [finding, ...also],
      },
    });
  const edited = (from: string | RegExp, to: string): string => {
    const text = trustText(solo);
    const after = text.replace(from, to);
    if (after === text) throw new Error(`nothing to edit: ${String(from)}`);
    return after;
  };
  const role = (row: { people: readonly string[]; threshold?: number | string }): TrustRow => ({
    ...solo,
    rules: [{ name: 'solo', roles: { pm: row } }],
  });
  return [
    refusedTrust(
      'threshold-zero',
      'A threshold is zero.',
      'trust-field',
      role({ people: [alice.id], threshold: 0 }),
    ),
    refusedTrust(
      'threshold-text',
      'A threshold is text.',
      'trust-field',
      role({ people: [alice.id], threshold: '"1"' }),
    ),
    refusedTrust(
      'threshold-too-high',
      'A threshold is higher than the number of people.',
      'rule-threshold',
      role({ people: [alice.id], threshold: 2 }),
    ),
    refusedTrust('wildcard', 'A role is open to everybody.', 'trust-field', role({ people: ['*'] })),
    refusedTrust(
      'unknown-person',
      'A role names a person whom the list does not have.',
      'rule-unknown-person',
      role({ people: [alice.id, bob.id] }),
    ),
    refusedTrust(
      'unknown-field',
      'The file has a field that the format does not know.',
      'trust-unknown-field',
      edited('serial: 1', 'serial: 1\nowner: "x"'),
    ),
    refusedTrust(
      'duplicate-key',
      'The field people stands twice.',
      'trust-not-yaml',
      edited('people:', 'people: []\npeople:'),
    ),
    refusedTrust('key-of-two-people', 'One key belongs to two people.', 'trust-key-two-people', {
      ...solo,
      people: [personRow(alice), { id: bob.id, keys: [{ ssh: alice.key.line }] }],
    }),
    refusedTrust('small-order-key', 'A key of small order is listed.', 'trust-key-refused', {
      ...solo,
      people: [
        personRow(alice),
        {
          id: bob.id,
          keys: [{ ssh: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
        },
      ],
    }),
    refusedTrust(
      'schema',
      'The file is of a later kind.',
      'trust-schema-unknown',
      edited('trust/v1', 'trust/v2'),
    ),
    refusedTrust('default-rule', 'The default rule is not in the list.', 'rule-default-missing', {
      ...solo,
      defaultRule: 'other',
    }),
    refusedTrust('duplicate-person', 'One person stands in the list twice.', 'trust-duplicate-person', {
      ...solo,
      people: [personRow(alice), { id: alice.id, keys: [{ ssh: bob.key.line }] }],
    }),
    refusedTrust('look-alike', 'Two people differ by a capital letter alone.', 'trust-look-alike', {
      ...solo,
      people: [personRow(alice), { id: 'Alice@example.org', keys: [{ ssh: bob.key.line }] }],
    }),
    refusedTrust('duplicate-rule', 'Two rules have one name.', 'rule-duplicate', {
      ...solo,
      rules: [...solo.rules!, ...solo.rules!],
    }),
    refusedTrust('empty-rule', 'A rule asks for nobody.', 'rule-empty', {
      ...solo,
      rules: [{ name: 'solo', roles: {} }],
    }),
    refusedTrust('level-too-high', 'A rule calls itself L3 and asks for one role.', 'rule-level', {
      ...solo,
      rules: [{ ...solo.rules![0]!, level: 'L3' }],
    }),
    refusedTrust(
      'time',
      'A window has a bound that is no time.',
      'trust-time',
      {
        ...solo,
        people: [personRow(alice, { keys: [{ ssh: alice.key.line, until: '2026-13-01T00:00:00Z' }] })],
      },
      ['trust-empty'],
    ),
    refusedTrust(
      'window',
      'A window ends before it starts.',
      'trust-window',
      {
        ...solo,
        people: [
          personRow(alice, {
            keys: [{ ssh: alice.key.line, from: '2026-05-01T00:00:00Z', until: '2026-04-01T00:00:00Z' }],
          }),
        ],
      },
      ['trust-empty'],
    ),
    uncounted('rule-not-there', 'The reader asked for a rule that the list does not have.', {
      ruleName: 'strict',
      expect: {
        ...open('B-NORULE', { pm: [] }, ['no-rule'], { 'required-roles': 'not-checked' }),
        trustFindings: ['rule-missing'],
      },
    }),
  ];
}
