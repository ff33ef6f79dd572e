// The packer (RFC 1951): gives the bytes of src/core/archive/deflatePieces.ts, which says what it does and why; this
// one is fast. Finds matches, and writes symbols; which codes a block gets is decided by the same script as there.
import {
  BEFORE,
  BEGIN,
  COUNTS_BYTES,
  DISTANCE_CODES,
  DISTANCE_COUNTS,
  HEAD,
  LITERAL_CODES,
  LITERAL_COUNTS,
  OUTPUT,
  PIECE,
  PIECE_BYTES,
  SYMBOLS,
  WINDOW,
} from './deflateLayout';

export {
  DISTANCE_CODES,
  DISTANCE_COUNTS,
  LITERAL_CODES,
  LITERAL_COUNTS,
  OUTPUT,
  PIECE,
} from './deflateLayout';

/** Script, import `deflate.writeBlock`: writes the block that was gathered, by the functions below; its bytes are `bytes`, the last of them before `end`. */
declare function writeBlock(bytes: usize, end: usize, extraBits: u32, last: bool): void;

/** Places in the window are told twice as large, as they are where they are looked up. */
const PLACES: usize = 2 * WINDOW - 2;
const HASH_MASK: u32 = (1 << 20) - 1;
const LAST_HASH_MASK: u32 = (1 << 18) - 1;
const CHAIN: u32 = 128;
const NICE: usize = 128;
const LENGTH_MAX: usize = 258;
const MATCHES_MAX: u32 = 7000;
const SYMBOLS_END: usize = SYMBOLS + (24_576 << 2);
const TAIL_MIN: usize = 423;
/** Set in a symbol that is a match: `MATCH | extra << 23 | length << 18 | extra << 5 | distance`. */
const MATCH: u32 = 1 << 28;
const END_OF_BLOCK: u32 = 256;

let first: bool = true;
/** Where the next symbol goes. */
let symbolsEnd: usize = SYMBOLS;
/** Whole bytes are before `to`; fewer than eight bits are held. */
let to: usize = OUTPUT;
let bits: u64 = 0;
let held: u64 = 0;
/** Where the bits under way began; before `OUTPUT` when that has been taken since. */
let bitsFrom: usize = OUTPUT;

/** Looks at the piece of `bytes` bytes that another one packs. */
export function skip(bytes: usize): void {
  add(begin(), PIECE + bytes - 2, 1, HASH_MASK);
  next();
}

/** Packs the piece of `bytes` bytes. */
export function pack(bytes: usize, last: bool): void {
  if (!first) put(2, 10);
  if (last) blocks(PIECE + bytes, true, 2, LAST_HASH_MASK);
  else blocks(PIECE + bytes, false, 1, HASH_MASK);
  next();
}

/** The end of the whole bytes that were written, from `OUTPUT` on; once after each piece. What comes next is written over them. */
export function take(): usize {
  const end = to;
  bitsFrom -= to - OUTPUT;
  to = OUTPUT;
  return end;
}

/** The first bytes to look at: the last two of the piece before could not be without those behind them. */
function begin(): usize {
  return first ? PIECE : PIECE - 2;
}

/** The piece becomes the one before. */
function next(): void {
  memory.copy(BEGIN, BEGIN + PIECE_BYTES, WINDOW);
  first = false;
}

/** Where the last place of three bytes is told. All are hashed by their bits alone: hash(a) ^ hash(b) = hash(a ^ b). */
function hashOf(three: u32, shift: u32, mask: u32): u32 {
  return ((three & 0xff) ^ ((three & 0xff00) >> shift) ^ ((three & 0xff_0000) >> (shift << 1))) & mask;
}

/** Remembers the places from `at` on, up to `end`. */
function add(at: usize, end: usize, shift: u32, mask: u32): void {
  for (; at < end; at++) {
    const hash = (<usize>hashOf(load<u32>(at), shift, mask)) << 1;
    const place = (at << 1) & PLACES;
    store<u16>(place, load<u16>(hash, HEAD), BEFORE);
    store<u16>(hash, <u16>place, HEAD);
  }
}

function count(place: usize): void {
  store<u16>(place, load<u16>(place) + 1);
}

function blocks(end: usize, last: bool, shift: u32, mask: u32): void {
  /** Three bytes begin before this. */
  const threes = end - 2;
  let from = BEGIN;
  let to = SYMBOLS;
  let matches: u32 = 0;
  let extraBits: u32 = 0;
  memory.fill(LITERAL_COUNTS, 0, COUNTS_BYTES);
  add(begin(), min(PIECE, threes), shift, mask);
  let at = PIECE;
  while (at < threes) {
    if ((matches > MATCHES_MAX || to > SYMBOLS_END) && (end - at > TAIL_MIN || !last)) {
      symbolsEnd = to;
      writeBlock(from, at, extraBits, false);
      memory.fill(LITERAL_COUNTS, 0, COUNTS_BYTES);
      to = SYMBOLS;
      matches = extraBits = 0;
      from = at;
    }
    const three = load<u32>(at);
    const hash = (<usize>hashOf(three, shift, mask)) << 1;
    const place = (at << 1) & PLACES;
    const candidate = <usize>load<u16>(hash, HEAD);
    store<u16>(place, <u16>candidate, BEFORE);
    store<u16>(hash, <u16>place, HEAD);
    const away = (place - candidate) & PLACES;
    const match =
      away != 0 && hashOf(load<u32>(at - (away >> 1)) ^ three, shift, mask) == 0
        ? find(at, end, candidate, away)
        : 0;
    if (match == 0) {
      store<u32>(to, three & 0xff);
      to += 4;
      count(LITERAL_COUNTS + ((<usize>(three & 0xff)) << 1));
      at++;
      continue;
    }
    let length = (match & 511) - 3;
    let lengthBits: u32 = 0;
    if (length == 255) {
      length = 28;
    } else if (length > 7) {
      lengthBits = 29 - clz(length);
      length = ((length & ((1 << lengthBits) - 1)) << 5) | ((lengthBits << 2) + (length >> lengthBits));
    }
    let distance = (match >> 9) - 1;
    let distanceBits: u32 = 0;
    if (distance > 3) {
      distanceBits = 30 - clz(distance);
      distance =
        ((distance & ((1 << distanceBits) - 1)) << 5) | ((distanceBits << 1) + (distance >> distanceBits));
    }
    store<u32>(to, MATCH | (length << 18) | distance);
    to += 4;
    extraBits += lengthBits + distanceBits;
    count(LITERAL_COUNTS + ((257 + <usize>(length & 31)) << 1));
    count(DISTANCE_COUNTS + ((<usize>(distance & 31)) << 1));
    matches++;
    const done = at + <usize>(match & 511);
    add(at + 1, min(done, threes), shift, mask);
    at = done;
  }
  for (; at < end; at++, to += 4) {
    const byte = <u32>load<u8>(at);
    store<u32>(to, byte);
    count(LITERAL_COUNTS + ((<usize>byte) << 1));
  }
  symbolsEnd = to;
  writeBlock(from, end, extraBits, last);
}

