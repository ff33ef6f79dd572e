import { fromBase64 } from '../bytes/base64.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { curveHash, verifyEcdsaSsh } from './ecdsa.js';
import { verifyEd25519 } from './ed25519.js';
import { checked, refused } from './outcome.js';
import { parseAuthorizedKey, type ReadKey } from './publicKey.js';
import { verifyRsa } from './rsa.js';
import type { SignatureCheck } from './signature.js';

/** An approval of the released command line; all text is attacker-controlled. */
export interface LegacySshSignature {
  /** `type base64 comment`, with or without a final line feed. */
  readonly publicKeyLine: string;
  /** Standard base64 of the bare signature value. */
  readonly signatureBase64: string;
  /** The text that it signs, already built. */
  readonly message: Uint8Array;
}

const SIGNATURE_TEXT_MAX = 8192;

/**
 * Checks the bare signature values of the released command line (docs/SPEC.md, "Older dialects"): Ed25519 and ECDSA
 * count, RSA is always with SHA-1 and therefore `weak` at best, security keys lack what is needed. SSH signature files
 * are refused here: they sign another text (hostile input S13). Never throws.
 */
export function verifyLegacySsh(input: LegacySshSignature, where: Place = {}): SignatureCheck {
  const read = parseAuthorizedKey(input.publicKeyLine, where);
  if ('problem' in read) return checked(null, [read.problem]);
  if (/^\s*-----BEGIN SSH SIGNATURE-----/.test(input.signatureBase64)) {
    return refused(read.key, finding('legacy-signature-armored', {}, { where }));
  }
  const text = input.signatureBase64;
  const signature = text.length > SIGNATURE_TEXT_MAX ? null : fromBase64(text);
  if (signature === null || signature.length === 0) return refused(read.key, encoding(read, where));
  if (read.key.application !== undefined) {
    return checked(read.key, [finding('sk-not-checkable', {}, { where })]);
  }
  return judge(read, input.message, signature, where);
}

function judge(read: ReadKey, message: Uint8Array, signature: Uint8Array, where: Place): SignatureCheck {
  const { key, material } = read;
  const wrong = refused(key, finding('signature-false', { algorithm: key.algorithm }, { where }));
  switch (material.kind) {
    case 'ed25519':
      if (signature.length !== 64) return refused(key, encoding(read, where));
      return verifyEd25519(material.point, message, signature) ? checked(key, []) : wrong;
    case 'ecdsa': {
      const digest = curveHash(material.curve, message);
      return verifyEcdsaSsh(material.curve, material.point, digest, signature) ? checked(key, []) : wrong;
    }
    case 'rsa':
      if (!verifyRsa(material.rsa, 'sha1', message, signature)) return wrong;
      return { outcome: 'weak', key, findings: [finding('rsa-sha1', {}, { where })] };
  }
}

function encoding({ key }: ReadKey, where: Place): Finding {
  return finding('signature-encoding', { algorithm: key.algorithm }, { where });
}
