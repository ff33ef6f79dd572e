import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../bytes/bytes.js';
import { curveHash, type CurveName } from './ecdsa.js';
import type { PrivateKey, RsaSecret, Secret } from './privateKey.js';
import { bitsOf, modPow, pkcs1Encode } from './rsa.js';
import { armorSshsig, sshsigToBeSigned } from './sshsigWrite.js';
import { verifySshsig } from './sshsig.js';
import { bigintOf, bytesOf, wireMpint, wireString } from './wire.js';

const curves = { nistp256: p256, nistp384: p384, nistp521: p521 } as const;
/** What `ssh-keygen -Y sign` takes. */
const HASH = 'sha512';

/**
 * An SSH signature file over `message`, byte for byte in the form of `ssh-keygen -Y sign` (docs/SPEC.md, "Signatures"):
 * Ed25519 as in RFC 8032, ECDSA with the nonce of RFC 6979, RSA with SHA-512. No chance is needed anywhere. What was
 * made is checked by the code that verifies before it is handed out.
 *
 * @throws Error when that check fails: the machine miscalculated, and a wrong signature can give the key away.
 */
export function signSshsig(key: PrivateKey, message: Uint8Array, namespace: string): Promise<Uint8Array> {
  return Promise.resolve().then(() => signNow(key, message, namespace));
}

function signNow(key: PrivateKey, message: Uint8Array, namespace: string): Uint8Array {
  const signed = sshsigToBeSigned(message, namespace, HASH);
  const armored = armorSshsig(key.publicKey, namespace, HASH, signatureBlob(key.secret, signed));
  if (verifySshsig(armored, message, namespace).outcome !== 'true')
    throw new Error('the signature that was made does not hold; it was thrown away');
  return armored;
}

function signatureBlob(secret: Secret, signed: Uint8Array): Uint8Array {
  switch (secret.kind) {
    case 'ed25519':
      return concatBytes([wireString('ssh-ed25519'), wireString(ed25519.sign(signed, secret.seed))]);
    case 'ecdsa':
      return concatBytes([
        wireString(`ecdsa-sha2-${secret.curve}`),
        wireString(ecdsaSignature(secret.curve, secret.scalar, signed)),
      ]);
    case 'rsa':
      return concatBytes([wireString('rsa-sha2-512'), wireString(rsaSignature(secret.rsa, signed))]);
  }
}

function ecdsaSignature(name: CurveName, scalar: Uint8Array, signed: Uint8Array): Uint8Array {
  const options = { prehash: false, lowS: true, extraEntropy: false, format: 'compact' } as const;
  const compact = curves[name].sign(curveHash(name, signed), scalar, options);
  const half = compact.length / 2;
  return concatBytes([
    wireMpint(bigintOf(compact.subarray(0, half))),
    wireMpint(bigintOf(compact.subarray(half))),
  ]);
}

/**
 * RSASSA-PKCS1-v1_5 by the two primes (RFC 8017 section 5.2.1), blinded: BigInt takes a time that depends on its
 * numbers, so the number that meets the key must be one that nobody outside knows.
 */
function rsaSignature(rsa: RsaSecret, signed: Uint8Array): Uint8Array {
  const { n, e, d, p, q, inverse } = rsa;
  const length = Math.ceil(bitsOf(n) / 8);
  const message = bigintOf(pkcs1Encode('sha512', signed, length));
  const blind = blindingOf(rsa, signed);
  const blinded = (message * modPow(blind, e, n)) % n;
  const first = modPow(blinded % p, d % (p - 1n), p);
  const second = modPow(blinded % q, d % (q - 1n), q);
  const factor = (((((first - second) % p) + p) % p) * inverse) % p;
  const s = ((second + factor * q) * inverseOf(blind, n)) % n;
  return bytesOf(s, length)!;
}

/** A number below n that only the holder of the key can tell, other for every message. */
function blindingOf({ n, d }: RsaSecret, signed: Uint8Array): bigint {
  const bytes = Math.ceil(bitsOf(n) / 8);
  const key = bytesOf(d, bytes)!;
  const parts: Uint8Array[] = [];
  for (let i = 0; i * 64 < bytes; i++) parts.push(hmac(sha512, key, concatBytes([Uint8Array.of(i), signed])));
  return (bigintOf(concatBytes(parts).subarray(0, bytes)) % (n - 2n)) + 2n;
}

/** Extended Euclid; p and q are so large that a common factor with n will not be met. */
function inverseOf(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value % modulus, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, t0, t1] = [r1, r0 - quotient * r1, t1, t0 - quotient * t1];
  }
  return ((t0 % modulus) + modulus) % modulus;
}
