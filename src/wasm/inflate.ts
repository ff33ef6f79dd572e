// Raw inflate (RFC 1951), streaming: one instance reads one stream at a time. Accepts
// exactly what src/core/archive/inflate.ts accepts, which says why another stream is refused; this one is fast.
// After the fast loop of libdeflate: 64 bits at a time, packed tables, several literals for one refill.
import { buildDistances, buildLengthCodes, buildLiterals, writeFixedLengths, writeMeanings } from './codes';
import { copyMatch } from './copy';
import { writeCrcTables } from './crc';
import {
  END_OF_BLOCK,
  LITERAL,
  NO_SYMBOL,
  SPECIAL,
  SUBTABLE,
  entryAt,
  low,
  subEntryAt,
  valueOf,
} from './entries';
import {
  DISTANCES,
  INPUT,
  INPUT_END,
  LENGTHS,
  LENGTH_BITS_MAX,
  LENGTH_CODES,
  LITERALS,
  ORDERED,
  OUTPUT,
  OUTPUT_FULL,
  WINDOW,
} from './layout';

// What `run` gives.
const MORE_INPUT: i32 = 1;
const OUTPUT_IS_FULL: i32 = 2;
const DONE: i32 = 3;
const DAMAGED: i32 = 4;
// What steps inside of it give, too.
const GO_ON: i32 = 0;
const BLOCK_ENDED: i32 = 5;

const AT_BLOCK: i32 = 0;
const IN_STORED: i32 = 1;
const IN_CODES: i32 = 2;

/** What one turn of the fast loop may look at: it refills twice, and each refill looks at eight bytes. */
const FAST_INPUT: usize = 16;
/** Bits of the longest distance with its extra bits, and of the look at the table that follows. */
const DISTANCE_AND_LOOK: u64 = 28 + 11;

/** Input from `next` to `end` is not taken yet; less than eight bits before it are held in `bits`. */
let next: usize = INPUT;
let end: usize = INPUT;
let bits: u64 = 0;
let held: u64 = 0;
/** Set when bits were asked for that are not there yet. */
let short: bool = false;
let fresh: usize = OUTPUT;
let out: usize = OUTPUT;
let state: i32 = AT_BLOCK;
let lastBlock: bool = false;
let storedLeft: u32 = 0;
let fixedLoaded: bool = false;
let literalBits: u64 = 0;
let distanceBits: u64 = 0;

const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

writeMeanings();
writeCrcTables();

export { crc32 } from './crc';

/** Begins another stream. */
export function begin(): void {
  next = INPUT;
  end = INPUT;
  bits = 0;
  held = 0;
  fresh = OUTPUT;
  out = OUTPUT;
  state = AT_BLOCK;
  lastBlock = false;
  fixedLoaded = false;
}

/** Where the next input goes. What is not taken yet moves to the front first. */
export function inputPlace(): usize {
  const left = end - next;
  memory.copy(INPUT, next, left);
  next = INPUT;
  end = INPUT + left;
  return end;
}

/** Bytes that may be put there; never none, because what is not taken yet is less than the head of a block. */
export function inputRoom(): usize {
  return INPUT_END - end;
}

/** Input that is not taken yet: once `run` gives `DONE`, what follows the stream. */
export function inputLeft(): usize {
  return end - next;
}

export function outputStart(): usize {
  return fresh;
}

export function outputEnd(): usize {
  return out;
}

/**
 * Unpacks what `added` further bytes of input complete. After `OUTPUT_IS_FULL` the output has to be taken before
 * `run` is called again, with nothing added.
 */
export function run(added: usize): i32 {
  end += added;
  if (out >= OUTPUT_FULL) {
    memory.copy(OUTPUT, out - WINDOW, WINDOW);
    out = OUTPUT + WINDOW;
    fresh = out;
  }
  let step = GO_ON;
  while (step == GO_ON) {
    if (out >= OUTPUT_FULL) step = OUTPUT_IS_FULL;
    else if (state == IN_CODES) step = decode();
    else if (state == IN_STORED) step = copyStored();
    else step = lastBlock ? DONE : startBlock();
  }
  return step;
}

function refill(): void {
  for (; held <= 56 && next < end; next++, held += 8) bits |= (<u64>load<u8>(next)) << held;
}

