import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../core/bytes/hex.js';
import { fromUtf8 } from '../core/bytes/text.js';
import type { NamedBytes } from '../core/envelope/approval.js';
import { prepareRequest, REQUEST_NAMESPACE } from '../core/envelope/request.js';
import { readStatement } from '../core/envelope/statement.js';
import { prepareWithdrawal, WITHDRAWAL_NAMESPACE, type Withdrawn } from '../core/envelope/withdrawal.js';
import type { PrivateKey } from '../core/signature/privateKey.js';
import { signSshsig } from '../core/signature/sign.js';
import { nodePlatform } from '../platform/node.js';
import { demand, valueOf, type Arguments } from './args.js';
import { readUpTo } from './documents.js';
import { STDIN } from './inputs.js';
import type { Io } from './io.js';
import { saveFiles } from './save.js';
import { keyWords, openKey, orRefusal, Refused } from './signing.js';
import { besideOf, readSubject, subjectLine, timeOption } from './subject.js';
import { UsageError } from './usage.js';
import { claim, line } from './words.js';

const STATEMENT_BYTES_MAX = 65_537;

/** `countersign approve request`: a small file that says which bundle is to be approved, perhaps signed. */
export function runRequest(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const from = demand(args, 'user');
    demand(args, 'role');
    const out = valueOf(args, 'out');
    const signed = valueOf(args, 'key') !== null;
    if (signed && out === null)
      throw new UsageError('With --key there are two files to write: give --out.', args.command.name);
    const asked = await readSubject(args, io);
    const { bundleDigest, id, version, contentRoot } = asked.subject;
    const note = valueOf(args, 'comment');
    const expires = timeOption(args, 'expires');
    const archive = asked.path === STDIN ? '' : asked.path.slice(besideOf(asked.path).length);
    const made = prepareRequest({
      bundle: { digest: bundleDigest, id, version, contentRoot, ...(archive === '' ? {} : { archive }) },
      roles: args.values.get('role') ?? [],
      from,
      requestedAt: io.clock(),
      ...(note === null ? {} : { note }),
      ...(expires === null ? {} : { expires }),
    });
    if ('findings' in made) throw new Refused(made.findings);
    if (out === null) {
      io.out(fromUtf8(made.bytes) ?? '');
      return 0;
    }
    const key = signed ? await openKey(args, io) : null;
    const files = await signedFiles(out, made.bytes, key, REQUEST_NAMESPACE);
    saveFiles(files, { command: args.command.name, force: args.flags.has('force') });
    if (!args.flags.has('quiet')) {
      const roles = (args.values.get('role') ?? []).map((role) => claim(role, 40)).join(', ');
      io.out(`Request for approval as ${roles}, about ${subjectLine(asked)}\n${written(files)}`);
      io.out('Next: send it together with the bundle to the people who approve.\n');
    }
    return 0;
  });
}

/** `countersign approve withdraw`: takes back one approval. */
export function runWithdraw(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const [path = ''] = args.positionals;
    const bytes = readUpTo(path, STATEMENT_BYTES_MAX, args.command.name);
    const read = readStatement(bytes, { file: path });
    if ('findings' in read) throw new Refused(read.findings);
    const statement = `sha256:${toHex(nodePlatform().sha256Sync(bytes))}`;
    return withdraw(args, io, { is: 'approval', statement }, besideOf(path), await openKey(args, io));
  });
}

/** `countersign keys withdraw`: takes back the key that signs. */
export function runWithdrawKey(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const key = await openKey(args, io);
    return withdraw(args, io, { is: 'key', fingerprint: key.fingerprint }, '', key);
  });
}

async function withdraw(
  args: Arguments,
  io: Io,
  what: Withdrawn,
  folder: string,
  key: PrivateKey,
): Promise<number> {
  const reason = valueOf(args, 'comment');
  const made = prepareWithdrawal({
    what,
    at: io.clock(),
    user: demand(args, 'user'),
    ...(reason === null ? {} : { reason }),
  });
  if ('findings' in made) throw new Refused(made.findings);
  const base = valueOf(args, 'out') ?? freeName(folder);
  const files = await signedFiles(base, made.bytes, key, WITHDRAWAL_NAMESPACE);
  saveFiles(files, { command: args.command.name, force: args.flags.has('force') });
  if (args.flags.has('quiet')) return 0;
  const subject = what.is === 'key' ? `the key ${what.fingerprint}` : `the approval ${what.statement}`;
  io.out(`Withdrawn: ${line(subject)}\n  signed by ${keyWords(key)}\n${written(files)}`);
  io.out(
    'Next: send both files to everybody who relies on it; they give them to "verify" like an approval.\n',
  );
  return 0;
}

function freeName(folder: string): string {
  const name = (n: number): string => join(folder, `withdrawal-${n}.json`);
  let n = 1;
  while (existsSync(name(n)) || existsSync(`${name(n)}.sig`)) n += 1;
  return name(n);
}

async function signedFiles(
  base: string,
  bytes: Uint8Array,
  key: PrivateKey | null,
  namespace: string,
): Promise<NamedBytes[]> {
  const document = { name: base, bytes };
  if (key === null) return [document];
  return [document, { name: `${base}.sig`, bytes: await signSshsig(key, bytes, namespace) }];
}

function written(files: readonly NamedBytes[]): string {
  return `  written: ${files.map(({ name }) => claim(name, 400)).join(' and ')}\n`;
}
