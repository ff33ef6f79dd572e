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
  itemsOf,
  loose,
  pack,
  packItems,
  SMALL_FILES,
  withChecksums,
  type BundleOptions,
  type Item,
  type Made,
} from '../bundle.js';
import { confirmed, open } from '../expect.js';
import { ecdsaKey } from '../keys.js';
import { gzip, member, pax, paxRecord, sha256Hex, tarOf, utf8 } from '../raw.js';
import { trustBytes, type TrustRow } from '../trustText.js';
import type { Expected, NamedOctets, Vector } from '../vector.js';

/** Bundles that an honest sender makes. Most are confirmed; the others say what is still open. */

export const MET = { pm: [alice.id], security: [carol.id] } as const;

export function bothApprove(made: Made): Item[] {
  return [...approval(made, { role: 'pm', by: alice }), ...approval(made, { role: 'security', by: carol })];
}

interface Row {
  readonly bundle?: BundleOptions;
  /** Evidence beside the two approvals that the rule asks for. */
  readonly extra?: (made: Made) => readonly Item[];
  readonly evidence?: (made: Made) => readonly Item[];
  readonly loose?: (made: Made) => readonly NamedOctets[];
  readonly trust?: TrustRow | null;
  readonly pack?: (made: Made, evidence: readonly Item[]) => Uint8Array;
  readonly expect?: Expected;
  readonly allowedSigners?: string;
  readonly ruleName?: string;
  readonly now?: string;
  readonly limitsProfile?: 'default' | 'large';
  readonly limits?: Readonly<Record<string, number>>;
}

export function honest(name: string, about: string, row: Row = {}): Vector {
  const made = bundle(row.bundle);
  const evidence = [...(row.evidence ?? bothApprove)(made), ...(row.extra?.(made) ?? [])];
  const { ruleName, now, limitsProfile, limits } = row;
  return {
    family: 'valid',
    name,
    about,
    input: (row.pack ?? pack)(made, evidence),
    manifest: made.manifestText,
    ...(row.loose === undefined ? {} : { loose: row.loose(made) }),
    trust: row.trust === null ? null : trustBytes(row.trust ?? releaseTrust()),
    ...(row.allowedSigners === undefined ? {} : { allowedSigners: utf8(row.allowedSigners) }),
    ...(ruleName === undefined ? {} : { ruleName }),
    ...(now === undefined ? {} : { now }),
    ...(limitsProfile === undefined ? {} : { limitsProfile }),
    ...(limits === undefined ? {} : { limits }),
    expect: row.expect ?? confirmed(MET),
  };
}

const LONG_NAME = `docs/${'a-rather-long-name-'.repeat(7)}end.md`;
const SLSA = 'https://slsa.dev/provenance/v1';
const BIG = utf8('a file that is kept beside the archive\n');
const kept = (packed: boolean): BundleOptions => ({ external: { 'data/scan.bin': { bytes: BIG, packed } } });

export function validVectors(): readonly Vector[] {
  return [
    ...contentVectors(),
    ...externalVectors(),
    ...approvalVectors(),
    ...ruleVectors(),
    ...looseVectors(),
    ...openVectors(),
  ];
}

