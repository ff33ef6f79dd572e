// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- a module without types has no other door
/// <reference path="./bcrypt-pbkdf.d.ts" />
import { cbc, ctr, gcm } from '@noble/ciphers/aes.js';
import { poly1305 } from '@noble/ciphers/_poly1305.js';
import { chacha20orig } from '@noble/ciphers/chacha.js';
import bcrypt from 'bcrypt-pbkdf';
import { equalBytes } from '../bytes/bytes.js';
import { WireReader } from './wire.js';

/** OpenSSH writes 16 or 24; each costs tens of milliseconds, and somebody else may have written the number. */
export const BCRYPT_ROUNDS_MAX = 512;
const SALT_BYTES_MAX = 64;

interface Cipher {
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly blockBytes: number;
  /** Bytes that stand behind the encrypted part. */
  readonly tagBytes: number;
  /** null when the tag does not fit. */
  readonly open: (key: Uint8Array, iv: Uint8Array, text: Uint8Array, tag: Uint8Array) => Uint8Array | null;
}

const aes = (keyBytes: number, mode: 'cbc' | 'ctr'): Cipher => ({
  keyBytes,
  ivBytes: 16,
  blockBytes: 16,
  tagBytes: 0,
  open: (key, iv, text) =>
    mode === 'ctr' ? ctr(key, iv).decrypt(text) : cbc(key, iv, { disablePadding: true }).decrypt(text),
});

const aesGcm = (keyBytes: number): Cipher => ({
  keyBytes,
  ivBytes: 12,
  blockBytes: 16,
  tagBytes: 16,
  open: (key, iv, text, tag) => {
    const sealed = new Uint8Array(text.length + tag.length);
    sealed.set(text);
    sealed.set(tag, text.length);
    try {
      return gcm(key, iv).decrypt(sealed);
    } catch {
      return null;
    }
  },
});

/** OpenSSH `PROTOCOL.chacha20poly1305` with sequence number 0: block 0 makes the key of the tag, the text begins at 1. */
const chachaPoly: Cipher = {
  keyBytes: 64,
  ivBytes: 0,
  blockBytes: 8,
  tagBytes: 16,
  open: (key, _iv, text, tag) => {
    const main = key.subarray(0, 32);
    const nonce = new Uint8Array(8);
    const tagKey = chacha20orig(main, nonce, new Uint8Array(32), undefined, 0);
    if (!equalBytes(poly1305(text, tagKey), tag)) return null;
    return chacha20orig(main, nonce, text, undefined, 1);
  },
};

/** A file without a passphrase: nothing to open. */
const NONE: Cipher = { keyBytes: 0, ivBytes: 0, blockBytes: 8, tagBytes: 0, open: (_key, _iv, text) => text };

const ciphers: Readonly<Record<string, Cipher>> = {
  none: NONE,
  'aes128-cbc': aes(16, 'cbc'),
  'aes192-cbc': aes(24, 'cbc'),
  'aes256-cbc': aes(32, 'cbc'),
  'aes128-ctr': aes(16, 'ctr'),
  'aes192-ctr': aes(24, 'ctr'),
  'aes256-ctr': aes(32, 'ctr'),
  'aes128-gcm@openssh.com': aesGcm(16),
  'aes256-gcm@openssh.com': aesGcm(32),
  'chacha20-poly1305@openssh.com': chachaPoly,
};

/** How a private key file is closed, read and bounded but not opened yet. */
export interface Closed {
  readonly encrypted: boolean;
  readonly cipher: Cipher;
  readonly salt: Uint8Array;
  readonly rounds: number;
}

/** Reads cipher and key derivation of a private key file. All arguments are attacker-controlled. */
export function readClosing(
  cipherName: string,
  kdfName: string,
  kdfOptions: Uint8Array,
): Closed | { readonly problem: string } {
  const cipher = Object.hasOwn(ciphers, cipherName) ? ciphers[cipherName] : undefined;
  if (cipher === undefined) return { problem: `its cipher "${cipherName.slice(0, 60)}" is not read here` };
  const encrypted = cipherName !== 'none';
  if (!encrypted && kdfName === 'none' && kdfOptions.length === 0)
    return { encrypted, cipher, salt: kdfOptions, rounds: 0 };
  if (!encrypted || kdfName !== 'bcrypt')
    return { problem: 'its cipher and its key derivation do not go together' };
  const reader = new WireReader(kdfOptions);
  const salt = reader.string();
  const rounds = reader.uint32();
  if (reader.failed || reader.rest > 0 || salt.length === 0 || salt.length > SALT_BYTES_MAX)
    return { problem: 'the settings of its key derivation are damaged' };
  if (rounds < 1 || rounds > BCRYPT_ROUNDS_MAX)
    return {
      problem: `it asks for ${rounds} rounds of bcrypt; from 1 to ${BCRYPT_ROUNDS_MAX} are carried out`,
    };
  return { encrypted, cipher, salt, rounds };
}

/** The private part in the clear; null when the passphrase does not fit, as far as the cipher can tell. */
export function openClosed(
  closed: Closed,
  passphrase: Uint8Array,
  text: Uint8Array,
  tag: Uint8Array,
): Uint8Array | null {
  const { cipher, salt, rounds, encrypted } = closed;
  if (!encrypted) return text;
  const derived = new Uint8Array(cipher.keyBytes + cipher.ivBytes);
  const failed = bcrypt.pbkdf(
    passphrase,
    passphrase.length,
    salt,
    salt.length,
    derived,
    derived.length,
    rounds,
  );
  if (failed !== 0) return null;
  const key = derived.slice(0, cipher.keyBytes);
  const iv = derived.slice(cipher.keyBytes);
  const plain = cipher.open(key, iv, text.slice(), tag);
  derived.fill(0);
  key.fill(0);
  return plain;
}
