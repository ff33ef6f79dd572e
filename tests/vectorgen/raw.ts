import { createHash } from 'node:crypto';
import { deflateSync } from 'fflate';

/**
 * A tar and gzip builder that obeys: every field can be set to something a careful writer would never
 * write. It shares no code with `src/core/archive`, so that a mistake there cannot hide itself here.
 */

export const BLOCK = 512;
const text = new TextEncoder();

export type Octets = Uint8Array;

export function utf8(value: string): Octets {
  return text.encode(value);
}

export function join(...parts: readonly Octets[]): Octets {
  return new Uint8Array(Buffer.concat(parts));
}

export function sha256Hex(bytes: Octets): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface RawHeader {
  readonly name?: string | Octets;
  readonly mode?: string;
  /** Exactly the 12 bytes of the field when given as bytes. */
  readonly size?: number | string | Octets;
  readonly mtime?: string;
  readonly type?: string;
  readonly link?: string;
  readonly magic?: string;
  readonly prefix?: string;
  /** Replaces the right checksum. */
  readonly checksum?: string;
}

/** One 512-byte header block; NUL-terminated octal fields, USTAR magic. */
export function header(fields: RawHeader): Octets {
  const block = new Uint8Array(BLOCK);
  const put = (value: string | Octets, at: number, length: number): void =>
    block.set((typeof value === 'string' ? utf8(value) : value).subarray(0, length), at);
  put(fields.name ?? 'spec.yaml', 0, 100);
  put(fields.mode ?? '0000644\0', 100, 8);
  put('0000000\0', 108, 8);
  put('0000000\0', 116, 8);
  const size = fields.size ?? 0;
  put(typeof size === 'number' ? `${size.toString(8).padStart(11, '0')}\0` : size, 124, 12);
  put(fields.mtime ?? '00000000000\0', 136, 12);
  put(fields.type ?? '0', 156, 1);
  put(fields.link ?? '', 157, 100);
  put(fields.magic ?? 'ustar\x0000', 257, 8);
  put(fields.prefix ?? '', 345, 155);
  put('        ', 148, 8);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(fields.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8);
  return block;
}

export function padded(body: Octets): Octets {
  const rest = (BLOCK - (body.length % BLOCK)) % BLOCK;
  return join(body, new Uint8Array(rest));
}

/** A whole entry: header and body. `size` defaults to the body's. */
export function member(path: string | Octets, body: Octets | string, fields: RawHeader = {}): Octets {
  const bytes = typeof body === 'string' ? utf8(body) : body;
  return join(header({ name: path, size: bytes.length, ...fields }), padded(bytes));
}

/** One PAX record, its length counted in itself. */
export function paxRecord(key: string, value: string | Octets): Octets {
  const tail = join(utf8(` ${key}=`), typeof value === 'string' ? utf8(value) : value, utf8('\n'));
  let length = tail.length + 1;
  while (String(length).length + tail.length !== length) length = String(length).length + tail.length;
  return join(utf8(String(length)), tail);
}

export function pax(body: Octets, type = 'x'): Octets {
  return member('PaxHeaders/x', body, { type });
}

export const endBlocks: Octets = new Uint8Array(2 * BLOCK);

export function tarOf(...members: readonly Octets[]): Octets {
  return join(...members, endBlocks);
}

export interface RawGzip {
  readonly flags?: number;
  /** Bytes after the fixed ten of the header, for the flags above. */
  readonly extra?: Octets;
  readonly crc?: number;
  readonly length?: number;
  readonly method?: number;
  readonly level?: 0 | 1 | 6 | 9;
}

/** One gzip member. Level 6 unless told; header mtime 0, OS 255. */
export function gzip(bytes: Octets, options: RawGzip = {}): Octets {
  const head = [0x1f, 0x8b, options.method ?? 8, options.flags ?? 0, 0, 0, 0, 0, 0, 255];
  const tail = new DataView(new ArrayBuffer(8));
  tail.setUint32(0, options.crc ?? crc32(bytes), true);
  tail.setUint32(4, options.length ?? bytes.length % 2 ** 32, true);
  return join(
    new Uint8Array(head),
    options.extra ?? new Uint8Array(0),
    deflateSync(bytes, { level: options.level ?? 6 }),
    new Uint8Array(tail.buffer),
  );
}

export function crc32(bytes: Octets): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export function flipBit(bytes: Octets, at: number, bit = 0): Octets {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}
