import { concatBytes, equalBytes } from '../../bytes/bytes.js';
import { fromUtf8 } from '../../bytes/text.js';
import type { Finding } from '../../generated/report.js';
import { fixedLimits } from '../../limits.js';
import { finding } from '../../messages/finding.js';
import type { CertificateBlock, UserBlock } from './blocks.js';
import { holds, isStrongHash } from './calculate.js';
import { keyForDigest, readKeyBody, type OpenPgpKey } from './key.js';
import { readNamedBlocks } from './named.js';
import { PACKET } from './packets.js';
import {
  createdAt,
  embeddedSignatures,
  endsAfter,
  issuerOf,
  keyEndsAfter,
  keyFlags,
  readSignaturePacket,
  revocationReason,
  revokers,
  SIGNATURE_TYPE,
  unknownCritical,
  type SignaturePacket,
} from './signaturePacket.js';

/** A signature of the key about itself whose calculation came out. What it means at a given time is decided later. */
export interface SelfSignature {
  readonly type: number;
  /** Seconds since 1970. */
  readonly created: number;
  /** By SHA-256 or better and without unknown conditions: it may give. Any other may only take away. */
  readonly strong: boolean;
  /** Seconds since 1970 at which the signature itself ends; null: never. */
  readonly ends: number | null;
  /** Seconds after the key's making; null: never. */
  readonly keyEndsAfter: number | null;
  readonly flags: number | null;
  readonly reason: number;
  /** Only of subkeys: the subkey signed, too, that it belongs to this key. */
  readonly backSigned: boolean;
  /** Only of direct signatures: who may revoke this key. */
  readonly revokers: readonly string[];
  readonly body: Uint8Array;
}

export interface CertifiedUser {
  /** Attacker-controlled text; null for a picture or for bytes that are no text. */
  readonly name: string | null;
  readonly packet: UserBlock['packet'];
  readonly signatures: readonly SelfSignature[];
}

export interface CertifiedSubkey {
  readonly key: OpenPgpKey;
  readonly signatures: readonly SelfSignature[];
}

/** Everything that a certificate says of itself and that holds. Foreign certifications are left out. */
export interface OpenPgpCertificate {
  readonly primary: OpenPgpKey;
  readonly direct: readonly SelfSignature[];
  readonly users: readonly CertifiedUser[];
  readonly subkeys: readonly CertifiedSubkey[];
  /** Key ids and fingerprints that claim to have revoked this key and are not the key itself. */
  readonly foreignRevokers: readonly string[];
}

export type CertificatesRead =
  { readonly certificates: readonly OpenPgpCertificate[] } | { readonly findings: readonly Finding[] };

/** A file of public keys, each with what it says of itself. One that cannot be used refuses the file. Never throws. */
export function readCertificates(bytes: Uint8Array, file: string): CertificatesRead {
  const read = readNamedBlocks(bytes, file);
  if ('findings' in read) return read;
  const where = { file };
  const certificates: OpenPgpCertificate[] = [];
  for (const { block } of read.blocks) {
    const certificate = certify(block);
    if (certificate === 'flooded') {
      const packetsMax = fixedLimits.openPgpSelfSignaturesMax;
      return { findings: [finding('openpgp-certificate-flooded', { packetsMax }, { where })] };
    }
    if (certificate === null) {
      const problem = 'a key in it is not in the form that the format permits';
      return { findings: [finding('openpgp-certificate-unreadable', { file, problem }, { where })] };
    }
    certificates.push(certificate);
  }
  return { certificates };
}

/**
 * Checks what a certificate says of itself (docs/SPEC.md, "OpenPGP approvals"). All or nothing: reading only a part
 * could miss a revocation, so a certificate that would cost too many calculations is refused whole. null when the
 * primary key is not in the form that the format permits. Never throws.
 *
 * @param allowance - calculations that several certificates share; what is spent is taken from it.
 */
