import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes } from '../bytes/bytes.js';
import { fromHex } from '../bytes/hex.js';
import { fixedLimits } from '../limits.js';
import type { HashName } from './ecdsa.js';
import { bigintOf, bytesOf } from './wire.js';

export interface RsaPublicKey {
  readonly n: bigint;
  readonly e: bigint;
}

export type RsaProblem = 'too-small' | 'too-large' | 'weak';

/** DER of `DigestInfo` up to the digest (RFC 8017 section 9.2, note 1). */
const digestInfo: Readonly<Record<HashName, string>> = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

const hashes = { sha1, sha256, sha384, sha512 } as const;

/** F4, the exponent that every current tool makes; below it careless padding checks become forgeries (hostile input S09). */
const EXPONENT_MIN = 65_537n;
/** The largest exponent that Chromium accepts; a larger one only costs time. */
const EXPONENT_MAX = (1n << 33n) - 1n;

const SMALL_PRIMES = primesBelow(752);
/** Primes at which the keys of the Infineon library leave a trace (CVE-2017-15361): n mod p is a power of 65537. */
const ROCA_PRIMES = SMALL_PRIMES.filter((prime) => prime > 2 && prime <= 167);
const rocaRemainders = ROCA_PRIMES.map((prime) => ({ prime: BigInt(prime), powers: powersOfF4(prime) }));

/** Why an RSA key must not be used, or null. `n` and `e` are attacker-controlled and positive. */
export function rsaKeyProblem({ n, e }: RsaPublicKey): RsaProblem | null {
  const bits = bitsOf(n);
  if (bits < fixedLimits.rsaBitsMin) return 'too-small';
  if (bits > fixedLimits.rsaBitsMax) return 'too-large';
  if (e < EXPONENT_MIN || e > EXPONENT_MAX || e % 2n === 0n) return 'weak';
  if (SMALL_PRIMES.some((prime) => n % BigInt(prime) === 0n)) return 'weak';
  if (rocaRemainders.every(({ prime, powers }) => powers.has(Number(n % prime)))) return 'weak';
  return null;
}

/**
 * RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2): builds the one permitted encoding and compares all of it, so that no
 * padding is ever parsed. SHA-1 only for the reader of the released CLI, whose outcome is never better than `weak`.
 */
export function verifyRsa(
  key: RsaPublicKey,
  hash: HashName,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (rsaKeyProblem(key) !== null) return false;
  const length = Math.ceil(bitsOf(key.n) / 8);
  if (signature.length !== length) return false;
  const s = bigintOf(signature);
  if (s >= key.n) return false;
  const found = bytesOf(modPow(s, key.e, key.n), length);
  return found !== null && equalBytes(found, pkcs1Encode(hash, message, length));
}

export function bitsOf(value: bigint): number {
  return value.toString(2).length;
}

/** EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): the one permitted encoding of `message` in `length` bytes. */
export function pkcs1Encode(hash: HashName, message: Uint8Array, length: number): Uint8Array {
  const info = concatBytes([fromHex(digestInfo[hash])!, hashes[hash](message)]);
  const padding = new Uint8Array(length - info.length - 3).fill(0xff);
  return concatBytes([Uint8Array.of(0, 1), padding, Uint8Array.of(0), info]);
}

/** Its time depends on the numbers: for public ones, or blinded ones. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result;
}

function primesBelow(end: number): readonly number[] {
  const numbers = Array.from({ length: end - 2 }, (_, i) => i + 2);
  return numbers.filter((n) => numbers.every((d) => d * d > n || n % d !== 0));
}

function powersOfF4(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let value = 1; !powers.has(value); value = (value * 65_537) % prime) powers.add(value);
  return powers;
}
