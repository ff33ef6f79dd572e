import { existsSync, statSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import {
  carriedApprovals,
  planBundle,
  type BuildChoices,
  type BuildPlan,
  type Carried,
  type GovernanceLevel,
  type ProjectFile,
  type SeenFile,
} from '../core/build.js';
import { fromUtf8 } from '../core/bytes/text.js';
import { formatTime, parseTime, toUtc } from '../core/bytes/time.js';
import type { Finding } from '../core/generated/report.js';
import { limitsProfiles } from '../core/limits.js';
import { IGNORE_FILE, matcher, selectFiles, type Selection } from '../core/project/ignore.js';
import { identityOf, mayBeKnown, RECOGNISED_BYTES_MAX } from '../core/project/recognise.js';
import { nodePlatform, sourceOfFile } from '../platform/node.js';
import { listFolder, type FolderFile } from '../platform/nodeFolder.js';
import type { Threads } from '../platform/nodeThreads.js';
import { demand, valueOf, type Arguments } from './args.js';
import { changed, leftBy, threadsFor, writeChecked, writeSupplement } from './buildWrite.js';
import { readUpTo } from './documents.js';
import { jsonText, type Io } from './io.js';
import { orRefusal, Refused } from './signing.js';
import { UsageError } from './usage.js';
import { claim, plural, sizeWords } from './words.js';

const NAME = 'build';
const SEED_BYTES_MAX = 1_048_576;
const IGNORE_BYTES_MAX = 1_048_576;
const LEVELS: readonly string[] = ['L1', 'L2', 'L3', 'L4'];
const SHOWN = 200;

/** `countersign build`: exit 0, 2 when it cannot be built as asked, 20 when it holds what looks like a secret. */
export function runBuild(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const dir = demand(args, 'dir');
    const out = demand(args, 'out');
    const force = args.flags.has('force');
    if (!existsSync(dir) || !statSync(dir).isDirectory())
      throw new UsageError(`There is no folder ${dir}.`, NAME);
    if (existsSync(out) && !force)
      throw new UsageError(`${out} is there already; nothing was written. --force writes over it.`, NAME);
    const supplement = valueOf(args, 'supplement');
    if (supplement !== null && existsSync(supplement) && !force)
      throw new UsageError(`${supplement} is there already; nothing was written.`, NAME);
    const earlier = await carriedFrom(valueOf(args, 'approvals-from'), io);
    const { files, special } = listFolder(dir);
    const own = [out, ...(supplement === null ? [] : [supplement])].map((one) =>
      relative(dir, one).split(sep).join('/'),
    );
    const selection = select(
      files.filter(({ path }) => !own.some((one) => isOurs(path, one))),
      dir,
      args,
    );
    const threads = threadsFor(selection.packed, io);
    const plan = await planned(selection.packed, choicesOf(dir, selection.packed, args, io), threads, io);
    const carried = earlier?.digest === plan.bundleDigest ? earlier.files : [];
    if (earlier !== null && earlier.digest !== plan.bundleDigest) io.err(notCarried(earlier, plan));
    const saving = { force, io, threads };
    await writeChecked(plan, carried, out, saving);
    const outside = supplement === null ? null : await writeSupplement(plan, supplement, saving);
    threads?.close();
    if (args.flags.has('quiet')) return 0;
    const built = { plan, selection, special, out, outside, carried: carried.map(({ name }) => name) };
    io.out(args.flags.has('json') ? jsonText(summary(built)) : text(built));
    return 0;
  });
}

interface BuiltHere {
  readonly plan: BuildPlan;
  readonly selection: Selection<ProjectFile>;
  readonly special: readonly string[];
  readonly out: string;
  /** Where the files that stay outside went; null when nothing was written. */
  readonly outside: string | null;
  readonly carried: readonly string[];
}

