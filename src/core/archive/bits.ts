const EMPTY = new Uint8Array(0);

/** A prefix code as one lookup table: `symbol << 4 | length`, 0 where no symbol stands. */
export interface Code {
  readonly lookup: Uint16Array;
  readonly mask: number;
  readonly bits: number;
}

/** Bits of a deflate stream, lowest first. A failed read leaves `short` set; {@link Inflater} then goes back to its mark. */
export class BitReader {
  input: Uint8Array = EMPTY;
  at = 0;
  bits = 0;
  count = 0;
  short = false;

  /** Up to 16 bits; 0 and `short` when the input is too short. */
  take(n: number): number {
    this.refill();
    if (this.count < n) {
      this.short = true;
      return 0;
    }
    const value = this.bits & ((1 << n) - 1);
    this.bits >>>= n;
    this.count -= n;
    return value;
  }

  /** One symbol; -1 when the bits name none, or `short`. */
  symbol(code: Code): number {
    this.refill();
    const entry = code.lookup[this.bits & code.mask]!;
    const length = entry & 15;
    if (length === 0 || length > this.count) {
      this.short = length > this.count || this.count < code.bits;
      return -1;
    }
    this.bits >>>= length;
    this.count -= length;
    return entry >>> 4;
  }

  private refill(): void {
    while (this.count <= 24 && this.at < this.input.length) {
      this.bits |= this.input[this.at++]! << this.count;
      this.count += 8;
    }
  }
}
