import { fixedLimits } from '../core/limits.js';
import { publicHalf } from '../core/signature/privateKey.js';
import { parsePublicKeyBlob } from '../core/signature/publicKey.js';
import { fingerprintWords } from '../core/signature/words.js';
import { readImport } from '../core/trust/import/readImport.js';
import type { TrustedKey } from '../core/trust/trust.js';
import type { Arguments } from './args.js';
import { readUpTo } from './documents.js';
import { findPlainFiles } from './inputs.js';
import { jsonText, type Io } from './io.js';
import { orRefusal, Refused } from './signing.js';
import { claim, line } from './words.js';

/** One key of a file. */
interface KeyRow {
  readonly file: string;
  readonly fingerprint: string;
  /** Eight words for reading aloud; empty for keys that are not of SSH. */
  readonly words: string;
  readonly type: string;
  /** Whose it is, as the file says it. */
  readonly says: string;
}

/** `countersign keys fingerprint`: exit 60 when a file holds no key that could be read. */
export function runFingerprint(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const rows = findPlainFiles(args.positionals, args.command.name).flatMap((path) => keysIn(path, args));
    if (!args.flags.has('quiet')) {
      const document = { schemaVersion: 'countersign.keys/v1', keys: rows };
      io.out(args.flags.has('json') ? jsonText(document) : rows.map(rowText).join(''));
    }
    return Promise.resolve(0);
  });
}

function keysIn(file: string, args: Arguments): KeyRow[] {
  const bytes = readUpTo(file, fixedLimits.trustBytesMax + 1, args.command.name);
  const half = publicHalf(bytes);
  if (half !== null) {
    const read = parsePublicKeyBlob(half.blob, { file });
    if ('problem' in read) throw new Refused([read.problem], 60);
    const { algorithm: type, fingerprint } = read.key;
    const says = half.encrypted ? 'private key, with a passphrase' : 'private key, WITHOUT a passphrase';
    return [{ file, fingerprint, words: fingerprintWords(fingerprint), type, says }];
  }
  const { trust, keys, findings } = readImport({ name: file, bytes }, null);
  const listed = (trust?.people ?? []).flatMap(({ id, keys: own }) => own.map((key) => rowOf(file, key, id)));
  const rows = [...listed, ...keys.map(({ key, comment }) => rowOf(file, key, comment))];
  if (rows.length === 0) throw new Refused(findings, 60);
  return rows;
}

function rowOf(file: string, { kind, fingerprint }: TrustedKey, says: string): KeyRow {
  return { file, fingerprint, words: fingerprintWords(fingerprint), type: kind, says };
}

function rowText({ file, fingerprint, words, type, says }: KeyRow): string {
  const aloud = words === '' ? '' : `\n  ${words}`;
  return `${fingerprint}${aloud}\n  ${line(type)}  ${claim(says === '' ? 'no comment' : says)}  (${claim(file, 400)})\n`;
}
