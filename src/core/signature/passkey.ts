import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64 } from '../bytes/base64.js';
import { concatBytes, equalBytes } from '../bytes/bytes.js';
import { toUtf8 } from '../bytes/text.js';
import { parseJson, type JsonObject, type JsonValue } from '../canon/json.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { derRs, verifyEcdsaDer, verifyEcdsaSsh } from './ecdsa.js';
import { wireMpint, wireUint32 } from './wire.js';

/** What a passkey signature carries (OpenSSH `PROTOCOL.u2f`, webauthn form). All of it is attacker-controlled. */
export interface PasskeyFields {
  /** Two SSH mpints. */
  readonly signature: Uint8Array;
  readonly flags: number;
  readonly counter: number;
  readonly origin: string;
  /** The bytes of clientDataJSON as the browser made them. */
  readonly clientData: Uint8Array;
  /** CBOR behind the counter, empty when the flag ED is not set. */
  readonly extensions: Uint8Array;
}

/** What `navigator.credentials.get` gives; the signature is DER. */
export interface Assertion {
  readonly authenticatorData: Uint8Array;
  readonly clientDataJson: Uint8Array;
  readonly signature: Uint8Array;
}

const flag = {
  present: 0x01,
  verified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extended: 0x80,
} as const;

const RP_ID_HASH_BYTES = 32;
/** rpIdHash, flags, counter. */
const AUTHENTICATOR_DATA_BYTES_MIN = 37;
const CLIENT_DATA_BYTES_MAX = 16 * 1024;
const CBOR_MAP = 5;
/** What the origin may consist of; a quote would let it reach beyond its place in clientDataJSON. */
const ORIGIN = /^[\x21\x23-\x5b\x5d-\x7e]{1,300}$/;

/**
 * Why a passkey did not sign `challenge` for the relying party `rpId` with presence and check of its user; empty when
 * it did (docs/SPEC.md, "Passkeys"; WebAuthn section 7.2). Stricter than `ssh-keygen -Y verify`, never laxer.
 * The origin is compared with the person's list by the caller.
 */
export function verifyPasskey(
  point: Uint8Array,
  rpId: string,
  challenge: Uint8Array,
  fields: PasskeyFields,
  where: Place = {},
): readonly Finding[] {
  const findings = [...clientDataFindings(fields, challenge, where), ...flagFindings(fields, where)];
  const { signature, clientData } = fields;
  const signed = concatBytes([sha256(toUtf8(rpId)), authenticatorRest(fields), sha256(clientData)]);
  if (!verifyEcdsaSsh('nistp256', point, sha256(signed), signature)) {
    findings.push(finding('signature-false', { algorithm: 'ES256' }, { where }));
  }
  return findings;
}

/** Only the calculation: ES256 over `authenticatorData ‖ SHA-256(clientDataJSON)`. Says nothing about what was signed. */
export function verifyAssertionSignature(point: Uint8Array, assertion: Assertion): boolean {
  const { authenticatorData, clientDataJson, signature } = assertion;
  const signed = concatBytes([authenticatorData, sha256(clientDataJson)]);
  return verifyEcdsaDer('nistp256', point, sha256(signed), signature);
}

/** Takes an assertion apart for {@link verifyPasskey}; null when it is malformed or made for another `rpId`. */
export function passkeyFields(assertion: Assertion, rpId: string): PasskeyFields | null {
  const { authenticatorData: data, clientDataJson, signature } = assertion;
  const rs = derRs(signature);
  if (rs === null || data.length < AUTHENTICATOR_DATA_BYTES_MIN) return null;
  if (!equalBytes(data.subarray(0, RP_ID_HASH_BYTES), sha256(toUtf8(rpId)))) return null;
  if (rs.r < 1n || rs.s < 1n) return null;
  const read = parseJson(clientDataJson, { bytesMax: CLIENT_DATA_BYTES_MAX });
  const origin = 'value' in read && isObject(read.value) ? read.value['origin'] : undefined;
  if (typeof origin !== 'string') return null;
  return {
    signature: concatBytes([wireMpint(rs.r), wireMpint(rs.s)]),
    flags: data[32]!,
    counter: data.subarray(33, 37).reduce((value, byte) => value * 256 + byte, 0),
    origin,
    clientData: clientDataJson,
    extensions: data.subarray(AUTHENTICATOR_DATA_BYTES_MIN),
  };
}

function authenticatorRest({ flags, counter, extensions }: PasskeyFields): Uint8Array {
  return concatBytes([Uint8Array.of(flags), wireUint32(counter), extensions]);
}

function flagFindings({ flags, extensions }: PasskeyFields, where: Place): Finding[] {
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const contradiction =
    has(flag.attested) ||
    has(flag.extended) !== extensions.length > 0 ||
    (extensions.length > 0 && extensions[0]! >> 5 !== CBOR_MAP) ||
    (has(flag.backedUp) && !has(flag.backupEligible));
  return [
    ...(contradiction ? [finding('passkey-flags', {}, { where })] : []),
    ...(has(flag.present) ? [] : [finding('passkey-user-presence-missing', {}, { where })]),
    ...(has(flag.verified) ? [] : [finding('passkey-user-verification-missing', {}, { where })]),
  ];
}

function clientDataFindings(
  { clientData, origin }: PasskeyFields,
  challenge: Uint8Array,
  where: Place,
): Finding[] {
  const unfit = (problem: string): Finding[] => [finding('passkey-client-data', { problem }, { where })];
  const read = parseJson(clientData, { bytesMax: CLIENT_DATA_BYTES_MAX });
  if ('problem' in read) return unfit(read.problem.message);
  const { value } = read;
  if (!isObject(value)) return unfit('it is not a JSON object');
  const wanted = toBase64Url(challenge);
  const findings = fieldFindings(value, wanted, where);
  if (findings.length > 0) return findings;
  if (!ORIGIN.test(origin) || value['origin'] !== origin)
    return unfit('the origin is not the one of the signature');
  // The order and spelling that WebAuthn section 5.8.1.1 fixes and that OpenSSH compares byte by byte.
  const start = toUtf8(`{"type":"webauthn.get","challenge":"${wanted}","origin":"${origin}"`);
  return equalBytes(clientData.subarray(0, start.length), start)
    ? []
    : unfit('its fields are not in the order of the standard');
}

function fieldFindings(value: JsonObject, wanted: string, where: Place): Finding[] {
  const { type, challenge, crossOrigin } = value;
  const framed = (crossOrigin !== undefined && crossOrigin !== false) || 'topOrigin' in value;
  return [
    ...(type === 'webauthn.get' ? [] : [finding('passkey-type', { type: shown(type) }, { where })]),
    ...(challenge === wanted
      ? []
      : [finding('passkey-challenge', {}, { where, expected: wanted, found: shown(challenge) })]),
    ...(framed ? [finding('passkey-framed', {}, { where })] : []),
  ];
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : 'no text';
}

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
