import { bundle, loose, pack, statementText, type ApprovalOptions, type Item, type Made } from '../bundle.js';
import { CHECKED, type Member } from '../cast.js';
import { confirmed, open } from '../expect.js';
import {
  armored,
  certificate,
  CERTIFY,
  DAY,
  detached,
  framed,
  MADE,
  packet,
  pgpDsa,
  pgpEcdsa,
  pgpEd25519,
  pgpEd25519Native,
  pgpRsa,
  publicKeyBlock,
  signatureBody,
  sub,
  type CertificateOptions,
  type PgpKey,
  type SignOptions,
} from '../openpgp.js';
import { join, utf8, type Octets } from '../raw.js';
import { trustBytes, type KeyRow, type TrustRow } from '../trustText.js';
import type { Expected, NamedOctets, Vector } from '../vector.js';

/** Approvals signed with OpenPGP: one person, one role, the public key mostly in the trust list. */

const anna = pgpEd25519('anna');
const berta = pgpEd25519('berta');
const subkey = pgpEd25519('anna subkey', { created: MADE + DAY });

interface Signer {
  readonly key: PgpKey;
  readonly certificate?: CertificateOptions;
}

function memberOf(key: PgpKey): Member {
  const sign = (): Octets => {
    throw new Error('an OpenPGP key makes no SSH signature');
  };
  const { fingerprint } = key;
  return {
    id: 'anna@example.org',
    name: 'Anna Ask',
    key: { algorithm: 'openpgp', blob: key.body, fingerprint, line: '', sign },
  };
}

interface Row extends Partial<Omit<ApprovalOptions, 'by'>> {
  readonly signer?: Signer;
  /** The key that signs, if it is another one than the primary key. */
  readonly with?: PgpKey;
  readonly sign?: SignOptions;
  /** Makes the signature file. */
  readonly asc?: (statement: Octets) => Octets;
  /** Changes the statement after it was signed. */
  readonly after?: (text: string) => string;
  /** What the trust list says of the key beside its fingerprint; `null`: no certificate. */
  readonly listed?: Partial<KeyRow> | null;
  readonly trust?: Partial<TrustRow>;
  readonly loose?: (made: Made, own: Octets) => readonly NamedOctets[];
  /** Gives the approval beside the bundle, under these names. */
  readonly beside?: readonly [statement: string, signature: string];
}

function pair(made: Made, key: PgpKey, row: Row): Item[] {
  const text = statementText(made, { ...row, role: 'pm', by: memberOf(key) });
  const bytes = utf8(text);
  const file = 'approvals/pm-1.json';
  const signature = row.asc?.(bytes) ?? detached(row.with ?? key, bytes, row.sign);
  return [
    { path: file, bytes: row.after === undefined ? bytes : utf8(row.after(text)) },
    { path: `${file}.asc`, bytes: signature },
  ];
}

function vector(family: 'valid' | 'forged', name: string, about: string, row: Row, expect: Expected): Vector {
  const { key, certificate: options } = row.signer ?? { key: anna };
  const made = bundle({ roles: ['pm'] });
  const own = certificate(key, options);
  const items = pair(made, key, row);
  const [statement = '', signature = ''] = row.beside ?? [];
  const outside = [
    ...(row.loose?.(made, own) ?? []),
    ...(row.beside === undefined
      ? []
      : loose(items).map(({ bytes }, i) => ({ name: [statement, signature][i]!, bytes }))),
  ];
  return {
    family,
    name: `openpgp-${name}`,
    about,
    input: pack(made, row.beside === undefined ? items : []),
    manifest: made.manifestText,
    ...(outside.length === 0 ? {} : { loose: outside }),
    trust: trustBytes(trustOf(key, own, row)),
    expect,
  };
}

function trustOf(key: PgpKey, own: Octets, { listed, trust }: Row): TrustRow {
  const material = listed === null ? {} : { certificate: Buffer.from(own).toString('base64') };
  const row: KeyRow = { openpgp: key.fingerprint, ...material, checked: CHECKED, ...listed };
  const { id, name } = memberOf(key);
  return {
    people: [{ id, name, keys: [row] }],
    rules: [{ name: 'solo', roles: { pm: { people: [id] } } }],
    defaultRule: 'solo',
    ...trust,
  };
}

const met = confirmed({ pm: ['anna@example.org'] });

function good(name: string, about: string, row: Row = {}, expect: Expected = met): Vector {
  return vector('valid', name, about, row, expect);
}

