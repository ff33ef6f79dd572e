import { toHex } from '../../src/core/bytes/hex.js';
import { readCamera, writeAnswer } from '../../src/core/envelope/camera.js';
import { prepareRequest, readRequest } from '../../src/core/envelope/request.js';
import { prepareWithdrawal, readWithdrawal } from '../../src/core/envelope/withdrawal.js';
import type { Finding } from '../../src/core/generated/report.js';
import { readPrivateKey } from '../../src/core/signature/privateKey.js';
import { dearmorOpenPgp } from '../../src/core/signature/openpgp/armor.js';
import { CertificateBook } from '../../src/core/signature/openpgp/book.js';
import { exportCertificate, readCertificates } from '../../src/core/signature/openpgp/certificate.js';
import { readNamedBlocks } from '../../src/core/signature/openpgp/named.js';
import { readPackets } from '../../src/core/signature/openpgp/packets.js';
import { readSignaturePacket } from '../../src/core/signature/openpgp/signaturePacket.js';
import { verifyOpenPgp } from '../../src/core/signature/openpgp/verify.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { carol } from '../vectorgen/cast.js';
import { seedOf, sshsig } from '../vectorgen/keys.js';
import {
  armored,
  certificate,
  detached,
  packet,
  pgpEcdsa,
  pgpEd25519,
  pgpEd25519Native,
  pgpRsa,
  signatureBody,
  type PgpKey,
} from '../vectorgen/openpgp.js';
import { string, uint32 } from '../vectorgen/wire.js';
import { checkFindings, demand, outcomeOf, same, type Outcome } from './broken.js';
import { repairJson } from './repair.js';
import { distinctBytes, once, sharedFiles, utf8 } from './seeds.js';
import { plain, target } from './target.js';

// --- OpenPGP ---------------------------------------------------------------------------------------------------

const MESSAGE = utf8('{"a statement":"of an approval"}');
const NOW = Date.parse('2026-11-20T12:00:00Z');

const keys = once((): readonly PgpKey[] => [
  pgpEd25519('fuzz'),
  pgpEd25519Native('fuzz v6', { version: 6 }),
  pgpEcdsa('fuzz', 'nistp256'),
  pgpEcdsa('fuzz', 'nistp521'),
  pgpRsa('erin'),
]);

/** What was signed in truth: the part of a signature that is protected, with its value. */
const made = once((): ReadonlySet<string> => {
  const bodies = keys().flatMap((key) => [
    signatureBody(key, MESSAGE),
    signatureBody(key, MESSAGE, { hash: 8 }),
  ]);
  return new Set(bodies.map(protectedPart));
});

function protectedPart(body: Uint8Array): string {
  const read = readSignaturePacket(body);
  demand('signature' in read, 'a signature that counts cannot be read');
  const { head, salt, value } = read.signature;
  return [head, salt, value].map(toHex).join(' ');
}

const book = once((): CertificateBook => {
  const all = new CertificateBook();
  for (const key of keys()) {
    const read = readNamedBlocks(certificate(key), 'keys');
    if ('blocks' in read) for (const block of read.blocks) all.add(block);
  }
  return all;
});

const OPENPGP_WORDS = [
  ...['-----BEGIN PGP SIGNATURE-----\n', '-----END PGP SIGNATURE-----\n', '-----BEGIN PGP MESSAGE-----\n'],
  ...[
    'Hash: SHA1\n',
    'Version: 1\n\n',
    '=AAAA',
    '\u0004\u0000',
    '\u0004\u0001',
    '\u0006\u0000',
    '\xc2',
    '\xff',
  ],
];

function judgeSignature(bytes: Uint8Array): Outcome {
  const { outcome, key, findings } = verifyOpenPgp(bytes, MESSAGE, book(), NOW);
  checkFindings(findings);
  if (outcome !== 'true') {
    demand(findings.length > 0, 'refused without a reason');
    return `refused: ${findings[0]!.code}`;
  }
  demand(key !== null, 'right, but without a key');
  const armor = dearmorOpenPgp(bytes, 'SIGNATURE');
  demand('blocks' in armor, 'right, but without a frame');
  const packets = readPackets(armor.blocks[0]!, 2);
  demand('packets' in packets && packets.packets.length === 1, 'right, but more than one packet');
  demand(made().has(protectedPart(packets.packets[0]!.body)), 'a signature counts as right that nobody made');
  return 'accepted';
}

