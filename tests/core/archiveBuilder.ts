import { createHash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';
import { readArchive } from '../../src/core/archive/readArchive.js';
import type { Archive } from '../../src/core/archive/archive.js';
import type { Platform } from '../../src/core/bytes/platform.js';
import { sourceOfBytes } from '../../src/core/bytes/source.js';
import { limitsProfiles, type Limits } from '../../src/core/limits.js';

/** A small raw tar and gzip builder for tests: it writes what it is told, right or wrong. */
export interface RawHeader {
  name: string | Uint8Array;
  type?: string;
  /** Size field as octal, when it differs from the body. */
  size?: number;
  prefix?: string;
  link?: string;
  magic?: string;
  mode?: string;
  /** Raw bytes put at an offset before the checksum is taken. */
  patch?: readonly (readonly [at: number, bytes: string | Uint8Array])[];
  /** Raw checksum field. */
  checksum?: string;
}

export const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const join = (...parts: readonly (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? utf8(part) : part)));
export const zeros = (count: number): Uint8Array => new Uint8Array(count);
export const END = zeros(1024);

export function header(raw: RawHeader, bodyLength = 0): Uint8Array {
  const block = zeros(512);
  const put = (at: number, value: string | Uint8Array): void =>
    block.set(typeof value === 'string' ? latin1(value) : value, at);
  put(0, typeof raw.name === 'string' ? utf8(raw.name) : raw.name);
  put(100, raw.mode ?? '0000644\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${(raw.size ?? bodyLength).toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(156, raw.type ?? '0');
  put(157, raw.link ?? '');
  put(257, raw.magic ?? 'ustar\u000000');
  put(345, raw.prefix ?? '');
  for (const [at, bytes] of raw.patch ?? []) put(at, bytes);
  put(148, '        ');
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, raw.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

export function entry(raw: RawHeader | string, body: string | Uint8Array = ''): Uint8Array {
  const bytes = typeof body === 'string' ? utf8(body) : body;
  const head = header(typeof raw === 'string' ? { name: raw } : raw, bytes.length);
  return join(head, bytes, zeros((512 - (bytes.length % 512)) % 512));
}

/** A PAX header with these records, well formed. */
export const pax = (records: Readonly<Record<string, string | Uint8Array>>, type = 'x'): Uint8Array =>
  entry(
    { name: 'PaxHeaders.0/x', type },
    join(...Object.entries(records).map(([key, value]) => paxRecord(key, value))),
  );

export function paxRecord(key: string, value: string | Uint8Array): Uint8Array {
  const rest = join(` ${key}=`, value, '\n');
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return join(String(length), rest);
}

export const tar = (...entries: readonly Uint8Array[]): Uint8Array => join(...entries, END);

export interface RawGzip {
  flags?: number;
  /** Between the ten fixed bytes and the data. */
  extra?: Uint8Array;
  crc?: number;
  size?: number;
}

export function gzip(bytes: Uint8Array, raw: RawGzip = {}): Uint8Array {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(raw.crc ?? crc32(bytes), 0);
  trailer.writeUInt32LE(raw.size ?? bytes.length % 2 ** 32, 4);
  const head = Uint8Array.of(0x1f, 0x8b, 8, raw.flags ?? 0, 0, 0, 0, 0, 0, 255);
  return join(head, raw.extra ?? zeros(0), deflateRawSync(bytes), trailer);
}

export const tgz = (...entries: readonly Uint8Array[]): Uint8Array => gzip(tar(...entries));

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function read(
  platform: Platform,
  bytes: Uint8Array,
  limits: Partial<Limits> = {},
  chunkBytes = 65_536,
  keep: (path: string) => boolean = () => false,
): Promise<Archive> {
  const source = sourceOfBytes(bytes, chunkBytes);
  return readArchive(source, { platform, limits: { ...limitsProfiles.default, ...limits }, keep });
}

/** The error classes found, each once; empty for an archive that was read. */
export const classesOf = (archive: Archive): readonly string[] => [
  ...new Set(archive.findings.filter((one) => one.severity === 'error').map((one) => one.class)),
];

export const codesOf = (archive: Archive): readonly string[] => archive.findings.map((one) => one.code);
