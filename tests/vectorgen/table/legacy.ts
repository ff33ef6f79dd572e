import { alice, bob, mallory, soloTrust, type Member } from '../cast.js';
import { packItems, without, type Item } from '../bundle.js';
import { changed, confirmed, open } from '../expect.js';
import { rsaKey } from '../keys.js';
import {
  legacyApproval,
  legacyBundle,
  plannedBundle,
  type LegacyApprovalOptions,
  type LegacyMade,
} from '../legacyBundle.js';
import { gzip, header, tarOf, utf8, type Octets } from '../raw.js';
import { trustBytes } from '../trustText.js';
import type { Expected, NamedOctets, Vector } from '../vector.js';
import { tarMembers } from './valid.js';

/** The released command line's bundles: its approvals sign the archive, so they are given beside it. */

interface Row {
  readonly family?: Vector['family'];
  readonly made?: LegacyMade;
  readonly pack?: (items: readonly Item[]) => Octets;
  readonly by?: Member;
  readonly loose?: (archive: Octets) => readonly NamedOctets[];
  readonly allowed?: boolean;
  readonly expect?: Expected;
}

const OK = confirmed({ pm: [alice.id] });

export function legacy(name: string, about: string, row: Row = {}): Vector {
  const made = row.made ?? legacyBundle();
  const input = (row.pack ?? packItems)(made.items);
  const { by = alice, allowed = true } = row;
  return {
    family: row.family ?? 'valid',
    name: `legacy-${name}`,
    about,
    input,
    manifest: made.manifest,
    root: made.root === '' ? null : made.root,
    loose: row.loose?.(input) ?? [legacyApproval(input, by)],
    trust: trustBytes(soloTrust(by, 'pm', { legacyDialects: allowed })),
    expect: row.expect ?? OK,
  };
}

export function legacyVectors(): readonly Vector[] {
  return [...readVectors(), ...forgedVectors()];
}

function readVectors(): Vector[] {
  const nobody = {
    signatures: 'not-applicable',
    'known-signers': 'not-applicable',
    windows: 'not-applicable',
  };
  return [
    legacy(
      'approved',
      'A bundle of the released command line with a detached approval; the rule accepts that.',
    ),
    legacy('ecdsa', 'The detached approval is by an ECDSA key.', {
      by: bob,
      expect: confirmed({ pm: [bob.id] }),
    }),
    legacy('comment', 'The detached approval has a comment, which is signed too.', {
      loose: (archive) => [legacyApproval(archive, alice, { comment: 'gepr\u00fcft & gut' })],
    }),
    legacy('no-checksums', 'The older form may leave checksums.txt out.', {
      made: { ...legacyBundle(), items: without(legacyBundle().items, 'checksums.txt') },
      expect: confirmed({ pm: [alice.id] }, { checks: { checksums: 'not-applicable' } }),
    }),
    legacy('folders', 'The archive has entries for folders, in any order.', {
      pack: (items) =>
        gzip(tarOf(header({ name: 'policies/', type: '5' }), ...tarMembers([...items].reverse()))),
    }),
    legacy('rule-refuses', 'The rule does not accept older bundles.', {
      allowed: false,
      expect: open('B-NOCHECK', { pm: [alice.id] }, ['rule-refuses-legacy-dialect'], {
        dialect: 'could-not-check',
      }),
    }),
    legacy('planned', 'The layout of the first specification: its digest was never defined.', {
      made: plannedBundle(),
      expect: open('B-NOCHECK', { pm: [alice.id] }, [], {
        'file-bytes': 'not-applicable',
        integrity: 'could-not-check',
      }),
    }),
    legacy('not-signed', 'A bundle of the released command line that nobody signed.', {
      loose: () => [],
      expect: open('B-NOSIG', { pm: [] }, ['role-missing'], { ...nobody, 'required-roles': 'fail' }),
    }),
  ];
}

