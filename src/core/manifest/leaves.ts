import { sha256Many, type ManyHasher } from '../bytes/sha256.js';
import { toUtf8 } from '../bytes/text.js';
import { canonicalString } from '../canon/jcs.js';
import type { ManifestFile } from './manifest.js';

/** Leaf hash of one file: of its RFC 8785 JSON `{"path":…,["salt":…,]"sha256":…,"size":…}`. 32 bytes. */
export function fileLeaf(file: ManifestFile, platform: ManyHasher): Uint8Array {
  return platform.sha256Sync(leafBytes(file));
}

/** Leaves are written and hashed so many at a time, in a room of so many bytes. */
const LEAVES_AT_ONCE = 256;
const ROOM_BYTES = 256 * LEAVES_AT_ONCE;

/** {@link fileLeaf} of each file, some of them at a time, one after the other. */
export function* fileLeaves(files: Iterable<ManifestFile>, platform: ManyHasher): Iterable<Uint8Array> {
  const room = new Uint8Array(ROOM_BYTES);
  let lengths: number[] = [];
  let fill = 0;
  for (const file of files) {
    let end = lengths.length < LEAVES_AT_ONCE ? writePlain(file, room, fill) : -1;
    if (end < 0) {
      yield sha256Many(room.subarray(0, fill), lengths, platform);
      lengths = [];
      fill = 0;
      end = writePlain(file, room, 0);
    }
    if (end < 0) {
      yield fileLeaf(file, platform);
      continue;
    }
    lengths.push(end - fill);
    fill = end;
  }
  yield sha256Many(room.subarray(0, fill), lengths, platform);
}

/** What `leafHash` hashes. The first byte is 0. */
function leafBytes(file: ManifestFile): Uint8Array {
  const { path, salt, sha256, size } = written(file);
  return toUtf8(`${PATH}${canonicalString(path)}${salt}${SHA256}${sha256}${SIZE}${size}}`);
}

const PATH = '\u0000{"path":';
const SHA256 = ',"sha256":"';
const SIZE = '","size":';

function written({ path, salt, sha256, size }: ManifestFile) {
  if (size === null || sha256 === null) throw new TypeError('a file without size or digest has no leaf');
  return { path, sha256, size: String(size), salt: salt === undefined ? '' : `,"salt":"${salt}"` };
}

/**
 * {@link leafBytes} into `room` from `at` on, without a text of each of a million: where it ends, or -1 when its path is
 * not plain, or the room too small.
 */
function writePlain(file: ManifestFile, room: Uint8Array, at: number): number {
  const { path, salt, sha256, size } = written(file);
  const fixed = PATH.length + 2 + SHA256.length + SIZE.length + 1;
  if (at + fixed + path.length + salt.length + sha256.length + size.length > room.length) return -1;
  let end = writeAscii(PATH, room, at);
  room[end++] = QUOTE;
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) return -1;
    room[end++] = unit;
  }
  room[end++] = QUOTE;
  end = writeAscii(salt, room, end);
  end = writeAscii(SHA256, room, end);
  end = writeAscii(sha256, room, end);
  end = writeAscii(SIZE, room, end);
  end = writeAscii(size, room, end);
  room[end++] = CLOSING;
  return end;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSING = 0x7d;

function writeAscii(text: string, room: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) room[at + i] = text.charCodeAt(i);
  return at + text.length;
}
