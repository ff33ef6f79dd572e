import { fromUtf8 } from '../../src/core/bytes/text.js';
import { toBase64 } from '../../src/core/bytes/base64.js';
import { dearmorSshsig } from '../../src/core/signature/armor.js';
import { parseAuthorizedKey, parsePublicKeyBlob } from '../../src/core/signature/publicKey.js';
import { verifySshsig } from '../../src/core/signature/sshsig.js';
import { armorBlob } from '../../src/core/signature/sshsigWrite.js';
import { readAllowedSigners } from '../../src/core/trust/allowedSigners.js';
import { readTrust } from '../../src/core/trust/readTrust.js';
import type { Trust, TrustRead } from '../../src/core/trust/trust.js';
import { checkFindings, demand, outcomeOf, type Outcome, same } from './broken.js';
import {
  bundledFiles,
  distinct,
  distinctBytes,
  fromBase64,
  once,
  sharedFiles,
  sharedJson,
  utf8,
  vectors,
} from './seeds.js';
import { plain, target, type Seed } from './target.js';

// --- SSH signatures --------------------------------------------------------------------------------------------

/** What a signature is checked against, and every blob that is known to be right there. */
interface Signed {
  readonly message: Uint8Array;
  readonly namespace: string;
  readonly right: readonly Uint8Array[];
}

interface SshsigCase {
  readonly armored: string;
  readonly message_b64: string;
  readonly namespace: string;
}

interface Armored {
  readonly armored: Uint8Array;
  readonly message: Uint8Array;
  readonly namespace: string;
}

const NAMESPACE = 'approval@countersign';

function signaturesOfBundles(): Armored[] {
  const files = bundledFiles();
  const statements = new Map(files.map(({ path, bytes }) => [path, bytes]));
  return files.flatMap(({ path, bytes }, i) => {
    if (!path.endsWith('.json.sig')) return [];
    const name = path.slice(0, -4);
    // The statement beside it: the nearest earlier file of that name, because names repeat between bundles.
    const beside = files.slice(Math.max(0, i - 20), i).findLast((one) => one.path === name);
    const message = beside?.bytes ?? statements.get(name);
    return message === undefined ? [] : [{ armored: bytes, message, namespace: NAMESPACE }];
  });
}

/** Signatures of every kind of key, few enough that all come up often. */
const signatures = once((): Seed<Signed>[] => {
  const cases = sharedJson<SshsigCase[]>([], 'corpora', 'sshsig', 'cases.json').map((one) => ({
    armored: utf8(one.armored),
    message: fromBase64(one.message_b64),
    namespace: one.namespace,
  }));
  const all = distinct([...cases, ...signaturesOfBundles()], (one) =>
    [one.namespace, Buffer.from(one.armored).toString(), Buffer.from(one.message).toString('base64')].join(
      '\n',
    ),
  );
  const subject = (one: Armored): string =>
    `${one.namespace}\n${Buffer.from(one.message).toString('base64')}`;
  const right = new Map<string, Uint8Array[]>();
  for (const one of all) {
    const armor = dearmorSshsig(one.armored);
    if ('problem' in armor || verifySshsig(one.armored, one.message, one.namespace).outcome !== 'true')
      continue;
    right.set(subject(one), [...(right.get(subject(one)) ?? []), armor.blob]);
  }
  return all.map((one) => ({
    bytes: one.armored,
    context: { message: one.message, namespace: one.namespace, right: right.get(subject(one)) ?? [] },
  }));
});

function judge(armored: Uint8Array, signed: Signed): Outcome {
  const { outcome, key, findings } = verifySshsig(armored, signed.message, signed.namespace);
  checkFindings(findings);
  if (outcome === 'true') {
    const armor = dearmorSshsig(armored);
    demand('blob' in armor, 'right, but it has no blob');
    const known = signed.right.some((one) => same(one, armor.blob));
    demand(known, 'a signature counts as right that nobody made');
    demand(key !== null && findings.length === 0, 'right, but without a key or with findings');
    return 'accepted';
  }
  demand(outcome !== 'weak', 'an SSH signature file is never weak');
  demand(findings.length > 0, 'refused without a reason');
  return `refused: ${findings[0]!.code}`;
}