function contentVectors(): Vector[] {
  return [
    honest('smallest', 'Two files, two roles, two approvals: everything that the rule asks for.'),
    honest('one-file', 'The list has one file: the tree is a single leaf.', {
      bundle: { files: { 'spec.yaml': 'product: x\n' } },
    }),
    honest('empty-file', 'A listed file has no bytes.', {
      bundle: { files: { ...SMALL_FILES, 'docs/empty.md': '' } },
    }),
    honest('fifty-files', 'Fifty files: the tree is unbalanced.', {
      bundle: {
        files: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`docs/${i}.md`, `page ${i}\n`])),
      },
    }),
    honest('block-sized-file', 'A file fills its tar block exactly.', {
      bundle: { files: { 'spec.yaml': 'x'.repeat(512) } },
    }),
    honest('salts', 'Every entry of the list has a salt, so the tree can be disclosed in part.', {
      bundle: { salts: true },
    }),
    honest('path-unicode', 'A path has letters beyond ASCII, in composed form.', {
      bundle: { files: { ...SMALL_FILES, 'docs/\u00fcbersicht \u20ac.md': 'x\n' } },
    }),
    honest('path-long', 'A path is longer than a USTAR header can hold.', {
      bundle: { files: { ...SMALL_FILES, [LONG_NAME]: 'x\n' } },
    }),
    honest('path-order', 'Paths whose order by UTF-8 bytes differs from their order by UTF-16 units.', {
      bundle: {
        files: {
          'docs/\ufb33.md': 'a\n',
          'docs/\u{1f600}.md': 'b\n',
          'docs/z.md': 'c\n',
          'docs-b.md': 'd\n',
        },
      },
    }),
    honest('manifest-full', 'The manifest has every field that the dialect knows.', {
      bundle: {
        manifest: {
          governanceLevel: 'L2',
          metadata: { pipeline: 'build 17', __proto__x: 'plain' },
          description: 'Quotes " and \\ and \u20ac stay what they are.',
          authors: ['Alice Ang', 'Bob Berg'],
          tags: ['release', '1.10'],
          dependencies: [
            { id: 'example/base', version: '1.10', optional: true, digest: `sha256:${'ab'.repeat(32)}` },
          ],
        },
      },
    }),
    honest('version-1.10', 'The version 1.10 keeps its zero.', { bundle: { manifest: { version: '1.10' } } }),
    honest(
      'description-bidi',
      'The description turns the direction of its text; it is shown by marks and warned of.',
      {
        bundle: { manifest: { description: 'approved \u202elive' } },
        expect: confirmed(MET, { findings: ['manifest-hidden-characters'], checks: { manifest: 'warn' } }),
      },
    ),
    honest(
      'repacked',
      'Packed again at another compression level: approvals do not depend on the gzip bytes.',
      {
        pack: (made, evidence) =>
          gzip(tarOf(...tarMembers(withChecksums(itemsOf(made, evidence)))), { level: 9 }),
      },
    ),
    honest('gzip-name', 'The gzip header holds a file name, which is skipped.', {
      pack: (made, evidence) =>
        gzip(tarOf(...tarMembers(withChecksums(itemsOf(made, evidence)))), {
          flags: 8,
          extra: utf8('../../evil\0'),
        }),
    }),
    honest('tar-modes', 'Modes, owners and times in the tar headers are ignored.', {
      pack: (made, evidence) =>
        gzip(
          tarOf(
            ...withChecksums(itemsOf(made, evidence)).map(({ path, bytes }) =>
              member(path, bytes, { mode: '0004777\0', mtime: '14000000000\0' }),
            ),
          ),
        ),
    }),
    honest('pax-mtime', 'A PAX header gives a finer time, which is ignored.', {
      pack: (made, evidence) => {
        const [first, ...rest] = tarMembers(withChecksums(itemsOf(made, evidence)));
        return gzip(tarOf(first!, pax(paxRecord('mtime', '1700000000.5')), ...rest));
      },
    }),
    honest('limits-large', 'Judged with the limits profile for large bundles.', { limitsProfile: 'large' }),
    honest('at-the-limit', 'The archive has exactly as many entries as the limits allow.', {
      limits: { entriesMax: 8 },
    }),
  ];
}

export function tarMembers(items: readonly Item[]): Uint8Array[] {
  return items.map(({ path, bytes }) => member(path, bytes));
}

