import { parseTime } from '../../bytes/time.js';
import type { Finding, Place } from '../../generated/report.js';
import { finding } from '../../messages/finding.js';
import { recogniseSignature } from '../kinds.js';
import { refused } from '../outcome.js';
import type { PublicKey, SignatureCheck } from '../signature.js';
import { dearmorOpenPgp } from './armor.js';
import type { CertificateBook, KeyCandidate } from './book.js';
import { exportCertificate } from './certificate.js';
import { hashName, holds, isStrongHash } from './calculate.js';
import type { OpenPgpKey } from './key.js';
import { PACKET, readPackets } from './packets.js';
import {
  createdAt,
  endsAfter,
  issuerOf,
  readSignaturePacket,
  SIGNATURE_TYPE,
  unknownCritical,
  type Issuer,
  type SignaturePacket,
} from './signaturePacket.js';
import { CLOCK_TOLERANCE_SECONDS, standingOf, timeText, type KeyRefusal } from './standing.js';

/** Largest signature file that is read, in bytes; RSA of 8,192 bits needs about 1,600. */
export const OPENPGP_SIGNATURE_BYTES_MAX = 64 * 1024;
/** More packets than one are refused; counting stops here. */
const PACKETS_COUNTED_MAX = 64;

/**
 * Checks a detached OpenPGP signature over exactly `message` (docs/SPEC.md, "OpenPGP approvals"; RFC 9580). `true`
 * means that a key of the returned certificate signed these bytes and may sign; whose key that is, is decided
 * elsewhere, by the fingerprint of its primary key. `armored` and `message` are attacker-controlled; never throws.
 *
 * @param now - milliseconds since 1970 that the key's own terms are judged at; never a claimed time.
 */
export function verifyOpenPgp(
  armored: Uint8Array,
  message: Uint8Array,
  book: CertificateBook,
  now: number,
  where: Place = {},
): SignatureCheck {
  const read = readDetached(armored, where);
  if ('problem' in read) return refused(null, read.problem);
  const { signature } = read;
  const issuer = issuerOf(signature);
  const { keys, findings } = book.candidates(issuer);
  const [likely] = keys;
  if (likely === undefined) {
    const missing = finding('openpgp-certificate-missing', { issuer: nameOf(issuer) }, { where });
    return { outcome: 'could-not-check', key: null, findings: findings.length > 0 ? findings : [missing] };
  }
  const at = Math.floor(now / 1000);
  const makers = keys.filter(({ key }) => holds(signature, key, [message]));
  if (makers.length === 0) return judge(signature, null, likely, at, where);
  // A stranger may have attached this subkey to a key of their own: the certificate that owns it decides.
  const judged = makers.map((maker) => judge(signature, maker, likely, at, where));
  return judged.find(({ outcome }) => outcome === 'true') ?? judged[0]!;
}

function nameOf({ fingerprints, keyIds }: Issuer): string {
  return fingerprints[0] ?? keyIds[0] ?? '?';
}

// --- The file --------------------------------------------------------------------------------------------------

type DetachedRead = { readonly signature: SignaturePacket } | { readonly problem: Finding };

/** One frame, one packet, one signature of the one kind that means "exactly these bytes". */
function readDetached(armored: Uint8Array, where: Place): DetachedRead {
  if (armored.length > OPENPGP_SIGNATURE_BYTES_MAX) {
    const params = { bytes: armored.length, bytesMax: OPENPGP_SIGNATURE_BYTES_MAX };
    return { problem: finding('signature-too-large', params, { where }) };
  }
  if (recogniseSignature(armored) === 'openpgp-inline') {
    return { problem: finding('openpgp-inline', {}, { where }) };
  }
  const armor = dearmorOpenPgp(armored, 'SIGNATURE');
  if ('problem' in armor) return { problem: finding('openpgp-armor', { problem: armor.problem }, { where }) };
  const read = readPackets(armor.blocks[0]!, PACKETS_COUNTED_MAX);
  if ('tooMany' in read) {
    return { problem: finding('openpgp-several-signatures', { count: PACKETS_COUNTED_MAX }, { where }) };
  }
  if ('problem' in read) return broken(read.problem, where);
  const [packet, ...more] = read.packets;
  if (read.packets.some(({ type }) => type !== PACKET.signature)) {
    return { problem: finding('openpgp-inline', {}, { where }) };
  }
  if (packet === undefined || more.length > 0) {
    return { problem: finding('openpgp-several-signatures', { count: read.packets.length }, { where }) };
  }
  return readOne(packet.body, where);
}

