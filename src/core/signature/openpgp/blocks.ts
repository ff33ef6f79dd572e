import { concatBytes } from '../../bytes/bytes.js';
import type { Finding } from '../../generated/report.js';
import { fixedLimits } from '../../limits.js';
import { finding } from '../../messages/finding.js';
import { dearmorOpenPgp } from './armor.js';
import { NON_CRITICAL_FROM, PACKET, readPackets, type Packet } from './packets.js';

/** A name or a picture that a key claims, with the signatures that stand behind it. */
export interface UserBlock {
  /** User id or user attribute. */
  readonly packet: Packet;
  readonly signatures: readonly Uint8Array[];
}

export interface SubkeyBlock {
  readonly body: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

/** One certificate cut into its parts, in the order of RFC 9580 section 10.1. Nothing is checked yet. */
export interface CertificateBlock {
  readonly primary: Uint8Array;
  readonly direct: readonly Uint8Array[];
  readonly users: readonly UserBlock[];
  readonly subkeys: readonly SubkeyBlock[];
}

export type BlocksRead =
  | { readonly blocks: readonly CertificateBlock[] }
  /** `problem` completes "was not used as an OpenPGP public key: …"; null together with a limit. */
  | { readonly problem: string | null; readonly limit?: Finding };

/** Frames that one file may hold one after the other. */
const FRAMES_MAX = 256;
const PASSED_OVER: readonly number[] = [PACKET.marker, PACKET.trust, PACKET.padding];

/** True when the bytes look like public keys: by their frame, or by their first packet. A guess, never a ground. */
export function looksLikeCertificate(bytes: Uint8Array): boolean {
  const head = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
  const start = bytes.subarray(0, head.length + 16);
  const text = [...start].map((byte) => String.fromCharCode(byte)).join('');
  if (text.trimStart().startsWith(head)) return true;
  const [first = 0] = bytes;
  // Old form with a length of one or two octets, or new form: a public key of version 4 or 6.
  if (first === 0x98 || first === 0x99) return [4, 6].includes(bytes[first === 0x98 ? 2 : 3] ?? 0);
  return first === 0xc6 && [bytes[2], bytes[3], bytes[6]].some((version) => version === 4 || version === 6);
}

/**
 * Reads a file with public keys, armored or binary (docs/SPEC.md, "OpenPGP approvals"). The size is looked at first;
 * everything is attacker-controlled; never throws.
 */
export function readBlocks(bytes: Uint8Array): BlocksRead {
  const { openPgpCertificateBytesMax: bytesMax, openPgpPacketsMax: packetsMax } = fixedLimits;
  if (bytes.length > bytesMax) {
    return { problem: null, limit: finding('openpgp-certificate-too-large', { bytesMax }) };
  }
  const binary = unframe(bytes);
  if (typeof binary === 'string') return { problem: binary };
  const read = readPackets(binary, packetsMax);
  if ('tooMany' in read)
    return { problem: null, limit: finding('openpgp-certificate-flooded', { packetsMax }) };
  if ('problem' in read) return { problem: read.problem };
  return arrange(read.packets.filter(({ type }) => !PASSED_OVER.includes(type) && type < NON_CRITICAL_FROM));
}

function unframe(bytes: Uint8Array): Uint8Array | string {
  if ((bytes[0] ?? 0) >= 0x80) return bytes;
  const read = dearmorOpenPgp(bytes, 'PUBLIC KEY BLOCK', FRAMES_MAX);
  return 'problem' in read ? read.problem : concatBytes(read.blocks);
}

interface Growing {
  primary: Uint8Array;
  direct: Uint8Array[];
  users: { packet: Packet; signatures: Uint8Array[] }[];
  subkeys: { body: Uint8Array; signatures: Uint8Array[] }[];
}

function arrange(packets: readonly Packet[]): BlocksRead {
  const blocks: Growing[] = [];
  let target: Uint8Array[] | null = null;
  for (const { type, body } of packets) {
    const current = blocks.at(-1);
    if (type === PACKET.secretKey || type === PACKET.secretSubkey)
      return { problem: 'it holds a private key' };
    if (type === PACKET.publicKey) {
      target = [];
      blocks.push({ primary: body, direct: target, users: [], subkeys: [] });
    } else if (current === undefined) {
      return { problem: 'it does not begin with a public key' };
    } else if (type === PACKET.signature) {
      target!.push(body);
    } else if (type === PACKET.userId || type === PACKET.userAttribute) {
      if (current.subkeys.length > 0) return { problem: 'a name stands behind a subkey' };
      target = [];
      current.users.push({ packet: { type, body }, signatures: target });
    } else if (type === PACKET.publicSubkey) {
      target = [];
      current.subkeys.push({ body, signatures: target });
    } else return { problem: `it holds a packet of the type ${type}` };
  }
  return blocks.length === 0 ? { problem: 'it holds no public key' } : { blocks };
}
