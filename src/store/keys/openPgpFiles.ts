import { finding } from '../../core/messages/finding.js';
import { OpenPgpKeyError, readOpenPgpKey, signOpenPgp } from '../../engine/openpgpSign.js';
import type { Answer, FileKind } from './host.js';

/** OpenPGP private key files, armored or binary. */
export function openPgpFiles(): FileKind {
  return {
    format: 'openpgp',
    open: (bytes, passphrase) =>
      answered(async () => {
        const info = await readOpenPgpKey(bytes);
        if (!info.canSign) throw new OpenPgpKeyError(finding('openpgp-key-cannot-sign', {}));
        // Opening it is the only way to know that the passphrase fits.
        await signOpenPgp(bytes, passphrase, new Uint8Array(0));
        return {
          publicKey: info.certificate,
          fingerprint: info.fingerprint,
          algorithm: info.algorithm,
          comment: info.userIds[0] ?? '',
        };
      }),
    sign: (bytes, passphrase, _namespace, message) =>
      answered(async () => ({ kind: 'openpgp', bytes: await signOpenPgp(bytes, passphrase, message) })),
  };
}

async function answered<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof OpenPgpKeyError) return { findings: [error.finding] };
    throw error;
  }
}