/** Gives whole bytes back to the input. The fast loop also leaves bits above `held`. */
function giveBack(): void {
  next -= <usize>(held >> 3);
  held &= 7;
  bits = low(bits, held);
}

function take(n: u32): u32 {
  if (held < n) refill();
  if (held < n) {
    short = true;
    return 0;
  }
  const value = low(bits, n);
  bits >>= n;
  held -= n;
  return <u32>value;
}

/** Reads the head of a block; nothing is taken when the input does not hold all of it yet. */
function startBlock(): i32 {
  const savedBits = bits;
  const savedHeld = held;
  const savedNext = next;
  short = false;
  const last = take(1);
  const type = take(2);
  let step = DAMAGED;
  if (type == 0) step = startStored();
  else if (type == 1) step = startFixed();
  else if (type == 2) step = startDynamic();
  if (short) {
    bits = savedBits;
    held = savedHeld;
    next = savedNext;
    state = AT_BLOCK;
    return MORE_INPUT;
  }
  giveBack();
  lastBlock = last != 0;
  return step;
}

function startStored(): i32 {
  giveBack();
  bits = 0;
  held = 0;
  if (end - next < 4) {
    short = true;
    return MORE_INPUT;
  }
  const length = <u32>load<u16>(next);
  if ((length ^ (<u32>load<u16>(next, 2))) != 0xffff) return DAMAGED;
  next += 4;
  storedLeft = length;
  state = IN_STORED;
  return GO_ON;
}

function copyStored(): i32 {
  const length = min(min(storedLeft, <u32>(end - next)), <u32>(OUTPUT_FULL - out));
  memory.copy(out, next, length);
  next += length;
  out += length;
  storedLeft -= length;
  if (storedLeft == 0) {
    state = AT_BLOCK;
    return GO_ON;
  }
  return out == OUTPUT_FULL ? OUTPUT_IS_FULL : MORE_INPUT;
}

function startFixed(): i32 {
  if (!fixedLoaded) {
    writeFixedLengths();
    literalBits = buildLiterals(288, false);
    distanceBits = buildDistances(288, 32, false);
    fixedLoaded = true;
  }
  state = IN_CODES;
  return GO_ON;
}

function startDynamic(): i32 {
  const literals = take(5) + 257;
  const distances = take(5) + 1;
  const ordered = take(4) + 4;
  if (short || literals > 286 || distances > 30) return DAMAGED;
  memory.fill(ORDERED, 0, 19);
  for (let i: u32 = 0; i < ordered; i++) store<u8>(ORDERED + load<u8>(ORDER + i), <u8>take(3));
  if (short) return DAMAGED;
  const orderBits = buildLengthCodes();
  if (orderBits == 0 || !readLengths(literals + distances, orderBits)) return DAMAGED;
  if (load<u8>(LENGTHS + 256) == 0) return DAMAGED;
  fixedLoaded = false;
  literalBits = buildLiterals(literals, true);
  distanceBits = buildDistances(literals, distances, true);
  if (literalBits == 0 || distanceBits == 0) return DAMAGED;
  state = IN_CODES;
  return GO_ON;
}

function readLengths(total: u32, orderBits: u64): bool {
  for (let i: u32 = 0; i < total;) {
    if (held < LENGTH_BITS_MAX) refill();
    const entry = <u32>entryAt(LENGTH_CODES, low(bits, orderBits));
    take(entry & 63);
    if (short) return false;
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(LENGTHS + i, <u8>symbol);
      i++;
      continue;
    }
    const repeat = symbol == 16 ? 3 + take(2) : symbol == 17 ? 3 + take(3) : 11 + take(7);
    if (short || i + repeat > total || (symbol == 16 && i == 0)) return false;
    memory.fill(LENGTHS + i, symbol == 16 ? load<u8>(LENGTHS + i - 1) : 0, repeat);
    i += repeat;
  }
  return true;
}

function decode(): i32 {
  let step = GO_ON;
  if (end - next > FAST_INPUT) {
    step = decodeFast();
    giveBack();
  }
  if (step == GO_ON) {
    // Also when the output is full: then it says so at once.
    step = decodeCarefully();
    giveBack();
  }
  if (step != BLOCK_ENDED) return step;
  state = AT_BLOCK;
  return GO_ON;
}

