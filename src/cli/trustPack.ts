import { existsSync } from 'node:fs';
import type { ImportKind } from '../core/trust/import/imported.js';
import { readPack, type PackRead } from '../core/trust/pack.js';
import type { Trust } from '../core/trust/trust.js';
import type { Arguments } from './args.js';
import { readLoose } from './documents.js';
import type { Io } from './io.js';
import { claim, line } from './words.js';

/**
 * A trust file with the signature that lies beside it as `FILE.sig`; null when none does, or when the file is something
 * else. Who signed is said by `present`, never by the file that comes.
 */
export function packBeside(
  file: { readonly name: string; readonly bytes: Uint8Array; readonly kind: ImportKind },
  present: Trust | null,
  args: Arguments,
  io: Io,
): PackRead | null {
  const { name, bytes, kind } = file;
  if (kind !== 'trust' || !existsSync(`${name}.sig`)) return null;
  const signature = readLoose(`${name}.sig`, args.command.name).bytes;
  return readPack({ name, bytes, signature }, present, io.clock());
}

/** One line on who signed. */
export function signerLine({ signature, signedBy, fingerprint }: PackRead): string {
  const key = line(fingerprint ?? 'no key');
  if (signature === 'known' && signedBy !== null) return `signed by ${claim(signedBy.id)} with ${key}`;
  if (signature === 'unsigned') return 'not signed';
  return signature === 'false' ? 'the signature does not belong to it' : `signed with ${key}`;
}
