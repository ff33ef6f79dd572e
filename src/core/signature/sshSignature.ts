import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../bytes/bytes.js';
import { toUtf8 } from '../bytes/text.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { curveHash, verifyEcdsaSsh } from './ecdsa.js';
import { verifyEd25519 } from './ed25519.js';
import { checked } from './outcome.js';
import { verifyPasskey } from './passkey.js';
import { SK_ECDSA, SK_ED25519, type KeyMaterial, type ReadKey } from './publicKey.js';
import { verifyRsa } from './rsa.js';
import type { SignatureCheck } from './signature.js';
import { WireReader, wireUint32 } from './wire.js';

/** Signature type of a passkey; its keys are listed as {@link SK_ECDSA}. */
export const WEBAUTHN_SK_ECDSA = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com';

const USER_PRESENT = 0x01;
const SSH_APPLICATION = 'ssh:';

/** What is being checked, handed down unchanged. */
interface Subject {
  readonly material: KeyMaterial;
  readonly algorithm: string;
  readonly signed: Uint8Array;
  readonly reader: WireReader;
  readonly where: Place;
}

interface Judgement {
  readonly findings: readonly Finding[];
  readonly origin?: string;
}

/** Signature types that each type of key may make; nothing else is looked at. */
const algorithmsOf: Readonly<Record<string, readonly string[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-256', 'rsa-sha2-512'],
  [SK_ED25519]: [SK_ED25519],
  [SK_ECDSA]: [SK_ECDSA, WEBAUTHN_SK_ECDSA],
};

/**
 * Checks an SSH signature blob (string type, then what the type demands) over `signed`. The key decides which types
 * are permitted, never the signature. `blob` and `signed` are attacker-controlled; never throws.
 */
export function verifySshSignature(
  read: ReadKey,
  signed: Uint8Array,
  blob: Uint8Array,
  where: Place,
): SignatureCheck {
  const { key, material } = read;
  const reader = new WireReader(blob);
  const algorithm = reader.name();
  if (reader.failed || !(algorithmsOf[key.algorithm] ?? []).includes(algorithm)) {
    const params = { keyType: key.algorithm, algorithm: algorithm.slice(0, 100) };
    return checked(key, [finding('signature-algorithm-mismatch', params, { where })]);
  }
  const { findings, origin } = judge({ material, algorithm, signed, reader, where });
  return checked(key, findings, origin);
}

function judge(subject: Subject): Judgement {
  const { algorithm, material, signed, reader } = subject;
  if (algorithm === WEBAUTHN_SK_ECDSA) return judgePasskey(subject);
  if (algorithm === SK_ECDSA || algorithm === SK_ED25519) return judgeSecurityKey(subject);
  const signature = reader.string();
  if (reader.failed || reader.rest > 0) return encodingProblem(subject);
  switch (material.kind) {
    case 'ed25519':
      return verdict(verifyEd25519(material.point, signed, signature), subject);
    case 'ecdsa': {
      const digest = curveHash(material.curve, signed);
      return verdict(verifyEcdsaSsh(material.curve, material.point, digest, signature), subject);
    }
    case 'rsa': {
      const hash = algorithm === 'rsa-sha2-256' ? 'sha256' : 'sha512';
      return verdict(verifyRsa(material.rsa, hash, signed, signature), subject);
    }
  }
}

/** OpenSSH `PROTOCOL.u2f`: the key signs its application, flags and counter together with the digest of the message. */
function judgeSecurityKey(subject: Subject): Judgement {
  const { material, algorithm, signed, reader, where } = subject;
  const signature = reader.string();
  const flags = reader.byte();
  const counter = reader.uint32();
  if (material.kind === 'rsa' || reader.failed || reader.rest > 0) return encodingProblem(subject);
  const application = material.application ?? '';
  if (!application.startsWith(SSH_APPLICATION)) {
    return { findings: [finding('sk-application', { application, algorithm }, { where })] };
  }
  const message = concatBytes([
    sha256(toUtf8(application)),
    Uint8Array.of(flags),
    wireUint32(counter),
    sha256(signed),
  ]);
  const right =
    material.kind === 'ed25519'
      ? verifyEd25519(material.point, message, signature)
      : verifyEcdsaSsh(material.curve, material.point, sha256(message), signature);
  if (!right) return verdict(false, subject);
  return {
    findings: (flags & USER_PRESENT) === 0 ? [finding('sk-user-presence-missing', {}, { where })] : [],
  };
}

function judgePasskey(subject: Subject): Judgement {
  const { material, algorithm, signed, reader, where } = subject;
  const fields = {
    signature: reader.string(),
    flags: reader.byte(),
    counter: reader.uint32(),
    origin: reader.text(),
    clientData: reader.string(),
    extensions: reader.string(),
  };
  if (material.kind !== 'ecdsa' || reader.failed || reader.rest > 0) return encodingProblem(subject);
  const application = material.application ?? '';
  if (application.startsWith(SSH_APPLICATION)) {
    return { findings: [finding('sk-application', { application, algorithm }, { where })] };
  }
  const findings = verifyPasskey(material.point, application, signed, fields, where);
  return findings.length === 0 ? { findings, origin: fields.origin } : { findings };
}

function verdict(right: boolean, { algorithm, where }: Subject): Judgement {
  return { findings: right ? [] : [finding('signature-false', { algorithm }, { where })] };
}

function encodingProblem({ algorithm, where }: Subject): Judgement {
  return { findings: [finding('signature-encoding', { algorithm }, { where })] };
}