const WIRE_WORDS = [
  ...['SSHSIG', 'ssh-ed25519', 'ssh-rsa', 'rsa-sha2-256', 'rsa-sha2-512', 'ecdsa-sha2-nistp256', 'nistp384'],
  ...[
    'sk-ssh-ed25519@openssh.com',
    'webauthn-sk-ecdsa-sha2-nistp256@openssh.com',
    'sha256',
    'sha512',
    'sha1',
  ],
  ...[
    'approval@countersign',
    'file',
    'ssh:',
    'example.org',
    '\0\0\0\x00',
    '\0\0\0\x01',
    '\0\0\0\x20',
    '\0\0\0\x21',
  ],
];

export const sshsig = target({
  name: 'sshsig',
  what: 'SSH signature files as text; right is only what is known to have been signed',
  text: true,
  dictionary: [
    ...[
      '-----BEGIN SSH SIGNATURE-----\n',
      '-----END SSH SIGNATURE-----\n',
      '-----BEGIN PGP SIGNATURE-----\n',
    ],
    ...['=', '==', 'AAAA', '////', 'U1NIU0lH', '\r\n', ' ', '-', '_'],
  ],
  seeds: signatures,
  run: judge,
});

export const sshsigBlob = target({
  name: 'sshsig-blob',
  what: 'the fields inside of SSH signature files, armored anew; right is only what is known to have been signed',
  text: false,
  dictionary: WIRE_WORDS,
  seeds: () =>
    signatures().flatMap(({ bytes, context }) => {
      const armor = dearmorSshsig(bytes);
      return 'blob' in armor ? [{ bytes: armor.blob, context }] : [];
    }),
  run: (bytes, signed) => judge(armorBlob(bytes), signed),
});

// --- SSH keys --------------------------------------------------------------------------------------------------