/** Approvals of an earlier bundle. Read before anything else, so that a bundle can be built over its own name. */
async function carriedFrom(path: string | null, io: Io): Promise<Carried | null> {
  if (path === null) return null;
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`, NAME);
  const carried = await carriedApprovals(sourceOfFile(path), {
    platform: nodePlatform(),
    limits: limitsProfiles.large,
    signal: io.signal,
  });
  if ('findings' in carried) throw new Refused(carried.findings, 60);
  return carried;
}

function notCarried({ digest, created, files }: Carried, { bundleDigest }: BuildPlan): string {
  const same = created === null ? '' : ` It was created ${claim(created)}: --created takes that time.`;
  return (
    `Not carried over: ${plural(files.length, 'file')} with approvals of ${digest}; ` +
    `this bundle is ${bundleDigest}.${same}\n`
  );
}

async function planned(
  files: readonly FolderFile[],
  choices: BuildChoices,
  threads: Threads | null,
  io: Io,
): Promise<BuildPlan> {
  try {
    const seen = new Map<string, SeenFile>();
    await threads?.see(files, seen);
    const plan = await planBundle(files, choices, { platform: nodePlatform(), signal: io.signal, seen });
    if ('findings' in plan) throw new Refused(plan.findings, exitOf(plan.findings));
    return plan;
  } catch (error) {
    throw changed(error);
  }
}

function exitOf(findings: readonly Finding[]): number {
  return findings.every(({ code }) => code === 'build-secret') ? 20 : 2;
}

function select(files: readonly FolderFile[], dir: string, args: Arguments): Selection<FolderFile> {
  const ignoreFile = join(dir, IGNORE_FILE);
  const ignored = existsSync(ignoreFile) ? fromUtf8(readUpTo(ignoreFile, IGNORE_BYTES_MAX, NAME)) : null;
  if (ignored === null && existsSync(ignoreFile))
    throw new UsageError(`${ignoreFile} is not UTF-8 text.`, NAME);
  return selectFiles(files, {
    ignoreFile: ignored,
    include: args.values.get('include') ?? [],
    exclude: args.values.get('exclude') ?? [],
  });
}

/** What is about to be written, and what a run that was killed left of it. */
function isOurs(path: string, own: string): boolean {
  if (path === own) return true;
  return (
    posix.dirname(path) === posix.dirname(own) && leftBy(posix.basename(path), posix.basename(own)) !== null
  );
}

function choicesOf(dir: string, files: readonly ProjectFile[], args: Arguments, io: Io): BuildChoices {
  const known = files.filter(({ path, size }) => mayBeKnown(path) && size <= RECOGNISED_BYTES_MAX);
  const found = identityOf(
    known.map(({ path }) => ({ path, bytes: readUpTo(join(dir, path), RECOGNISED_BYTES_MAX, NAME) })),
  );
  const id = valueOf(args, 'id') ?? found.id;
  const version = valueOf(args, 'bundle-version') ?? found.version;
  if (id === null) throw new UsageError('No specification says what this is: give --id.', NAME);
  if (version === null)
    throw new UsageError('No lock says which version this is: give --bundle-version.', NAME);
  const roles = valueOf(args, 'require-approvals');
  return {
    id,
    version,
    created: createdAt(args, io),
    requiredApprovals: roles === null ? [] : roles.split(',').map((role) => role.trim()),
    description: valueOf(args, 'description') ?? '',
    metadata: metadataOf(args),
    isExternal: matcher(args.values.get('external') ?? []),
    ...levelOf(args),
    ...seedOf(args),
    ...secretsOf(args),
  };
}

function createdAt(args: Arguments, io: Io): string {
  const given = valueOf(args, 'created');
  if (given !== null) {
    const utc = toUtc(given);
    if (utc === null) throw new UsageError('--created must be RFC 3339, such as 2026-11-20T10:00:00Z.', NAME);
    return utc;
  }
  const epoch = process.env.SOURCE_DATE_EPOCH;
  if (epoch === undefined || epoch === '')
    return formatTime(Math.floor((parseTime(io.clock()) ?? 0) / 1000) * 1000);
  if (!/^\d{1,12}$/.test(epoch)) throw new UsageError('SOURCE_DATE_EPOCH must be seconds since 1970.', NAME);
  return formatTime(Number(epoch) * 1000);
}

function levelOf(args: Arguments): { level?: GovernanceLevel } {
  const level = valueOf(args, 'level');
  if (level === null) return {};
  if (!LEVELS.includes(level)) throw new UsageError('--level must be L1, L2, L3 or L4.', NAME);
  return { level: level as GovernanceLevel };
}

function seedOf(args: Arguments): { seed?: Uint8Array } {
  const file = valueOf(args, 'seed-file');
  const wanted = args.flags.has('redactable');
  if (wanted !== (file !== null)) throw new UsageError('--redactable and --seed-file go together.', NAME);
  return file === null ? {} : { seed: readUpTo(file, SEED_BYTES_MAX, NAME) };
}

function secretsOf(args: Arguments): Pick<BuildChoices, 'allowSecret'> {
  const reason = valueOf(args, 'reason')?.trim() ?? '';
  const allowed = args.flags.has('allow-secrets');
  if (allowed !== (reason !== '')) throw new UsageError('--allow-secrets and --reason go together.', NAME);
  const places = new Map(
    (args.values.get('allow-secret') ?? []).map((one): [string, string] => {
      const [, place, why] = /^(.+?:[0-9]{1,9})=(.*\S.*)$/s.exec(one) ?? [];
      if (place === undefined || why === undefined)
        throw new UsageError('--allow-secret must be PATH:LINE=WHY.', NAME);
      return [place, why];
    }),
  );
  return { allowSecret: ({ path, line: at }) => places.get(`${path}:${at}`) ?? reason };
}

function metadataOf(args: Arguments): Record<string, string> {
  const pairs = (args.values.get('metadata') ?? []).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError('--metadata must be KEY=VALUE.', NAME);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

function summary({ plan, selection, special, out, outside, carried }: BuiltHere): unknown {
  const { id, version, created, governanceLevel, requiredApprovals, metadata, integrityDigest } =
    plan.manifest;
  return {
    id,
    version,
    created,
    governanceLevel: governanceLevel ?? null,
    requiredApprovals,
    metadata,
    bundleDigest: plan.bundleDigest,
    contentRoot: integrityDigest,
    files: plan.manifest.files,
    leftOut: selection.left.map(({ path }) => path),
    notPackable: special,
    carried,
    supplement: outside,
    out,
  };
}

function text({ plan, selection: { left, forced }, special, out, outside, carried }: BuiltHere): string {
  const { manifest, bundleDigest } = plan;
  const { id, version, created, requiredApprovals, governanceLevel, integrityDigest, files, metadata } =
    manifest;
  const total = files.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const others = Object.entries(metadata).map(([key, value]) => `  ${claim(key)}: ${claim(value)}`);
  const rows = files
    .slice(0, SHOWN)
    .map(
      ({ path, size, external }) =>
        `    ${claim(path)}  ${sizeWords(size ?? 0)}${external ? '  (listed, not packed)' : ''}`,
    );
  const at = claim(out, 400);
  return [
    `Built ${claim(id)} ${claim(version)}: ${bundleDigest}`,
    `  content root  ${integrityDigest}`,
    `  created       ${created ?? ''}`,
    `  must approve  ${requiredApprovals.length === 0 ? 'nobody is named' : requiredApprovals.join(', ')}`,
    ...(governanceLevel === undefined ? [] : [`  level         ${governanceLevel}`]),
    ...others,
    `  written       ${at}`,
    ...(outside === null ? [] : [`  outside       ${claim(outside, 400)}`]),
    ...(carried.length === 0 ? [] : [`  carried over  ${plural(carried.length, 'file')} with approvals`]),
    `What an auditor will read: ${plural(files.length, 'file')}, ${sizeWords(total)}`,
    ...rows,
    ...(files.length > SHOWN ? [`    and ${files.length - SHOWN} more; --json lists all`] : []),
    ...(forced.length === 0
      ? []
      : [`Included against the ignore file: ${forced.map(({ path }) => claim(path)).join(', ')}`]),
    ...(left.length === 0 ? [] : [`Left out: ${plural(left.length, 'file')}; --json lists them`]),
    ...(special.length === 0
      ? []
      : [`Not packed, as they are links or no files: ${special.map((path) => claim(path)).join(', ')}`]),
    `Next: countersign approve ${at} --role R --user U --key PATH`,
    '',
  ].join('\n');
}
