import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { planBundle, type BuildChoices, type BuildPlan, type ProjectFile } from '../core/build.js';
import { toUtc } from '../core/bytes/time.js';
import type { ByteSource } from '../core/bytes/source.js';
import { ArchiveChangedError, readEntries } from '../core/archive/rewrite.js';
import type { InputReport } from '../core/generated/report.js';
import { exitOfVerdict } from '../core/report/exitCodes.js';
import { limitsProfiles, type Limits } from '../core/limits.js';
import { planMigration, type Migration, type MigrationFile } from '../core/migrate.js';
import { readBundle } from '../core/verify.js';
import type { VerifyRequest } from '../engine/engine.js';
import { nodePlatform } from '../platform/node.js';
import { NotVerifiedError, writeHashed } from '../platform/nodeWrite.js';
import { demand, valueOf, type Arguments } from './args.js';
import { writeChecked } from './buildWrite.js';
import { openEngine } from './engine.js';
import { jsonText, type Io } from './io.js';
import { orRefusal, Refused } from './signing.js';
import { UsageError } from './usage.js';
import { buildRequest } from './verify.js';
import { claim, plural } from './words.js';

const NAME = 'migrate';

const USAGE = 2;

/**
 * `countersign migrate`: exit 0, 2 when it cannot be migrated as asked, 20 when it holds what looks like a secret; that
 * of `verify` for a bundle that is not what it says.
 */