function externalVectors(): Vector[] {
  const absent = open('B-NOCHECK', MET, ['external-absent'], { 'external-files': 'could-not-check' });
  return [
    honest('external-packed', 'A file marked as external is packed all the same.', { bundle: kept(true) }),
    honest('external-absent', 'A file marked as external is not here, so it could not be checked.', {
      bundle: kept(false),
      expect: absent,
    }),
    honest(
      'external-supplied',
      'The bytes of the external file come in a supplement, named by their digest.',
      {
        bundle: kept(false),
        loose: () => [supplement([{ path: `external/${sha256Hex(BIG)}`, bytes: BIG }])],
      },
    ),
    honest(
      'external-supplied-wrong',
      'A supplement brings other bytes under the digest of the external file.',
      {
        bundle: kept(false),
        loose: () => [supplement([{ path: `external/${sha256Hex(BIG)}`, bytes: utf8('other bytes\n') }])],
        expect: { ...absent, looseFindings: ['supplement-file-misnamed'] },
      },
    ),
  ];
}

export function supplement(items: readonly Item[]): NamedOctets {
  return { name: 'more.sbundle.tgz', bytes: packItems(items) };
}

function approvalVectors(): Vector[] {
  return [
    honest('statement-without-key', 'The statement does not name its key.', {
      evidence: (made) => [
        ...approval(made, { role: 'pm', by: alice, predicate: { key: null } }),
        ...approval(made, { role: 'security', by: carol }),
      ],
    }),
    honest('statement-comment', 'The statement has a comment beyond ASCII and an expiry that lies ahead.', {
      evidence: (made) => [
        ...approval(made, {
          role: 'pm',
          by: alice,
          predicate: { comment: 'Gepr\u00fcft \u2713 <b>&', expires: '2027-06-01T00:00:00Z' },
        }),
        ...approval(made, { role: 'security', by: carol }),
      ],
    }),
    honest('statement-zone', 'The statement gives its time with an offset.', {
      evidence: (made) => [
        ...approval(made, { role: 'pm', by: alice, predicate: { signedAt: '2026-11-10T11:00:00.25+01:00' } }),
        ...approval(made, { role: 'security', by: carol }),
      ],
    }),
    honest(
      'file-names-mean-nothing',
      'The approval files carry the names of the other role; what was signed counts.',
      {
        evidence: (made) => [
          ...approval(made, { role: 'pm', by: alice, file: 'approvals/security-1.json' }),
          ...approval(made, { role: 'security', by: carol, file: 'approvals/pm-1.json' }),
        ],
      },
    ),
    honest('extra-duplicate', 'One approval stands there twice; it counts once.', {
      extra: (made) => approval(made, { role: 'pm', by: alice, number: 2 }),
    }),
    honest(
      'extra-unknown-signer',
      'A third approval is by a key that nobody knows; the rule is met without it.',
      {
        extra: (made) => approval(made, { role: 'pm', by: mallory, number: 2 }),
        expect: confirmed(MET, {
          findings: ['approval-ignored', 'signer-unknown/warning'],
          checks: { 'known-signers': 'warn' },
        }),
      },
    ),
    honest('extra-false-signature', 'A third approval has a false signature; the rule is met without it.', {
      extra: (made) =>
        approval(made, {
          role: 'pm',
          by: alice,
          number: 2,
          sshsig: {},
          signature: () => foreignSignature(made),
        }),
      expect: confirmed(MET, {
        findings: ['approval-ignored', 'signature-false/warning'],
        checks: { signatures: 'warn' },
      }),
    }),
    honest('extra-garbage', 'A third approval file is no JSON; the rule is met without it.', {
      extra: () => [{ path: 'approvals/pm-2.json', bytes: utf8('not an approval') }],
      expect: confirmed(MET, {
        findings: ['approval-ignored', 'approval-not-recognised/warning'],
        checks: { signatures: 'warn' },
      }),
    }),
    honest('extra-unsigned', 'A third statement has no signature file; the rule is met without it.', {
      extra: (made) => approval(made, { role: 'pm', by: bob, number: 2 }).slice(0, 1),
      expect: confirmed(MET, {
        findings: ['approval-ignored', 'approval-unsigned/warning'],
        checks: { signatures: 'warn' },
      }),
    }),
    honest(
      'extra-other-bundle',
      'An approval of another bundle lies in the folder; it never enters the decision.',
      {
        extra: () =>
          approval(bundle({ manifest: { id: 'example/other' } }), { role: 'pm', by: alice, number: 2 }),
        expect: confirmed(MET, { findings: ['approval-other-bundle'] }),
      },
    ),
    honest(
      'extra-older-version',
      'An approval of an older version lies in the folder; the rule is met by newer ones.',
      {
        extra: () =>
          approval(bundle({ manifest: { version: '1.2.0' } }), { role: 'pm', by: alice, number: 2 }),
        expect: confirmed(MET, { findings: ['approval-stale'] }),
      },
    ),
    honest('extra-declined', 'Somebody declined; a decline is shown and never counted.', {
      extra: (made) =>
        approval(made, { role: 'security', by: bob, number: 2, predicate: { decision: 'declined' } }),
      expect: confirmed(MET, { findings: ['approval-declined'] }),
    }),
    honest('extra-file-approval', 'An approval of one file counts for no role.', {
      extra: (made) =>
        approval(made, {
          role: 'security',
          by: bob,
          number: 2,
          statement: { predicateType: 'urn:countersign:file-approval:v1' },
          subject: { name: 'spec.yaml', digest: { sha256: sha256Hex(utf8(SMALL_FILES['spec.yaml']!)) } },
        }),
    }),
    honest('extra-openpgp', 'A third approval is signed with OpenPGP, which is recognised and not judged.', {
      extra: (made) => openPgp(made, 2),
      expect: confirmed(MET, { findings: ['signature-kind-not-checked'], checks: { signatures: 'warn' } }),
    }),
    honest('extra-time-stamp', 'A time stamp lies beside an approval; it is recognised and not judged.', {
      extra: () => [{ path: 'approvals/pm-1.json.tsr', bytes: utf8('0\u0003') }],
      expect: confirmed(MET, { checks: { 'proven-time': 'could-not-check' } }),
    }),
    honest(
      'extra-attestation',
      'An attestation lies in its folder; the rule asks for none and it is not judged.',
      {
        extra: () => [{ path: 'attestations/provenance.sigstore.json', bytes: utf8('{}') }],
        expect: confirmed(MET, { findings: ['attestation-not-checked'] }),
      },
    ),
  ];
}

