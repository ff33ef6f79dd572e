import type * as openpgpTypes from 'openpgp';
import type { PrivateKey, SignaturePacket } from 'openpgp';
import { dearmorOpenPgp } from '../core/signature/openpgp/armor.js';
import { CertificateBook } from '../core/signature/openpgp/book.js';
import { readNamedBlocks } from '../core/signature/openpgp/named.js';
import { PACKET, readPackets, type Packet } from '../core/signature/openpgp/packets.js';
import { verifyOpenPgp } from '../core/signature/openpgp/verify.js';
import { toUtf8 } from '../core/bytes/text.js';
import type { Finding } from '../core/generated/report.js';
import { fixedLimits } from '../core/limits.js';
import { finding } from '../core/messages/finding.js';

type OpenPgp = typeof openpgpTypes;
type SigningKey = Awaited<ReturnType<PrivateKey['getSigningKey']>>;

/** What a file with a GPG private key holds, told without opening it. */
export interface OpenPgpKeyInfo {
  /** Upper-case hex of the primary key, 40 or 64 digits: what a trust list binds. */
  readonly fingerprint: string;
  /** As the key claims them; attacker-controlled text. */
  readonly userIds: readonly string[];
  /** Of the key that would sign, for example `ed25519Legacy`, `rsa 3072`, `nistP256`. */
  readonly algorithm: string;
  /** RFC 3339 UTC, null when it never expires. */
  readonly expires: string | null;
  readonly needsPassphrase: boolean;
  /** False when no current signing key lies in the file, or only one whose signatures are refused. */
  readonly canSign: boolean;
  /** The certificate to hand to others, armored. */
  readonly certificate: string;
}

/** A private key file that cannot be used, or not with this passphrase. */
export class OpenPgpKeyError extends Error {
  override readonly name = 'OpenPgpKeyError';
  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}

/** RFC 9106 recommends at most 2 GiB; a page gets through 1 GiB at one pass. Memory is 2^exponent KiB. */
const ARGON2_MEMORY_EXPONENT_MAX = 20;
const ARGON2_PASSES_MAX = 16;
const ARGON2_LANES_MAX = 16;
/** More subkeys than anybody keeps in one file; each costs a derivation when it is opened. */
const SECRET_KEYS_MAX = 32;

const CURVES: readonly string[] = ['ed25519Legacy', 'ed25519', 'nistP256', 'nistP384', 'nistP521'];

/** The library is large and LGPL-licensed: it is fetched when a GPG key is used and at no other time. */
async function library(): Promise<OpenPgp> {
  return import('openpgp');
}

/**
 * Reads an OpenPGP private key, armored or binary. Nothing is decrypted.
 *
 * @throws OpenPgpKeyError with the reason as a finding.
 */
export async function readOpenPgpKey(bytes: Uint8Array, at: Date = new Date()): Promise<OpenPgpKeyInfo> {
  const openpgp = await library();
  const key = await readKey(openpgp, bytes);
  const signing = await signingKeyOf(key, at);
  const expiry = await key.getExpirationTime();
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    userIds: key.getUserIDs(),
    algorithm: algorithmOf(signing ?? key),
    expires: expiry instanceof Date ? expiry.toISOString().replace('.000Z', 'Z') : null,
    needsPassphrase: signing !== null && !signing.isDecrypted(),
    canSign: signing !== null && mayCount(signing),
    certificate: key.toPublic().armor(),
  };
}

/**
 * A detached signature over exactly `message`: armored, of the binary kind, by SHA-512 (docs/SPEC.md, "OpenPGP
 * approvals"). The private key is opened for this call alone.
 *
 * @param passphrase - null for a key without one.
 * @throws OpenPgpKeyError with the reason as a finding: not a key, a wrong passphrase, nothing that may sign.
 */
