import { fromBase64, toBase64 } from '../../core/bytes/base64.js';
import { toUtf8 } from '../../core/bytes/text.js';
import { finding } from '../../core/messages/finding.js';
import { parseAuthorizedKey, parsePublicKeyBlob, SK_ECDSA } from '../../core/signature/publicKey.js';
import { verifySshsig } from '../../core/signature/sshsig.js';
import { armorSshsig, sshsigToBeSigned } from '../../core/signature/sshsigWrite.js';
import { SignerError } from '../../engine/signer.js';
import type { PublicHalf } from './host.js';
import { random } from './seal.js';
import { passkeyBlob, passkeySignatureBlob, publicKeyLine } from './wire.js';

// `navigator.credentials` lives in the document, so passkeys are the one kind that no worker uses.

/** What names a passkey. Nothing in it is secret: the private half stays in the authenticator. */
export interface PasskeyName {
  /** Base64 of the credential id. */
  readonly credential: string;
  /** The domain that the passkey is bound to. */
  readonly rpId: string;
  /** The only origin that it was made at. */
  readonly origin: string;
}

const ES256 = -7;
const HASH = 'sha512';
const FIND_NAMESPACE = 'restore-test@countersign';
const TIMEOUT_MS = 120_000;
/** Everything of a P-256 SubjectPublicKeyInfo before its point (RFC 5480): algorithm, curve, bit string. */
const SPKI_START = [
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
  0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
const SPKI_BYTES = SPKI_START.length + 65;

/** Why passkeys cannot be made here, as the end of a sentence; null when they can. */
export function passkeyObstacle(): string | null {
  if (typeof PublicKeyCredential === 'undefined' || navigator.credentials === undefined)
    return 'this engine has no passkeys (WebAuthn)';
  if (!globalThis.isSecureContext) return 'passkeys need an address that begins with https://';
  return /^\d+(?:\.\d+){3}$|^\[/.test(location.hostname)
    ? 'passkeys are bound to a domain, and this page was opened by a bare number address'
    : null;
}

/** Makes a passkey: ES256, with a check of its user, on a device that holds none of `others`. @throws SignerError */
export async function createPasskey(
  person: { readonly label: string; readonly user: string | null },
  others: readonly PasskeyName[],
  signal?: AbortSignal,
): Promise<PasskeyName & { readonly half: PublicHalf }> {
  refuseWithout();
  const rpId = location.hostname;
  const name = person.user ?? person.label;
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: rpId, name: 'Countersign' },
        user: { id: random(32), name, displayName: `${person.label} (${name})` },
        challenge: random(32),
        pubKeyCredParams: [{ type: 'public-key', alg: ES256 }],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        excludeCredentials: others.map(descriptorOf),
        attestation: 'none',
        timeout: TIMEOUT_MS,
      },
      ...(signal && { signal }),
    }),
  );
  const credential = made as PublicKeyCredential | null;
  const response = credential?.response as AuthenticatorAttestationResponse | undefined;
  const half = response === undefined ? null : publicHalf(response, rpId);
  if (credential === null || half === null)
    throw lacking('the device answered with a key of another kind than ES256');
  return { credential: toBase64(new Uint8Array(credential.rawId)), rpId, origin: location.origin, half };
}

/** What a passkey is to sign. */
export interface PasskeyRequest {
  readonly namespace: string;
  readonly message: Uint8Array;
  readonly signal?: AbortSignal;
}

/** The armored SSHSIG of a passkey over `message`; the challenge is what an SSH key would sign. @throws SignerError */
export async function signWithPasskey(
  passkey: PasskeyName,
  publicKeyBytes: Uint8Array,
  request: PasskeyRequest,
): Promise<Uint8Array> {
  if (passkey.rpId !== location.hostname) throw elsewhere(passkey.rpId);
  return (await answered([descriptorOf(passkey)], publicKeyBytes, passkey.rpId, request)).bytes;
}

/**
 * Finds a passkey again whose card is gone, by its public key: the device lets its owner choose among those that it
 * holds for this domain, and what the chosen one signs must pass under that key. @throws SignerError
 */
