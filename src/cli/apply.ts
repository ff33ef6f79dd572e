import { existsSync, statSync } from 'node:fs';
import {
  contentOf,
  decideApply,
  INFO_PATH,
  planApply,
  previousOf,
  refusals,
  suppliedEntries,
  type ApplyDecision,
  type ApplyJournal,
  type ApplyPlan,
  type FolderView,
  type PlannedFile,
} from '../core/apply.js';
import { ArchiveChangedError } from '../core/archive/rewrite.js';
import type { BundleInfo } from '../core/generated/bundle-info.js';
import type { Finding, InputReport, Report } from '../core/generated/report.js';
import { limitsProfiles } from '../core/limits.js';
import { finding } from '../core/messages/finding.js';
import { matcher } from '../core/project/ignore.js';
import { exitOfVerdict } from '../core/report/exitCodes.js';
import type { VerifyRequest } from '../engine/engine.js';
import { nodePlatform } from '../platform/node.js';
import { lookAt, recordOf } from '../platform/nodeLook.js';
import {
  finishApply,
  FolderChangedError,
  NotVerifiedError,
  rollBack,
  undoApply,
  unfinishedIn,
  writeApply,
} from '../platform/nodeWrite.js';
import type { ByteSource } from '../core/bytes/source.js';
import { demand, valueOf, type Arguments } from './args.js';
import { applyText, decisionJson, notConfirmedText } from './applyText.js';
import { openEngine } from './engine.js';
import { jsonText, type Io } from './io.js';
import { createProgressLine } from './progress.js';
import { orRefusal, Refused } from './signing.js';
import { findingLines } from './textParts.js';
import { UsageError } from './usage.js';
import { buildRequest } from './verify.js';
import { claim, plural } from './words.js';

const NAME = 'apply';
const REASONS_MAX = 5;

/**
 * `countersign apply`: exit 0, 2 when it cannot be done as asked, 3 when files of yours stand in the way, that of
 * `verify` when the bundle is not confirmed.
 */
export function runApply(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const dir = demand(args, 'dir');
    if (!existsSync(dir) || !statSync(dir).isDirectory())
      throw new UsageError(`There is no folder ${dir}.`, NAME);
    const back = ['undo', 'finish'].filter((flag) => args.flags.has(flag));
    if (back.length > 1) throw new UsageError('--undo and --finish exclude each other.', NAME);
    if (back.length === 0) return applyFile(dir, args, io);
    if (args.positionals.length > 0) throw new UsageError(`--${back[0] ?? ''} takes no FILE.`, NAME);
    return back[0] === 'undo' ? undo(dir, args, io) : finish(dir, args, io);
  });
}

async function applyFile(dir: string, args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length !== 1) throw new UsageError('"apply" needs FILE.', NAME);
  const open = unfinished(dir);
  if (open !== null) throw new Refused([finding('apply-unfinished', { id: open.id, version: open.version })]);
  const request = await buildRequest(args, io);
  const { report, input } = await judged(request, io);
  const reason = valueOf(args, 'unconfirmed');
  const against = refusals(input, reason);
  const never = against.some(({ code }) => code !== 'apply-not-confirmed');
  if (never) throw new Refused([...against, ...reasonsIn(input)], exitOfVerdict(input.verdict.code) || 2);
  const { plan, view, info, findings } = planned(dir, input);
  if (plan.refusals.length > 0) throw new Refused(plan.refusals);
  const quiet = args.flags.has('quiet');
  const writes = chooser(args);
  const decision = decideApply(
    plan,
    view,
    { input, rule: report.rule, tool: report.tool, at: io.clock(), reason, writes, previous: info },
    nodePlatform(),
  );
  const open3 = undecided(plan, args);
  if (!quiet) for (const line of findingLines(findings, io.paint)) io.err(`${line}\n`);
  const dry = args.flags.has('dry-run');
  const stopped = against.length > 0 || open3.length > 0;
  const write = !dry && !stopped && decision !== null;
  const after = write ? await carryOut(dir, decision, request, input, io) : [];
  if (!quiet) {
    const shown = { input, plan, decision, dir, written: write, undecided: open3 };
    io.out(args.flags.has('json') ? jsonText(decisionJson(shown)) : applyText(shown));
  }
  if (after.length > 0) throw new Refused(after, 3);
  if (against.length > 0) return notConfirmed(against, input, io);
  return open3.length > 0 ? 3 : 0;
}

/** What the verdict rests on, as verify would say it. */
function reasonsIn({ findings }: InputReport): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'error').slice(0, REASONS_MAX);
}

function notConfirmed(against: readonly Finding[], input: InputReport, io: Io): number {
  io.err(`${findingLines(against, io.paint).join('\n')}\n${notConfirmedText(input)}`);
  return exitOfVerdict(input.verdict.code);
}