function forgedVectors(): Vector[] {
  const forged = (name: string, about: string, row: Row): Vector =>
    legacy(name, about, { ...row, family: 'forged' });
  const approvedBy = (by: Member, options: LegacyApprovalOptions = {}): Row => ({
    loose: (archive) => [legacyApproval(archive, by, options)],
  });
  const one = (
    code: Expected['code'],
    findings: readonly string[],
    checks: Readonly<Record<string, string>>,
  ): Expected =>
    open(code, { pm: [] }, [...findings, 'role-missing'], { 'required-roles': 'fail', ...checks });
  const nobody = { 'known-signers': 'not-applicable', windows: 'not-applicable' };
  const weak: Member = { ...alice, key: rsaKey('erin', 'sha1') };
  return [
    forged('rsa-sha1', 'The detached approval is RSA with SHA-1: it fits and proves nothing.', {
      by: weak,
      expect: one('B-INCOMPLETE', ['rsa-sha1'], { signatures: 'warn' }),
    }),
    forged('other-archive', 'The detached approval belongs to another archive.', {
      loose: (archive) => [legacyApproval(gzip(archive), alice)],
      expect: one('B-SIGBAD', ['signature-false'], { signatures: 'fail', ...nobody }),
    }),
    forged('unknown-signer', 'The detached approval is by a key that nobody knows.', {
      ...approvedBy(mallory, { user: alice.id }),
      expect: one('B-UNKNOWN', ['signer-unknown'], { 'known-signers': 'fail', windows: 'not-applicable' }),
    }),
    forged('claimed-fingerprint', 'An unknown key claims the fingerprint of Alice.', {
      ...approvedBy(mallory, { user: alice.id, fingerprint: alice.key.fingerprint }),
      expect: one('B-UNKNOWN', ['fingerprint-claim-differs', 'signer-unknown'], {
        'known-signers': 'fail',
        windows: 'not-applicable',
      }),
    }),
    forged('line-break', 'A line feed in the comment forges a line of the signed text.', {
      ...approvedBy(alice, { comment: 'fine\nRole: security' }),
      expect: {
        ...one('B-NOSIG', [], { signatures: 'not-applicable', ...nobody }),
        looseFindings: ['legacy-approval-line-break'],
      },
    }),
    forged('type-none', 'The approval says that its signature is of the type none.', {
      ...approvedBy(alice, { type: 'none' }),
      expect: one('B-SIGBAD', ['legacy-signature-type'], { signatures: 'fail', ...nobody }),
    }),
    forged('type-gpg', 'The approval says that its signature is by GPG, which is not judged.', {
      ...approvedBy(alice, { type: 'gpg' }),
      expect: one('B-NOCHECK', ['signature-kind-not-checked'], { signatures: 'could-not-check', ...nobody }),
    }),
    forged('signature-empty', 'The signature is empty.', {
      ...approvedBy(alice, { signature: '' }),
      expect: {
        ...one('B-NOSIG', [], { signatures: 'not-applicable', ...nobody }),
        looseFindings: ['legacy-approval-malformed'],
      },
    }),
    forged('embedded', 'The approval lies in the archive that it should sign: it can never be checked.', {
      made: embedded(),
      loose: () => [],
      expect: one('B-NOCHECK', ['approval-embedded-legacy'], { signatures: 'could-not-check', ...nobody }),
    }),
    forged('integrity', 'integrity.digest is not the digest of the blanked manifest.', {
      made: legacyBundle({ digest: '0'.repeat(64) }),
      expect: changed(['integrity-digest-differs'], { integrity: 'fail' }),
    }),
    forged('roles-edited', 'The roles were emptied after the digest was taken.', {
      made: legacyBundle({
        edit: (yaml) => yaml.replace('required_approvals:\n    - pm', 'required_approvals: []'),
      }),
      expect: changed(['integrity-digest-differs'], { integrity: 'fail' }),
    }),
    forged('content', 'A listed file is different.', {
      made: withItem('spec.yaml', 'product: healthcare-apj\n'),
      expect: changed(['file-differs-digest'], { 'file-bytes': 'fail' }),
    }),
    forged('unlisted', 'A file is in the archive that no list names.', {
      made: {
        ...legacyBundle(),
        items: [...legacyBundle().items, { path: 'policies/evil.yaml', bytes: utf8('allow: all\n') }],
      },
      expect: changed(['file-unlisted'], { 'file-list': 'fail' }),
    }),
    forged('missing', 'A listed file is not there.', {
      made: { ...legacyBundle(), items: without(legacyBundle().items, 'spec.yaml') },
      expect: changed(['file-missing'], { 'file-list': 'fail' }),
    }),
    forged('checksums', 'checksums.txt names another digest.', {
      made: withItem(
        'checksums.txt',
        `${'0'.repeat(64)}  spec.yaml\n${'0'.repeat(64)}  policies/policy_0.yaml\n`,
      ),
      expect: changed(['checksums-differs'], { checksums: 'fail' }),
    }),
  ];
}

function withItem(path: string, text: string): LegacyMade {
  const made = legacyBundle();
  return { ...made, items: made.items.map((row) => (row.path === path ? { path, bytes: utf8(text) } : row)) };
}

function embedded(): LegacyMade {
  const made = legacyBundle();
  const { bytes } = legacyApproval(packItems(made.items), alice);
  return { ...made, items: [...made.items, { path: 'approvals/pm.json', bytes }] };
}