/**
 * `distance << 9 | length` of the match that is taken, 0 for none. `candidate`: the place of the first one, `away`: twice
 * how far it is, not 0.
 */
function find(at: usize, end: usize, candidate: usize, away: usize): u32 {
  const rest = end - at;
  const nice = min(NICE, rest) - 1;
  const lengthMax = min(LENGTH_MAX, rest);
  let length: usize = 2;
  let distance: usize = 0;
  /** A longer match has these bytes, too: the last of the longest one by now, and the one behind it. */
  let probe = at;
  let wanted: u32 = load<u32>(at);
  let mask: u32 = 0xff_ffff;
  for (let left = CHAIN - 1; left > 0; left--) {
    if (((load<u32>(probe - (away >> 1)) ^ wanted) & mask) == 0) {
      const same = sameBytes(at, at - (away >> 1), lengthMax);
      if (same > length) {
        length = same;
        distance = away >> 1;
        if (same > nice) break;
        probe = at + same - 3;
        wanted = load<u32>(probe);
        mask = 0xffff_ffff;
        // The rarest three bytes within this match lead on more quickly than its beginning.
        const begin = (at << 1) - away;
        const end = begin + (min(distance, same - 2) << 1);
        let farthest: usize = 0;
        for (let next = begin; next < end; next += 2) {
          const place = next & PLACES;
          const far = (place - <usize>load<u16>(place, BEFORE)) & PLACES;
          candidate = select(place, candidate, far > farthest);
          farthest = max(far, farthest);
        }
      }
    }
    const before = <usize>load<u16>(candidate, BEFORE);
    const step = (candidate - before) & PLACES;
    away += step;
    if (away >= 2 * WINDOW || step == 0) break;
    candidate = before;
  }
  return distance == 0 ? 0 : <u32>((distance << 9) | length);
}

/** How many bytes are the same from both places on, at most `most`. */
function sameBytes(one: usize, other: usize, most: usize): usize {
  for (let same: usize = 0; same < most; same += 8) {
    const differ = load<u64>(one + same) ^ load<u64>(other + same);
    if (differ != 0) return min(same + <usize>(ctz(differ) >> 3), most);
  }
  return most;
}

/** Up to 16 bits, lowest first. */
export function put(value: u32, n: u32): void {
  bits |= (<u64>value) << held;
  held += n;
  flush();
}

function flush(): void {
  store<u64>(to, bits);
  to += <usize>(held >> 3);
  bits >>= held & 0x38;
  held &= 7;
}

/** Fills the last byte up; gives the bits since bytes were stored, or since this was called. */
export function endBits(): u32 {
  const amount = <u32>(((to - bitsFrom) << 3) + <usize>held);
  held = (held + 7) & 0x38;
  flush();
  bitsFrom = to;
  return amount;
}

/** The head of a stored block behind its first three bits, and its bytes; bits have to be ended. */
export function storeBytes(at: usize, bytes: usize): void {
  store<u16>(to, <u16>bytes);
  store<u16>(to, <u16>~bytes, 2);
  memory.copy(to + 4, at, bytes);
  to += bytes + 4;
  bitsFrom = to;
}

/** Writes the symbols that were gathered by the codes that stand at `LITERAL_CODES` and `DISTANCE_CODES`. */
export function writeSymbols(): void {
  for (let at = SYMBOLS; at < symbolsEnd; at += 4) {
    const symbol = load<u32>(at);
    if (symbol < MATCH) {
      putCode(LITERAL_CODES, symbol);
      flush();
      continue;
    }
    const length = (symbol >> 18) & 31;
    putCode(LITERAL_CODES, length + 257);
    if (length > 7 && length < 28) {
      bits |= (<u64>((symbol >> 23) & 31)) << held;
      held += (length >> 2) - 1;
    }
    const distance = symbol & 31;
    putCode(DISTANCE_CODES, distance);
    if (distance > 3) {
      bits |= (<u64>((symbol >> 5) & 8191)) << held;
      held += (distance >> 1) - 1;
    }
    flush();
  }
  putCode(LITERAL_CODES, END_OF_BLOCK);
  flush();
}

/** At most 15 bits; not flushed. */
function putCode(codes: usize, symbol: u32): void {
  const code = load<u32>(codes + ((<usize>symbol) << 2));
  bits |= (<u64>(code & 0xffff)) << held;
  held += code >> 16;
}
