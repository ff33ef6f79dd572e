import { fromBase64 } from '../bytes/base64.js';
import { fromHex } from '../bytes/hex.js';

/**
 * Words for reading a fingerprint aloud (docs/SPEC.md, "Keys"). Each stands for 11 bits: a consonant (4 bits), a vowel
 * (2 bits), a consonant (4 bits) and an ending (1 bit), so that all 2,048 are made by rule, differ, and can be spoken.
 */
const CONSONANTS = 'bdfghjklmnprstvz';
const VOWELS = 'aeio';
const ENDINGS = ['un', 'ar'] as const;

const WORD_BITS = 11;
const WORDS = 8;
const FINGERPRINT = /^SHA256:([A-Za-z0-9+/]{43})$/;
const OPENPGP_FINGERPRINT = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/;

/** The word of a number from 0 to 2,047. */
export function wordOf(value: number): string {
  const first = CONSONANTS[(value >> 7) & 15]!;
  const vowel = VOWELS[(value >> 5) & 3]!;
  const second = CONSONANTS[(value >> 1) & 15]!;
  return first + vowel + second + ENDINGS[value & 1]!;
}

/**
 * The first 88 bits of a fingerprint (`SHA256:` + base64 without padding, or upper-case hex of OpenPGP) as eight words
 * with hyphens between; empty when it is no such fingerprint. Enough to notice a wrong key in a conversation, never
 * compared by the program.
 */
export function fingerprintWords(fingerprint: string): string {
  const digest = digestOf(fingerprint);
  if (digest === null) return '';
  const bits = [...digest.subarray(0, (WORDS * WORD_BITS) / 8)]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return Array.from({ length: WORDS }, (_, i) =>
    wordOf(Number.parseInt(bits.slice(WORD_BITS * i, WORD_BITS * (i + 1)), 2)),
  ).join('-');
}

function digestOf(fingerprint: string): Uint8Array | null {
  if (OPENPGP_FINGERPRINT.test(fingerprint)) return fromHex(fingerprint.toLowerCase());
  const [, base64 = ''] = FINGERPRINT.exec(fingerprint) ?? [];
  const digest = fromBase64(base64 === '' ? '' : `${base64}=`);
  return digest === null || digest.length !== 32 ? null : digest;
}