export const openpgpSignature = target({
  name: 'openpgp-signature',
  what: 'detached OpenPGP signatures as text; right is only what is known to have been signed',
  text: true,
  dictionary: OPENPGP_WORDS,
  seeds: () =>
    plain(
      distinctBytes([
        ...keys().flatMap((key) => [detached(key, MESSAGE), detached(key, MESSAGE, { hash: 8 })]),
        ...sharedFiles(/\.(?:asc|sig)$/, 'corpora', 'openpgp'),
      ]),
    ),
  run: judgeSignature,
});

export const openpgpPacket = target({
  name: 'openpgp-packet',
  what: 'the packets inside of OpenPGP signature files, armored anew; right is only what is known to have been signed',
  text: false,
  dictionary: OPENPGP_WORDS,
  seeds: () => plain(keys().map((key) => packet(2, signatureBody(key, MESSAGE)))),
  run: (bytes) => judgeSignature(armored('SIGNATURE', bytes)),
});

export const openpgpCertificate = target({
  name: 'openpgp-certificate',
  what: 'OpenPGP public key files; what is kept of one is read back as the same key',
  text: false,
  dictionary: OPENPGP_WORDS,
  seeds: () =>
    plain(
      distinctBytes([
        ...keys().flatMap((key, i) => [
          certificate(key),
          certificate(key, { subkeys: [{ key: keys()[(i + 1) % keys().length]! }], keyEnds: 99_999_999 }),
        ]),
        ...sharedFiles(/\.(?:pgp|asc)$/, 'corpora', 'openpgp'),
      ]),
    ),
  run: (bytes) => {
    const read = readCertificates(bytes, 'a file');
    if ('findings' in read) return outcomeOf(false, read.findings);
    for (const one of read.certificates) {
      const again = readCertificates(exportCertificate(one), 'kept');
      demand('certificates' in again && again.certificates.length === 1, 'what is kept cannot be read');
      const [kept] = again.certificates;
      demand(kept!.primary.fingerprint === one.primary.fingerprint, 'what is kept is another key');
    }
    return 'accepted';
  },
});

// --- OpenSSH private keys --------------------------------------------------------------------------------------

/** Ed25519, without a passphrase, in the form of OpenSSH's PROTOCOL.key. */
function privateKeyFile(): Uint8Array {
  const seed = seedOf('fuzz private', 32);
  const point = ed25519.getPublicKey(seed);
  const blob = Buffer.concat([string('ssh-ed25519'), string(point)]);
  const check = uint32(0x01020304);
  const fields = [string('ssh-ed25519'), string(point), string(Buffer.concat([seed, point])), string('fuzz')];
  const inner = Buffer.concat([check, check, ...fields]);
  const padding = Uint8Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, i) => i + 1);
  const whole = Buffer.concat([
    ...[utf8('openssh-key-v1\0'), string('none'), string('none'), string(''), uint32(1), string(blob)],
    string(Buffer.concat([inner, padding])),
  ]);
  return pem(whole);
}

function pem(bytes: Uint8Array): Uint8Array {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  const [begin, end] = ['BEGIN', 'END'].map((word) => `-----${word} OPENSSH PRIVATE KEY-----`);
  return utf8([begin, ...lines, end, ''].join('\n'));
}

async function runPrivateKey(bytes: Uint8Array): Promise<Outcome> {
  const read = await readPrivateKey(bytes, null);
  if ('findings' in read) return outcomeOf(false, read.findings);
  demand(read.key.fingerprint.startsWith('SHA256:'), 'a key without a fingerprint');
  return 'accepted';
}

export const privateKey = target({
  name: 'private-key',
  what: 'private key files of OpenSSH, without a passphrase; both halves of what is accepted fit together',
  text: true,
  dictionary: ['-----BEGIN OPENSSH PRIVATE KEY-----', 'b3BlbnNzaC1rZXktdjEA', 'AAAA', 'bm9uZQ', '=', '\r\n'],
  seeds: () => plain([privateKeyFile()]),
  run: runPrivateKey,
});

export const privateKeyBlob = target({
  name: 'private-key-blob',
  what: 'the fields inside of private key files, framed anew',
  text: false,
  dictionary: [
    'none',
    'bcrypt',
    'aes256-ctr',
    'chacha20-poly1305@openssh.com',
    'ssh-rsa',
    'ssh-ed25519',
    '\0\0\0\x01',
  ],
  seeds: () => {
    const base64 = Buffer.from(privateKeyFile())
      .toString()
      .replace(/-----.*-----/g, '')
      .replaceAll('\n', '');
    return plain([new Uint8Array(Buffer.from(base64, 'base64'))]);
  },
  run: (bytes) => runPrivateKey(pem(bytes)),
});

