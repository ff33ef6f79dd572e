import { subjectOf, type ApprovalIntent, type ApprovalSubject } from '../core/approve.js';
import type { InputReport } from '../core/generated/report.js';
import { toUtc } from '../core/bytes/time.js';
import { exitOfVerdict } from '../core/report/exitCodes.js';
import { demand, valueOf, type Arguments } from './args.js';
import { findPlainFiles, STDIN } from './inputs.js';
import type { Io } from './io.js';
import { openInput } from './openInput.js';
import { readInside } from './readings.js';
import { Refused } from './signing.js';
import { UsageError } from './usage.js';
import { line, quoted } from './words.js';

export interface Asked {
  /** Path of the bundle, `-` for standard input. */
  readonly path: string;
  readonly inside: InputReport;
  readonly subject: ApprovalSubject;
}

/** The bundle that a command is about, read whole. Throws {@link Refused} for one that nobody should sign. */
export async function readSubject(args: Arguments, io: Io): Promise<Asked> {
  const { name } = args.command;
  const [path] = findPlainFiles(args.positionals, name);
  if (path === undefined) throw new UsageError('There is no bundle.', name);
  const inside = await readInside(await openInput(path, io), args, io);
  if (inside === null) throw new UsageError(`${path} is a supplement, not a bundle.`, name);
  const read = subjectOf(inside);
  if ('subject' in read) return { path, inside, subject: read.subject };
  io.err(`${line(inside.verdict.headline)}. ${line(inside.verdict.sub)}\n`);
  throw new Refused(read.findings, exitOfVerdict(inside.verdict.code));
}

/** Folder and start of names for what is written beside the bundle. */
export function besideOf(path: string): string {
  return path === STDIN ? '' : path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** What the options say, for {@link prepareApproval}. */
export function intentOf(args: Arguments, { inside }: Asked, signedAt: string, key?: string): ApprovalIntent {
  const comment = valueOf(args, 'comment');
  const expires = timeOption(args, 'expires');
  const file = fileOf(args, inside);
  return {
    role: demand(args, 'role'),
    user: demand(args, 'user'),
    decision: args.flags.has('decline') ? 'declined' : 'approved',
    signedAt,
    ...(comment === null ? {} : { comment }),
    ...(expires === null ? {} : { expires }),
    ...(key === undefined ? {} : { key }),
    ...(file === null ? {} : { file }),
  };
}

/** A time option in UTC, or null. Throws {@link UsageError}. */
export function timeOption(args: Arguments, name: string): string | null {
  const text = valueOf(args, name);
  const utc = text === null ? null : toUtc(text);
  if (text !== null && utc === null)
    throw new UsageError(
      `--${name} ${text} is not a time. Write it as 2026-12-31T00:00:00Z.`,
      args.command.name,
    );
  return utc;
}

function fileOf(args: Arguments, { files }: InputReport): NonNullable<ApprovalIntent['file']> | null {
  const path = valueOf(args, 'file');
  if (path === null) return null;
  const found = files.find((one) => one.path === path && one.status === 'matches');
  if (found?.sha256 === undefined || found.sha256 === null)
    throw new UsageError(`${path} is no listed file of this bundle whose bytes are here.`, args.command.name);
  return { path, sha256: found.sha256 };
}

/** What is approved, in one line. */
export function subjectLine({ subject }: Asked): string {
  return `${quoted(subject.id)} version ${quoted(subject.version)}, bundle digest ${subject.bundleDigest}`;
}
