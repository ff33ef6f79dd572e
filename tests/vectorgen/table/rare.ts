import { alice, bob, carol, erin, gina, mallory, personRow, releaseTrust, soloTrust } from '../cast.js';
import { approval, bundle, replaced, type Item, type Made } from '../bundle.js';
import { changed, confirmed, open, refused } from '../expect.js';
import { ed25519Key, keyOf, type TestKey } from '../keys.js';
import { legacyApproval, legacyBundle, plannedBundle } from '../legacyBundle.js';
import { gzip, join, member, tarOf, utf8, type Octets } from '../raw.js';
import { trustText, type TrustRow } from '../trustText.js';
import type { Expected, Vector } from '../vector.js';
import { mpint, string } from '../wire.js';
import { legacy } from './legacy.js';
import { manifestFault } from './manifests.js';
import { uncounted } from './uncounted.js';
import { falseSignature } from './signatures.js';
import { honest, MET } from './valid.js';

/** Codes that are met seldom: one vector each, so that every message has been seen once. */
export function rareVectors(): readonly Vector[] {
  return [
    ...shown(),
    ...manifests(),
    ...keys(),
    ...legacies(),
    ...limits(),
    ...trusts(),
    ...signers(),
    ...repeats(),
  ];
}

const pm = (made: Made): Item[] => approval(made, { role: 'pm', by: alice });
const ONE = { pm: [alice.id] } as const;
const line = (names: string, key: TestKey, options = ''): string => `${names} ${options}${key.line}\n`;

function shown(): Vector[] {
  const warned = (code: string, ids: readonly string[]): Expected =>
    confirmed(MET, { findings: [code], checks: Object.fromEntries(ids.map((id) => [id, 'warn'])) });
  return [
    honest('path-hidden', 'A path holds a character that nobody sees; it is shown by a mark and warned of.', {
      bundle: { files: { 'docs/a\u200bb.md': 'x\n', 'spec.yaml': 'y\n' } },
      expect: warned('entry-hidden-characters', ['names', 'manifest']),
    }),
    honest('id-mixed-scripts', 'The id mixes Latin and Cyrillic letters; it is warned of.', {
      bundle: { manifest: { id: 'example/he\u0430lthcare-api' } },
      expect: warned('manifest-mixed-scripts', ['manifest']),
    }),
    honest('extra-record', 'A note that somebody approved lies in the folder; it has no signature.', {
      extra: () => [
        { path: 'approvals/pm-2.json', bytes: utf8('approved_by: alice\napproved_at: 2026-11-10\n') },
      ],
      expect: confirmed(MET, { findings: ['approval-unsigned-record'], checks: { signatures: 'warn' } }),
    }),
    honest('loose-other-bundle', 'A loose approval is about a bundle that was not given.', {
      loose: () =>
        pm(bundle({ manifest: { id: 'example/other' } })).map(({ path, bytes }) => ({
          name: path.slice(10),
          bytes,
        })),
      expect: { ...confirmed(MET), looseFindings: ['loose-unpaired'] },
    }),
    honest('loose-request', 'A request for an approval lies beside the bundle; it approves nothing.', {
      loose: () => [{ name: 'please.json', bytes: requestFor(bundle()) }],
      expect: { ...confirmed(MET), looseFindings: ['loose-request'] },
    }),
    honest('loose-attestation', 'A loose attestation is recognised and belongs to nothing that was given.', {
      loose: () => [
        {
          name: 'x.sigstore.json',
          bytes: utf8('{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'),
        },
      ],
      expect: { ...confirmed(MET), looseFindings: ['loose-unrecognised'] },
    }),
  ];
}

function requestFor({ id, version, root, manifestSha256 }: ReturnType<typeof bundle>): Octets {
  const text = {
    _type: 'urn:countersign:request:v1',
    bundle: { contentRoot: root, digest: `sha256:${manifestSha256}`, id, version },
    from: 'desk@example.org',
    requestedAt: '2026-11-20T10:00:00Z',
    roles: ['pm'],
  };
  return utf8(JSON.stringify(text));
}

/** The packed manifest is not the text that was made, so no digest of it is stated. */
function withoutText(vector: Vector): Vector {
  return Object.fromEntries(
    Object.entries(vector).filter(([name]) => name !== 'manifest'),
  ) as unknown as Vector;
}

