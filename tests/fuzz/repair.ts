import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { canonicalJson } from '../../src/core/canon/jcs.js';
import { parseJson } from '../../src/core/canon/json.js';
import type { Random } from './random.js';

/**
 * Mutation breaks check sums, and what lies behind a check sum is never reached again. These put right what an
 * attacker would put right.
 */
export type Repair = (bytes: Uint8Array, random: Random) => Uint8Array;

const BLOCK = 512;
const USTAR = [0x75, 0x73, 0x74, 0x61, 0x72];

function isHeader(bytes: Uint8Array, base: number): boolean {
  return USTAR.every((byte, i) => bytes[base + 257 + i] === byte);
}

/** Writes the right check sum into every block that looks like a header. */
export const repairTar: Repair = (bytes) => {
  for (let base = 0; base + BLOCK <= bytes.length; base += BLOCK) {
    if (!isHeader(bytes, base)) continue;
    bytes.fill(0x20, base + 148, base + 156);
    let sum = 0;
    for (let i = base; i < base + BLOCK; i++) sum += bytes[i]!;
    const digits = sum.toString(8).padStart(6, '0');
    for (let i = 0; i < 6; i++) bytes[base + 148 + i] = digits.charCodeAt(i);
    bytes[base + 154] = 0;
  }
  return bytes;
};

const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** One gzip member around `bytes`, stored or packed. */
export function gzipped(bytes: Uint8Array, level: 0 | 1 = 0): Uint8Array {
  const packed = deflateRawSync(bytes, { level });
  const member = new Uint8Array(GZIP_HEADER.length + packed.length + 8);
  member.set(GZIP_HEADER);
  member.set(packed, GZIP_HEADER.length);
  putTrailer(member, member.length - 8, bytes);
  return member;
}

function putTrailer(member: Uint8Array, at: number, unpacked: Uint8Array): void {
  const view = new DataView(member.buffer, member.byteOffset, member.byteLength);
  view.setUint32(at, crc32(unpacked), true);
  view.setUint32(at + 4, unpacked.length, true);
}

export const UNPACKED_MAX = 256 * 1024;

/** What zlib makes of a raw deflate stream; null when it refuses it or it is longer than {@link UNPACKED_MAX}. */
export function zlibInflate(
  bytes: Uint8Array,
): { readonly output: Uint8Array; readonly used: number } | null {
  try {
    const result = inflateRawSync(bytes, { info: true, maxOutputLength: UNPACKED_MAX }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return { output: result.buffer, used: result.engine.bytesWritten };
  } catch {
    return null;
  }
}

/** Puts check sum and length right behind a deflate stream that ends, under a header of ten bytes. */
export const repairGzip: Repair = (bytes) => {
  if (bytes.length < 20 || bytes[3] !== 0) return bytes;
  const inflated = zlibInflate(bytes.subarray(10));
  if (inflated === null || 10 + inflated.used + 8 > bytes.length) return bytes;
  putTrailer(bytes, 10 + inflated.used, inflated.output);
  return bytes;
};

/** The canonical form of what is still JSON. */
export const repairJson: Repair = (bytes) => {
  const read = parseJson(bytes);
  return 'value' in read ? canonicalJson(read.value) : bytes;
};