/** Symbol by symbol to the last bit of the input: takes only what is there as a whole. */
function decodeCarefully(): i32 {
  while (out < OUTPUT_FULL) {
    refill();
    let rest = bits;
    let used: u64 = 0;
    let entry = entryAt(LITERALS, low(rest, literalBits));
    if (entry & SUBTABLE) {
      used = literalBits;
      rest >>= literalBits;
      entry = subEntryAt(LITERALS, entry, rest);
    }
    used += entry & 63;
    if (used > held) return MORE_INPUT;
    if (entry & NO_SYMBOL) return DAMAGED;
    if (entry & (LITERAL | END_OF_BLOCK)) {
      bits >>= used;
      held -= used;
      if (entry & END_OF_BLOCK) return BLOCK_ENDED;
      store<u8>(out, <u8>(entry >> 16));
      out++;
      continue;
    }
    const length = valueOf(entry, rest);
    rest = bits >> used;
    entry = entryAt(DISTANCES, low(rest, distanceBits));
    if (entry & SUBTABLE) {
      used += distanceBits;
      rest >>= distanceBits;
      entry = subEntryAt(DISTANCES, entry, rest);
    }
    used += entry & 63;
    if (used > held) return MORE_INPUT;
    const distance = valueOf(entry, rest);
    if (entry & NO_SYMBOL || distance > out - OUTPUT) return DAMAGED;
    bits >>= used;
    held -= used;
    copyMatch(out, distance, length);
    out += length;
  }
  return OUTPUT_IS_FULL;
}

/**
 * While enough input and output is left to look at neither inside of a turn. Entries count bits in their lowest six
 * bits, shifts look at no others, and so `count` is right in its lowest six. Bits above `count` are those of the
 * input at `from`: refilling lays the same ones over them.
 */
function decodeFast(): i32 {
  const literalMask: u64 = ((<u64>1) << literalBits) - 1;
  const distanceMask: u64 = ((<u64>1) << distanceBits) - 1;
  const limit = end - FAST_INPUT;
  let step = GO_ON;
  let to = out;
  let buffer = bits | (load<u64>(next) << held);
  let from = next + 7 - <usize>(held >> 3);
  let count = held | 56;
  while (from <= limit && to < OUTPUT_FULL) {
    let entry = entryAt(LITERALS, buffer & literalMask);
    buffer |= load<u64>(from) << count;
    from += 7 - <usize>((count >> 3) & 7);
    count |= 56;
    let rest = buffer;
    buffer >>= entry;
    count -= entry;
    if (entry & LITERAL) {
      store<u8>(to++, <u8>(entry >> 16));
      entry = entryAt(LITERALS, buffer & literalMask);
      rest = buffer;
      buffer >>= entry;
      count -= entry;
      if (entry & LITERAL) {
        store<u8>(to++, <u8>(entry >> 16));
        entry = entryAt(LITERALS, buffer & literalMask);
        rest = buffer;
        buffer >>= entry;
        count -= entry;
      }
    }
    if (entry & SUBTABLE) {
      entry = subEntryAt(LITERALS, entry, buffer);
      rest = buffer;
      buffer >>= entry;
      count -= entry;
    }
    if (entry & LITERAL) {
      store<u8>(to++, <u8>(entry >> 16));
      continue;
    }
    if (entry & SPECIAL) {
      step = entry & END_OF_BLOCK ? BLOCK_ENDED : DAMAGED;
      break;
    }
    const length = valueOf(entry, rest);
    entry = entryAt(DISTANCES, buffer & distanceMask);
    if ((count & 63) < DISTANCE_AND_LOOK) {
      buffer |= load<u64>(from) << count;
      from += 7 - <usize>((count >> 3) & 7);
      count |= 56;
    }
    if (entry & SUBTABLE) {
      buffer >>= distanceBits;
      count -= distanceBits;
      entry = subEntryAt(DISTANCES, entry, buffer);
    }
    const distance = valueOf(entry, buffer);
    if (entry & NO_SYMBOL || distance > to - OUTPUT) return DAMAGED;
    buffer >>= entry;
    count -= entry;
    copyMatch(to, distance, length);
    to += length;
  }
  bits = buffer;
  held = count & 63;
  next = from;
  out = to;
  return step;
}
