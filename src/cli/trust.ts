import { fromUtf8 } from '../core/bytes/text.js';
import type { Finding } from '../core/generated/report.js';
import { fixedLimits } from '../core/limits.js';
import { fingerprintWords } from '../core/signature/words.js';
import { diffTrust } from '../core/trust/diff.js';
import { exportSigners } from '../core/trust/exportSigners.js';
import { addImport, addKey, type Candidate } from '../core/trust/import/addImport.js';
import { readImport } from '../core/trust/import/readImport.js';
import { readTrust } from '../core/trust/readTrust.js';
import type { Person, Rule, Trust, TrustedKey } from '../core/trust/trust.js';
import { valueOf, type Arguments } from './args.js';
import { readUpTo } from './documents.js';
import { findPlainFiles } from './inputs.js';
import { jsonText, type Io } from './io.js';
import { saveFiles } from './save.js';
import { orRefusal, Refused } from './signing.js';
import { findingLines } from './textParts.js';
import { packBeside, signerLine } from './trustPack.js';
import { UsageError } from './usage.js';
import { claim, line, plural } from './words.js';

const UNUSABLE = 60;

/** `countersign trust show` */
export function runShow(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const trust = readList(args.positionals[0] ?? '', args, io);
    if (!args.flags.has('quiet'))
      io.out(args.flags.has('json') ? jsonText(withoutBlobs(trust)) : listText(trust));
    return Promise.resolve(0);
  });
}

/** `countersign trust check`: exit 0 when all can be used, else 60; with `--by`, when that list knows who signed. */
export function runCheck(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const by = valueOf(args, 'by');
    const present = by === null ? null : readList(by, args, io);
    const paths = findPlainFiles(args.positionals, args.command.name);
    const good = paths.map((path) => checkFile(path, present, args, io));
    return Promise.resolve(good.includes(false) ? UNUSABLE : 0);
  });
}

function checkFile(path: string, present: Trust | null, args: Arguments, io: Io): boolean {
  const file = source(path, args);
  const { trust, keys, findings, kind } = readImport(file, null);
  const pack = packBeside({ ...file, kind }, present, args, io);
  const usable = trust !== null || keys.length > 0;
  const demanded = present === null || pack?.signature === 'known';
  const good = usable && demanded && (pack === null || (pack.signature !== 'false' && pack.trust !== null));
  if (args.flags.has('quiet')) return good;
  const what = trust === null ? plural(keys.length, 'key') : sizes(trust);
  const signed = pack === null ? (present === null ? '' : ', not signed') : `, ${signerLine(pack)}`;
  io.out(`${claim(path, 400)}: ${usable ? `${kind}, ${what}${signed}` : 'cannot be used'}\n`);
  // Without a list to ask, that nobody is known says nothing.
  const told = (pack?.findings ?? findings).filter(
    ({ code }) => present !== null || code !== 'pack-signer-unknown',
  );
  io.out(
    findingLines(told, io.paint)
      .map((row) => `  ${row}\n`)
      .join(''),
  );
  return good;
}

/** `countersign trust import`: the new list to `--out` or standard output, what changes to standard error. */
export function runImport(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const into = valueOf(args, 'into');
    const before = into === null ? null : readList(into, args, io);
    let bytes: Uint8Array | null = null;
    let trust = before;
    for (const path of findPlainFiles(args.positionals, args.command.name)) {
      const next = importFile(path, trust, { own: before, args, io });
      if (next.bytes === null) throw new Refused(next.findings, UNUSABLE);
      ({ bytes, trust } = next);
    }
    if (bytes === null || trust === null) throw new UsageError('There is no file.', args.command.name);
    if (!args.flags.has('quiet')) {
      for (const { effect, text } of diffTrust(before, trust)) io.err(`${effect.padEnd(8)}  ${line(text)}\n`);
    }
    return Promise.resolve(give(bytes, args, io));
  });
}

/** `countersign trust export`: allowed_signers to `--out` or standard output. */
export function runExport(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const { bytes, findings } = exportSigners(readList(args.positionals[0] ?? '', args, io));
    if (!args.flags.has('quiet'))
      io.err(
        findingLines(findings, io.paint)
          .map((row) => `${row}\n`)
          .join(''),
      );
    return Promise.resolve(give(bytes, args, io));
  });
}