/** A well-formed signature by Alice over something else. */
export function foreignSignature(made: Made): Uint8Array {
  const [, signature] = approval(made, { role: 'pm', by: alice, predicate: { comment: 'something else' } });
  return signature!.bytes;
}

export function openPgp(made: Made, number = 1): Item[] {
  const [statement] = approval(made, { role: 'pm', by: bob, number });
  const armored = utf8(
    '-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0WIQ\n=abcd\n-----END PGP SIGNATURE-----\n',
  );
  return [statement!, { path: `${statement!.path}.asc`, bytes: armored }];
}

function ruleVectors(): Vector[] {
  const two = { pm: [alice.id], security: [bob.id, carol.id] };
  const onlyPm = (over: Partial<TrustRow> = {}): Row => ({
    bundle: { roles: ['pm'] },
    evidence: (made) => approval(made, { role: 'pm', by: alice }),
    trust: { ...soloTrust(alice), ...over },
    expect: confirmed({ pm: [alice.id] }),
  });
  return [
    honest('threshold-two', 'One role needs two people, and two gave it.', {
      extra: (made) => approval(made, { role: 'security', by: bob, number: 2 }),
      trust: releaseTrust({
        rules: [
          releaseRule({ roles: { ...releaseRoles, security: { people: [bob.id, carol.id], threshold: 2 } } }),
        ],
      }),
      expect: confirmed(two),
    }),
    honest('matching-people', 'Alice gave both roles, Carol one: counted so that both roles are filled.', {
      evidence: (made) => [
        ...approval(made, { role: 'pm', by: alice }),
        ...approval(made, { role: 'security', by: alice }),
        ...approval(made, { role: 'pm', by: carol, number: 2 }),
      ],
      trust: releaseTrust({
        rules: [
          releaseRule({ roles: { pm: { people: [alice.id, carol.id] }, security: { people: [alice.id] } } }),
        ],
      }),
      expect: confirmed({ pm: [carol.id], security: [alice.id] }, { findings: ['same-person-two-roles'] }),
    }),
    honest('same-person-allowed', 'One person gives both roles, and the rule says that this is enough.', {
      evidence: (made) => [
        ...approval(made, { role: 'pm', by: alice }),
        ...approval(made, { role: 'security', by: alice }),
      ],
      trust: releaseTrust({
        rules: [
          releaseRule({
            differentPeople: false,
            roles: { pm: { people: [alice.id] }, security: { people: [alice.id] } },
          }),
        ],
      }),
      expect: confirmed({ pm: [alice.id], security: [alice.id] }),
    }),
    honest('other-identity', 'The statement uses another address of the same person.', {
      ...onlyPm({ people: [personRow(alice, { also: ['a.ang@example.org'] })] }),
      evidence: (made) => approval(made, { role: 'pm', by: alice, predicate: { user: 'a.ang@example.org' } }),
    }),
    honest(
      'key-by-fingerprint',
      'The trust list knows the key by its fingerprint alone.',
      onlyPm({ people: [{ id: alice.id, keys: [{ fingerprint: alice.key.fingerprint }] }] }),
    ),
    honest(
      'key-replaced',
      'An older key of the same person is out of date; the newer one signed.',
      onlyPm({
        people: [
          personRow(alice, {
            keys: [
              { ssh: ecdsaKey('alice old', 'nistp256').line, until: '2026-02-01T00:00:00Z' },
              { ssh: alice.key.line, from: '2026-02-01T00:00:00Z' },
            ],
          }),
        ],
      }),
    ),
    honest(
      'withdrawal-of-another-key',
      'A withdrawn key did not sign here.',
      onlyPm({
        withdrawn: [
          { fingerprint: mallory.key.fingerprint, at: '2026-03-03T00:00:00Z', reason: 'lost laptop' },
        ],
      }),
    ),
    honest('max-age-kept', 'The rule wants approvals of the last 30 days, and they are.', {
      trust: releaseTrust({
        rules: [
          releaseRule({
            roles: {
              pm: { people: [alice.id], maxAgeDays: 30 },
              security: { people: [carol.id], maxAgeDays: 30 },
            },
          }),
        ],
      }),
    }),
    honest('level-met', 'The rule asks for level L3, and several people in several roles meet it.', {
      trust: releaseTrust({ rules: [releaseRule({ level: 'L3' })] }),
      expect: confirmed(MET, { checks: { level: 'pass' } }),
    }),
    honest(
      'level-claimed',
      'The bundle claims level L4, which is more than is met; the rule asks for less.',
      {
        bundle: { manifest: { governanceLevel: 'L4' } },
        expect: confirmed(MET, { findings: ['level-claimed-not-met'] }),
      },
    ),
    honest('rule-by-name', 'The rule is chosen by name, not by default.', {
      ruleName: 'release',
      trust: releaseTrust({
        rules: [releaseRule(), releaseRule({ name: 'strict', level: 'L4', attestations: [SLSA] })],
        defaultRule: 'strict',
      }),
    }),
    honest('rule-stricter', 'The rule asks for a role that the bundle does not ask for, and it was given.', {
      bundle: { roles: ['pm'] },
    }),
    honest('bundle-asks-nothing', 'The bundle asks for no role at all; the rule decides.', {
      bundle: { roles: [] },
    }),
  ];
}