const KEY_LINE = /(?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+ +(AAAA[A-Za-z0-9+/=]+)/g;

function keySeeds(): Uint8Array[] {
  const texts = [...trustSeeds(), ...signerSeeds(), ...sharedFiles(/\.pub$/, 'samples', 'keys')].map(
    (bytes) => fromUtf8(bytes) ?? '',
  );
  const cases = sharedJson<{ key: string }[]>([], 'corpora', 'sshsig', 'cases.json').map(({ key }) => key);
  const found = [...texts, ...cases].flatMap((text) => [...text.matchAll(KEY_LINE)]);
  return distinctBytes(found.flatMap(([line, base64 = '']) => [utf8(line), fromBase64(base64)]));
}

function runKey(bytes: Uint8Array): Outcome {
  const read = parsePublicKeyBlob(bytes);
  if ('problem' in read) {
    const text = fromUtf8(bytes);
    return text === null ? outcomeOf(false, [read.problem]) : runKeyLine(text);
  }
  demand(same(read.key.blob, bytes), 'the key is not the bytes that were read');
  const line = parseAuthorizedKey(`${read.key.algorithm} ${toBase64(bytes)} a comment\n`);
  demand('key' in line && line.key.fingerprint === read.key.fingerprint, 'as a line, the key is another');
  return 'accepted';
}

function runKeyLine(text: string): Outcome {
  const read = parseAuthorizedKey(text);
  if ('problem' in read) return outcomeOf(false, [read.problem]);
  demand(
    text.startsWith(`${read.key.algorithm} `) || text.startsWith(`${read.key.algorithm}\t`),
    'another type',
  );
  demand(!/[\r\n]/.test(read.comment), 'a comment holds a line end');
  return 'accepted';
}

export const sshKey = target({
  name: 'ssh-key',
  what: 'SSH public keys, as bytes and as a line; both ways give one key',
  text: false,
  dictionary: [...WIRE_WORDS, ' ', '\t', '\n', '\r\n', 'command="x" ', '# ', '=', 'AAAA'],
  seeds: () => plain(keySeeds()),
  run: runKey,
});

// --- Trust -----------------------------------------------------------------------------------------------------

function trustSeeds(): Uint8Array[] {
  const given = vectors().flatMap(({ request }) =>
    request.trust === undefined ? [] : [request.trust.bytes],
  );
  return distinctBytes([...given, ...sharedFiles(/^trust\.yaml$/, 'samples', 'keys')]);
}

function signerSeeds(): Uint8Array[] {
  return distinctBytes([
    ...vectors().flatMap(({ request }) => (request.allowedSigners ?? []).map(({ bytes }) => bytes)),
    utf8(
      'alice@example.org,a@b.example namespaces="approval@countersign",valid-after="20260101" ssh-ed25519 AAAA\n',
    ),
  ]);
}

/** What must hold of every list that is taken, wherever it came from. */
function checkTrust(trust: Trust): void {
  const ids = trust.people.flatMap(({ id, also }) => [id, ...also]);
  demand(new Set(ids).size === ids.length, 'one name stands for two people');
  demand(
    ids.every((id) => id !== '' && !/[\s,*?]/.test(id)),
    'a name holds a space, a comma or a wildcard',
  );
  const owners = new Map<string, string>();
  for (const { id, keys } of trust.people) {
    for (const key of keys) {
      demand((owners.get(key.fingerprint) ?? id) === id, 'one key belongs to two people');
      owners.set(key.fingerprint, id);
    }
  }
  const names = trust.rules.map(({ name }) => name);
  demand(new Set(names).size === names.length, 'two rules have one name');
  demand(
    trust.defaultRule === undefined || names.includes(trust.defaultRule),
    'the default rule is not there',
  );
  for (const role of trust.rules.flatMap(({ roles }) => roles)) {
    demand(Number.isInteger(role.threshold) && role.threshold >= 1, 'a role asks for nobody');
    demand(role.people.length >= role.threshold, 'a role asks for more people than may give it');
    demand(new Set(role.people).size === role.people.length, 'a person is named twice for one role');
  }
}

function judgeTrust({ trust, findings }: TrustRead): Outcome {
  if (trust !== null) {
    checkTrust(trust);
    demand(!findings.some(({ severity }) => severity === 'error'), 'a list is taken in spite of an error');
  }
  return outcomeOf(trust !== null, findings);
}

export const trust = target({
  name: 'trust',
  what: 'trust lists with their rules; names, keys and rules are unique, thresholds can be met and ask for somebody',
  text: true,
  dictionary: [
    ...[
      'schema: "countersign.trust/v1"\n',
      'people:\n',
      '  - id: ',
      '    also: [',
      '    keys:\n',
      '      - ssh: ',
    ],
    ...['      - fingerprint: "SHA256:', '      - passkey: ', '        origins: ["https://a.example"]\n'],
    ...[
      '      - openpgp: "',
      '      - sigstore: {issuer: "https://a.example", identity: "a@b"}\n',
      'withdrawn:\n',
    ],
    ...[
      '  - name: ',
      '    level: "L4"\n',
      '    roles:\n',
      'threshold: 0',
      'threshold: 1000',
      'maxAgeDays: 0',
    ],
    ...[
      'differentPeople: false',
      'legacyDialects: true',
      'defaultRule: ',
      '*',
      '"*"',
      '[]',
      '{}',
      'null',
      '~',
    ],
    ...[
      'from: "2026-01-01T00:00:00Z"',
      'until: "0001-01-01T00:00:00Z"',
      '__proto__: ',
      '&a ',
      '*a',
      '<<: ',
      '\t',
    ],
  ],
  seeds: () => plain(trustSeeds()),
  run: (bytes) => judgeTrust(readTrust({ name: 'trust.yaml', bytes })),
});

export const signers = target({
  name: 'signers',
  what: 'allowed_signers files; names and keys are unique, and nothing in them gives a role',
  text: true,
  dictionary: [
    ...[
      'namespaces="',
      'approval@countersign"',
      'cert-authority ',
      'valid-after="',
      '20260101',
      '20260101120000Z"',
    ],
    ...[
      'valid-before="',
      '"',
      ',',
      '*',
      '!',
      '?',
      '#',
      ' ',
      '\t',
      '\r\n',
      'ssh-ed25519 ',
      'ssh-rsa ',
      'AAAA',
      '\0',
    ],
  ],
  seeds: () => plain(signerSeeds()),
  run: (bytes) => {
    const read = readAllowedSigners({ name: 'allowed_signers', bytes });
    demand((read.trust?.rules.length ?? 0) === 0, 'a signers file gives a rule');
    return judgeTrust(read);
  },
});
