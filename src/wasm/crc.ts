import { CRC_TABLES } from './layout';

/** Sixteen tables, so that sixteen bytes are looked up side by side: once for each instance. */
export function writeCrcTables(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xedb8_8320 : crc >> 1;
    store<u32>(CRC_TABLES + (i << 2), crc);
  }
  for (let i: u32 = 256; i < 4096; i++) {
    const crc = load<u32>(CRC_TABLES + ((i - 256) << 2));
    store<u32>(CRC_TABLES + (i << 2), (crc >> 8) ^ load<u32>(CRC_TABLES + ((crc & 0xff) << 2)));
  }
}

/** What the lowest byte of `word` comes to, `behind` bytes before the end of sixteen. */
function look(word: u32, behind: usize): u32 {
  return load<u32>(CRC_TABLES + (behind << 10) + ((<usize>(word & 0xff)) << 2));
}

/** CRC-32 of gzip (RFC 1952 section 8), going on from `before`. */
export function crc32(before: u32, at: usize, end: usize): u32 {
  let crc = ~before;
  for (; at + 16 <= end; at += 16) {
    const a = load<u32>(at) ^ crc;
    const b = load<u32>(at, 4);
    const c = load<u32>(at, 8);
    const d = load<u32>(at, 12);
    crc = look(a, 15) ^ look(a >> 8, 14) ^ look(a >> 16, 13) ^ look(a >> 24, 12);
    crc ^= look(b, 11) ^ look(b >> 8, 10) ^ look(b >> 16, 9) ^ look(b >> 24, 8);
    crc ^= look(c, 7) ^ look(c >> 8, 6) ^ look(c >> 16, 5) ^ look(c >> 24, 4);
    crc ^= look(d, 3) ^ look(d >> 8, 2) ^ look(d >> 16, 1) ^ look(d >> 24, 0);
  }
  for (; at < end; at++) crc = (crc >> 8) ^ look(crc ^ (<u32>load<u8>(at)), 0);
  return ~crc;
}
