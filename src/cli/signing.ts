import { toUtf8 } from '../core/bytes/text.js';
import { readPrivateKey, type PrivateKey } from '../core/signature/privateKey.js';
import { fingerprintWords } from '../core/signature/words.js';
import { demand, valueOf, type Arguments } from './args.js';
import { readUpTo } from './documents.js';
import type { Io } from './io.js';
import { Refused } from './refusal.js';
import { readSecretFrom } from './terminal.js';
import { claim } from './words.js';

export { orRefusal, Refused } from './refusal.js';

const KEY_BYTES_MAX = 65_537;

/** The private key of `--key`; its passphrase comes from the terminal or a descriptor, never from an argument. */
export async function openKey(args: Arguments, io: Io): Promise<PrivateKey> {
  const path = demand(args, 'key');
  const bytes = readUpTo(path, KEY_BYTES_MAX, args.command.name);
  const plain = await readPrivateKey(bytes, null);
  if ('key' in plain) return plain.key;
  if (plain.needsPassphrase !== true) throw new Refused(plain.findings);
  const descriptor = valueOf(args, 'passphrase-fd');
  const secret =
    descriptor === null
      ? await io.askSecret(`Passphrase of ${claim(path, 400)}: `)
      : readSecretFrom(descriptor, args.command.name);
  if (secret === null) {
    io.err('There is no terminal to ask on: give the passphrase with --passphrase-fd N.\n');
    throw new Refused(plain.findings);
  }
  const read = await readPrivateKey(bytes, toUtf8(secret));
  if ('key' in read) return read.key;
  throw new Refused(read.findings);
}

/** `SHA256:… (words)` */
export function keyWords({ fingerprint }: PrivateKey): string {
  return `${fingerprint} (${fingerprintWords(fingerprint)})`;
}
