import {
  alice,
  bob,
  carol,
  mallory,
  personRow,
  releaseRoles,
  releaseRule,
  releaseTrust,
  soloTrust,
} from '../cast.js';
import { approval, bundle, SMALL_FILES, type BundleOptions } from '../bundle.js';
import { open } from '../expect.js';
import { sha256Hex, utf8 } from '../raw.js';
import type { TrustRow } from '../trustText.js';
import type { Code, Expected, Vector } from '../vector.js';
import { oneRole, pm, uncounted, unknown, type Fault, type Statuses } from './uncounted.js';
import { bothApprove } from './valid.js';

/** True signatures that still must not be counted: wrong person, role, bundle, time, or no rule to judge by. */

export function peopleVectors(): readonly Vector[] {
  return [...signerVectors(), ...roleVectors(), ...replayVectors(), ...timeVectors()];
}

function signerVectors(): Vector[] {
  return [
    uncounted('unknown-signer', 'The signature is true, but nobody knows the key.', {
      evidence: pm({ by: mallory }),
      expect: oneRole('B-UNKNOWN', ['signer-unknown'], unknown),
    }),
    uncounted('unknown-signer-as-alice', 'An unknown key signs a statement that says it is Alice.', {
      evidence: pm({ by: mallory, predicate: { user: alice.id } }),
      expect: oneRole('B-UNKNOWN', ['signer-unknown'], unknown),
    }),
    uncounted(
      'unknown-signer-claims-key',
      'An unknown key signs a statement that names the fingerprint of Alice.',
      {
        evidence: pm({ by: mallory, predicate: { user: alice.id, key: alice.key.fingerprint } }),
        expect: oneRole('B-SIGBAD', ['statement-key-differs'], {
          signatures: 'fail',
          'known-signers': 'not-applicable',
          windows: 'not-applicable',
        }),
      },
    ),
    uncounted('user-is-somebody-else', 'The key is that of Bob, the statement says Alice.', {
      trust: { ...soloTrust(alice), people: [personRow(alice), personRow(bob)] },
      evidence: pm({ by: bob, predicate: { user: alice.id } }),
      expect: oneRole('B-INCOMPLETE', ['approval-user-not-this-person'], { 'known-signers': 'warn' }),
    }),
    uncounted('user-look-alike', 'The statement says Alice with a Cyrillic letter.', {
      evidence: pm({ predicate: { user: '\u0430lice@example.org' } }),
      expect: oneRole('B-INCOMPLETE', ['approval-user-not-this-person'], { 'known-signers': 'warn' }),
    }),
    uncounted('all-unknown', 'Both roles are signed by keys that nobody knows.', {
      bundle: {},
      trust: releaseTrust(),
      evidence: (made) => [
        ...pm({ by: mallory })(made),
        ...approval(made, { role: 'security', by: mallory }),
      ],
      expect: open('B-UNKNOWN', { pm: [], security: [] }, ['signer-unknown', 'role-missing'], {
        ...unknown,
        'required-roles': 'fail',
      }),
    }),
    uncounted('one-unknown', 'One role is signed by a key that nobody knows.', {
      bundle: {},
      trust: releaseTrust(),
      evidence: (made) => [...pm()(made), ...approval(made, { role: 'security', by: mallory })],
      expect: open('B-INCOMPLETE', { pm: [alice.id], security: [] }, ['signer-unknown', 'role-missing'], {
        'known-signers': 'warn',
        'required-roles': 'fail',
      }),
    }),
    uncounted('no-trust', 'Signed, but the reader has no trust list.', {
      trust: null,
      expect: open('B-UNKNOWN', { pm: [] }, ['signer-unknown', 'trust-missing', 'no-rule', 'role-missing'], {
        'known-signers': 'not-checked',
        'required-roles': 'not-checked',
        windows: 'not-applicable',
      }),
    }),
  ];
}