async function judged(
  request: VerifyRequest,
  io: Io,
): Promise<{ readonly report: Report; readonly input: InputReport }> {
  if (request.inputs.length > 1) throw new UsageError('"apply" takes one bundle at a time.', NAME);
  const progress = createProgressLine(io);
  const report = await openEngine(io)
    .verify(request, { signal: io.signal, onProgress: progress.show })
    .finally(progress.clear);
  const [input] = report.inputs;
  if (input === undefined) throw new UsageError('This is no bundle but a supplement.', NAME);
  return { report, input };
}

interface Planned {
  readonly plan: ApplyPlan;
  readonly view: FolderView;
  readonly info: BundleInfo | null;
  readonly findings: readonly Finding[];
}

function planned(dir: string, input: InputReport): Planned {
  const content = contentOf(input);
  const { info, findings } = recordOf(dir);
  const paths = [...content.files.map(({ path }) => path), ...previousOf(info).keys(), INFO_PATH];
  const view = lookAt(dir, paths);
  return { plan: planApply(content, { view, info }), view, info, findings };
}

/** What is kept, and what of the conflicts is written over; `--keep` beats the others. */
function chooser(args: Arguments): (file: PlannedFile) => boolean {
  const keeps = matcher(args.values.get('keep') ?? []);
  const overwrites = matcher(args.values.get('overwrite') ?? []);
  const all = args.flags.has('yes');
  return ({ path, action }) => !keeps(path) && (action !== 'conflict' || all || overwrites(path));
}

function undecided(plan: ApplyPlan, args: Arguments): readonly PlannedFile[] {
  const keeps = matcher(args.values.get('keep') ?? []);
  const writes = chooser(args);
  return plan.files.filter((file) => file.action === 'conflict' && !keeps(file.path) && !writes(file));
}

async function carryOut(
  dir: string,
  decision: ApplyDecision,
  request: VerifyRequest,
  input: InputReport,
  io: Io,
): Promise<readonly Finding[]> {
  const { limitsProfile = 'default', limits = {} } = request;
  const entries = suppliedEntries(request.inputs[0]!.source as ByteSource, decision.journal.steps, {
    platform: nodePlatform(),
    limits: { ...limitsProfiles[limitsProfile], ...limits },
    archiveSha256: (input.archiveDigest ?? '').replace('sha256:', ''),
    signal: io.signal,
    supplements: request.loose.map(({ bytes }) => bytes),
  });
  try {
    return await writeApply(dir, decision, entries, { signal: io.signal });
  } catch (error) {
    if (error instanceof NotVerifiedError || error instanceof ArchiveChangedError)
      throw new UsageError('The bundle changed while it was read; nothing was written.', NAME);
    throw stuck(dir, error);
  }
}

/** A full disk or a folder that may not be written: says what the folder is in now. */
function stuck(dir: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error || error instanceof FolderChangedError)) return error;
  const code = 'code' in error ? ` (${String(error.code)})` : '';
  const begun = unfinished(dir) !== null;
  const state = begun
    ? 'It is partly written: --finish or --undo goes on from here.'
    : 'Nothing was written.';
  return new UsageError(`${dir} cannot be written as planned${code}. ${state}`, NAME);
}

function unfinished(dir: string): ApplyJournal | null {
  const open = unfinishedIn(dir);
  if (open !== null && 'findings' in open) throw new Refused(open.findings);
  return open;
}

function finish(dir: string, args: Arguments, io: Io): number {
  const open = unfinished(dir);
  if (open === null) throw new Refused([finding('apply-nothing-to-undo', {})]);
  const { finished, findings } = finishApply(dir, open);
  const what = `${claim(open.id)} ${claim(open.version)}`;
  const done = open.state === 'undoing' ? `${what} was taken back.` : `${what} is applied.`;
  const none = `Nothing of ${what} had been written yet; what was prepared is gone. Apply it again.`;
  return answer(finished ? done : none, findings, args, io);
}

function undo(dir: string, args: Arguments, io: Io): number {
  const open = unfinished(dir);
  if (open !== null) {
    const findings = undoApply(dir, open);
    return answer(
      `${claim(open.id)} ${claim(open.version)} was taken back before it was done.`,
      findings,
      args,
      io,
    );
  }
  const back = rollBack(dir);
  if (back === null) throw new Refused([finding('apply-nothing-to-undo', {})]);
  const { journal, findings } = back;
  const files = plural(Math.max(0, journal.steps.length - 1), 'file');
  return answer(
    `${claim(journal.id)} ${claim(journal.version)} was taken back: ${files}.`,
    findings,
    args,
    io,
  );
}

function answer(text: string, findings: readonly Finding[], args: Arguments, io: Io): number {
  if (args.flags.has('json')) io.out(jsonText({ done: text, findings }));
  else if (!args.flags.has('quiet')) io.out(`${text}\n`);
  if (findings.length > 0) throw new Refused(findings, 3);
  return 0;
}
