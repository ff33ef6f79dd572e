import { toHex } from '../../bytes/hex.js';
import { bigEndian, readLength } from './packets.js';
import { FieldReader } from './mpi.js';

/** Kinds of signatures (RFC 9580 section 5.2.1). */
export const SIGNATURE_TYPE = {
  binary: 0x00,
  text: 0x01,
  certifications: [0x10, 0x11, 0x12, 0x13] as readonly number[],
  subkeyBinding: 0x18,
  primaryBinding: 0x19,
  directKey: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

export interface Subpacket {
  readonly type: number;
  readonly critical: boolean;
  readonly body: Uint8Array;
}

/** One signature packet of version 4 or 6, cut into its fields; nothing is calculated yet. */
export interface SignaturePacket {
  readonly version: 4 | 6;
  readonly type: number;
  readonly keyAlgorithm: number;
  readonly hashAlgorithm: number;
  readonly hashed: readonly Subpacket[];
  readonly unhashed: readonly Subpacket[];
  /** From the version to the end of the hashed subpackets: what enters the digest. */
  readonly head: Uint8Array;
  readonly left16: Uint8Array;
  /** Version 6 only. */
  readonly salt: Uint8Array;
  /** The signature's integers or bytes, as they stand. */
  readonly value: Uint8Array;
  /** The packet's body. */
  readonly body: Uint8Array;
}

export type SignatureRead =
  { readonly signature: SignaturePacket } | { readonly problem: string } | { readonly version: number };

/** Parses a signature packet's body (RFC 9580 section 5.2.3). `body` is attacker-controlled; never throws. */
export function readSignaturePacket(body: Uint8Array): SignatureRead {
  const version = body[0] ?? 0;
  if (version !== 4 && version !== 6) return { version };
  const reader = new FieldReader(body);
  const [, type, keyAlgorithm, hashAlgorithm] = reader.raw(4);
  const lengthOctets = version === 4 ? 2 : 4;
  const hashedArea = reader.raw(reader.number(lengthOctets));
  const head = body.subarray(0, 4 + lengthOctets + hashedArea.length);
  const unhashedArea = reader.raw(reader.number(lengthOctets));
  const left16 = reader.raw(2);
  const salt = version === 6 ? reader.raw(reader.number(1)) : new Uint8Array(0);
  const value = reader.raw(reader.rest);
  if (reader.failed || value.length === 0) return { problem: 'it is cut short' };
  const hashed = readSubpackets(hashedArea);
  const unhashed = readSubpackets(unhashedArea);
  if (hashed === null || unhashed === null) return { problem: 'a field in it has no readable length' };
  const fields = {
    version,
    type: type!,
    keyAlgorithm: keyAlgorithm!,
    hashAlgorithm: hashAlgorithm!,
  } as const;
  return { signature: { ...fields, hashed, unhashed, head, left16, salt, value, body } };
}

function readSubpackets(area: Uint8Array): Subpacket[] | null {
  const found: Subpacket[] = [];
  let at = 0;
  while (at < area.length) {
    const length = readLength(area, at, true);
    if (length === null || length.value === 0 || length.next + length.value > area.length) return null;
    const type = area[length.next]!;
    const body = area.subarray(length.next + 1, length.next + length.value);
    found.push({ type: type & 0x7f, critical: (type & 0x80) !== 0, body });
    at = length.next + length.value;
  }
  return found;
}

// --- What the subpackets say (RFC 9580 section 5.2.3.7) ------------------------------------------------------

const CREATED = 2;
const ENDS_AFTER = 3;
const KEY_ENDS_AFTER = 9;
const REVOKER = 12;
const ISSUER = 16;
const NOTATION = 20;
const FLAGS = 27;
const REASON = 29;
const EMBEDDED = 32;
const ISSUER_FINGERPRINT = 33;

/** Subpackets whose meaning is known here or does not bear on whether a signature counts. Notations are looked at apart. */
const KNOWN: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 7, 9, 11, 12, 16, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 39,
]);

/** What must be understood and is not, in plain words; null when there is none (hostile input S20). */
export function unknownCritical({ hashed, unhashed }: SignaturePacket): string | null {
  for (const { type, critical, body } of [...hashed, ...unhashed]) {
    if (!critical || KNOWN.has(type)) continue;
    return type === NOTATION ? `the notation ${notationName(body)}` : `a field of the type ${type}`;
  }
  return null;
}

function notationName(body: Uint8Array): string {
  const name = body.subarray(8, 8 + Math.min(bigEndian(body, 4, 2), 200));
  return [...name].map((byte) => String.fromCharCode(byte)).join('');
}

/** Seconds since 1970, from the protected part and standing there once; null otherwise. */
export function createdAt(signature: SignaturePacket): number | null {
  const found = signature.hashed.filter(({ type }) => type === CREATED);
  return found.length === 1 && found[0]!.body.length === 4 ? bigEndian(found[0]!.body, 0, 4) : null;
}

/** Seconds after its making at which the signature ends; null when it does not. The shortest, if several are stated. */
export function endsAfter(signature: SignaturePacket): number | null {
  return shortest(signature, ENDS_AFTER);
}

/** Seconds after the key's making at which the key ends, as a self-signature says; null when it does not. */
export function keyEndsAfter(signature: SignaturePacket): number | null {
  return shortest(signature, KEY_ENDS_AFTER);
}

function shortest(signature: SignaturePacket, wanted: number): number | null {
  const stated = signature.hashed
    .filter(({ type, body }) => type === wanted && body.length === 4)
    .map(({ body }) => bigEndian(body, 0, 4))
    .filter((seconds) => seconds > 0);
  return stated.length === 0 ? null : Math.min(...stated);
}

/** The first octet of the key flags; null when the signature says nothing about them. */
export function keyFlags(signature: SignaturePacket): number | null {
  const found = signature.hashed.filter(({ type }) => type === FLAGS);
  return found.length === 0 ? null : found.reduce((flags, { body }) => flags & (body[0] ?? 0), 0xff);
}

/** Reason of a revocation; 0 (none given) when there is none. */
export function revocationReason(signature: SignaturePacket): number {
  return signature.hashed.find(({ type }) => type === REASON)?.body[0] ?? 0;
}

/** Fingerprints (upper-case hex) of the keys that may revoke this one. */
export function revokers(signature: SignaturePacket): string[] {
  return signature.hashed
    .filter(({ type, body }) => type === REVOKER && body.length >= 22)
    .map(({ body }) => toHex(body.subarray(2)).toUpperCase());
}

/** The signature of a subkey over its primary key, wherever it stands: it proves itself. */
export function embeddedSignatures({ hashed, unhashed }: SignaturePacket): Uint8Array[] {
  return [...hashed, ...unhashed].filter(({ type }) => type === EMBEDDED).map(({ body }) => body);
}

/** Which key the signature claims: a hint where to look, nothing more. Upper-case hex. */
export interface Issuer {
  readonly fingerprints: readonly string[];
  readonly keyIds: readonly string[];
}

export function issuerOf({ hashed, unhashed }: SignaturePacket): Issuer {
  const all = [...hashed, ...unhashed];
  const hex = (wanted: number, from: number): string[] =>
    all.filter(({ type }) => type === wanted).map(({ body }) => toHex(body.subarray(from)).toUpperCase());
  return { fingerprints: hex(ISSUER_FINGERPRINT, 1), keyIds: hex(ISSUER, 0) };
}