// --- Requests, withdrawals, codes for the camera ---------------------------------------------------------------

const digest = `sha256:${'ab'.repeat(32)}`;

function bytesOf(
  written: { readonly bytes: Uint8Array } | { readonly findings: readonly Finding[] },
): Uint8Array {
  if ('findings' in written) throw new Error(written.findings[0]?.message);
  return written.bytes;
}

const requests = once(() => [
  bytesOf(
    prepareRequest({
      bundle: {
        digest,
        id: 'example/api',
        version: '1.0.0',
        contentRoot: digest,
        archive: 'api.sbundle.tgz',
      },
      roles: ['pm', 'security'],
      from: 'carol@example.org',
      requestedAt: '2026-11-20T10:00:00Z',
      note: 'for Friday',
      expires: '2026-11-27T10:00:00Z',
    }),
  ),
]);

const at = '2026-11-20T10:00:00Z';
const user = 'carol@example.org';
const withdrawals = once(() => [
  bytesOf(
    prepareWithdrawal({
      what: { is: 'key', fingerprint: `SHA256:${'A'.repeat(43)}` },
      at,
      user,
      reason: 'lost',
    }),
  ),
  bytesOf(prepareWithdrawal({ what: { is: 'approval', statement: digest }, at, user })),
]);

const DOCUMENT_WORDS = [
  ...[
    '"_type":"urn:countersign:request:v1"',
    '"_type":"urn:countersign:withdrawal:v1"',
    '"roles":[]',
    '"at":',
  ],
  ...['"expires":"2020-01-01T00:00:00Z"', '"key":', '"approval":', '\\u202e', '\u202e', '"__proto__":{}'],
];

export const request = target({
  name: 'request',
  what: 'requests for approval; what is accepted, written again, gives the same bytes',
  text: true,
  dictionary: DOCUMENT_WORDS,
  seeds: () => plain(requests()),
  repair: repairJson,
  run: (bytes) => {
    const read = readRequest(bytes);
    if ('findings' in read) return outcomeOf(false, read.findings);
    const again = prepareRequest(read.request);
    demand('bytes' in again && same(again.bytes, bytes), 'written again, the request is another');
    return 'accepted';
  },
});

export const withdrawal = target({
  name: 'withdrawal',
  what: 'withdrawals of keys and approvals; what is accepted, written again, gives the same bytes',
  text: true,
  dictionary: DOCUMENT_WORDS,
  seeds: () => plain(withdrawals()),
  repair: repairJson,
  run: (bytes) => {
    const read = readWithdrawal(bytes);
    if ('findings' in read) return outcomeOf(false, read.findings);
    const again = prepareWithdrawal(read.withdrawal);
    demand('bytes' in again && same(again.bytes, bytes), 'written again, the withdrawal is another');
    return 'accepted';
  },
});

const answers = once(() => {
  const statement = utf8(
    `{"_type":"https://in-toto.io/Statement/v1","predicate":{"bundle":{"contentRoot":"${digest}","id":"example/api",` +
      `"version":"1.0.0"},"decision":"approved","role":"pm","signedAt":"${at}","user":"${user}"},` +
      `"predicateType":"urn:countersign:approval:v1","subject":[{"digest":{"sha256":"${'ab'.repeat(32)}"},` +
      `"name":"manifest.yaml"}]}`,
  );
  return [bytesOf(writeAnswer(statement, { kind: 'sshsig', bytes: sshsig(carol.key, statement) }))];
});

export const camera = target({
  name: 'camera',
  what: 'what a QR code holds; an answer that is accepted, written again, gives the same bytes',
  text: false,
  dictionary: [...DOCUMENT_WORDS, 'CSA1', '\0\0', '\xff\xff'],
  seeds: () => plain([...answers(), ...requests()]),
  run: (bytes) => {
    const read = readCamera(bytes);
    if ('findings' in read) return outcomeOf(false, read.findings);
    if (read.kind === 'request') return 'accepted';
    const { statement, signature } = read.answer;
    const again = writeAnswer(statement.bytes, signature);
    demand('bytes' in again && same(again.bytes, bytes), 'written again, the answer is another');
    return 'accepted';
  },
});
