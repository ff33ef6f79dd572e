import type { Finding } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import { recogniseSignature } from '../../core/signature/kinds';

/** A signature that can be joined to a statement, or what was given in its place. */
export type SignatureGiven = { readonly kind: 'sshsig' | 'openpgp' } | { readonly finding: Finding };

const PRIVATE =
  /-----BEGIN (?:OPENSSH |RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----|-----BEGIN PGP PRIVATE KEY/;
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:sk-)?(?:ssh-|ecdsa-)\S+ AAAA/, 'an SSH public key'],
  [/^-----BEGIN PGP PUBLIC KEY/, 'a GPG public key'],
  [/^-----BEGIN PGP (?:SIGNED )?MESSAGE/, 'a GPG message with its own text'],
  [/^\s*\{/, 'the text that is to be signed, or another JSON document'],
  [/^\s*$/, 'empty'],
];

/** Says what pasted or dropped bytes are before anything is checked. `bytes` is attacker-controlled. */
export function signatureGiven(bytes: Uint8Array): SignatureGiven {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  if (PRIVATE.test(text)) return { finding: finding('signature-is-private-key', {}) };
  const kind = recogniseSignature(bytes);
  if (kind === 'sshsig' || kind === 'openpgp') return { kind };
  const what =
    kind === 'openpgp-inline'
      ? 'a GPG message with its own text'
      : (OTHERS.find(([pattern]) => pattern.test(text))?.[1] ?? 'something else');
  return { finding: finding('signature-not-one', { what }) };
}