export function certify(
  block: CertificateBlock,
  allowance: Budget = { left: Infinity },
): OpenPgpCertificate | 'flooded' | null {
  const most = Math.min(fixedLimits.openPgpSelfSignaturesMax, allowance.left);
  const budget = { left: most };
  const certificate = new Reader(block, budget).read();
  allowance.left -= most - Math.max(budget.left, 0);
  return budget.left < 0 ? 'flooded' : certificate;
}

/** What both copies say: certificates of one key, wherever they came from, add up (as a keyring does). */
export function mergeCertificates(a: OpenPgpCertificate, b: OpenPgpCertificate): OpenPgpCertificate {
  return {
    primary: a.primary,
    direct: together(a.direct, b.direct),
    users: joined(a.users, b.users, ({ packet }) => packet.body),
    subkeys: joined(a.subkeys, b.subkeys, ({ key }) => key.body),
    foreignRevokers: [...new Set([...a.foreignRevokers, ...b.foreignRevokers])],
  };
}

function together(a: readonly SelfSignature[], b: readonly SelfSignature[]): SelfSignature[] {
  return [...a, ...b.filter(({ body }) => !a.some((one) => equalBytes(one.body, body)))];
}

function joined<P extends { readonly signatures: readonly SelfSignature[] }>(
  a: readonly P[],
  b: readonly P[],
  nameOf: (part: P) => Uint8Array,
): P[] {
  const same = (one: P) => (other: P) => equalBytes(nameOf(one), nameOf(other));
  return [
    ...a.map((one) => ({
      ...one,
      signatures: together(one.signatures, b.find(same(one))?.signatures ?? []),
    })),
    ...b.filter((one) => !a.some(same(one))),
  ];
}

/** Signature calculations that may still be made. */
export interface Budget {
  left: number;
}

/** Reads one certificate; stops calculating when the budget is used up, and says so by what is left. */
class Reader {
  readonly #block: CertificateBlock;
  readonly #budget: Budget;
  readonly #foreign: string[] = [];

  constructor(block: CertificateBlock, budget: Budget) {
    this.#block = block;
    this.#budget = budget;
  }

  read(): OpenPgpCertificate | null {
    const primary = readKeyBody(this.#block.primary);
    if (primary === null) return null;
    const base = keyForDigest(primary);
    const own = [SIGNATURE_TYPE.directKey, SIGNATURE_TYPE.keyRevocation];
    const users = this.#block.users.map((user): CertifiedUser => {
      const data = [base, userForDigest(user)];
      const wanted = [...SIGNATURE_TYPE.certifications, SIGNATURE_TYPE.certificationRevocation];
      return { ...named(user), signatures: this.#own(user.signatures, primary, wanted, data) };
    });
    const subkeys = this.#block.subkeys.flatMap(({ body, signatures }): CertifiedSubkey[] => {
      const key = readKeyBody(body);
      // A subkey of an unknown form is not this certificate's fault, and gives nothing.
      if (key === null) return [];
      const data = [base, keyForDigest(key)];
      const wanted = [SIGNATURE_TYPE.subkeyBinding, SIGNATURE_TYPE.subkeyRevocation];
      return [{ key, signatures: this.#own(signatures, primary, wanted, data, key) }];
    });
    const direct = this.#own(this.#block.direct, primary, own, [base]);
    return { primary, direct, users, subkeys, foreignRevokers: this.#foreign };
  }

  #own(
    bodies: readonly Uint8Array[],
    primary: OpenPgpKey,
    wanted: readonly number[],
    data: readonly Uint8Array[],
    subkey?: OpenPgpKey,
  ): SelfSignature[] {
    return bodies.flatMap((body) => {
      const read = readSignaturePacket(body);
      if (!('signature' in read) || !wanted.includes(read.signature.type)) return [];
      const { signature } = read;
      if (!claims(signature, primary)) {
        this.#noteForeign(signature);
        return [];
      }
      if (!this.#calculate(signature, primary, data)) return [];
      const known = selfSignature(signature, body);
      if (known === null) return [];
      const back = subkey !== undefined && this.#isBackSigned(signature, subkey, data);
      return [{ ...known, backSigned: back }];
    });
  }

  #noteForeign(signature: SignaturePacket): void {
    if (signature.type !== SIGNATURE_TYPE.keyRevocation) return;
    const { fingerprints, keyIds } = issuerOf(signature);
    this.#foreign.push(...fingerprints, ...keyIds);
  }