/** One false approval, for the reason of `code`. */
function bad(name: string, about: string, code: string, row: Row = {}): Vector {
  const keyKnown = row.signer !== undefined || row.after !== undefined || code.includes('subkey');
  return vector('forged', name, about, row, {
    ...open('B-SIGBAD', { pm: [] }, [code, 'role-missing'], {
      signatures: 'fail',
      'known-signers': 'not-applicable',
      'required-roles': 'fail',
      windows: keyKnown ? 'pass' : 'not-applicable',
    }),
  });
}

function notChecked(code: string, more: Partial<Expected> = {}): Expected {
  return {
    ...open('B-NOCHECK', { pm: [] }, [code, 'role-missing'], {
      signatures: 'could-not-check',
      'known-signers': 'not-applicable',
      'required-roles': 'fail',
      windows: 'not-applicable',
    }),
    ...more,
  };
}

function inList(
  code: string,
  findings: readonly string[],
  checks: Readonly<Record<string, string>>,
): Expected {
  return open(code as Expected['code'], { pm: [] }, [...findings, 'role-missing'], {
    'required-roles': 'fail',
    ...checks,
  });
}

export function openPgpVectors(): readonly Vector[] {
  return [...goodVectors(), ...openVectors(), ...signatureVectors(), ...keyVectors(), ...materialVectors()];
}

function goodVectors(): Vector[] {
  const kinds: readonly (readonly [string, string, PgpKey])[] = [
    ['ed25519', 'an Ed25519 key as GnuPG writes it', anna],
    ['ed25519-native', 'an Ed25519 key as RFC 9580 writes it', pgpEd25519Native('anna')],
    [
      'version-6',
      'a key of version 6, with a fingerprint of 64 digits',
      pgpEd25519Native('anna', { version: 6 }),
    ],
    ['p256', 'an ECDSA key on P-256', pgpEcdsa('anna', 'nistp256')],
    ['p384', 'an ECDSA key on P-384', pgpEcdsa('anna', 'nistp384')],
    ['p521', 'an ECDSA key on P-521', pgpEcdsa('anna', 'nistp521')],
    ['rsa', 'an RSA key of 3,072 bits', pgpRsa('erin')],
  ];
  const stranger = packet(2, signatureBody(berta, framed(anna), { type: 0x10, created: MADE }));
  return [
    ...kinds.map(([name, what, key]) =>
      good(name, `The approval is signed with ${what}.`, { signer: { key } }),
    ),
    good('sha256', 'The signature is taken over SHA-256.', { sign: { hash: 8 } }),
    good('subkey', 'A signing subkey signed; the trust list binds its primary key.', {
      with: subkey,
      signer: { key: anna, certificate: { flags: CERTIFY, subkeys: [{ key: subkey }] } },
    }),
    good('armored-certificate', 'The trust list holds the public key in its armored form.', {
      listed: { certificate: new TextDecoder().decode(publicKeyBlock(certificate(anna))) },
    }),
    good(
      'loose-certificate',
      'The public key lies beside the bundle; the trust list binds its fingerprint.',
      {
        listed: null,
        loose: (_, own) => [{ name: 'anna.asc', bytes: publicKeyBlock(own) }],
      },
    ),
    good('loose-binary-certificate', 'The same in its binary form.', {
      listed: null,
      loose: (_, own) => [{ name: 'anna.gpg', bytes: own }],
    }),
    good('loose-pair', 'Statement and signature lie beside the bundle under other names.', {
      beside: ['answer.json', 'signature.asc'],
    }),
    good(
      'foreign-certifications',
      "The certificate holds other people's certifications, which are passed over.",
      {
        signer: { key: anna, certificate: { more: [stranger, stranger] } },
      },
    ),
    good(
      'flooded-copy',
      'A flooded copy of the public key lies beside the bundle and is left out.',
      {
        loose: (_, own) => [{ name: 'anna.gpg', bytes: flooded(own) }],
      },
      { ...met, looseFindings: ['openpgp-certificate-flooded'] },
    ),
  ];
}

/** Ten thousand packets that say nothing, behind an honest certificate. */
function flooded(own: Octets): Octets {
  return join(own, ...Array.from({ length: 10_000 }, () => packet(2, new Uint8Array(0))));
}

