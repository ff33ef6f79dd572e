import { fromBase64, toBase64 } from '../bytes/base64.js';
import type { Finding, Place } from '../generated/report.js';
import { fixedLimits } from '../limits.js';
import { finding } from '../messages/finding.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { isCurvePoint, type CurveName } from './ecdsa.js';
import { ed25519PointProblem } from './ed25519.js';
import { bitsOf, rsaKeyProblem, type RsaPublicKey } from './rsa.js';
import type { PublicKey } from './signature.js';
import { WireReader } from './wire.js';

/** What the calculation needs, taken out of the wire encoding and checked. */
export type KeyMaterial =
  | { readonly kind: 'ed25519'; readonly point: Uint8Array; readonly application?: string }
  | {
      readonly kind: 'ecdsa';
      readonly curve: CurveName;
      readonly point: Uint8Array;
      readonly application?: string;
    }
  | { readonly kind: 'rsa'; readonly rsa: RsaPublicKey };

export interface ReadKey {
  readonly key: PublicKey;
  readonly material: KeyMaterial;
}

export interface KeyProblem {
  readonly problem: Finding;
}

export interface ReadAuthorizedKey extends ReadKey {
  /** What stands behind the key on the line; hostile text. */
  readonly comment: string;
}

/** Largest key that is read: RSA of 8,192 bits needs 1,060 bytes, an application name is short. */
const KEY_BYTES_MAX = 4096;
const APPLICATION = /^[\x21-\x7e]{1,255}$/;

const curveTypes: Readonly<Record<string, CurveName>> = {
  'ecdsa-sha2-nistp256': 'nistp256',
  'ecdsa-sha2-nistp384': 'nistp384',
  'ecdsa-sha2-nistp521': 'nistp521',
};

export const SK_ED25519 = 'sk-ssh-ed25519@openssh.com';
export const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';

/**
 * Reads an SSH public key (docs/SPEC.md, "Keys") and refuses every key that must not be used, so that import and
 * verification agree. `blob` is attacker-controlled; never throws.
 */
export function parsePublicKeyBlob(blob: Uint8Array, where: Place = {}): ReadKey | KeyProblem {
  if (blob.length > KEY_BYTES_MAX) return unreadable(`it has more than ${KEY_BYTES_MAX} bytes`, where);
  const reader = new WireReader(blob);
  const type = reader.name();
  if (reader.failed || type === '') return unreadable('it does not begin with the name of its type', where);
  const read = readMaterial(type, reader, where);
  if ('problem' in read) return read;
  const problem = materialProblem(type, read.material, where);
  if (problem !== null) return { problem };
  const application = read.material.kind === 'rsa' ? undefined : read.material.application;
  const key: PublicKey = {
    algorithm: type,
    blob: blob.slice(),
    fingerprint: fingerprint(blob),
    ...(application === undefined ? {} : { application }),
  };
  return { key, material: read.material };
}

/**
 * Reads one line as in a `.pub` file: type, base64, optional comment; one final line end is permitted. Options in
 * front are refused: nobody would honour them here.
 */
export function parseAuthorizedKey(line: string, where: Place = {}): ReadAuthorizedKey | KeyProblem {
  // Every white space has one way to match: a long hostile line costs linear time.
  const parts = /^([\x21-\x7e]+)[ \t]+([A-Za-z0-9+/=]+)(?:[ \t]([^\r\n]*))?\r?\n?$/.exec(line);
  if (parts === null) return unreadable('it is not one line of type, base64 and comment', where);
  const [, type = '', base64 = '', comment = ''] = parts;
  const blob = fromBase64(base64);
  if (blob === null) return unreadable('its base64 is damaged', where);
  const reader = new WireReader(blob);
  if (reader.name() !== type || reader.failed) {
    return unreadable('the type in front is not the type inside', where);
  }
  const read = parsePublicKeyBlob(blob, where);
  return 'problem' in read ? read : { ...read, comment: comment.trim() };
}

/** `SHA256:` and the base64 of the SHA-256 of the wire encoding without padding, as `ssh-keygen -l` shows it. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${toBase64(sha256(blob)).replace(/=+$/, '')}`;
}

function readMaterial(
  type: string,
  reader: WireReader,
  where: Place,
): { material: KeyMaterial } | KeyProblem {
  const material = materialOf(type, reader);
  if (material === null) return { problem: typeProblem(type, where) };
  if (reader.failed) return unreadable('a field is cut short or not in its one permitted form', where);
  if (reader.rest > 0) return unreadable(`${reader.rest} bytes stand behind its end`, where);
  return { material };
}

function materialOf(type: string, reader: WireReader): KeyMaterial | null {
  const curve = curveTypes[type];
  if (type === 'ssh-ed25519') return { kind: 'ed25519', point: reader.string() };
  if (curve !== undefined) return { kind: 'ecdsa', curve: curveIn(curve, reader), point: reader.string() };
  if (type === 'ssh-rsa') {
    const e = reader.mpint();
    return { kind: 'rsa', rsa: { e, n: reader.mpint() } };
  }
  if (type === SK_ED25519)
    return { kind: 'ed25519', point: reader.string(), application: applicationIn(reader) };
  if (type === SK_ECDSA) {
    const skCurve = curveIn('nistp256', reader);
    return { kind: 'ecdsa', curve: skCurve, point: reader.string(), application: applicationIn(reader) };
  }
  return null;
}

/** The key names its curve a second time; another one there makes the reader fail. */
function curveIn(expected: CurveName, reader: WireReader): CurveName {
  if (reader.name() !== expected) reader.fail();
  return expected;
}

function applicationIn(reader: WireReader): string {
  const application = reader.text();
  if (!APPLICATION.test(application)) reader.fail();
  return application;
}

function typeProblem(type: string, where: Place): Finding {
  const keyType = type.slice(0, 100);
  const refused = type === 'ssh-dss' || type.includes('-cert-v0');
  return refused
    ? finding('key-type-refused', { keyType }, { where })
    : finding('key-type-unknown', { keyType }, { where });
}

function materialProblem(keyType: string, material: KeyMaterial, where: Place): Finding | null {
  if (material.kind === 'rsa') return rsaFinding(material.rsa, where);
  if (material.kind === 'ecdsa') {
    return isCurvePoint(material.curve, material.point)
      ? null
      : finding('key-not-canonical', { keyType }, { where });
  }
  const problem = ed25519PointProblem(material.point);
  if (problem === null) return null;
  return problem === 'small-order'
    ? finding('key-small-order', {}, { where })
    : finding('key-not-canonical', { keyType }, { where });
}

function rsaFinding(rsa: RsaPublicKey, where: Place): Finding | null {
  const bits = bitsOf(rsa.n);
  const { rsaBitsMin: bitsMin, rsaBitsMax: bitsMax } = fixedLimits;
  switch (rsaKeyProblem(rsa)) {
    case null:
      return null;
    case 'too-small':
      return finding('key-too-small', { bits, bitsMin }, { where });
    case 'too-large':
      return finding('key-too-large', { bits, bitsMax }, { where });
    case 'weak':
      return finding('key-rsa-weak', {}, { where });
  }
}

function unreadable(problem: string, where: Place): KeyProblem {
  return { problem: finding('key-unreadable', { problem }, { where }) };
}
