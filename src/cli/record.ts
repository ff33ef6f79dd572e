import { existsSync } from 'node:fs';
import { fromHex } from '../core/bytes/hex.js';
import { fromUtf8 } from '../core/bytes/text.js';
import { parseAuthorizedKey } from '../core/signature/publicKey.js';
import { checkSignedRecord, RECORD_BYTES_MAX, type RecordCheck } from '../core/signature/signedRecord.js';
import { valueOf, type Arguments } from './args.js';
import { readUpTo } from './documents.js';
import { jsonText, type Io } from './io.js';
import { findingLines } from './textParts.js';
import { UsageError } from './usage.js';
import { claim } from './words.js';

/** A line of `ssh-keygen` or 64 hex digits. */
const KEY_BYTES_MAX = 4096;

const outcomes: Readonly<
  Record<RecordCheck['outcome'], { readonly exit: number; readonly headline: string }>
> = {
  signed: { exit: 0, headline: 'The key that you gave signed exactly this record' },
  unchecked: { exit: 14, headline: 'The signature of this record was not checked' },
  'other-key': { exit: 11, headline: 'This record names another key than the one that you gave' },
  false: { exit: 10, headline: 'This record is not what was signed' },
  unreadable: { exit: 60, headline: "We couldn't read this record" },
};

/** `countersign check-record`: 0 only when the key that the reader gave signed exactly these bytes. */
export async function runCheckRecord(args: Arguments, io: Io): Promise<number> {
  const [path = ''] = args.positionals;
  const check = checkSignedRecord(readUpTo(path, RECORD_BYTES_MAX + 1, args.command.name), keyOf(args));
  const { exit } = outcomes[check.outcome];
  if (args.flags.has('quiet')) return exit;
  if (args.flags.has('json')) io.out(jsonText({ schemaVersion: 'countersign.record-check/v1', ...check }));
  else io.out(checkText(check, io));
  return exit;
}

function checkText({ outcome, record, findings }: RecordCheck, io: Io): string {
  const rows = [
    ...(record === null
      ? []
      : [
          `form: ${record.shape}, signed with ${claim(record.algorithm, 100)}`,
          `key id, as the record says: ${claim(record.keyId, 200)}`,
          `sha256 of what is signed: ${record.digest}`,
        ]),
    ...(outcome === 'signed' ? ['It says what a program noted; it approves nothing.'] : []),
    ...findingLines(findings, io.paint),
  ];
  return `${outcomes[outcome].headline}\n${rows.map((row) => `  ${row}\n`).join('')}`;
}

function keyOf(args: Arguments): Uint8Array | null {
  const value = valueOf(args, 'key');
  if (value === null) return null;
  const { name } = args.command;
  const text = existsSync(value) ? (fromUtf8(readUpTo(value, KEY_BYTES_MAX, name)) ?? '') : value;
  const raw = /^[0-9a-f]{64}\s*$/.test(text) ? fromHex(text.trim()) : null;
  if (raw !== null) return raw;
  const read = parseAuthorizedKey(text.trim());
  if ('problem' in read || read.material.kind !== 'ed25519' || read.material.application !== undefined)
    throw new UsageError('--key is a file or text with 64 hex digits, or an ssh-ed25519 public key.', name);
  return read.material.point;
}