export async function findPasskey(
  publicKey: string,
  signal?: AbortSignal,
): Promise<PasskeyName & { readonly half: PublicHalf }> {
  const read = parseAuthorizedKey(publicKey.trim());
  if ('problem' in read) throw new SignerError(read.problem);
  const { algorithm, application: rpId = '', fingerprint, blob } = read.key;
  if (algorithm !== SK_ECDSA) throw lacking('this is the public key of another kind of key');
  if (rpId !== location.hostname) throw elsewhere(rpId);
  const request = { namespace: FIND_NAMESPACE, message: blob, ...(signal && { signal }) };
  const { bytes, credential } = await answered([], blob, rpId, request);
  if (verifySshsig(bytes, blob, FIND_NAMESPACE).outcome !== 'true')
    throw new SignerError(finding('key-self-check-failed', { problem: 'another passkey made it' }));
  const half = { publicKey: publicKeyLine(algorithm, blob), fingerprint, algorithm };
  return { credential, rpId, origin: location.origin, half };
}

/** @param allowed - none: the owner chooses. */
async function answered(
  allowed: readonly PublicKeyCredentialDescriptor[],
  publicKeyBytes: Uint8Array,
  rpId: string,
  { namespace, message, signal }: PasskeyRequest,
): Promise<{ readonly bytes: Uint8Array; readonly credential: string }> {
  refuseWithout();
  const given = (await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: new Uint8Array(sshsigToBeSigned(message, namespace, HASH)),
        rpId,
        allowCredentials: [...allowed],
        userVerification: 'required',
        timeout: TIMEOUT_MS,
      },
      ...(signal && { signal }),
    }),
  )) as PublicKeyCredential | null;
  if (given === null) throw new SignerError(finding('key-cancelled', {}));
  const response = given.response as AuthenticatorAssertionResponse;
  const assertion = {
    authenticatorData: new Uint8Array(response.authenticatorData),
    clientDataJson: new Uint8Array(response.clientDataJSON),
    signature: new Uint8Array(response.signature),
  };
  const blob = passkeySignatureBlob(assertion, rpId);
  if (blob === null)
    throw new SignerError(
      finding('key-self-check-failed', { problem: 'the answer of the device is malformed' }),
    );
  const bytes = armorSshsig(publicKeyBytes, namespace, HASH, blob);
  return { bytes, credential: toBase64(new Uint8Array(given.rawId)) };
}

function elsewhere(rpId: string): SignerError {
  return lacking(`this passkey belongs to ${rpId}, and this page was opened from ${location.hostname}`);
}

function publicHalf(response: AuthenticatorAttestationResponse, rpId: string): PublicHalf | null {
  const spki = new Uint8Array(response.getPublicKey() ?? new ArrayBuffer(0));
  const fits = spki.length === SPKI_BYTES && SPKI_START.every((byte, i) => spki[i] === byte);
  if (response.getPublicKeyAlgorithm() !== ES256 || !fits) return null;
  const blob = passkeyBlob(spki.slice(SPKI_START.length), rpId);
  const read = parsePublicKeyBlob(blob);
  if ('problem' in read) return null;
  return { publicKey: publicKeyLine(SK_ECDSA, blob), fingerprint: read.key.fingerprint, algorithm: SK_ECDSA };
}

function descriptorOf({ credential }: PasskeyName): PublicKeyCredentialDescriptor {
  return { type: 'public-key', id: new Uint8Array(fromBase64(credential) ?? toUtf8('')) };
}

/** Asks the authenticator and turns its refusals into findings. */
async function asked(ask: () => Promise<Credential | null>): Promise<Credential | null> {
  try {
    return await ask();
  } catch (error) {
    const name = error instanceof Error || error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError' || name === 'AbortError')
      throw new SignerError(finding('key-cancelled', {}));
    if (name === 'InvalidStateError')
      throw lacking('that device already holds a passkey of yours; take another one');
    throw lacking(error instanceof Error ? error.message : name);
  }
}

function refuseWithout(): void {
  const obstacle = passkeyObstacle();
  if (obstacle !== null) throw lacking(obstacle);
}

function lacking(reason: string): SignerError {
  return new SignerError(finding('key-engine-lacks', { reason }));
}
