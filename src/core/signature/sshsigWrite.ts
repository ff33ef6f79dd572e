import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { toBase64 } from '../bytes/base64.js';
import { concatBytes } from '../bytes/bytes.js';
import { toUtf8 } from '../bytes/text.js';
import { wireString, wireUint32 } from './wire.js';

export type SshsigHash = 'sha256' | 'sha512';

export const SSHSIG_MAGIC = 'SSHSIG';
export const SSHSIG_BEGIN = '-----BEGIN SSH SIGNATURE-----';
export const SSHSIG_END = '-----END SSH SIGNATURE-----';

/** Columns of base64 that OpenSSH writes. */
const ARMOR_COLUMNS = 70;

/**
 * The bytes that a key signs for an SSHSIG (OpenSSH `PROTOCOL.sshsig`; docs/SPEC.md, "Signatures"). For a passkey they
 * are the WebAuthn challenge.
 */
export function sshsigToBeSigned(message: Uint8Array, namespace: string, hash: SshsigHash): Uint8Array {
  const digest = hash === 'sha256' ? sha256(message) : sha512(message);
  return concatBytes([
    toUtf8(SSHSIG_MAGIC),
    wireString(namespace),
    wireString(''),
    wireString(hash),
    wireString(digest),
  ]);
}

/** The signature file, byte for byte as `ssh-keygen -Y sign` writes it. `signatureBlob` = string type, then its fields. */
export function armorSshsig(
  publicKeyBlob: Uint8Array,
  namespace: string,
  hash: SshsigHash,
  signatureBlob: Uint8Array,
): Uint8Array {
  return armorBlob(
    concatBytes([
      toUtf8(SSHSIG_MAGIC),
      wireUint32(1),
      wireString(publicKeyBlob),
      wireString(namespace),
      wireString(''),
      wireString(hash),
      wireString(signatureBlob),
    ]),
  );
}

/** Frames any blob; tests use it to build faulty ones. */
export function armorBlob(blob: Uint8Array): Uint8Array {
  const lines = toBase64(blob).match(new RegExp(`.{1,${ARMOR_COLUMNS}}`, 'g')) ?? [];
  return toUtf8([SSHSIG_BEGIN, ...lines, SSHSIG_END, ''].join('\n'));
}