function openVectors(): Vector[] {
  const ended = { keyEnds: 300 * DAY };
  const revoked = (reason: number): CertificateOptions => ({ revoked: { at: MADE + 250 * DAY, reason } });
  const gone = { signatures: 'pass', 'known-signers': 'warn', windows: 'fail' } as const;
  return [
    good(
      'certificate-missing',
      'The trust list names the key by fingerprint, and the key itself is nowhere.',
      { listed: null },
      notChecked('openpgp-certificate-missing'),
    ),
    good(
      'ended',
      'The key ended by its own word.',
      { signer: { key: anna, certificate: ended } },
      inList('B-EXPIRED', ['openpgp-key-ended', 'key-expired'], { windows: 'fail' }),
    ),
    good(
      'revoked',
      'The owner revoked the key because somebody else may have it.',
      { signer: { key: anna, certificate: revoked(2) } },
      inList('B-WITHDRAWN', ['openpgp-key-revoked', 'key-withdrawn'], gone),
    ),
    good(
      'superseded',
      'The owner revoked the key because it was replaced.',
      { signer: { key: anna, certificate: revoked(1) } },
      inList('B-WITHDRAWN', ['openpgp-key-revoked', 'key-withdrawn'], gone),
    ),
    good(
      'revoked-elsewhere',
      'The copy in the trust list is older than the revocation, which lies beside the bundle.',
      {
        loose: () => [{ name: 'anna.asc', bytes: publicKeyBlock(certificate(anna, revoked(0))) }],
      },
      inList('B-WITHDRAWN', ['openpgp-key-revoked', 'key-withdrawn'], gone),
    ),
    good(
      'withdrawn',
      'The trust list withdrew the key.',
      {
        trust: { withdrawn: [{ fingerprint: anna.fingerprint, at: '2026-09-01T00:00:00Z' }] },
      },
      inList('B-WITHDRAWN', ['key-withdrawn'], gone),
    ),
  ];
}

function signatureVectors(): Vector[] {
  const literal = (statement: Octets): Octets =>
    packet(11, join(Uint8Array.of(0x62, 0, 0, 0, 0, 0), statement));
  const signed = (statement: Octets): Octets => packet(2, signatureBody(anna, statement));
  const frame = (make: (statement: Octets) => Octets) => (statement: Octets) =>
    armored('SIGNATURE', make(statement));
  return [
    bad('changed', 'One word of the statement was changed after it was signed.', 'signature-false', {
      after: (text) => text.replace('2026-11-10T10:00:00Z', '2026-11-11T10:00:00Z'),
    }),
    bad('wrong-key', "Another key signed and claims to be Anna's.", 'signature-false', {
      signer: { key: anna },
      with: berta,
      sign: { claims: anna },
    }),
    bad('md5', 'The signature is taken over MD5.', 'openpgp-digest', { sign: { hash: 1 } }),
    bad('sha1', 'The signature is taken over SHA-1.', 'openpgp-digest', { sign: { hash: 2 } }),
    bad('text-mode', 'The signature is of the text kind.', 'openpgp-class', { sign: { type: 0x01 } }),
    bad('version-3', 'The signature says that it has version 3.', 'openpgp-version', {
      sign: { version: 3 },
    }),
    bad(
      'critical-notation',
      'The signature carries a critical notation that nobody knows.',
      'openpgp-critical',
      {
        sign: { hashed: [sub(20, new Uint8Array(10), true)] },
      },
    ),
    bad('two-signatures', 'The file holds two signatures.', 'openpgp-several-signatures', {
      asc: frame((statement) => join(signed(statement), packet(2, signatureBody(berta, statement)))),
    }),
    bad('inline', 'The file holds the text that it signs.', 'openpgp-inline', {
      asc: frame((statement) => join(literal(statement), signed(statement))),
    }),
    bad('second-literal', 'A text follows the signature.', 'openpgp-inline', {
      asc: frame((statement) => join(signed(statement), literal(utf8('{}')))),
    }),
    bad('cleartext', 'The file is a clear-signed text.', 'openpgp-inline', {
      asc: (statement) =>
        join(
          utf8('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n'),
          statement,
          utf8('\n'),
          armored('SIGNATURE', signed(statement)),
        ),
    }),
    bad('text-before', 'Words stand before the frame.', 'openpgp-armor', {
      asc: (statement) => join(utf8('I approve.\n'), armored('SIGNATURE', signed(statement))),
    }),
    bad('cut', 'The signature is cut short.', 'openpgp-structure', {
      asc: frame((statement) => signed(statement).subarray(0, 60)),
    }),
    bad('future', 'The signature says that it was made tomorrow.', 'openpgp-signature-time', {
      signer: { key: anna },
      sign: { created: MADE + 324 * DAY },
    }),
  ];
}