export function runMigrate(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const out = demand(args, 'out');
    const force = args.flags.has('force');
    if (existsSync(out) && !force)
      throw new UsageError(`${out} is there already; nothing was written. --force writes over it.`, NAME);
    const request = await buildRequest(args, io);
    const { input, migration } = await planned(request, args, io);
    const roles = migration.notCarried.filter(({ what }) => what === 'role');
    if (roles.length > 0)
      throw new UsageError(
        `Required roles that cannot be carried: ${roles.map(({ name }) => claim(name, 80)).join(', ')}. ${roles[0]!.next}`,
        NAME,
      );
    const folder = mkdtempSync(join(tmpdir(), 'countersign-migrate-'));
    io.atEnd(() => rmSync(folder, { recursive: true, force: true }));
    try {
      const files = await unpack(request, input, migration, folder, io);
      const plan = await planOf(files, { ...migration.choices, ...secretsOf(args) }, io);
      await writeChecked(plan, [], out, { force, io, threads: null });
      report(migration, plan, out, args, io);
      return 0;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

interface Planned {
  readonly input: InputReport;
  readonly migration: Migration;
}

async function planned(request: VerifyRequest, args: Arguments, io: Io): Promise<Planned> {
  if (request.inputs.length > 1) throw new UsageError('"migrate" takes one bundle at a time.', NAME);
  const result = await openEngine(io).verify(request, { signal: io.signal });
  const [input] = result.inputs;
  if (input === undefined) throw new UsageError('This is no bundle but a supplement.', NAME);
  const reading = await readBundle(input.file, sourceIn(request), {
    platform: nodePlatform(),
    limits: limitsOf(request),
    signal: io.signal,
  });
  const { manifest } = reading;
  const refusal = exitOfVerdict(input.verdict.code) || USAGE;
  if (manifest === null)
    throw new Refused(
      input.findings.filter(({ severity }) => severity === 'error'),
      refusal,
    );
  const created = valueOf(args, 'created');
  if (created !== null && toUtc(created) === null)
    throw new UsageError('--created must be RFC 3339, such as 2026-11-20T10:00:00Z.', NAME);
  const roles = valueOf(args, 'require-approvals');
  const migration = planMigration(
    input,
    { ...reading, manifest },
    {
      now: io.clock(),
      keepOriginal: !args.flags.has('without-original'),
      ...(created === null ? {} : { created }),
      ...(roles === null ? {} : { requiredApprovals: roles.split(',').map((role) => role.trim()) }),
    },
  );
  if ('findings' in migration) {
    const byVerdict = migration.findings.some(({ code }) => code === 'apply-refused-verdict');
    throw new Refused(migration.findings, byVerdict ? refusal : USAGE);
  }
  return { input, migration };
}

/** The files of the older bundle, hashed once more on their way into a folder of this process alone. */
async function unpack(
  request: VerifyRequest,
  input: InputReport,
  { files, original }: Migration,
  folder: string,
  io: Io,
): Promise<readonly ProjectFile[]> {
  const wanted = new Map(files.map((file, at) => [file.path, { file, at: join(folder, String(at)) }]));
  const unpacked: ProjectFile[] = [];
  try {
    for await (const { path, chunks } of readEntries(sourceIn(request), {
      platform: nodePlatform(),
      limits: limitsOf(request),
      archiveSha256: (input.archiveDigest ?? '').replace('sha256:', ''),
      signal: io.signal,
    })) {
      const one = wanted.get(path);
      if (one === undefined) continue;
      await writeHashed(one.at, chunks, { path, after: one.file });
      unpacked.push(projectFile(one.file, one.at));
    }
  } catch (error) {
    if (!(error instanceof NotVerifiedError || error instanceof ArchiveChangedError)) throw error;
    throw new UsageError('The bundle changed while it was read; nothing was written.', NAME);
  }
  if (original === null) return unpacked;
  const source = sourceIn(request);
  return [...unpacked, { path: original, size: input.sizeBytes, open: () => source.open() }];
}

function projectFile({ path, size }: MigrationFile, at: string): ProjectFile {
  return { path, size, open: () => createReadStream(at) };
}

async function planOf(files: readonly ProjectFile[], choices: BuildChoices, io: Io): Promise<BuildPlan> {
  const plan = await planBundle(files, choices, { platform: nodePlatform(), signal: io.signal });
  if (!('findings' in plan)) return plan;
  throw new Refused(plan.findings, plan.findings.every(({ code }) => code === 'build-secret') ? 20 : 2);
}

function secretsOf(args: Arguments): Pick<BuildChoices, 'allowSecret'> {
  const reason = valueOf(args, 'reason')?.trim() ?? '';
  const allowed = args.flags.has('allow-secrets');
  if (allowed !== (reason !== '')) throw new UsageError('--allow-secrets and --reason go together.', NAME);
  return allowed ? { allowSecret: () => reason } : {};
}

function sourceIn(request: VerifyRequest): ByteSource {
  return request.inputs[0]!.source as ByteSource;
}

function limitsOf({ limitsProfile = 'default', limits = {} }: VerifyRequest): Limits {
  return { ...limitsProfiles[limitsProfile], ...limits };
}

function report(migration: Migration, plan: BuildPlan, out: string, args: Arguments, io: Io): void {
  if (args.flags.has('quiet')) return;
  const { choices, notCarried, renew, original } = migration;
  const { bundleDigest, manifest } = plan;
  if (args.flags.has('json')) {
    const { id, version, created, metadata, requiredApprovals } = manifest;
    const made = { id, version, created, metadata, requiredApprovals, bundleDigest };
    io.out(jsonText({ ...made, original, notCarried, renew, out }));
    return;
  }
  io.out(
    [
      `Migrated ${claim(choices.id)} ${claim(choices.version)}: ${bundleDigest}`,
      `  from          ${choices.metadata['migrated_from'] ?? ''} (${choices.metadata['migrated_dialect'] ?? ''})`,
      `  written       ${claim(out, 400)}, ${plural(manifest.files.length, 'file')}`,
      `  older bundle  ${original === null ? 'not kept inside' : `kept inside as ${original}`}`,
      `Could not be carried: ${notCarried.length === 0 ? 'nothing' : String(notCarried.length)}`,
      ...notCarried.map(({ what, name, why, next }) => `  ${what} ${claim(name)}: ${why}. ${next}`),
      `Approvals to renew: ${renew.length === 0 ? 'none' : String(renew.length)}`,
      ...renew.map(({ role, user, file }) => `  ${renewal(role, user, file)}`),
      '',
    ].join('\n'),
  );
}

function renewal(role: string | null, user: string | null, file: string): string {
  const who = user === null ? '' : `, was given by ${claim(user)}`;
  const from = file === '' ? ', was not in the older bundle' : ` (${claim(basename(file))})`;
  return `${role === null ? 'an approval without a role' : claim(role, 40)}${who}${from}`;
}
