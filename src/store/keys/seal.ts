import { gcm } from '@noble/ciphers/aes.js';
import { argon2id } from 'hash-wasm';
import { fromBase64, toBase64 } from '../../core/bytes/base64.js';
import { toUtf8 } from '../../core/bytes/text.js';
import { canonicalJson } from '../../core/canon/jcs.js';

/** How a passphrase becomes a key. Salts are base64 of 16 bytes or more. */
export type Derivation =
  | {
      readonly name: 'argon2id';
      readonly memoryKiB: number;
      readonly passes: number;
      readonly lanes: number;
      readonly salt: string;
    }
  /** Read in imports, never written. */
  | { readonly name: 'pbkdf2-sha256'; readonly count: number; readonly salt: string };

/** Bytes under a passphrase: AES-256-GCM, the key from the derivation, everything in base64. */
export interface Sealed {
  readonly derivation: Derivation;
  /** 12 bytes, drawn anew for every sealing. */
  readonly nonce: string;
  readonly text: string;
}

/** What a sealed secret belongs to: bound as additional data, so that it opens under no other name. */
export interface SealedFor {
  readonly id: string;
  readonly kind: string;
  readonly publicKey: string;
}

/** Passes and memory that we write, and the least that is read. */
const PASSES = 3;
const MEMORY_KIB = 64 * 1024;
/** The most that an import may ask of this device: some ten seconds on a slow one. */
const PASSES_MAX = 10;
const MEMORY_KIB_MAX = 512 * 1024;
const LANES_MAX = 4;
const COUNT_MIN = 100_000;
const COUNT_MAX = 10_000_000;
const SALT_BYTES = 16;
const SALT_BYTES_MAX = 64;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** Shortest passphrase for a new sealing, in characters. */
export const PASSPHRASE_LENGTH_MIN = 10;

/** Encrypts `secret`; the caller wipes it. Salt and nonce are new each time. */
export async function seal(secret: Uint8Array, passphrase: string, about: SealedFor): Promise<Sealed> {
  const derivation: Derivation = {
    name: 'argon2id',
    memoryKiB: MEMORY_KIB,
    passes: PASSES,
    lanes: 1,
    salt: toBase64(random(SALT_BYTES)),
  };
  const nonce = toBase64(random(NONCE_BYTES));
  const key = await derive(derivation, passphrase);
  try {
    const cipher = gcm(key, bytesOf(nonce), boundData(about, derivation, nonce));
    return { derivation, nonce, text: toBase64(cipher.encrypt(secret)) };
  } finally {
    key.fill(0);
  }
}

/**
 * The secret, which the caller wipes; null when passphrase and text do not fit, for whichever reason.
 *
 * @throws RangeError for parameters that {@link sealedProblem} refuses: ask it first.
 */
export async function unseal(
  sealed: Sealed,
  passphrase: string,
  about: SealedFor,
): Promise<Uint8Array | null> {
  const problem = sealedProblem(sealed);
  if (problem !== null) throw new RangeError(problem);
  const key = await derive(sealed.derivation, passphrase);
  try {
    const bound = boundData(about, sealed.derivation, sealed.nonce);
    return gcm(key, bytesOf(sealed.nonce), bound).decrypt(bytesOf(sealed.text));
  } catch {
    return null;
  } finally {
    key.fill(0);
  }
}

/** Why the numbers of a sealing are not worked with, or null. They come from a file that anybody may have written. */
export function sealedProblem({ derivation, nonce, text }: Sealed): string | null {
  const salt = fromBase64(derivation.salt);
  if (salt === null || salt.length < SALT_BYTES || salt.length > SALT_BYTES_MAX) return 'its salt is not fit';
  if (fromBase64(nonce)?.length !== NONCE_BYTES) return 'its nonce does not have 12 bytes';
  if ((fromBase64(text)?.length ?? 0) <= TAG_BYTES) return 'its encrypted text is damaged';
  return derivationProblem(derivation);
}

function derivationProblem(derivation: Derivation): string | null {
  if (derivation.name === 'pbkdf2-sha256') {
    return within(derivation.count, COUNT_MIN, COUNT_MAX)
      ? null
      : `PBKDF2 with ${derivation.count} rounds; from ${COUNT_MIN} to ${COUNT_MAX} are done`;
  }
  const { memoryKiB, passes, lanes } = derivation;
  if (!within(passes, PASSES, PASSES_MAX))
    return `Argon2 with ${passes} passes; from ${PASSES} to ${PASSES_MAX} are done`;
  if (!within(memoryKiB, MEMORY_KIB, MEMORY_KIB_MAX))
    return `Argon2 with ${memoryKiB} KiB of memory; from ${MEMORY_KIB} to ${MEMORY_KIB_MAX} are used`;
  return within(lanes, 1, LANES_MAX) ? null : `Argon2 with ${lanes} lanes; from 1 to ${LANES_MAX} are used`;
}

function within(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

async function derive(derivation: Derivation, passphrase: string): Promise<Uint8Array> {
  // One spelling of what was typed, whatever keyboard and system it was typed on.
  const password = toUtf8(passphrase.normalize('NFC'));
  const salt = bytesOf(derivation.salt);
  try {
    if (derivation.name === 'pbkdf2-sha256') return await pbkdf2(password, salt, derivation.count);
    const { memoryKiB: memorySize, passes: iterations, lanes: parallelism } = derivation;
    const cost = { memorySize, iterations, parallelism, hashLength: KEY_BYTES };
    return await argon2id({ password, salt, ...cost, outputType: 'binary' });
  } finally {
    password.fill(0);
  }
}

async function pbkdf2(
  password: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 8 * KEY_BYTES));
}

function boundData(about: SealedFor, derivation: Derivation, nonce: string): Uint8Array {
  const { id, kind, publicKey } = about;
  return canonicalJson({ schema: 'countersign.sealed/v1', id, kind, publicKey, derivation, nonce });
}

/** Base64 that was checked before, or made here. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return (fromBase64(base64) ?? new Uint8Array(0)) as Uint8Array<ArrayBuffer>;
}

export function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