function manifests(): Vector[] {
  const fault = (name: string, about: string, code: string, edit: (yaml: string) => string): Vector =>
    manifestFault(name, about, code, { edit });
  const notUtf8 = withoutText(
    manifestFault('not-utf8', 'A byte of the manifest is not UTF-8.', 'manifest-not-utf8', {
      items: (items, made) =>
        replaced(items, 'manifest.yaml', join(made.manifestBytes, Uint8Array.of(0xff, 0x0a))),
    }),
  );
  return [
    notUtf8,
    fault('depth', 'Lists nest a hundred deep.', 'manifest-depth', (yaml) =>
      yaml.replace('files:\n', `tags: ${'['.repeat(100)}${']'.repeat(100)}\nfiles:\n`),
    ),
    fault(
      'directive',
      'A YAML directive stands in front.',
      'manifest-directive',
      (yaml) => `%YAML 1.2\n---\n${yaml}`,
    ),
    fault(
      'control-character',
      'The version holds a bell, written as an escape.',
      'manifest-field-character',
      (yaml) => yaml.replace('"1.3.0"', '"1.3.0\\u0007"'),
    ),
    fault('null', 'The version is null.', 'manifest-field-nothing', (yaml) =>
      yaml.replace('"1.3.0"', 'null'),
    ),
    fault('text-for-list', 'The roles are one text.', 'manifest-field-type', (yaml) =>
      yaml.replace('required_approvals:\n  - "pm"\n  - "security"', 'required_approvals: "pm"'),
    ),
    fault(
      'key-explicit',
      'A key is written with a question mark.',
      'manifest-key',
      (yaml) => `? [a, b]\n: "x"\n${yaml}`,
    ),
    fault(
      'form-large',
      'More than a megabyte, and not in the form that is read at that size.',
      'manifest-form-large',
      (yaml) => `${yaml}tags: [${'"aaaaaaaaaaaaaaa", '.repeat(60_000)}"b"]\n`,
    ),
    manifestFault('text-long', 'The description has 70,000 letters.', 'manifest-text-long', {
      options: { manifest: { description: 'x'.repeat(70_000) } },
    }),
    manifestFault(
      'too-many-files',
      'The list names more files than the limits allow.',
      'manifest-too-many-files',
      {
        options: {
          external: Object.fromEntries(
            Array.from({ length: 9 }, (_unused, i) => [
              `data/${i}.bin`,
              { bytes: utf8(`${i}`), packed: false },
            ]),
          ),
        },
        limits: { entriesMax: 10 },
      },
    ),
  ];
}

function keys(): Vector[] {
  const rsa = (n: bigint, e: bigint): TestKey =>
    keyOf('ssh-rsa', join(string('ssh-rsa'), mpint(e), mpint(n)), erin.key.sign);
  const modulus = 2n ** 3071n + 12345n * 2n ** 100n + 1n;
  const byKey = (name: string, about: string, code: string, key: TestKey): Vector =>
    falseSignature(`key-${name}`, about, code, alice, {
      key,
      predicate: { key: alice.key.fingerprint },
      checks: { windows: 'not-applicable' },
    });
  const unknown = keyOf('x', join(string('ssh-lattice'), string(new Uint8Array(32))), alice.key.sign);
  return [
    byKey('rsa-exponent-3', 'The RSA key has the exponent 3.', 'key-rsa-weak', rsa(modulus, 3n)),
    byKey('rsa-8200', 'The RSA key has 8,200 bits.', 'key-too-large', rsa(2n ** 8199n + 1n, 65537n)),
    uncounted('key-type-unknown', 'The key is of a type that this version does not know.', {
      evidence: (made) => approval(made, { role: 'pm', by: alice, key: unknown, predicate: { key: null } }),
      expect: open('B-NOCHECK', { pm: [] }, ['key-type-unknown', 'role-missing'], {
        signatures: 'could-not-check',
        'known-signers': 'not-applicable',
        'required-roles': 'fail',
        windows: 'not-applicable',
      }),
    }),
    {
      ...falseSignature('too-large', 'The signature file has 70,000 bytes.', 'signature-too-large', alice, {
        signature: (armored) => join(armored, utf8('\n'.repeat(70_000))),
        checks: { windows: 'not-applicable' },
      }),
      limits: { approvalBytesMax: 131_072 },
    },
  ];
}