function roleVectors(): Vector[] {
  const twoOpen = (
    code: Code,
    met: readonly string[],
    findings: readonly string[],
    checks: Statuses = {},
  ): Expected =>
    open(code, { pm: met, security: [] }, [...findings, 'role-missing'], {
      'required-roles': 'fail',
      ...checks,
    });
  return [
    uncounted('role-not-allowed', 'Bob, who is security, approves as pm.', {
      bundle: {},
      trust: releaseTrust(),
      evidence: (made) => [...pm({ by: bob })(made), ...approval(made, { role: 'security', by: carol })],
      expect: open(
        'B-INCOMPLETE',
        { pm: [], security: [carol.id] },
        ['approval-role-not-allowed', 'role-missing'],
        { 'required-roles': 'fail' },
      ),
    }),
    uncounted('role-nobody-needs', 'Alice approves in a role that nobody asks for.', {
      evidence: pm({ role: 'lead' }),
      expect: oneRole('B-UNKNOWN', []),
    }),
    uncounted('one-person-two-roles', 'Alice gives both roles; the rule wants different people.', {
      bundle: {},
      trust: releaseTrust({
        rules: [
          releaseRule({ roles: { pm: { people: [alice.id] }, security: { people: [alice.id, carol.id] } } }),
        ],
      }),
      evidence: (made) => [...pm()(made), ...approval(made, { role: 'security', by: alice })],
      expect: twoOpen('B-INCOMPLETE', [alice.id], ['same-person-two-roles']),
    }),
    uncounted('one-key-three-roles', "One key gives every role; only one of them is its owner's.", {
      bundle: { roles: ['pm', 'security', 'lead'] },
      trust: releaseTrust({
        rules: [releaseRule({ roles: { ...releaseRoles, lead: { people: [bob.id] } } })],
      }),
      evidence: (made) => [
        ...pm()(made),
        ...approval(made, { role: 'security', by: alice }),
        ...approval(made, { role: 'lead', by: alice }),
      ],
      expect: open(
        'B-INCOMPLETE',
        { pm: [alice.id], security: [], lead: [] },
        ['approval-role-not-allowed', 'role-missing'],
        { 'required-roles': 'fail' },
      ),
    }),
    uncounted('threshold-one-of-two', 'One role needs two people, and one gave it.', {
      bundle: {},
      trust: releaseTrust({
        rules: [
          releaseRule({ roles: { ...releaseRoles, security: { people: [bob.id, carol.id], threshold: 2 } } }),
        ],
      }),
      evidence: bothApprove,
      expect: open('B-INCOMPLETE', { pm: [alice.id], security: [carol.id] }, ['role-missing'], {
        'required-roles': 'fail',
      }),
    }),
    uncounted('threshold-one-person-twice', 'One role needs two people, and one person gave it twice.', {
      bundle: {},
      trust: releaseTrust({
        rules: [
          releaseRule({ roles: { ...releaseRoles, security: { people: [bob.id, carol.id], threshold: 2 } } }),
        ],
      }),
      evidence: (made) => [
        ...bothApprove(made),
        ...approval(made, { role: 'security', by: carol, number: 2, predicate: { comment: 'again' } }),
      ],
      expect: open('B-INCOMPLETE', { pm: [alice.id], security: [carol.id] }, ['role-missing'], {
        'required-roles': 'fail',
      }),
    }),
    uncounted(
      'threshold-two-keys-one-person',
      'One role needs two people, and one person gave it with two keys.',
      {
        bundle: {},
        trust: releaseTrust({
          people: [
            personRow(alice),
            personRow(bob),
            personRow(carol, { keys: [{ ssh: carol.key.line }, { ssh: mallory.key.line }] }),
          ],
          rules: [
            releaseRule({
              roles: { ...releaseRoles, security: { people: [bob.id, carol.id], threshold: 2 } },
            }),
          ],
        }),
        evidence: (made) => [
          ...bothApprove(made),
          ...approval(made, { role: 'security', by: carol, number: 2, key: mallory.key }),
        ],
        expect: open('B-INCOMPLETE', { pm: [alice.id], security: [carol.id] }, ['role-missing'], {
          'required-roles': 'fail',
        }),
      },
    ),
    uncounted(
      'bundle-asks-role-nobody-may-give',
      'The bundle asks for a role that the rule gives to nobody.',
      {
        bundle: { roles: ['pm', 'security', 'legal'] },
        trust: releaseTrust(),
        evidence: (made) => [...bothApprove(made), ...approval(made, { role: 'legal', by: bob })],
        expect: open(
          'B-INCOMPLETE',
          { pm: [alice.id], security: [carol.id], legal: [] },
          ['bundle-asks-role-nobody-may-give'],
          { 'required-roles': 'fail' },
        ),
      },
    ),
    uncounted('roles-emptied', 'The bundle asks for no role; the rule still does.', {
      bundle: { roles: [] },
      trust: releaseTrust(),
      evidence: pm(),
      expect: twoOpen('B-INCOMPLETE', [alice.id], []),
    }),
    uncounted('declined', 'The only person who may give the role declined.', {
      evidence: pm({ predicate: { decision: 'declined' } }),
      expect: oneRole('B-INCOMPLETE', ['approval-declined']),
    }),
    uncounted('level-with-missing-role', 'The rule asks for level L3, and one role is still open.', {
      trust: releaseTrust({ rules: [releaseRule({ level: 'L3' })] }),
      bundle: {},
      evidence: pm(),
      expect: twoOpen('B-INCOMPLETE', [alice.id], [], { level: 'fail' }),
    }),
    uncounted('level-not-met', 'The rule asks for level L3, and one person gave every role.', {
      trust: releaseTrust({
        rules: [
          releaseRule({
            level: 'L3',
            differentPeople: false,
            roles: { pm: { people: [alice.id, bob.id] }, security: { people: [alice.id, carol.id] } },
          }),
        ],
      }),
      bundle: {},
      evidence: (made) => [...pm()(made), ...approval(made, { role: 'security', by: alice })],
      expect: open('B-INCOMPLETE', { pm: [alice.id], security: [alice.id] }, ['level-not-met'], {
        level: 'fail',
      }),
    }),
    uncounted('file-approval-only', 'Alice approved one file, which counts for no role.', {
      evidence: (made) =>
        approval(made, {
          role: 'pm',
          by: alice,
          statement: { predicateType: 'urn:countersign:file-approval:v1' },
          subject: { name: 'spec.yaml', digest: { sha256: sha256Hex(utf8(SMALL_FILES['spec.yaml']!)) } },
        }),
      expect: oneRole('B-NOSIG', [], { windows: 'not-applicable' }),
    }),
  ];
}

