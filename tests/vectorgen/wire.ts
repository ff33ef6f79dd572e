import { createHash } from 'node:crypto';
import { join, utf8, type Octets } from './raw.js';

/** SSH wire encoding (RFC 4251 section 5) and the SSHSIG envelope, each field open to mistakes. */

export function uint32(value: number): Octets {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function string(value: string | Octets): Octets {
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return join(uint32(bytes.length), bytes);
}

export function bigOf(bytes: Octets): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
}

/** Big-endian magnitude without leading zeros. */
export function magnitude(value: bigint): Octets {
  const hex = value.toString(16);
  return new Uint8Array(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

/** Minimal positive mpint. */
export function mpint(value: bigint): Octets {
  const bytes = magnitude(value);
  return string(bytes[0]! > 127 ? join(new Uint8Array(1), bytes) : bytes);
}

export interface SshsigFields {
  readonly namespace: string;
  readonly hash?: 'sha512' | 'sha256';
  /** Written into the envelope instead of the hash name that was used. */
  readonly hashName?: string;
  readonly reserved?: string;
  readonly version?: number;
  /** Written into the envelope instead of the signing key's. */
  readonly publicKey?: Octets;
  readonly trailing?: Octets;
  readonly magic?: string;
}

export function signedData(message: Octets, fields: SshsigFields): Octets {
  const hash = fields.hash ?? 'sha512';
  return join(
    utf8('SSHSIG'),
    string(fields.namespace),
    string(fields.reserved ?? ''),
    string(fields.hashName ?? hash),
    string(new Uint8Array(createHash(hash).update(message).digest())),
  );
}

export function envelope(publicKey: Octets, signature: Octets, fields: SshsigFields): Octets {
  return join(
    utf8(fields.magic ?? 'SSHSIG'),
    uint32(fields.version ?? 1),
    string(fields.publicKey ?? publicKey),
    string(fields.namespace),
    string(fields.reserved ?? ''),
    string(fields.hashName ?? fields.hash ?? 'sha512'),
    string(signature),
    fields.trailing ?? new Uint8Array(0),
  );
}

export function armor(bytes: Octets): Octets {
  const base64 = Buffer.from(bytes).toString('base64');
  const lines = base64.match(/.{1,70}/g) ?? [];
  return utf8(`-----BEGIN SSH SIGNATURE-----\n${lines.join('\n')}\n-----END SSH SIGNATURE-----\n`);
}
