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
import {
  approval,
  bundle,
  pack,
  SMALL_FILES,
  type ApprovalOptions,
  type BundleOptions,
  type Item,
  type Made,
} from '../bundle.js';
import { open } from '../expect.js';
import { sha256Hex, utf8, type Octets } from '../raw.js';
import { trustBytes, trustText, type TrustRow } from '../trustText.js';
import type { Code, Expected, Vector } from '../vector.js';
import { bothApprove } from './valid.js';

/** True signatures that still must not be counted: wrong person, role, bundle, time, or no rule to judge by. */

interface Fault {
  readonly bundle?: BundleOptions;
  readonly evidence?: (made: Made) => readonly Item[];
  readonly trust?: TrustRow | Octets | null;
  readonly allowedSigners?: string;
  readonly now?: string;
  readonly ruleName?: string;
  readonly expect: Expected;
}

export function uncounted(name: string, about: string, fault: Fault): Vector {
  const made = bundle(fault.bundle ?? { roles: ['pm'] });
  const { trust = soloTrust(alice), now, ruleName } = fault;
  const evidence = fault.evidence ?? ((one: Made) => approval(one, { role: 'pm', by: alice }));
  return {
    family: 'forged',
    name,
    about,
    input: pack(made, evidence(made)),
    manifest: made.manifestText,
    trust: trust === null || trust instanceof Uint8Array ? trust : trustBytes(trust),
    ...(fault.allowedSigners === undefined ? {} : { allowedSigners: utf8(fault.allowedSigners) }),
    ...(now === undefined ? {} : { now }),
    ...(ruleName === undefined ? {} : { ruleName }),
    expect: fault.expect,
  };
}

type Statuses = Readonly<Record<string, string>>;

/** One role, still open. */
function one(
  code: Code,
  findings: readonly string[],
  checks: Statuses = {},
  more: Partial<Expected> = {},
): Expected {
  return {
    ...open(code, { pm: [] }, [...findings, 'role-missing'], { 'required-roles': 'fail', ...checks }),
    ...more,
  };
}

const unknown: Statuses = { 'known-signers': 'fail', windows: 'not-applicable' };
const pm =
  (options: Partial<ApprovalOptions> = {}) =>
  (made: Made): Item[] =>
    approval(made, { role: 'pm', by: alice, ...options });

export function peopleVectors(): readonly Vector[] {
  return [
    ...signerVectors(),
    ...roleVectors(),
    ...replayVectors(),
    ...timeVectors(),
    ...statementVectors(),
    ...trustVectors(),
  ];
}

