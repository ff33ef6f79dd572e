// SHA-256 (FIPS 180-4) of many messages, four side by side: each lane of 32 bits goes through a message of its own and
// takes the next one when it is done. The caller fills LENGTHS and INPUT, and reads DIGESTS.

const LANES: usize = 4;
const BLOCK: usize = 64;
const DIGEST: usize = 32;

/** The message schedule of a block and the state: for each word a vector of four lanes. */
const WORDS: usize = 0x1000;
const STATE: usize = 0x1400;
/** The last one or two blocks of each lane's message, with their padding; a block of nothing for lanes without one. */
const TAILS: usize = 0x1500;
const IDLE: usize = 0x1700;
/** Of each lane, 32 bits each: where its next block stands, whole blocks left, blocks left in its tail, its message. */
const NEXT: usize = 0x1800;
const WHOLE: usize = 0x1810;
const TAIL: usize = 0x1820;
const MESSAGE: usize = 0x1830;

/** Lengths of the messages in bytes, 32 bits each; their digests; the messages one after the other. */
const LENGTHS: usize = 0x2000;
const LENGTHS_END: usize = 0x6000;
const DIGESTS: usize = 0x10000;
const INPUT: usize = 0x30000;
const INPUT_END: usize = 0x50000;

const NONE: u32 = 0xffff_ffff;

const START = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
const CONSTANTS = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

/** The next message that no lane has taken yet, how many there are, and where it stands. */
let message: u32 = 0;
let messages: u32 = 0;
let place: usize = INPUT;

export function lengthsPlace(): usize {
  return LENGTHS;
}

/** Messages that one `hash` takes at most. */
export function messagesMax(): usize {
  return (LENGTHS_END - LENGTHS) >> 2;
}

export function inputPlace(): usize {
  return INPUT;
}

/** Bytes that they may have together. */
export function inputRoom(): usize {
  return INPUT_END - INPUT;
}

export function digestsPlace(): usize {
  return DIGESTS;
}

/** Hashes so many messages. */
export function hash(count: u32): void {
  message = 0;
  messages = count;
  place = INPUT;
  let busy: u32 = 0;
  for (let lane: usize = 0; lane < LANES; lane++) busy += take(lane);
  while (busy > 0) {
    schedule();
    compress();
    for (let lane: usize = 0; lane < LANES; lane++) if (hasEnded(lane)) busy -= 1 - take(lane);
  }
}

/** Gives the lane its next message; 0 when there is none. */
function take(lane: usize): u32 {
  const own = lane << 2;
  if (message === messages) {
    store<u32>(MESSAGE + own, NONE);
    store<u32>(NEXT + own, <u32>IDLE);
    return 0;
  }
  const length = <usize>load<u32>(LENGTHS + ((<usize>message) << 2));
  const whole = length / BLOCK;
  const rest = length % BLOCK;
  const tail = TAILS + lane * 2 * BLOCK;
  const tailBlocks: usize = rest < BLOCK - 8 ? 1 : 2;
  memory.copy(tail, place + whole * BLOCK, rest);
  memory.fill(tail + rest, 0, tailBlocks * BLOCK - rest);
  store<u8>(tail + rest, 0x80);
  store<u64>(tail + tailBlocks * BLOCK - 8, bswap<u64>((<u64>length) << 3));
  store<u32>(NEXT + own, <u32>(whole > 0 ? place : tail));
  store<u32>(WHOLE + own, <u32>whole);
  store<u32>(TAIL + own, <u32>tailBlocks);
  store<u32>(MESSAGE + own, message);
  for (let word: usize = 0; word < 8; word++)
    store<u32>(STATE + (word << 4) + own, load<u32>(START + (word << 2)));
  place += length;
  message++;
  return 1;
}

/** Goes on to the lane's next block; true when there was none, and its digest is written. */
function hasEnded(lane: usize): bool {
  const own = lane << 2;
  if (load<u32>(MESSAGE + own) === NONE) return false;
  let whole = load<u32>(WHOLE + own);
  if (whole > 0) {
    store<u32>(WHOLE + own, --whole);
    store<u32>(NEXT + own, whole > 0 ? load<u32>(NEXT + own) + <u32>BLOCK : <u32>(TAILS + lane * 2 * BLOCK));
    return false;
  }
  const tail = load<u32>(TAIL + own) - 1;
  store<u32>(TAIL + own, tail);
  store<u32>(NEXT + own, load<u32>(NEXT + own) + <u32>BLOCK);
  if (tail > 0) return false;
  const digest = DIGESTS + <usize>load<u32>(MESSAGE + own) * DIGEST;
  for (let word: usize = 0; word < 8; word++)
    store<u32>(digest + (word << 2), bswap<u32>(load<u32>(STATE + (word << 4) + own)));
  return true;
}

