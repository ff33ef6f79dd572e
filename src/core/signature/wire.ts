import { concatBytes } from '../bytes/bytes.js';
import { fromUtf8, toUtf8 } from '../bytes/text.js';

/**
 * Strict reader of the SSH wire encoding (RFC 4251 section 5; docs/SPEC.md, "Signatures"). The input is
 * attacker-controlled. The first broken field makes the reader fail for good: later reads give empty
 * values, so a parser reads all its fields in a row and asks `failed` once.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** True when any field so far was cut short or not in its one permitted form. */
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

  byte(): number {
    return this.raw(1)[0] ?? 0;
  }

  /** Unsigned, big endian. */
  uint32(): number {
    const bytes = this.raw(4);
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  }

  string(): Uint8Array {
    return this.raw(this.uint32());
  }

  /** A string of printable ASCII: names of algorithms, curves and namespaces are nothing else. */
  name(): string {
    const text = fromUtf8(this.string());
    if (text === null || !/^[\x21-\x7e]*$/.test(text)) {
      this.fail();
      return '';
    }
    return text;
  }

  /** UTF-8 text; null bytes refused, because C readers end a string there. */
  text(): string {
    const text = fromUtf8(this.string());
    if (text === null || text.includes('\0')) {
      this.fail();
      return '';
    }
    return text;
  }

  /** A positive integer in its shortest two's complement form; zero and negative ones fail. */
  mpint(): bigint {
    const bytes = this.string();
    if (bytes.length === 0 || bytes[0]! >= 0x80) {
      this.fail();
      return 0n;
    }
    if (bytes[0] === 0 && (bytes[1] ?? 0) < 0x80) {
      this.fail();
      return 0n;
    }
    return bigintOf(bytes);
  }

  /** Lets a parser refuse a value that is well encoded but not permitted. */
  fail(): void {
    this.#failed = true;
    this.#at = this.#bytes.length;
  }
}

/** Unsigned big-endian integer of `bytes`; 0 for none. */
export function bigintOf(bytes: Uint8Array): bigint {
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
}

/** `value` as exactly `length` big-endian bytes, or null when it needs more. */
export function bytesOf(value: bigint, length: number): Uint8Array | null {
  const hex = value.toString(16).padStart(2 * length, '0');
  if (hex.length > 2 * length) return null;
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export function wireUint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function wireString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? toUtf8(value) : value;
  return concatBytes([wireUint32(bytes.length), bytes]);
}

/** Shortest form of a positive integer. */
export function wireMpint(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = bytesOf(value, digits.length / 2)!;
  return wireString(bytes[0]! >= 0x80 ? concatBytes([Uint8Array.of(0), bytes]) : bytes);
}