export async function signOpenPgp(
  privateKey: string | Uint8Array,
  passphrase: string | null,
  message: Uint8Array,
  at: Date = new Date(),
): Promise<Uint8Array> {
  const openpgp = await library();
  const locked = await readKey(openpgp, typeof privateKey === 'string' ? toUtf8(privateKey) : privateKey);
  const chosen = await signingKeyOf(locked, at);
  if (chosen === null || !mayCount(chosen)) throw refusal('openpgp-key-cannot-sign', {});
  const key = await unlock(openpgp, locked, chosen, passphrase);
  const own = key.getKeys().find((one) => one.getFingerprint() === chosen.getFingerprint());
  if (own === undefined) throw refusal('openpgp-key-cannot-sign', {});
  const signature = new openpgp.SignaturePacket() as WholeSigning;
  signature.signatureType = openpgp.enums.signature.binary;
  signature.publicKeyAlgorithm = own.keyPacket.algorithm;
  signature.hashAlgorithm = openpgp.enums.hash.sha512;
  await signature.sign(own.keyPacket, await literalOf(openpgp, message), at, true, openpgp.config);
  const packets = new openpgp.PacketList<SignaturePacket>();
  packets.push(signature as unknown as SignaturePacket);
  const file = toUtf8(new openpgp.Signature(packets).armor().replaceAll('\r\n', '\n'));
  checkOwn(file, message, key, at);
  return file;
}

/** What the reader would refuse never leaves this device: the verifying code looks first. */
function checkOwn(file: Uint8Array, message: Uint8Array, key: PrivateKey, at: Date): void {
  const book = new CertificateBook();
  const read = readNamedBlocks(key.toPublic().write(), 'the key');
  if ('blocks' in read) for (const block of read.blocks) book.add(block);
  const { outcome, findings } = verifyOpenPgp(file, message, book, at.getTime());
  if (outcome === 'true' && findings.length === 0) return;
  throw refusal('openpgp-signing-failed', { problem: findings[0]?.message ?? outcome });
}

/** The library's own types leave out the settings that its code demands, and call the packet of the data bytes. */
type WholeSigning = Omit<SignaturePacket, 'sign'> & {
  sign(key: object, data: object, date: Date, detached: boolean, config: object): Promise<void>;
};

/** The library signs packets of text or data; detached, only the data counts. */
async function literalOf(openpgp: OpenPgp, binary: Uint8Array): Promise<object> {
  const message = await openpgp.createMessage({ binary });
  return message.packets[0]!;
}

async function unlock(
  openpgp: OpenPgp,
  privateKey: PrivateKey,
  chosen: SigningKey,
  passphrase: string | null,
): Promise<PrivateKey> {
  if (chosen.isDecrypted()) return privateKey;
  if (passphrase === null || passphrase === '') throw refusal('openpgp-passphrase-needed', {});
  refuseCostlyDerivation(privateKey);
  const config = { maxArgon2MemoryExponent: ARGON2_MEMORY_EXPONENT_MAX };
  try {
    return await openpgp.decryptKey({ privateKey, passphrase, config });
  } catch {
    throw refusal('openpgp-passphrase-wrong', {});
  }
}

/** How a passphrase becomes a key is written in the file, so whoever wrote the file decides what it costs to read. */
function refuseCostlyDerivation(key: PrivateKey): void {
  for (const { keyPacket } of key.getKeys()) {
    const { s2k } = keyPacket as { readonly s2k?: { t?: number; p?: number; encodedM?: number } | null };
    const { t = 0, p = 0, encodedM = 0 } = s2k ?? {};
    if (t > ARGON2_PASSES_MAX || p > ARGON2_LANES_MAX || encodedM > ARGON2_MEMORY_EXPONENT_MAX) {
      throw refusal('openpgp-derivation-too-costly', {
        memoryMiBMax: 2 ** (ARGON2_MEMORY_EXPONENT_MAX - 10),
      });
    }
  }
}

// --- Reading -------------------------------------------------------------------------------------------------