function signerVectors(): Vector[] {
  return [
    uncounted('unknown-signer', 'The signature is true, but nobody knows the key.', {
      evidence: pm({ by: mallory }),
      expect: one('B-UNKNOWN', ['signer-unknown'], unknown),
    }),
    uncounted('unknown-signer-as-alice', 'An unknown key signs a statement that says it is Alice.', {
      evidence: pm({ by: mallory, predicate: { user: alice.id } }),
      expect: one('B-UNKNOWN', ['signer-unknown'], unknown),
    }),
    uncounted(
      'unknown-signer-claims-key',
      'An unknown key signs a statement that names the fingerprint of Alice.',
      {
        evidence: pm({ by: mallory, predicate: { user: alice.id, key: alice.key.fingerprint } }),
        expect: one('B-SIGBAD', ['statement-key-differs'], {
          signatures: 'fail',
          'known-signers': 'not-applicable',
          windows: 'not-applicable',
        }),
      },
    ),
    uncounted('user-is-somebody-else', 'The key is that of Bob, the statement says Alice.', {
      trust: { ...soloTrust(alice), people: [personRow(alice), personRow(bob)] },
      evidence: pm({ by: bob, predicate: { user: alice.id } }),
      expect: one('B-INCOMPLETE', ['approval-user-not-this-person'], { 'known-signers': 'warn' }),
    }),
    uncounted('user-look-alike', 'The statement says Alice with a Cyrillic letter.', {
      evidence: pm({ predicate: { user: '\u0430lice@example.org' } }),
      expect: one('B-INCOMPLETE', ['approval-user-not-this-person'], { 'known-signers': 'warn' }),
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
      expect: one('B-UNKNOWN', []),
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
      expect: one('B-INCOMPLETE', ['approval-declined']),
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
      expect: one('B-NOSIG', [], { windows: 'not-applicable' }),
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
      one('B-NOSIG', ['approval-other-bundle'], nobody),
    ),
    replay(
      'replay-older-version',
      'The approval of an older version was put in.',
      { manifest: { version: '1.2.0' } },
      one('B-STALE', ['approval-stale'], nobody),
    ),
    replay(
      'replay-same-version',
      'The approval of the same version with other content was put in.',
      { files: { 'spec.yaml': 'older\n' } },
      one('B-STALE', ['approval-stale'], nobody),
    ),
    uncounted('replay-by-unknown', 'An unknown key approved an older version.', {
      evidence: () => pm({ by: mallory })(bundle({ roles: ['pm'], manifest: { version: '1.2.0' } })),
      expect: one('B-NOSIG', ['approval-stale', 'signer-unknown'], { ...nobody }),
    }),
    uncounted('statement-id-differs', 'The statement names this manifest and the id of another bundle.', {
      evidence: (made) =>
        pm({ predicate: { bundle: { contentRoot: made.root, id: 'example/other', version: made.version } } })(
          made,
        ),
      expect: one('B-INCOMPLETE', ['approval-contradicts-manifest'], { signatures: 'warn' }),
    }),
    uncounted('statement-version-differs', 'The statement names this manifest and another version.', {
      evidence: (made) =>
        pm({ predicate: { bundle: { contentRoot: made.root, id: made.id, version: '1.3.1' } } })(made),
      expect: one('B-INCOMPLETE', ['approval-contradicts-manifest'], { signatures: 'warn' }),
    }),
    uncounted('statement-root-differs', 'The statement names this manifest and another content root.', {
      evidence: (made) =>
        pm({
          predicate: {
            bundle: { contentRoot: `sha256:${'0'.repeat(64)}`, id: made.id, version: made.version },
          },
        })(made),
      expect: one('B-INCOMPLETE', ['approval-contradicts-manifest'], { signatures: 'warn' }),
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
      expect: one(code, [finding], code === 'B-WITHDRAWN' ? withdrawn : late),
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
      expect: one('B-EXPIRED', ['key-not-yet', 'approval-signed-in-future'], late),
    }),
  ];
}

/** Approval documents that cannot be read in exactly one way; a true signature over them does not help. */
function statementVectors(): Vector[] {
  const odd = (name: string, about: string, finding: string, options: Partial<ApprovalOptions>): Vector =>
    uncounted(`statement-${name}`, about, {
      evidence: pm(options),
      expect: one('B-NOSIG', [finding], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    });
  const text = (edit: (canonical: string) => string): Partial<ApprovalOptions> => ({ text: edit });
  return [
    odd(
      'white-space',
      'The approval is written with spaces.',
      'statement-not-canonical',
      text((json) => json.replace('":', '": ')),
    ),
    odd(
      'key-order',
      'Two members of the approval have changed places.',
      'statement-not-canonical',
      text((json) => json.replace(/("decision":"approved"),("key":"[^"]*")/, '$2,$1')),
    ),
    odd(
      'final-newline',
      'A line feed stands after the approval.',
      'statement-not-canonical',
      text((json) => `${json}\n`),
    ),
    odd(
      'escape',
      'A letter of the approval is written as an escape.',
      'statement-not-canonical',
      text((json) => json.replace('"pm"', '"p\\u006d"')),
    ),
    odd(
      'duplicate-key',
      'The role stands twice.',
      'statement-not-json',
      text((json) => json.replace('"role":"pm"', '"role":"lead","role":"pm"')),
    ),
    odd(
      'trailing',
      'A second value follows.',
      'statement-not-json',
      text((json) => `${json}{}`),
    ),
    odd(
      'cut',
      'The approval ends in the middle.',
      'statement-not-json',
      text((json) => json.slice(0, -10)),
    ),
    odd(
      'yaml',
      'The approval is written as YAML.',
      'approval-not-recognised',
      text(() => 'role: pm\nuser: alice@example.org\n'),
    ),
    odd(
      'lone-surrogate',
      'The comment holds half a character.',
      'statement-not-json',
      text((json) => json.replace('"decision"', '"comment":"\\ud800","decision"')),
    ),
    odd(
      'unknown-field',
      'The approval has a field that the format does not know.',
      'statement-unknown-field',
      { predicate: { override: true } },
    ),
    odd(
      'unknown-field-outside',
      'The statement has a field that the format does not know.',
      'statement-unknown-field',
      { statement: { signatures: [] } },
    ),
    odd('two-subjects', 'The statement has two subjects.', 'statement-field', {
      statement: {
        subject: [
          { digest: { sha256: '0'.repeat(64) }, name: 'manifest.yaml' },
          { digest: { sha256: '1'.repeat(64) }, name: 'manifest.yaml' },
        ],
      },
    }),
    odd('second-digest', 'The subject has a second digest.', 'statement-unknown-field', {
      subject: { digest: { sha256: '0'.repeat(64), sha1: '0'.repeat(40) } },
    }),
    odd('digest-capitals', 'The digest of the subject is written in capitals.', 'statement-field', {
      subject: { digest: { sha256: 'AB'.repeat(32) } },
    }),
    odd('subject-name', 'The subject is another file.', 'statement-subject', {
      subject: { name: 'spec.yaml' },
    }),
    odd('type', 'The statement is of another kind.', 'statement-type', {
      statement: { predicateType: 'https://slsa.dev/provenance/v1' },
    }),
    odd('decision', 'The decision is neither yes nor no.', 'statement-field', {
      predicate: { decision: 'maybe' },
    }),
    odd('role-look-alike', 'The role has a Cyrillic letter.', 'statement-field', {
      predicate: { role: '\u0440m' },
    }),
    odd('role-capitals', 'The role is written in capitals.', 'statement-field', {
      predicate: { role: 'PM' },
    }),
    odd('role-missing', 'The approval names no role.', 'statement-field', { predicate: { role: null } }),
    odd('control-character', 'The comment holds a line feed.', 'statement-field', {
      predicate: { comment: 'fine\nRole: security' },
    }),
    odd('user-control-character', 'The user holds an escape character.', 'statement-field', {
      predicate: { user: 'alice@example.org\u001b[31m' },
    }),
    odd('time-no-zone', 'The time of signing has no zone.', 'statement-time', {
      predicate: { signedAt: '2026-11-10T10:00:00' },
    }),
    odd('time-not-real', 'The time of signing is on a day that does not exist.', 'statement-time', {
      predicate: { signedAt: '2026-02-30T10:00:00Z' },
    }),
    odd('expires-first', 'The approval ends before it was signed.', 'statement-expires-first', {
      predicate: { expires: '2026-11-09T10:00:00Z' },
    }),
    uncounted('statement-unsigned', 'The statement is there, its signature is not.', {
      evidence: (made) => pm()(made).slice(0, 1),
      expect: one('B-NOSIG', ['approval-unsigned'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    }),
    uncounted('signature-alone', 'A signature is there, its statement is not.', {
      evidence: (made) => pm()(made).slice(1),
      expect: one('B-NOSIG', ['signature-without-statement'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    }),
    uncounted('garbage-only', 'The approval file holds no approval.', {
      evidence: () => [{ path: 'approvals/pm-1.json', bytes: utf8('not an approval') }],
      expect: one('B-NOSIG', ['approval-not-recognised'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        windows: 'not-applicable',
      }),
    }),
  ];
}

/** The reader's own file is at fault: it is refused whole, and nothing is confirmed by the rest of it. */
function trustVectors(): Vector[] {
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