function looseVectors(): Vector[] {
  const pm = (made: Made): Item[] => approval(made, { role: 'pm', by: alice });
  const security = (made: Made): Item[] => approval(made, { role: 'security', by: carol });
  return [
    honest('loose-pair', 'One approval is given beside the bundle, paired by its file name.', {
      evidence: pm,
      loose: (made) => loose(security(made)),
    }),
    honest(
      'loose-renamed',
      'The loose statement and signature have unrelated names and are paired by trial.',
      {
        evidence: pm,
        loose: (made) => security(made).map(({ bytes }, i) => ({ name: `download (${i}).bin`, bytes })),
      },
    ),
    honest('loose-supplement', 'Both approvals come in a supplement.', {
      evidence: () => [],
      loose: (made) => [supplement(bothApprove(made))],
    }),
    honest(
      'loose-same-name',
      'A loose approval has the name of one in the bundle; equal names carry no meaning.',
      {
        evidence: pm,
        loose: (made) => loose(approval(made, { role: 'security', by: carol, file: 'approvals/pm-1.json' })),
      },
    ),
    honest('loose-unrelated', 'A loose file is neither approval nor signature.', {
      loose: () => [{ name: 'notes.txt', bytes: utf8('meeting at ten\n') }],
      expect: { ...confirmed(MET), looseFindings: ['approval-not-recognised'] },
    }),
  ];
}