  #calculate(signature: SignaturePacket, key: OpenPgpKey, data: readonly Uint8Array[]): boolean {
    this.#budget.left -= 1;
    return this.#budget.left >= 0 && holds(signature, key, data);
  }

  /** Without it anybody could attach a stranger's subkey to their own key and claim its signatures. */
  #isBackSigned(binding: SignaturePacket, subkey: OpenPgpKey, data: readonly Uint8Array[]): boolean {
    return embeddedSignatures(binding).some((body) => {
      const read = readSignaturePacket(body);
      return (
        'signature' in read &&
        read.signature.type === SIGNATURE_TYPE.primaryBinding &&
        isStrongHash(read.signature.hashAlgorithm) &&
        unknownCritical(read.signature) === null &&
        endsAfter(read.signature) === null &&
        this.#calculate(read.signature, subkey, data)
      );
    });
  }
}

/** A signature that names another key is somebody else's; one that names none is tried. */
function claims(signature: SignaturePacket, { fingerprint, keyId }: OpenPgpKey): boolean {
  const { fingerprints, keyIds } = issuerOf(signature);
  if (fingerprints.length > 0) return fingerprints.includes(fingerprint);
  return keyIds.length === 0 || keyIds.includes(keyId);
}

function selfSignature(
  signature: SignaturePacket,
  body: Uint8Array,
): Omit<SelfSignature, 'backSigned'> | null {
  const created = createdAt(signature);
  if (created === null) return null;
  const ends = endsAfter(signature);
  return {
    type: signature.type,
    created,
    strong: isStrongHash(signature.hashAlgorithm) && unknownCritical(signature) === null,
    ends: ends === null ? null : created + ends,
    keyEndsAfter: keyEndsAfter(signature),
    flags: keyFlags(signature),
    reason: revocationReason(signature),
    revokers: revokers(signature),
    body,
  };
}

function userForDigest({ packet: { type, body } }: UserBlock): Uint8Array {
  const { length } = body;
  const tag = type === PACKET.userId ? 0xb4 : 0xd1;
  return concatBytes([
    Uint8Array.of(tag, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255),
    body,
  ]);
}

function named({ packet }: UserBlock): Pick<CertifiedUser, 'name' | 'packet'> {
  return { name: packet.type === PACKET.userId ? fromUtf8(packet.body) : null, packet };
}

/** The certificate with its own signatures and nothing else, binary: what a trust list keeps and stock tools read. */
export function exportCertificate({
  primary,
  direct,
  users,
  subkeys,
}: OpenPgpCertificate): Uint8Array<ArrayBuffer> {
  const signatures = (own: readonly SelfSignature[]): Uint8Array[] =>
    own.map(({ body }) => packetOf(PACKET.signature, body));
  return concatBytes([
    packetOf(PACKET.publicKey, primary.body),
    ...signatures(direct),
    ...users.flatMap((user) => [
      packetOf(user.packet.type, user.packet.body),
      ...signatures(user.signatures),
    ]),
    ...subkeys.flatMap(({ key, signatures: own }) => [
      packetOf(PACKET.publicSubkey, key.body),
      ...signatures(own),
    ]),
  ]);
}

function packetOf(type: number, body: Uint8Array): Uint8Array {
  const { length } = body;
  const head = [0xc0 | type, 0xff, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  return concatBytes([Uint8Array.from(head), body]);
}
