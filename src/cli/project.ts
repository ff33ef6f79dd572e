import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DocumentSource } from '../core/documents/readDocument.js';
import { PROJECT_DOCUMENT_BYTES_MAX } from '../core/documents/readDocument.js';
import type { Finding } from '../core/generated/report.js';
import { sarifLog } from '../core/report/sarif.js';
import { compareWithLock, driftFindings } from '../core/spec/drift.js';
import { lockedBytes, makeLock, writeLock, type Blake3 } from '../core/spec/lock.js';
import { viewPlan, type PlanView } from '../core/spec/plan.js';
import { readLock, readPlan, readSpec, type Reading } from '../core/spec/readSpec.js';
import { toolInfo } from '../engine/tool.js';
import { loadBlake3 } from '../platform/blake3.js';
import { valueOf, type Arguments } from './args.js';
import { readUpTo } from './documents.js';
import { jsonText, type Io } from './io.js';
import { planLines } from './planText.js';
import { saveFiles } from './save.js';
import { orRefusal, Refused } from './signing.js';
import { findingLines } from './textParts.js';
import { UsageError } from './usage.js';
import { claim, line, plural } from './words.js';

const DRIFT = 30;
const UNREADABLE = 60;

/** `countersign lock`: exit 30 with --check when the lock that is there is another one. */
export function runLock(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const path = args.positionals[0] ?? find(args, 'spec.yaml');
    const { value, findings } = readSpec(document(path, args));
    const spec = orRefused(value, findings);
    const out = valueOf(args, 'out') ?? join(dirname(path), 'spec.lock.json');
    const old = existsSync(out) ? readLock(document(out, args)) : null;
    const version = valueOf(args, 'product-version') ?? old?.value?.version;
    if (version === undefined)
      throw new UsageError('There is no lock yet: give --product-version.', args.command.name);
    tell(findings, args, io);
    const blake3 = await loadBlake3();
    const lock = makeLock(spec, version, blake3);
    if (args.flags.has('check')) return checkLock(old, spec, lock.version, path, blake3, args, io);
    saveFiles([{ name: out, bytes: writeLock(lock) }], {
      command: args.command.name,
      force: args.flags.has('force'),
    });
    if (!args.flags.has('quiet'))
      io.err(`Written: ${claim(out, 400)}, ${plural(spec.features.length, 'feature')}\n`);
    return 0;
  });
}

function checkLock(
  old: ReturnType<typeof readLock> | null,
  spec: NonNullable<ReturnType<typeof readSpec>['value']>,
  version: string,
  path: string,
  blake3: Blake3,
  args: Arguments,
  io: Io,
): number {
  if (old === null) throw new UsageError('There is no lock to compare with.', args.command.name);
  const lock = orRefused(old.value, old.findings);
  const drift = driftFindings(compareWithLock(spec, lock, blake3), path);
  tell(drift, args, io);
  const otherVersion = lock.version !== version;
  if (otherVersion) io.err(`The lock is for version ${claim(lock.version)}.\n`);
  return drift.length > 0 || otherVersion ? DRIFT : 0;
}

/** `countersign drift` */
export function runDrift(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const specPath = find(args, 'spec.yaml');
    const read = readSpec(document(specPath, args));
    const spec = orRefused(read.value, read.findings);
    const lockRead = readLock(document(find(args, 'spec.lock.json'), args));
    const lock = orRefused(lockRead.value, lockRead.findings);
    const blake3 = await loadBlake3();
    const drift = compareWithLock(spec, lock, blake3);
    const findings = driftFindings(drift, specPath);
    const hashes = new Map(spec.features.map((feature) => [feature.id, blake3(lockedBytes(feature))]));
    const plan = planOf(hashes, args);
    const uncovered = read.findings.map(({ params }) => String(params['field']));
    if (args.flags.has('sarif'))
      io.out(jsonText(sarifLog([...findings, ...read.findings], toolInfo.version)));
    else if (args.flags.has('json')) io.out(jsonText({ drift, uncovered, plan }));
    else if (!args.flags.has('quiet')) {
      tell(findings, args, io);
      const same = drift.filter(({ state }) => state === 'same').length;
      io.out(`${same} of ${plural(drift.length, 'feature')} as locked\n`);
      if (uncovered.length > 0) io.out(`Not covered by the lock: ${line(uncovered.join(', '))}\n`);
      if (plan !== null) io.out(`${planLines(plan).join('\n')}\n`);
    }
    return findings.length > 0 || (plan?.problems.length ?? 0) > 0 ? DRIFT : 0;
  });
}

function planOf(hashes: ReadonlyMap<string, string>, args: Arguments): PlanView | null {
  const path = locate(args, 'plan.json');
  if (path === null) return null;
  const { value, findings } = readPlan(document(path, args));
  return viewPlan(orRefused(value, findings), hashes);
}

/** A reading that can be used; else the refusal ends in 60. */
function orRefused<T>(value: Reading<T>['value'], findings: readonly Finding[]): T {
  if (value === null) throw new Refused(findings, UNREADABLE);
  return value;
}

/** A file of a project, one byte more than is read, so that the reader itself refuses a longer one. */
export function document(path: string, args: Arguments): DocumentSource {
  return { name: path, bytes: readUpTo(path, PROJECT_DOCUMENT_BYTES_MAX + 1, args.command.name) };
}

export function tell(findings: readonly Finding[], args: Arguments, io: Io): void {
  if (args.flags.has('quiet') || findings.length === 0) return;
  io.err(`${findingLines(findings, io.paint).join('\n')}\n`);
}

function locate(args: Arguments, name: string): string | null {
  const folder = valueOf(args, 'dir') ?? '.';
  const found = [join(folder, name), join(folder, '.specular', name)].filter((path) => existsSync(path));
  if (found.length > 1)
    throw new UsageError(
      `${found.join(' and ')} are both there; it is not clear which counts.`,
      args.command.name,
    );
  return found[0] ?? null;
}

function find(args: Arguments, name: string): string {
  const path = locate(args, name);
  if (path !== null) return path;
  const folder = valueOf(args, 'dir') ?? '.';
  throw new UsageError(`There is no ${name} in ${folder} or its folder .specular.`, args.command.name);
}
