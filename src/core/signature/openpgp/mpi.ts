import { bigEndian } from './packets.js';

/**
 * Reads the fields of key and signature packets in order. The input is attacker-controlled: the first broken field
 * makes the reader fail for good, later reads give empty values, and a parser asks `failed` once.
 */
export class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Bytes not read yet. */
  get rest(): number {
    return this.#bytes.length - this.#at;
  }

  raw(length: number): Uint8Array {
    if (this.#failed || length > this.rest) {
      this.fail();
      return new Uint8Array(0);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Unsigned, big endian. */
  number(octets: number): number {
    return bigEndian(this.raw(octets), 0, octets);
  }

  /**
   * A multiprecision integer as its bytes, without leading zeros. The stated number of bits must be exactly the
   * number's own (RFC 9580 section 3.2): a second spelling would be a second signature.
   */
  mpi(): Uint8Array {
    const bits = this.number(2);
    const bytes = this.raw(Math.ceil(bits / 8));
    const first = bytes[0] ?? 0;
    if (bits === 0 || 8 * (bytes.length - 1) + (32 - Math.clz32(first)) !== bits) this.fail();
    return this.#failed ? new Uint8Array(0) : bytes;
  }

  fail(): void {
    this.#failed = true;
    this.#at = this.#bytes.length;
  }
}

/** `bytes` with zeros in front up to `length`; null when it is longer. */
export function padded(bytes: Uint8Array, length: number): Uint8Array | null {
  if (bytes.length > length) return null;
  const whole = new Uint8Array(length);
  whole.set(bytes, length - bytes.length);
  return whole;
}
