import { fromUtf8 } from '../bytes/text.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { dearmorSshsig } from './armor.js';
import { checked, refused } from './outcome.js';
import { parsePublicKeyBlob } from './publicKey.js';
import type { SignatureCheck } from './signature.js';
import { verifySshSignature } from './sshSignature.js';
import { SSHSIG_MAGIC, sshsigToBeSigned, type SshsigHash } from './sshsigWrite.js';
import { WireReader } from './wire.js';

/** Largest signature file that is read, in bytes; RSA of 8,192 bits needs about 3,400. */
export const SSHSIG_BYTES_MAX = 64 * 1024;
const VERSION = 1;

interface Sshsig {
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  readonly hash: SshsigHash;
  readonly signature: Uint8Array;
}

/**
 * Checks an SSH signature file over `message` (docs/SPEC.md, "Signatures"; OpenSSH `PROTOCOL.sshsig`). `true` means that
 * the key inside signed exactly `message` for exactly `namespace`; whose key that is, is decided elsewhere. A passkey's
 * origin is handed back for comparison with the origins that the person uses. All arguments but `namespace` are
 * attacker-controlled; never throws.
 */
export function verifySshsig(
  armored: Uint8Array,
  message: Uint8Array,
  namespace: string,
  where: Place = {},
): SignatureCheck {
  if (armored.length > SSHSIG_BYTES_MAX) {
    const params = { bytes: armored.length, bytesMax: SSHSIG_BYTES_MAX };
    return refused(null, finding('signature-too-large', params, { where }));
  }
  const armor = dearmorSshsig(armored);
  if ('problem' in armor)
    return refused(null, finding('sshsig-armor', { problem: armor.problem }, { where }));
  const sshsig = parseSshsig(armor.blob, where);
  if ('problem' in sshsig) return refused(null, sshsig.problem);
  const read = parsePublicKeyBlob(sshsig.publicKey, where);
  if ('problem' in read) return checked(null, [read.problem]);
  if (namespace === '' || sshsig.namespace !== namespace) {
    const detail = { where, expected: namespace, found: sshsig.namespace };
    return refused(read.key, finding('sshsig-namespace', { namespace: sshsig.namespace }, detail));
  }
  const signed = sshsigToBeSigned(message, sshsig.namespace, sshsig.hash);
  return verifySshSignature(read, signed, sshsig.signature, where);
}

function parseSshsig(blob: Uint8Array, where: Place): Sshsig | { readonly problem: Finding } {
  const reader = new WireReader(blob);
  const magic = fromUtf8(reader.raw(SSHSIG_MAGIC.length));
  const version = reader.uint32();
  if (reader.failed || magic !== SSHSIG_MAGIC)
    return broken('it does not begin with SSHSIG and a version', where);
  if (version !== VERSION) return { problem: finding('sshsig-version', { version }, { where }) };
  const publicKey = reader.string();
  const namespace = reader.name();
  const reserved = reader.string();
  const hash = reader.name();
  const signature = reader.string();
  if (reader.failed) return broken('a field is cut short or not in its one permitted form', where);
  if (reader.rest > 0) return { problem: finding('sshsig-trailing', { bytes: reader.rest }, { where }) };
  if (reserved.length > 0) return { problem: finding('sshsig-reserved', {}, { where }) };
  if (hash !== 'sha256' && hash !== 'sha512') return { problem: finding('sshsig-hash', { hash }, { where }) };
  return { publicKey, namespace, hash, signature };
}

function broken(problem: string, where: Place): { readonly problem: Finding } {
  return { problem: finding('sshsig-structure', { problem }, { where }) };
}
