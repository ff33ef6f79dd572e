/** Packet types that occur in keys and signatures (RFC 9580 section 5). */
export const PACKET = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  marker: 10,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  padding: 21,
} as const;

/** Types from here on may be passed over when unknown; all below are critical (RFC 9580 section 4.3). */
export const NON_CRITICAL_FROM = 40;

export interface Packet {
  readonly type: number;
  readonly body: Uint8Array;
}

export type PacketsRead =
  { readonly packets: readonly Packet[] } | { readonly problem: string } | { readonly tooMany: true };

/**
 * Cuts bytes into packets (RFC 9580 section 4.2). Only whole packets of a stated length: the partial and open lengths
 * of streams have no place in keys and signatures, and readers disagree about them. `bytes` is attacker-controlled;
 * never throws, and stops at `packetsMax` packets, whatever follows.
 */
export function readPackets(bytes: Uint8Array, packetsMax: number): PacketsRead {
  const packets: Packet[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (packets.length === packetsMax) return { tooMany: true };
    const head = readHead(bytes, at);
    if (head === null) return { problem: 'a packet has no readable length' };
    const end = head.start + head.length;
    if (end > bytes.length) return { problem: 'a packet is cut short' };
    packets.push({ type: head.type, body: bytes.subarray(head.start, end) });
    at = end;
  }
  return { packets };
}

interface Head {
  readonly type: number;
  readonly start: number;
  readonly length: number;
}

function readHead(bytes: Uint8Array, at: number): Head | null {
  const first = bytes[at]!;
  if ((first & 0x80) === 0) return null;
  if ((first & 0x40) !== 0) {
    const length = readLength(bytes, at + 1);
    return length === null ? null : { type: first & 63, start: length.next, length: length.value };
  }
  const octets = [1, 2, 4][first & 3];
  if (octets === undefined || at + 1 + octets > bytes.length) return null;
  return { type: (first >> 2) & 15, start: at + 1 + octets, length: bigEndian(bytes, at + 1, octets) };
}

/** The one-, two- and five-octet lengths of packets and subpackets; null for a partial length and where bytes are missing. */
export function readLength(
  bytes: Uint8Array,
  at: number,
  inSubpackets = false,
): { readonly value: number; readonly next: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 192) return { value: first, next: at + 1 };
  if (first === 255) {
    return at + 5 > bytes.length ? null : { value: bigEndian(bytes, at + 1, 4), next: at + 5 };
  }
  if (first >= 224 && !inSubpackets) return null;
  const second = bytes[at + 1];
  return second === undefined ? null : { value: ((first - 192) << 8) + second + 192, next: at + 2 };
}

export function bigEndian(bytes: Uint8Array, at: number, octets: number): number {
  let value = 0;
  for (let i = 0; i < octets; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