/** `own`: the list of the reader, which alone says who signed; a file before this one has brought whom it liked. */
function importFile(
  path: string,
  before: Trust | null,
  { own, args, io }: { readonly own: Trust | null; readonly args: Arguments; readonly io: Io },
): Candidate {
  const file = source(path, args);
  const read = readImport(file, before);
  const pack = packBeside({ ...file, kind: read.kind }, own, args, io);
  if (pack !== null && pack.trust === null) throw new Refused(pack.findings, UNUSABLE);
  if (pack !== null && !args.flags.has('quiet')) io.err(`${claim(path, 400)}: ${signerLine(pack)}\n`);
  const errors = read.findings.filter(({ severity }) => severity === 'error');
  if (read.trust === null && read.keys.length === 0) throw new Refused(errors, UNUSABLE);
  const told = pack?.findings ?? read.findings;
  if (told.length > 0)
    io.err(
      findingLines(told, io.paint)
        .map((row) => `${row}\n`)
        .join(''),
    );
  let next: Candidate | null = read.trust === null ? null : addImport(before, read.trust);
  for (const { key, suggestedId } of read.keys) {
    const id = valueOf(args, 'person');
    if (id === null) {
      const hint = suggestedId === null ? '' : ` The file suggests ${claim(suggestedId)}.`;
      throw new UsageError(
        `${path} does not say whose key ${key.fingerprint} is: give --person.${hint}`,
        args.command.name,
      );
    }
    const checked = valueOf(args, 'checked');
    next = addKey(next?.trust ?? before, { id }, key, checked === null ? {} : { checked });
    if (next.bytes === null) return next;
  }
  return next ?? { bytes: null, trust: null, findings: errors };
}

function give(bytes: Uint8Array, args: Arguments, io: Io): number {
  const out = valueOf(args, 'out');
  if (out === null) io.out(fromUtf8(bytes) ?? '');
  else {
    saveFiles([{ name: out, bytes }], { command: args.command.name, force: args.flags.has('force') });
    if (!args.flags.has('quiet')) io.err(`Written: ${claim(out, 400)}\n`);
  }
  return 0;
}

function source(path: string, args: Arguments): { name: string; bytes: Uint8Array } {
  return { name: path, bytes: readUpTo(path, fixedLimits.trustBytesMax + 1, args.command.name) };
}

function readList(path: string, args: Arguments, io: Io): Trust {
  const read: { readonly trust: Trust | null; readonly findings: readonly Finding[] } = readTrust(
    source(path, args),
  );
  if (read.trust === null) throw new Refused(read.findings, UNUSABLE);
  if (read.findings.length > 0)
    io.err(
      findingLines(read.findings, io.paint)
        .map((row) => `${row}\n`)
        .join(''),
    );
  return read.trust;
}

function sizes({ people, rules, withdrawn }: Trust): string {
  const keys = people.reduce((sum, person) => sum + person.keys.length, 0);
  return [
    plural(people.length, 'person', 'people'),
    plural(keys, 'key'),
    plural(rules.length, 'rule'),
    `${withdrawn.length} withdrawn`,
  ].join(', ');
}

function listText(trust: Trust): string {
  return [
    `${claim(trust.id ?? 'no id')}, serial ${trust.serial ?? 'not given'}: ${sizes(trust)}`,
    ...trust.people.flatMap(personLines),
    ...trust.withdrawn.map(
      ({ fingerprint, at, reason }) =>
        `withdrawn  ${line(fingerprint)} from ${claim(at)} on${reason === undefined ? '' : `: ${claim(reason)}`}`,
    ),
    ...trust.rules.flatMap((rule) => ruleLines(rule, trust.defaultRule)),
    '',
  ].join('\n');
}

function personLines({ id, also, name, keys }: Person): string[] {
  const names = also.length === 0 ? '' : `, also ${also.map((one) => claim(one)).join(', ')}`;
  return [`${claim(id)}${name === undefined ? '' : ` (${claim(name)})`}${names}`, ...keys.map(keyLine)];
}

function keyLine({ kind, fingerprint, from, until, checked }: TrustedKey): string {
  const words = fingerprintWords(fingerprint);
  const window = `${from === undefined ? '' : ` from ${claim(from)}`}${until === undefined ? '' : ` until ${claim(until)}`}`;
  const made = checked === undefined ? 'not said how it was checked' : `checked ${claim(checked)}`;
  return `  ${kind} ${line(fingerprint)}${words === '' ? '' : ` ${words}`}${window}; ${made}`;
}

function ruleLines({ name, level, roles, differentPeople }: Rule, defaultRule: string | undefined): string[] {
  const marks = [
    ...(name === defaultRule ? ['judges unless another is named'] : []),
    ...(level === undefined ? [] : [`level ${level}`]),
    ...(differentPeople ? [] : ['one person may fill several roles']),
  ];
  return [
    `rule ${claim(name)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`,
    ...roles.map(({ role, people, threshold, maxAgeDays }) => {
      const age = maxAgeDays === undefined ? '' : `, not older than ${maxAgeDays} days`;
      return `  ${claim(role, 40)}: ${threshold} of ${people.map((one) => claim(one)).join(', ')}${age}`;
    }),
  ];
}

/** Wire encodings are no text; fingerprints name the keys. */
function withoutBlobs(trust: Trust): unknown {
  const text = JSON.stringify(trust, (_name, value: unknown) =>
    value instanceof Uint8Array ? undefined : value,
  );
  return { schemaVersion: 'countersign.people/v1', ...(JSON.parse(text) as object) };
}