/** The frame and the packets are read by our own strict reader first; the library sees only one whole private key. */
async function readKey(openpgp: OpenPgp, bytes: Uint8Array): Promise<PrivateKey> {
  if (bytes.length > fixedLimits.openPgpCertificateBytesMax) {
    throw refusal('openpgp-certificate-too-large', { bytesMax: fixedLimits.openPgpCertificateBytesMax });
  }
  const binaryKey = bytes[0] === 0x2d ? frameOf(bytes) : bytes;
  const read = readPackets(binaryKey, fixedLimits.openPgpPacketsMax);
  if ('tooMany' in read) {
    throw refusal('openpgp-certificate-flooded', { packetsMax: fixedLimits.openPgpPacketsMax });
  }
  if ('problem' in read) throw refusal('openpgp-key-unreadable', { problem: read.problem });
  refuseOtherPackets(read.packets);
  try {
    return await openpgp.readPrivateKey({ binaryKey });
  } catch {
    throw refusal('openpgp-key-unreadable', { problem: 'it holds something that this build does not know' });
  }
}

function frameOf(bytes: Uint8Array): Uint8Array {
  const armor = dearmorOpenPgp(bytes, 'PRIVATE KEY BLOCK');
  if ('problem' in armor) throw refusal('openpgp-key-unreadable', { problem: armor.problem });
  return armor.blocks[0]!;
}

function refuseOtherPackets(packets: readonly Packet[]): void {
  const count = (type: number): number => packets.filter((packet) => packet.type === type).length;
  if (count(PACKET.publicKey) > 0 && count(PACKET.secretKey) === 0) throw refusal('openpgp-key-public', {});
  const problem =
    packets[0]?.type !== PACKET.secretKey
      ? 'it does not begin with a private key'
      : count(PACKET.secretKey) > 1
        ? 'it holds more than one private key; export one at a time'
        : count(PACKET.secretSubkey) >= SECRET_KEYS_MAX
          ? 'it holds too many subkeys'
          : null;
  if (problem !== null) throw refusal('openpgp-key-unreadable', { problem });
}

/** The key that may sign at `at`, or null. One whose secret part was left on a card or at home does not count. */
async function signingKeyOf(key: PrivateKey, at: Date): Promise<SigningKey | null> {
  for (const candidate of [...key.subkeys.toReversed(), key]) {
    if ((candidate.keyPacket as { isDummy?(): boolean }).isDummy?.() !== false) continue;
    try {
      return await key.getSigningKey(candidate.getKeyID(), at);
    } catch {
      // Not for signing, revoked, expired or not yet made: the next one may be.
    }
  }
  return null;
}

/** Whether the verifying side would count a signature of this key. */
function mayCount(key: SigningKey): boolean {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  if (curve !== undefined) return CURVES.includes(curve);
  if (algorithm === 'ed25519') return true;
  const bitsSeen = bits ?? 0;
  return /^rsa/.test(algorithm) && bitsSeen >= fixedLimits.rsaBitsMin && bitsSeen <= fixedLimits.rsaBitsMax;
}

function algorithmOf(key: SigningKey): string {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  if (curve !== undefined) return curve;
  return bits === undefined ? algorithm : `${algorithm.replace(/(Encrypt|Sign)+$/, '')} ${bits}`;
}

type KeyCode =
  | 'openpgp-certificate-flooded'
  | 'openpgp-certificate-too-large'
  | 'openpgp-derivation-too-costly'
  | 'openpgp-key-cannot-sign'
  | 'openpgp-key-public'
  | 'openpgp-key-unreadable'
  | 'openpgp-passphrase-needed'
  | 'openpgp-passphrase-wrong'
  | 'openpgp-signing-failed';

function refusal<C extends KeyCode>(code: C, params: Parameters<typeof finding<C>>[1]): OpenPgpKeyError {
  return new OpenPgpKeyError(finding(code, params));
}
