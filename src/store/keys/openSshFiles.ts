import { toUtf8 } from '../../core/bytes/text.js';
import { readPrivateKey, type PrivateKey } from '../../core/signature/privateKey.js';
import { signSshsig } from '../../core/signature/sign.js';
import type { Answer, FileKind } from './host.js';
import { publicKeyLine } from './wire.js';

/** Private key files of OpenSSH. */
export function openSshFiles(): FileKind {
  return {
    format: 'openssh',
    open: async (bytes, passphrase) => {
      const opened = await open(bytes, passphrase);
      if ('findings' in opened) return opened;
      const { algorithm, publicKey, fingerprint, comment } = opened.value;
      return {
        value: { algorithm, fingerprint, comment, publicKey: publicKeyLine(algorithm, publicKey) },
      };
    },
    sign: async (bytes, passphrase, namespace, message) => {
      const opened = await open(bytes, passphrase);
      if ('findings' in opened) return opened;
      return { value: { kind: 'sshsig', bytes: await signSshsig(opened.value, message, namespace) } };
    },
  };
}

/** Opened anew for every use: nothing decrypted stays behind between two signatures. */
async function open(bytes: Uint8Array, passphrase: string | null): Promise<Answer<PrivateKey>> {
  const read = await readPrivateKey(bytes, passphrase === null ? null : toUtf8(passphrase.normalize('NFC')));
  return 'key' in read ? { value: read.key } : { findings: read.findings };
}
