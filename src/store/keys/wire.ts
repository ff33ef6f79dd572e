import { toBase64 } from '../../core/bytes/base64.js';
import { concatBytes } from '../../core/bytes/bytes.js';
import { passkeyFields, type Assertion } from '../../core/signature/passkey.js';
import { SK_ECDSA } from '../../core/signature/publicKey.js';
import { WEBAUTHN_SK_ECDSA } from '../../core/signature/sshSignature.js';
import { bigintOf, wireMpint, wireString, wireUint32 } from '../../core/signature/wire.js';

// How OpenSSH writes keys and signatures (RFC 4253, RFC 5656, RFC 8709, PROTOCOL.u2f).

const ED25519 = 'ssh-ed25519';
const P256 = 'ecdsa-sha2-nistp256';
const CURVE = 'nistp256';
const P256_BYTES = 32;

/** Algorithm of a key that WebCrypto or this program makes. */
export type OwnAlgorithm = typeof ED25519 | typeof P256;

/** @param point - 32 bytes of Ed25519, or the uncompressed point of P-256. */
export function publicKeyBlob(algorithm: OwnAlgorithm, point: Uint8Array): Uint8Array {
  return algorithm === ED25519
    ? concatBytes([wireString(ED25519), wireString(point)])
    : concatBytes([wireString(P256), wireString(CURVE), wireString(point)]);
}

/** A passkey as a key of OpenSSH: its application is the domain that it is bound to. */
export function passkeyBlob(point: Uint8Array, rpId: string): Uint8Array {
  return concatBytes([wireString(SK_ECDSA), wireString(CURVE), wireString(point), wireString(rpId)]);
}

/** The line of a `.pub` file. */
export function publicKeyLine(algorithm: string, blob: Uint8Array): string {
  return `${algorithm} ${toBase64(blob)}`;
}

/** The signature blob inside an SSHSIG. @param signature - 64 bytes: of Ed25519, or r and s of P-256. */
export function signatureBlob(algorithm: OwnAlgorithm, signature: Uint8Array): Uint8Array {
  if (algorithm === ED25519) return concatBytes([wireString(ED25519), wireString(signature)]);
  const r = wireMpint(bigintOf(signature.subarray(0, P256_BYTES)));
  const s = wireMpint(bigintOf(signature.subarray(P256_BYTES)));
  return concatBytes([wireString(P256), wireString(concatBytes([r, s]))]);
}

/** The signature blob of a passkey, as OpenSSH reads it; null when the assertion is malformed or for another domain. */
export function passkeySignatureBlob(assertion: Assertion, rpId: string): Uint8Array | null {
  const fields = passkeyFields(assertion, rpId);
  if (fields === null) return null;
  return concatBytes([
    wireString(WEBAUTHN_SK_ECDSA),
    wireString(fields.signature),
    Uint8Array.of(fields.flags),
    wireUint32(fields.counter),
    wireString(fields.origin),
    wireString(fields.clientData),
    wireString(fields.extensions),
  ]);
}