function legacies(): Vector[] {
  const nobody = { 'known-signers': 'not-applicable', windows: 'not-applicable' };
  const one = (
    code: Expected['code'],
    findings: readonly string[],
    checks: Readonly<Record<string, string>>,
  ): Expected =>
    open(code, { pm: [] }, [...findings, 'role-missing'], { 'required-roles': 'fail', ...checks });
  const unsigned = one('B-NOSIG', [], { signatures: 'not-applicable', ...nobody });
  const planned = plannedBundle();
  const inside = planned.manifest.replace(
    'approvals:\n',
    'approvals:\n  signatures:\n  - role: pm\n    user: alice\n',
  );
  return [
    legacy('extra-field', 'The detached approval has a field that its signature does not cover.', {
      loose: (archive) => [legacyApproval(archive, alice, { extra: { ticket: 'T-1' } })],
      expect: confirmed(ONE, { findings: ['legacy-approval-extra-field'] }),
    }),
    legacy('time', 'The detached approval gives its time without a zone.', {
      family: 'forged',
      loose: (archive) => [legacyApproval(archive, alice, { signedAt: '2026-11-10T11:00:00' })],
      expect: { ...unsigned, looseFindings: ['legacy-approval-time'] },
    }),
    legacy('armored', 'An SSH signature file stands where the bare value belongs.', {
      family: 'forged',
      loose: (archive) => [
        legacyApproval(archive, alice, {
          signature: '-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n',
        }),
      ],
      expect: one('B-SIGBAD', ['legacy-signature-armored'], { signatures: 'fail', ...nobody }),
    }),
    legacy('security-key', 'A security key signed in the older form, which loses its counter.', {
      by: gina,
      expect: one('B-NOCHECK', ['sk-not-checkable'], {
        signatures: 'could-not-check',
        'known-signers': 'not-applicable',
      }),
    }),
    legacy('digests-disagree', 'The two digests in the manifest differ from each other.', {
      family: 'forged',
      made: legacyBundle({ edit: (yaml) => yaml.replace(/manifest_digest: .{4}/, 'manifest_digest: 0000') }),
      expect: changed(['integrity-digests-disagree'], { integrity: 'fail' }),
    }),
    legacy('integrity-form', 'The block integrity is indented by two spaces.', {
      family: 'forged',
      made: legacyBundle({
        edit: (yaml) => yaml.replace(/^ {4}(algorithm|digest|manifest_digest)/gm, '  $1'),
      }),
      expect: refused('manifest', ['manifest-integrity-form']),
    }),
    legacy('planned-approval', 'An approval in the layout of the first specification, which nobody signs.', {
      made: {
        ...planned,
        items: [
          ...planned.items,
          {
            path: 'approvals/pm.json',
            bytes: utf8(`{"role":"pm","user":"alice","digest":"sha256:${'ab'.repeat(32)}"}`),
          },
        ],
      },
      loose: () => [],
      expect: open('B-NOSIG', { pm: [] }, ['approval-planned-layout', 'role-missing'], {
        'file-bytes': 'not-applicable',
        integrity: 'could-not-check',
        signatures: 'fail',
        'required-roles': 'fail',
        ...nobody,
      }),
    }),
    legacy(
      'planned-signatures-inside',
      'The manifest of the first specification holds approvals in itself; they are not read.',
      {
        made: { ...planned, manifest: inside, items: replaced(planned.items, 'manifest.yaml', inside) },
        loose: () => [],
        expect: open('B-NOSIG', { pm: [] }, ['manifest-signatures-inside', 'role-missing'], {
          manifest: 'warn',
          'file-bytes': 'not-applicable',
          integrity: 'could-not-check',
          signatures: 'not-applicable',
          'required-roles': 'fail',
          ...nobody,
        }),
      },
    ),
  ];
}

function limits(): Vector[] {
  const many = Array.from({ length: 510 }, (_, i) => member(`../${i}`, ''));
  const big: Item = { path: 'approvals/pm-2.json', bytes: utf8(`{"_type":"${'x'.repeat(3000)}"}`) };
  return [
    {
      ...honest('many-problems', 'More than five hundred names are unsafe; the rest is counted.', {
        pack: () => gzip(tarOf(...many)),
        expect: refused('names', ['entry-unsafe-path', 'archive-more-problems', 'manifest-missing'], {
          container: 'fail',
          manifest: 'fail',
        }),
      }),
      family: 'archive',
    },
    honest('extra-too-large', 'A third approval is larger than the limits allow.', {
      extra: () => [big],
      limits: { approvalBytesMax: 2000 },
      expect: confirmed(MET, {
        findings: ['approval-too-large/warning', 'approval-ignored'],
        checks: { signatures: 'warn' },
      }),
    }),
    honest(
      'extra-too-many',
      'There are more approvals than the limits allow; those that the rule needs come first.',
      {
        extra: (made) => approval(made, { role: 'security', by: bob, number: 2 }),
        limits: { approvalsMax: 2 },
        expect: confirmed(MET, {
          findings: ['approvals-too-many/warning', 'approval-ignored'],
          checks: { signatures: 'warn' },
        }),
      },
    ),
  ];
}

