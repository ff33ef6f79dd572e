/**
 * A stretch of a deflate stream that knows not yet where in a byte it begins. A block of stored bytes begins at the
 * next whole byte, wherever that is: so bits and stored bytes take turns, bits first.
 */
export interface Stretch {
  /** Everything one after the other; bits are filled up to whole bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In turn: a number of bits, a number of stored bytes. */
  readonly turns: Int32Array<ArrayBuffer>;
}

const STORED_HEAD_BYTES = 4;

/** Writes a {@link Stretch}. */
export class StretchWriter {
  private bytes = new Uint8Array(65_536);
  private at = 0;
  private held = 0;
  private heldBits = 0;
  private readonly turns: number[] = [];
  /** First byte of the bits under way. */
  private from = 0;

  /** Room for `bytes` more. Without it, {@link put} writes nowhere. */
  reserve(bytes: number): void {
    const need = this.at + bytes + 8;
    if (need <= this.bytes.length) return;
    const longer = new Uint8Array(Math.max(need, 2 * this.bytes.length));
    longer.set(this.bytes.subarray(0, this.at));
    this.bytes = longer;
  }

  /** Up to 15 bits, lowest first; there must be room. */
  put(value: number, bits: number): void {
    this.held |= value << this.heldBits;
    this.heldBits += bits;
    if (this.heldBits < 16) return;
    this.bytes[this.at] = this.held;
    this.bytes[this.at + 1] = this.held >>> 8;
    this.at += 2;
    this.held >>>= 16;
    this.heldBits -= 16;
  }

  /** A stored block, behind its three bits; at most 65,535 bytes. */
  store(bytes: Uint8Array): void {
    this.endBits();
    const { length } = bytes;
    this.reserve(length + STORED_HEAD_BYTES);
    const head = [length & 255, length >>> 8, ~length & 255, (~length >>> 8) & 255];
    this.bytes.set(head, this.at);
    this.bytes.set(bytes, this.at + STORED_HEAD_BYTES);
    this.at += length + STORED_HEAD_BYTES;
    this.turns.push(length + STORED_HEAD_BYTES);
    this.from = this.at;
  }

  /** What was written since the last time. */
  take(): Stretch {
    this.endBits();
    const stretch = { bytes: this.bytes.slice(0, this.at), turns: Int32Array.from(this.turns) };
    this.at = this.from = 0;
    this.turns.length = 0;
    return stretch;
  }

  private endBits(): void {
    this.reserve(2);
    this.turns.push((this.at - this.from) * 8 + this.heldBits);
    for (; this.heldBits > 0; this.heldBits -= 8) {
      this.bytes[this.at++] = this.held;
      this.held >>>= 8;
    }
    this.held = this.heldBits = 0;
  }
}

/** Puts stretches together, in order. */
export class BitJoiner {
  private held = 0;
  private heldBits = 0;

  /** Whole bytes that are known by now. */
  push({ bytes, turns }: Stretch): Uint8Array<ArrayBuffer> {
    // Each turn may need one byte more than it has: the bits that were held before it.
    const out = new Uint8Array(bytes.length + turns.length + 1);
    let to = 0;
    let from = 0;
    for (let turn = 0; turn < turns.length; turn++) {
      const amount = turns[turn]!;
      if (turn % 2 === 1) {
        out.set(bytes.subarray(from, from + amount), to);
        to += amount;
        from += amount;
        continue;
      }
      to = this.bits(bytes, from, amount, out, to);
      from += Math.ceil(amount / 8);
      if (turn + 1 < turns.length) to = this.align(out, to);
    }
    return out.subarray(0, to);
  }

  /** The last byte, filled up. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(1);
    return out.subarray(0, this.align(out, 0));
  }

  private bits(bytes: Uint8Array, from: number, bits: number, out: Uint8Array, at: number): number {
    let to = at;
    let { held } = this;
    const shift = this.heldBits;
    const whole = from + (bits >>> 3);
    let next = from;
    if (shift === 0) {
      out.set(bytes.subarray(from, whole), to);
      to += whole - from;
      next = whole;
    }
    // As many bytes at a time as a number takes, with the bits that are held.
    for (; next + 3 <= whole; next += 3) {
      held |= (bytes[next]! | (bytes[next + 1]! << 8) | (bytes[next + 2]! << 16)) << shift;
      out[to] = held;
      out[to + 1] = held >>> 8;
      out[to + 2] = held >>> 16;
      to += 3;
      held >>>= 24;
    }
    for (; next < whole; next++) {
      held |= bytes[next]! << shift;
      out[to++] = held;
      held >>>= 8;
    }
    const rest = bits & 7;
    if (rest > 0) held |= (bytes[whole]! & ((1 << rest) - 1)) << shift;
    this.held = held;
    this.heldBits = shift + rest;
    if (this.heldBits >= 8) {
      out[to++] = this.held;
      this.held >>>= 8;
      this.heldBits -= 8;
    }
    return to;
  }

  private align(out: Uint8Array, at: number): number {
    if (this.heldBits === 0) return at;
    out[at] = this.held;
    this.held = this.heldBits = 0;
    return at + 1;
  }
}