function replayVectors(): Vector[] {
  const nobody: Statuses = {
    signatures: 'not-applicable',
    'known-signers': 'not-applicable',
    windows: 'not-applicable',
  };
  const replay = (name: string, about: string, other: BundleOptions, expect: Expected): Vector =>
    uncounted(name, about, { evidence: () => pm()(bundle({ roles: ['pm'], ...other })), expect });
  return [
    replay(
      'replay-other-bundle',
      'The approval of another bundle was put in.',
      { manifest: { id: 'example/other' } },
      oneRole('B-NOSIG', ['approval-other-bundle'], nobody),
    ),
    replay(
      'replay-older-version',
      'The approval of an older version was put in.',
      { manifest: { version: '1.2.0' } },
      oneRole('B-STALE', ['approval-stale'], nobody),
    ),
    replay(
      'replay-same-version',
      'The approval of the same version with other content was put in.',
      { files: { 'spec.yaml': 'older\n' } },
      oneRole('B-STALE', ['approval-stale'], nobody),
    ),
    uncounted('replay-by-unknown', 'An unknown key approved an older version.', {
      evidence: () => pm({ by: mallory })(bundle({ roles: ['pm'], manifest: { version: '1.2.0' } })),
      expect: oneRole('B-NOSIG', ['approval-stale', 'signer-unknown'], { ...nobody }),
    }),
    uncounted('statement-id-differs', 'The statement names this manifest and the id of another bundle.', {
      evidence: (made) =>
        pm({ predicate: { bundle: { contentRoot: made.root, id: 'example/other', version: made.version } } })(
          made,
        ),
      expect: oneRole('B-INCOMPLETE', ['approval-contradicts-manifest'], { signatures: 'warn' }),
    }),
    uncounted('statement-version-differs', 'The statement names this manifest and another version.', {
      evidence: (made) =>
        pm({ predicate: { bundle: { contentRoot: made.root, id: made.id, version: '1.3.1' } } })(made),
      expect: oneRole('B-INCOMPLETE', ['approval-contradicts-manifest'], { signatures: 'warn' }),
    }),
    uncounted('statement-root-differs', 'The statement names this manifest and another content root.', {
      evidence: (made) =>
        pm({
          predicate: {
            bundle: { contentRoot: `sha256:${'0'.repeat(64)}`, id: made.id, version: made.version },
          },
        })(made),
      expect: oneRole('B-INCOMPLETE', ['approval-contradicts-manifest'], { signatures: 'warn' }),
    }),
  ];
}