function trusts(): Vector[] {
  const solo = soloTrust(alice);
  const onlyAlice = (keysOf: TrustRow['people'][number]['keys']): TrustRow => ({
    ...solo,
    people: [personRow(alice, { keys: keysOf })],
  });
  const refusedTrust = (
    name: string,
    about: string,
    codes: readonly string[],
    trust: TrustRow | string,
  ): Vector =>
    uncounted(`trust-${name}`, about, {
      trust: utf8(typeof trust === 'string' ? trust : trustText(trust)),
      expect: { ...unknownToAll(), trustFindings: codes },
    });
  const noted = (name: string, about: string, code: string, trust: TrustRow): Vector =>
    honest(`trust-${name}`, about, {
      bundle: { roles: ['pm'] },
      evidence: pm,
      trust,
      expect: { ...confirmed(ONE), trustFindings: [code] },
    });
  const older = `version: 1\nroles:\n  pm:\n    users:\n      ${alice.id}:\n      - ${alice.key.fingerprint}\n`;
  return [
    noted(
      'key-twice',
      'One key of a person is listed twice; it counts once.',
      'trust-key-twice',
      onlyAlice([{ ssh: alice.key.line }, { ssh: alice.key.line }]),
    ),
    noted('mixed-scripts', 'A name in the list mixes Latin and Cyrillic letters.', 'trust-mixed-scripts', {
      ...solo,
      people: [personRow(alice, { name: 'Al\u0456ce Ang' })],
    }),
    refusedTrust(
      'key-choice',
      'A key is given both whole and by its fingerprint.',
      ['trust-key-choice', 'trust-empty'],
      onlyAlice([{ ssh: alice.key.line, fingerprint: alice.key.fingerprint }]),
    ),
    refusedTrust(
      'key-terms',
      'One key is listed twice with different dates.',
      ['trust-key-terms-differ'],
      onlyAlice([{ ssh: alice.key.line, until: '2027-01-01T00:00:00Z' }, { ssh: alice.key.line }]),
    ),
    refusedTrust(
      'origins',
      'A key that is no passkey has origins.',
      ['trust-origins-without-passkey', 'trust-empty'],
      onlyAlice([{ ssh: alice.key.line, origins: ['https://sign.example.org'] }]),
    ),
    refusedTrust('older-shape', 'The list has an older shape.', ['trust-older-shape'], older),
    uncounted('trust-rule-not-chosen', 'The list has a rule, but none was chosen.', {
      trust: { people: solo.people, rules: solo.rules! },
      expect: {
        ...open('B-NORULE', { pm: [] }, ['no-rule'], { 'required-roles': 'not-checked' }),
        trustFindings: ['rule-not-chosen'],
      },
    }),
    uncounted('trust-rule-cannot-be-met', 'The rule wants two different people and names one.', {
      bundle: {},
      trust: {
        ...solo,
        rules: [{ name: 'solo', roles: { pm: { people: [alice.id] }, security: { people: [alice.id] } } }],
      },
      evidence: (made) => [...pm(made), ...approval(made, { role: 'security', by: alice })],
      expect: {
        ...open('B-INCOMPLETE', { pm: [alice.id], security: [] }, ['same-person-two-roles', 'role-missing'], {
          'required-roles': 'fail',
        }),
        trustFindings: ['rule-cannot-be-met'],
      },
    }),
  ];
}

function unknownToAll(): Expected {
  return open('B-UNKNOWN', { pm: [] }, ['signer-unknown', 'trust-missing', 'no-rule', 'role-missing'], {
    'known-signers': 'not-checked',
    'required-roles': 'not-checked',
    windows: 'not-applicable',
  });
}

