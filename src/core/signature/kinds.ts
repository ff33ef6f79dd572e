import { fromUtf8 } from '../bytes/text.js';
import { SSHSIG_BEGIN } from './sshsigWrite.js';

/** What a file looks like. `openpgp-inline` carries its own text and is never a signature over another file. */
export type SignatureKind = 'sshsig' | 'openpgp' | 'openpgp-inline' | 'sigstore' | 'timestamp' | 'unknown';

/** Bytes looked at for words; enough for a frame line or the head of a JSON document. */
const HEAD_BYTES = 4096;
const PGP_SIGNATURE = 2;
/** One-pass signature, compressed, encrypted, literal: all begin a message, not a detached signature. */
const PGP_MESSAGE: readonly number[] = [1, 3, 4, 8, 9, 11, 18];

/**
 * Tells the kind of a signature file from its first bytes alone, so that it can be named when it cannot be checked.
 * A guess for people, never a ground for a verdict. `bytes` is attacker-controlled; never throws.
 */
export function recogniseSignature(bytes: Uint8Array): SignatureKind {
  const head = latin(bytes.subarray(0, HEAD_BYTES));
  if (head.startsWith(SSHSIG_BEGIN)) return 'sshsig';
  if (head.startsWith('-----BEGIN PGP SIGNATURE-----')) return 'openpgp';
  if (/^-----BEGIN PGP (?:SIGNED )?MESSAGE-----/.test(head)) return 'openpgp-inline';
  if (/^\s*\{/.test(head)) return isSigstore(bytes) ? 'sigstore' : 'unknown';
  if (isTimestamp(bytes)) return 'timestamp';
  return fromUtf8(bytes) === null ? pgpKind(bytes[0] ?? 0) : 'unknown';
}

function isSigstore(bytes: Uint8Array): boolean {
  return /"mediaType"\s*:\s*"application\/vnd\.dev\.sigstore\.bundle/.test(fromUtf8(bytes) ?? '');
}

/** RFC 3161: a CMS token, or the answer of a time stamping authority that begins with its status. */
function isTimestamp(bytes: Uint8Array): boolean {
  const outer = derBody(bytes, 0);
  if (outer === null) return false;
  const signedData = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
  if (signedData.every((byte, i) => bytes[outer + i] === byte)) return true;
  const status = derBody(bytes, outer);
  return (
    status !== null && bytes[status] === 0x02 && bytes[status + 1] === 1 && (bytes[status + 2] ?? 9) <= 5
  );
}

/** Where the content of the DER SEQUENCE at `at` starts, or null. */
function derBody(bytes: Uint8Array, at: number): number | null {
  if (bytes[at] !== 0x30) return null;
  const length = bytes[at + 1] ?? 0xff;
  if (length < 0x80) return at + 2;
  return length >= 0x81 && length <= 0x84 ? at + 2 + (length & 0x7f) : null;
}

function pgpKind(first: number): SignatureKind {
  if ((first & 0x80) === 0) return 'unknown';
  const tag = (first & 0x40) === 0 ? (first >> 2) & 15 : first & 63;
  if (tag === PGP_SIGNATURE) return 'openpgp';
  return PGP_MESSAGE.includes(tag) ? 'openpgp-inline' : 'unknown';
}

function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