function timeVectors(): Vector[] {
  const late: Statuses = { windows: 'fail' };
  const withdrawn: Statuses = { windows: 'fail', 'known-signers': 'warn' };
  const key = (row: { from?: string; until?: string }): TrustRow => ({
    ...soloTrust(alice),
    people: [personRow(alice, { keys: [{ ssh: alice.key.line, ...row }] })],
  });
  const timed = (
    name: string,
    about: string,
    finding: string,
    fault: Omit<Fault, 'expect'>,
    code: Code = 'B-EXPIRED',
  ): Vector =>
    uncounted(name, about, {
      ...fault,
      expect: oneRole(code, [finding], code === 'B-WITHDRAWN' ? withdrawn : late),
    });
  return [
    timed(
      'key-withdrawn',
      'The key was withdrawn; the claimed time of signing lies before that and rescues nothing.',
      'key-withdrawn',
      {
        trust: {
          ...soloTrust(alice),
          withdrawn: [
            { fingerprint: alice.key.fingerprint, at: '2026-11-15T00:00:00Z', reason: 'lost laptop' },
          ],
        },
      },
      'B-WITHDRAWN',
    ),
    timed(
      'key-withdrawn-long-ago',
      'The key was withdrawn before the bundle was made.',
      'key-withdrawn',
      {
        trust: {
          ...soloTrust(alice),
          withdrawn: [{ fingerprint: alice.key.fingerprint, at: '2026-03-03T00:00:00Z' }],
        },
      },
      'B-WITHDRAWN',
    ),
    timed('key-expired', 'The key is out of date.', 'key-expired', {
      trust: key({ until: '2026-11-15T00:00:00Z' }),
    }),
    timed('key-expires-now', 'The key is out of date from this very second on.', 'key-expired', {
      trust: key({ until: '2026-11-20T12:00:00Z' }),
    }),
    timed('key-not-yet', 'The key counts only from tomorrow.', 'key-not-yet', {
      trust: key({ from: '2026-11-21T00:00:00Z' }),
    }),
    timed('approval-expired', 'The approval says that it ended yesterday.', 'approval-expired', {
      evidence: pm({ predicate: { expires: '2026-11-19T00:00:00Z' } }),
    }),
    timed('approval-too-old', 'The rule wants approvals of the last seven days.', 'approval-too-old', {
      trust: {
        ...soloTrust(alice),
        rules: [{ name: 'solo', roles: { pm: { people: [alice.id], maxAgeDays: 7 } } }],
      },
    }),
    timed(
      'signed-in-future',
      'The approval says that it was signed in the year 2099.',
      'approval-signed-in-future',
      { evidence: pm({ predicate: { signedAt: '2099-01-01T00:00:00Z' } }) },
    ),
    timed(
      'signed-before-created',
      'The approval says that it was signed before the bundle was made.',
      'approval-before-created',
      { evidence: pm({ predicate: { signedAt: '2026-10-31T00:00:00Z' } }) },
    ),
    timed('clock-far-ahead', 'Judged in 2099, after every window closed.', 'key-expired', {
      now: '2099-01-01T00:00:00Z',
    }),
    uncounted('clock-at-1970', 'Judged in 1970, before every window opened.', {
      now: '1970-01-01T00:00:00Z',
      expect: oneRole('B-EXPIRED', ['key-not-yet', 'approval-signed-in-future'], late),
    }),
  ];
}