function readOne(body: Uint8Array, where: Place): DetachedRead {
  const read = readSignaturePacket(body);
  if ('version' in read) return { problem: finding('openpgp-version', { version: read.version }, { where }) };
  if ('problem' in read) return broken(read.problem, where);
  const { signature } = read;
  if (signature.type !== SIGNATURE_TYPE.binary) {
    const kind = `0x${signature.type.toString(16).padStart(2, '0')}`;
    return { problem: finding('openpgp-class', { kind }, { where, expected: '0x00', found: kind }) };
  }
  if (!isStrongHash(signature.hashAlgorithm)) {
    const hash = hashName(signature.hashAlgorithm);
    return { problem: finding('openpgp-digest', { hash }, { where, found: hash }) };
  }
  const what = unknownCritical(signature);
  if (what !== null) return { problem: finding('openpgp-critical', { what }, { where }) };
  if (createdAt(signature) === null)
    return broken('the time of its making is missing or stands twice', where);
  const { fingerprints, keyIds } = issuerOf(signature);
  if (fingerprints.length + keyIds.length === 0) return broken('it does not say which key made it', where);
  return { signature };
}

function broken(problem: string, where: Place): DetachedRead {
  return { problem: finding('openpgp-structure', { problem }, { where }) };
}

// --- The key ---------------------------------------------------------------------------------------------------

function judge(
  signature: SignaturePacket,
  maker: KeyCandidate | null,
  likely: KeyCandidate,
  now: number,
  where: Place,
): SignatureCheck {
  const { certificate, key } = maker ?? likely;
  const shown = publicKeyOf(certificate.primary, key);
  const standing = standingOf(certificate, key, now);
  if (maker === null && key.material === null && key.refused === null) {
    const kind = finding('signature-kind-not-checked', { kind: key.algorithm }, { where });
    return { outcome: 'could-not-check', key: shown, findings: [kind] };
  }
  // A key that must not sign is named as the reason even where its signatures are not calculated at all.
  if (standing.refusal?.why === 'material')
    return refused(shown, refusalFinding(standing.refusal, certificate.primary, where));
  if (maker === null)
    return refused(shown, finding('signature-false', { algorithm: key.algorithm }, { where }));
  const problem = timeProblem(signature, key, now);
  if (problem !== null) return refused(shown, finding('openpgp-signature-time', { problem }, { where }));
  if (standing.refusal !== null)
    return refused(shown, refusalFinding(standing.refusal, certificate.primary, where));
  const { revokedAt, until } = standing;
  const { fingerprint } = certificate.primary;
  const ended = until !== undefined && (parseTime(until) ?? 0) <= now * 1000;
  return {
    outcome: 'true',
    key: shown,
    findings: [
      ...(revokedAt === undefined
        ? []
        : [finding('openpgp-key-revoked', { fingerprint, at: revokedAt }, { where })]),
      ...(ended ? [finding('openpgp-key-ended', { fingerprint, until }, { where })] : []),
    ],
    terms: {
      ...(revokedAt === undefined ? {} : { revokedAt }),
      ...(until === undefined ? {} : { until }),
    },
    certificate: exportCertificate(certificate),
  };
}

/** What the signature says of its own time; it can only speak against itself. */
function timeProblem(signature: SignaturePacket, key: OpenPgpKey, now: number): string | null {
  const created = createdAt(signature) ?? 0;
  if (created < key.created) return `it says ${timeText(created)}, before its key was made`;
  if (created > now + CLOCK_TOLERANCE_SECONDS) return `it says ${timeText(created)}, which has not come yet`;
  const ends = endsAfter(signature);
  return ends !== null && created + ends <= now ? `it ended on ${timeText(created + ends)}` : null;
}

function refusalFinding(refusal: KeyRefusal, { fingerprint }: OpenPgpKey, where: Place): Finding {
  switch (refusal.why) {
    case 'material':
      return finding('openpgp-key-material', { fingerprint, problem: refusal.problem }, { where });
    case 'no-self-signature':
      return finding('openpgp-self-signature-missing', { fingerprint }, { where });
    case 'not-for-signing':
      return finding('openpgp-key-not-for-signing', { fingerprint }, { where });
    case 'unbound':
      return finding('openpgp-subkey-unbound', { fingerprint, problem: refusal.problem }, { where });
  }
}

/** The person is bound to the primary key, so its fingerprint stands for both; the algorithm is that of the signing key. */
function publicKeyOf(primary: OpenPgpKey, { algorithm }: OpenPgpKey): PublicKey {
  return { algorithm, blob: primary.body, fingerprint: primary.fingerprint };
}