/** The schedule of the block at which each lane stands (FIPS 180-4 section 6.2.2, step 1). */
function schedule(): void {
  for (let quarter: usize = 0; quarter < 4; quarter++) loadWords(quarter);
  for (let at = WORDS; at < WORDS + 48 * 16; at += 16) {
    const two = v128.load(at, 14 * 16);
    const fifteen = v128.load(at, 16);
    const s0 = v128.xor(v128.xor(rotated(fifteen, 7), rotated(fifteen, 18)), i32x4.shr_u(fifteen, 3));
    const s1 = v128.xor(v128.xor(rotated(two, 17), rotated(two, 19)), i32x4.shr_u(two, 10));
    const older = i32x4.add(v128.load(at), v128.load(at, 9 * 16));
    v128.store(at, i32x4.add(i32x4.add(s0, s1), older), 16 * 16);
  }
}

/** Four words of each lane's block, turned so that each vector holds the same word of all lanes. */
function loadWords(quarter: usize): void {
  const from = quarter << 4;
  const a = bigEndian(v128.load(<usize>load<u32>(NEXT) + from));
  const b = bigEndian(v128.load(<usize>load<u32>(NEXT, 4) + from));
  const c = bigEndian(v128.load(<usize>load<u32>(NEXT, 8) + from));
  const d = bigEndian(v128.load(<usize>load<u32>(NEXT, 12) + from));
  const abLow = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
  const cdLow = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
  const to = WORDS + (quarter << 6);
  v128.store(to, v128.shuffle<u64>(abLow, cdLow, 0, 2));
  v128.store(to, v128.shuffle<u64>(abLow, cdLow, 1, 3), 16);
  v128.store(to, v128.shuffle<u64>(abHigh, cdHigh, 0, 2), 32);
  v128.store(to, v128.shuffle<u64>(abHigh, cdHigh, 1, 3), 48);
}

/** Steps 2 to 4. */
function compress(): void {
  let a = v128.load(STATE);
  let b = v128.load(STATE, 16);
  let c = v128.load(STATE, 32);
  let d = v128.load(STATE, 48);
  let e = v128.load(STATE, 64);
  let f = v128.load(STATE, 80);
  let g = v128.load(STATE, 96);
  let h = v128.load(STATE, 112);
  // Eight rounds, so that each variable is back where it was: nothing is moved.
  for (let round: usize = 0; round < 64; round += 8) {
    h = first(e, f, g, h, round);
    d = i32x4.add(d, h);
    h = i32x4.add(h, second(a, b, c));
    g = first(d, e, f, g, round + 1);
    c = i32x4.add(c, g);
    g = i32x4.add(g, second(h, a, b));
    f = first(c, d, e, f, round + 2);
    b = i32x4.add(b, f);
    f = i32x4.add(f, second(g, h, a));
    e = first(b, c, d, e, round + 3);
    a = i32x4.add(a, e);
    e = i32x4.add(e, second(f, g, h));
    d = first(a, b, c, d, round + 4);
    h = i32x4.add(h, d);
    d = i32x4.add(d, second(e, f, g));
    c = first(h, a, b, c, round + 5);
    g = i32x4.add(g, c);
    c = i32x4.add(c, second(d, e, f));
    b = first(g, h, a, b, round + 6);
    f = i32x4.add(f, b);
    b = i32x4.add(b, second(c, d, e));
    a = first(f, g, h, a, round + 7);
    e = i32x4.add(e, a);
    a = i32x4.add(a, second(b, c, d));
  }
  v128.store(STATE, i32x4.add(a, v128.load(STATE)));
  v128.store(STATE, i32x4.add(b, v128.load(STATE, 16)), 16);
  v128.store(STATE, i32x4.add(c, v128.load(STATE, 32)), 32);
  v128.store(STATE, i32x4.add(d, v128.load(STATE, 48)), 48);
  v128.store(STATE, i32x4.add(e, v128.load(STATE, 64)), 64);
  v128.store(STATE, i32x4.add(f, v128.load(STATE, 80)), 80);
  v128.store(STATE, i32x4.add(g, v128.load(STATE, 96)), 96);
  v128.store(STATE, i32x4.add(h, v128.load(STATE, 112)), 112);
}

/** T1 of a round. */
function first(e: v128, f: v128, g: v128, h: v128, round: usize): v128 {
  const sum = v128.xor(v128.xor(rotated(e, 6), rotated(e, 11)), rotated(e, 25));
  const constant = v128.load32_splat(CONSTANTS + (round << 2));
  const word = i32x4.add(v128.load(WORDS + (round << 4)), constant);
  // Ch: bits of f where e has them, else of g.
  return i32x4.add(i32x4.add(h, sum), i32x4.add(v128.bitselect(f, g, e), word));
}

/** T2 of a round. */
function second(a: v128, b: v128, c: v128): v128 {
  const sum = v128.xor(v128.xor(rotated(a, 2), rotated(a, 13)), rotated(a, 22));
  // Maj: where a and b agree, that; else what c says.
  return i32x4.add(sum, v128.bitselect(c, b, v128.xor(a, b)));
}

function rotated(word: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(word, bits), i32x4.shl(word, 32 - bits));
}

function bigEndian(words: v128): v128 {
  return v128.shuffle<u8>(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}
