import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  APPROVAL_NAMESPACE,
  prepareApproval,
  sealApproval,
  writeSupplement,
  type NamedBytes,
} from '../core/approve.js';
import { fromUtf8 } from '../core/bytes/text.js';
import { signSshsig } from '../core/signature/sign.js';
import { demand, valueOf, type Arguments } from './args.js';
import { visibleJson, type Io } from './io.js';
import { saveFiles } from './save.js';
import { keyWords, openKey, orRefusal, Refused } from './signing.js';
import { besideOf, intentOf, readSubject, subjectLine, type Asked } from './subject.js';
import { claim, quoted } from './words.js';

/** `countersign approve`: bundle and key to a signed statement. Exit 0, or 2, 10 and 60 when nothing was signed. */
export function runApprove(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    for (const name of ['role', 'user', 'key']) demand(args, name);
    const asked = await readSubject(args, io);
    const key = await openKey(args, io);
    const prepared = prepareApproval(asked.subject, intentOf(args, asked, io.clock(), key.fingerprint));
    if ('findings' in prepared) throw new Refused(prepared.findings);
    const { statement } = prepared;
    const bytes = await signSshsig(key, statement, APPROVAL_NAMESPACE);
    const sealed = sealApproval(statement, { kind: 'sshsig', bytes });
    if (sealed.files.length === 0) throw new Refused(sealed.findings);
    const files = outputOf(args, asked, sealed.files);
    saveFiles(files, { command: args.command.name, force: args.flags.has('force') });
    if (!args.flags.has('quiet')) io.out(receipt(args, asked, statement, keyWords(key), files));
    return 0;
  });
}

/** `countersign approve prepare`: the statement alone, byte for byte. */
export function runPrepare(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    for (const name of ['role', 'user']) demand(args, name);
    const asked = await readSubject(args, io);
    const key = valueOf(args, 'fingerprint') ?? undefined;
    const prepared = prepareApproval(asked.subject, intentOf(args, asked, io.clock(), key));
    if ('findings' in prepared) throw new Refused(prepared.findings);
    const out = valueOf(args, 'out');
    const name = out ?? 'STATEMENT.json';
    if (out === null) io.out(fromUtf8(prepared.statement) ?? '');
    else
      saveFiles([{ name: out, bytes: prepared.statement }], {
        command: args.command.name,
        force: args.flags.has('force'),
      });
    if (!args.flags.has('quiet')) {
      io.err(
        `${out === null ? '' : `${claim(out, 400)} holds the exact text to sign, about ${subjectLine(asked)}.\n`}`,
      );
      io.err(`Sign it:  ssh-keygen -Y sign -f KEY -n ${APPROVAL_NAMESPACE} ${claim(name, 400)}\n`);
      io.err(`or:       gpg --detach-sign --armor --digest-algo SHA512 ${claim(name, 400)}\n`);
      if (out === null) io.err('Save it without a line end, or the signature will not fit.\n');
    }
    return 0;
  });
}

/** The files under the names that `--out` asks for, or the first free number beside the bundle. */
function outputOf(args: Arguments, { path }: Asked, sealed: readonly NamedBytes[]): NamedBytes[] {
  const out = valueOf(args, 'out');
  if (out?.endsWith('.tgz') === true) return [{ name: out, bytes: writeSupplement(sealed) }];
  const folder = out !== null && (out.endsWith('/') || isFolder(out));
  const base = out === null || folder ? freeName(out ?? besideOf(path), demand(args, 'role')) : out;
  const [statement, signature] = sealed;
  return [
    { name: base, bytes: statement!.bytes },
    { name: `${base}.sig`, bytes: signature!.bytes },
  ];
}

function freeName(folder: string, role: string): string {
  const name = (n: number): string => join(folder, `${role}-${n}.json`);
  let n = 1;
  while (existsSync(name(n)) || existsSync(`${name(n)}.sig`)) n += 1;
  return name(n);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function receipt(
  args: Arguments,
  asked: Asked,
  statement: Uint8Array,
  key: string,
  files: readonly NamedBytes[],
): string {
  const verb = args.flags.has('decline') ? 'Declined' : 'Approved';
  const file = valueOf(args, 'file');
  const what = file === null ? '' : `, the file ${quoted(file)} only`;
  const names = files.map(({ name }) => claim(name, 400));
  return [
    `${verb} as ${claim(demand(args, 'role'), 40)} by ${claim(demand(args, 'user'))}${what}`,
    `  ${subjectLine(asked)}`,
    `  key ${key}`,
    `  signed text: ${visibleJson(fromUtf8(statement) ?? '')}`,
    `  written: ${names.join(' and ')}`,
    `Next: send ${files.length === 1 ? 'it' : 'both files'} to whoever collects the approvals, or attach:`,
    `  countersign approve attach ${claim(asked.path, 400)} --approval ${names[0] ?? ''} --out approved.sbundle.tgz`,
    '',
  ].join('\n');
}