function keyVectors(): Vector[] {
  const with_ = (options: CertificateOptions, key = anna): Row => ({ signer: { key, certificate: options } });
  const bySubkey = (options: object): Row => ({
    with: subkey,
    signer: { key: anna, certificate: { flags: CERTIFY, subkeys: [{ key: subkey, ...options }] } },
  });
  return [
    bad(
      'no-back-signature',
      'The subkey has not signed that it belongs to this key.',
      'openpgp-subkey-unbound',
      bySubkey({ back: null }),
    ),
    bad('weak-binding', 'The subkey is bound by SHA-1.', 'openpgp-subkey-unbound', bySubkey({ hash: 2 })),
    bad(
      'encryption-subkey',
      'A subkey for encryption signed.',
      'openpgp-key-not-for-signing',
      bySubkey({ flags: 0x0c }),
    ),
    bad(
      'certify-only',
      'The key is for certifying keys alone.',
      'openpgp-key-not-for-signing',
      with_({ flags: CERTIFY }),
    ),
    bad(
      'no-self-signature',
      'The certificate was stripped of its self-signatures.',
      'openpgp-self-signature-missing',
      with_({ withoutSelf: true }),
    ),
    bad(
      'weak-self-signature',
      'The certificate signs itself with SHA-1.',
      'openpgp-self-signature-missing',
      with_({ hash: 2 }),
    ),
    bad('dsa', 'The key is a DSA key.', 'openpgp-key-material', with_({}, pgpDsa('anna'))),
    bad('rsa-1024', 'The RSA key has 1,024 bits.', 'openpgp-key-material', with_({}, pgpRsa('weak'))),
  ];
}

function materialVectors(): Vector[] {
  // A list that cannot be used leaves nobody known: the signature is recognised and no more.
  const noTrust = (...codes: string[]): Expected => ({
    ...open('B-NOCHECK', { pm: [] }, ['no-rule', 'signature-kind-not-checked', 'role-missing'], {
      signatures: 'could-not-check',
      'known-signers': 'not-applicable',
      'required-roles': 'not-checked',
      windows: 'not-applicable',
    }),
    trustFindings: codes,
  });
  const other = Buffer.from(certificate(berta)).toString('base64');
  const bertha = { id: 'berta@example.org', name: 'Berta Bau', keys: [{ openpgp: anna.fingerprint }] };
  const own = { openpgp: anna.fingerprint, certificate: Buffer.from(certificate(anna)).toString('base64') };
  return [
    vector(
      'forged',
      'certificate-not-listed',
      "A stranger's public key and signature came together.",
      {
        listed: null,
        with: berta,
        loose: () => [
          {
            name: 'anna.asc',
            bytes: publicKeyBlock(certificate(berta, { user: 'Anna <anna@example.org>' })),
          },
        ],
      },
      notChecked('openpgp-certificate-missing', { looseFindings: ['openpgp-certificate-not-listed'] }),
    ),
    vector(
      'forged',
      'certificate-flooded',
      'The only copy of the public key has more parts than are read.',
      {
        listed: null,
        loose: (_, mine) => [{ name: 'anna.gpg', bytes: flooded(mine) }],
      },
      notChecked('openpgp-certificate-missing', { looseFindings: ['openpgp-certificate-flooded'] }),
    ),
    vector(
      'forged',
      'certificate-cut',
      'The only copy of the public key is cut short.',
      {
        listed: null,
        loose: (_, mine) => [{ name: 'anna.gpg', bytes: mine.subarray(0, -7) }],
      },
      notChecked('openpgp-certificate-missing', { looseFindings: ['openpgp-certificate-unreadable'] }),
    ),
    vector(
      'forged',
      'certificate-differs',
      'The trust list gives another key than the one that it binds.',
      {
        listed: { certificate: other },
      },
      noTrust('trust-certificate-refused', 'trust-empty'),
    ),
    vector(
      'forged',
      'two-people',
      'The trust list binds one key to two people.',
      {
        trust: { people: [{ id: 'anna@example.org', name: 'Anna Ask', keys: [own] }, bertha] },
      },
      noTrust('trust-key-two-people'),
    ),
    vector(
      'forged',
      'other-user',
      "Anna's key signed as somebody else.",
      {
        predicate: { user: 'berta@example.org' },
      },
      inList('B-INCOMPLETE', ['approval-user-not-this-person'], { 'known-signers': 'warn' }),
    ),
    vector(
      'forged',
      'other-key-named',
      "Anna's key signed a statement that names another key.",
      {
        predicate: { key: berta.fingerprint },
      },
      inList('B-SIGBAD', ['statement-key-differs'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
      }),
    ),
  ];
}