function openVectors(): Vector[] {
  const nothing = {
    signatures: 'not-applicable',
    'known-signers': 'not-applicable',
    windows: 'not-applicable',
  };
  return [
    honest('not-signed', 'Complete and unchanged, but nobody signed.', {
      evidence: () => [],
      expect: open('B-NOSIG', { pm: [], security: [] }, ['role-missing'], {
        ...nothing,
        'required-roles': 'fail',
      }),
    }),
    honest('not-signed-no-rule', 'Nobody signed and no rule was given.', {
      evidence: () => [],
      trust: null,
      expect: open('B-NOSIG', { pm: [], security: [] }, ['no-rule', 'role-missing'], {
        ...nothing,
        'required-roles': 'not-checked',
      }),
    }),
    honest('no-rule', 'Signed by known people, but the list has no rule.', {
      trust: { people: releaseTrust().people },
      expect: open('B-NORULE', { pm: [], security: [] }, ['no-rule'], { 'required-roles': 'not-checked' }),
    }),
    honest('no-rule-nobody-asks', 'Signed by known people; neither rule nor bundle asks for a role.', {
      bundle: { roles: [] },
      trust: { people: releaseTrust().people },
      expect: open('B-NORULE', {}, ['no-rule'], { 'required-roles': 'not-checked' }),
    }),
    honest('one-of-two', 'Only one of two roles approved yet.', {
      evidence: (made) => approval(made, { role: 'pm', by: alice }),
      expect: open('B-INCOMPLETE', { pm: [alice.id], security: [] }, ['role-missing'], {
        'required-roles': 'fail',
      }),
    }),
    honest('level-l4-asked', 'The rule asks for level L4, whose attestation cannot be judged here.', {
      trust: releaseTrust({ rules: [releaseRule({ level: 'L4', attestations: [SLSA] })] }),
      expect: open('B-NOCHECK', MET, ['attestation-needed'], {
        level: 'could-not-check',
        attestations: 'could-not-check',
      }),
    }),
    honest('attestation-asked', 'The rule asks for an attestation, which cannot be judged here.', {
      extra: () => [{ path: 'attestations/provenance.sigstore.json', bytes: utf8('{}') }],
      trust: releaseTrust({ rules: [releaseRule({ attestations: [SLSA] })] }),
      expect: open('B-NOCHECK', MET, ['attestation-not-checked', 'attestation-needed'], {
        attestations: 'could-not-check',
      }),
    }),
    honest('openpgp-only', 'The only approval is signed with OpenPGP, which cannot be judged here.', {
      bundle: { roles: ['pm'] },
      evidence: (made) => openPgp(made),
      trust: soloTrust(bob),
      expect: open('B-NOCHECK', { pm: [] }, ['signature-kind-not-checked', 'role-missing'], {
        signatures: 'could-not-check',
        'known-signers': 'not-applicable',
        'required-roles': 'fail',
        windows: 'not-applicable',
      }),
    }),
  ];
}