/** OpenSSH's allowed_signers beside the trust list: it adds identities, never roles. */
function signers(): Vector[] {
  const oldKey: TrustRow = {
    ...soloTrust(alice),
    people: [personRow(alice, { keys: [{ ssh: ed25519Key('alice old').line }] })],
  };
  const ruleWithoutKey = open('B-UNKNOWN', { pm: [] }, ['signer-unknown', 'role-missing'], {
    'known-signers': 'fail',
    'required-roles': 'fail',
    windows: 'not-applicable',
  });
  const added = (
    name: string,
    about: string,
    allowedSigners: string,
    codes: readonly string[],
    expect: Expected = confirmed(ONE),
  ): Vector =>
    honest(`signers-${name}`, about, {
      bundle: { roles: ['pm'] },
      evidence: pm,
      trust: oldKey,
      allowedSigners,
      expect: { ...expect, trustFindings: codes },
    });
  const own = line(alice.id, alice.key);
  return [
    added('add-key', 'A signers file adds a key to a person whom the rule names.', own, []),
    added(
      'wildcard',
      'A line of the signers file is for everybody and is not used.',
      `${own}${line('*@example.org', mallory.key)}`,
      ['allowed-signers-skipped'],
    ),
    {
      ...added(
        'no-key',
        'The signers file names nobody.',
        '# nobody\n',
        ['allowed-signers-empty'],
        ruleWithoutKey,
      ),
      family: 'forged',
    },
    {
      ...added(
        'broken-line',
        'A line of the signers file cannot be read, so none of it is used.',
        `${own}"open ssh-ed25519\n`,
        ['allowed-signers-line'],
        ruleWithoutKey,
      ),
      family: 'forged',
    },
    {
      ...added(
        'overlap',
        'Two lines of the signers file share only some names.',
        `${line(`${alice.id},a@example.org`, alice.key)}${line(`a@example.org,b@example.org`, bob.key)}`,
        ['allowed-signers-overlap'],
        ruleWithoutKey,
      ),
      family: 'forged',
    },
    {
      ...added(
        'other-use',
        'The signers file knows the key for another use only.',
        line(alice.id, alice.key, 'namespaces="git" '),
        ['allowed-signers-other-namespace'],
        {
          ...open('B-INCOMPLETE', { pm: [] }, ['key-not-for-approvals', 'role-missing'], {
            'known-signers': 'warn',
            'required-roles': 'fail',
          }),
        },
      ),
      family: 'forged',
    },
    uncounted('signers-two-people-one-line', 'A line of the signers file makes one person of two.', {
      trust: { ...soloTrust(alice), people: [personRow(alice), personRow(bob)] },
      allowedSigners: line(`${alice.id},${bob.id}`, mallory.key),
      expect: {
        ...open('B-UNKNOWN', { pm: [] }, ['signer-unknown', 'trust-missing', 'role-missing'], {
          'known-signers': 'not-checked',
          'required-roles': 'fail',
          windows: 'not-applicable',
        }),
        trustFindings: ['trust-merge-two-people'],
      },
    }),
    uncounted('signers-give-no-role', 'The signers file knows Mallory; the rule still names only Alice.', {
      evidence: (made) => approval(made, { role: 'pm', by: mallory }),
      allowedSigners: line(mallory.id, mallory.key),
      expect: open('B-INCOMPLETE', { pm: [] }, ['approval-role-not-allowed', 'role-missing'], {
        'required-roles': 'fail',
      }),
    }),
  ];
}

/** Verdicts that one vector alone would show only once. */
function repeats(): Vector[] {
  return [
    uncounted('key-withdrawn-one-of-two', 'One of two roles rests on a withdrawn key.', {
      bundle: {},
      trust: releaseTrust({
        withdrawn: [{ fingerprint: carol.key.fingerprint, at: '2026-11-12T00:00:00Z' }],
      }),
      evidence: (made) => [...pm(made), ...approval(made, { role: 'security', by: carol })],
      expect: open('B-WITHDRAWN', { pm: [alice.id], security: [] }, ['key-withdrawn', 'role-missing'], {
        'known-signers': 'warn',
        'required-roles': 'fail',
        windows: 'fail',
      }),
    }),
    uncounted('replay-older-two-roles', 'Both approvals are of an older version.', {
      bundle: {},
      trust: releaseTrust(),
      evidence: () => {
        const older = bundle({ manifest: { version: '1.2.0' } });
        return [...pm(older), ...approval(older, { role: 'security', by: carol })];
      },
      expect: open('B-STALE', { pm: [], security: [] }, ['approval-stale', 'role-missing'], {
        signatures: 'not-applicable',
        'known-signers': 'not-applicable',
        'required-roles': 'fail',
        windows: 'not-applicable',
      }),
    }),
  ];
}
