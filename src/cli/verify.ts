import type { Report } from '../core/generated/report.js';
import { exitOfVerdict, worstExit } from '../core/report/exitCodes.js';
import type { VerifyRequest } from '../engine/engine.js';
import { valueOf, type Arguments } from './args.js';
import { readCertificate, readLoose, readTrust, splitRule } from './documents.js';
import { openEngine } from './engine.js';
import { explain } from './explain.js';
import { findFiles } from './inputs.js';
import { jsonText, type Io } from './io.js';
import { openInput, type OpenedInput } from './openInput.js';
import { createProgressLine } from './progress.js';
import { parseLimits, parseNow } from './settings.js';
import { orRefusal } from './refusal.js';
import { reportText, summaryText } from './text.js';
import { claim, plural } from './words.js';
import { UsageError } from './usage.js';

/** `countersign verify`: argv to request, request to report, report to text and exit code. */
export async function runVerify(args: Arguments, io: Io): Promise<number> {
  const code = valueOf(args, 'explain');
  if (code !== null) {
    io.out(explain(code));
    return 0;
  }
  return orRefusal(io, () => judge(args, io));
}

async function judge(args: Arguments, io: Io): Promise<number> {
  const path = valueOf(args, 'policy');
  // Read first: a policy that cannot be used stops the command before anything is judged.
  const policies = path === null ? null : await import('./verifyPolicy.js');
  const mine = policies === null || path === null ? null : policies.readReaderPolicy(path, args.command.name);
  const request = await buildRequest(args, io);
  const engine = openEngine(io);
  const progress = createProgressLine(io);
  try {
    const report = await engine.verify(request, { signal: io.signal, onProgress: progress.show });
    progress.clear();
    if (policies === null || mine === null) return conclude(report, request, args, io);
    const policy = await policies.policyReport(mine, report, request, io);
    const exits = policies.policyExits(policy, args.flags.has('strict'));
    const exit = conclude({ ...report, policy }, request, args, io);
    if (!args.flags.has('quiet') && !args.flags.has('json'))
      io.out(
        args.flags.has('summary')
          ? policies.policySummary(policy, io.paint)
          : `\n${policies.policyText(policy, io.paint)}`,
      );
    return worstExit([exit, ...exits]);
  } finally {
    progress.clear();
  }
}

/** What the files and options of a command line ask the engine. Throws {@link UsageError}. */
export async function buildRequest(
  args: Arguments,
  io: Io,
): Promise<Omit<VerifyRequest, 'inputs'> & { readonly inputs: readonly OpenedInput[] }> {
  const { name } = args.command;
  const found = findFiles(args.positionals, args.values.get('approval') ?? [], name);
  if (found.bundles.length === 0)
    throw new UsageError([...found.notes, 'There is no bundle to judge.'].join('\n'), name);
  if (!args.flags.has('quiet')) for (const note of found.notes) io.err(`${note}\n`);
  const now = valueOf(args, 'now');
  const settings = parseLimits(valueOf(args, 'limits'), name);
  const rule = ruleOf(args);
  const allowedSigners = (args.values.get('allowed-signers') ?? []).map((path) => readTrust(path, name));
  const certificates = (args.values.get('certificate') ?? []).map((path) => readCertificate(path, name));
  const loose = found.loose.map((path) => readLoose(path, name));
  const inputs = [];
  for (const path of found.bundles) inputs.push(await openInput(path, io));
  return {
    inputs,
    loose,
    ...rule,
    allowedSigners,
    certificates,
    now: now === null ? io.clock() : parseNow(now, name),
    ...settings,
  };
}

function ruleOf(args: Arguments): Pick<VerifyRequest, 'trust' | 'ruleName'> {
  const value = valueOf(args, 'rule');
  if (value === null) return {};
  const { path, name } = splitRule(value);
  return { trust: readTrust(path, args.command.name), ...(name === null ? {} : { ruleName: name }) };
}

function conclude(report: Report, request: VerifyRequest, args: Arguments, io: Io): number {
  const quiet = args.flags.has('quiet');
  if (!quiet) print(report, args, io);
  const judged = new Set(report.inputs.map(({ file }) => file));
  const unjudged = request.inputs.filter(({ name }) => !judged.has(name));
  for (const { name } of unjudged)
    io.err(
      `${claim(name, 400)} is no bundle but a supplement, so it was not judged. Give supplements with --approval.\n`,
    );
  // A bundle stripped down to its approvals must not drop out of the count: what was named and not judged was not read.
  const exit = worstExit([
    ...report.inputs.map((input) => exitOfVerdict(input.verdict.code)),
    ...unjudged.map(() => exitOfVerdict('B-UNREADABLE')),
  ]);
  const open = args.flags.has('strict') && exit === 0 ? openChecks(report) : 0;
  if (open === 0) return exit;
  if (!quiet) io.err(`--strict: ${plural(open, 'check')} not passed, exit code 14 instead of 0.\n`);
  return 14;
}

/** Checks that neither passed nor are without an object. */
function openChecks(report: Report): number {
  const checks = report.inputs.flatMap((input) => input.checks);
  return checks.filter(({ status }) => status !== 'pass' && status !== 'not-applicable').length;
}

function print(report: Report, args: Arguments, io: Io): void {
  if (args.flags.has('json')) io.out(jsonText(report));
  else if (args.flags.has('summary')) io.out(summaryText(report, io.paint));
  else io.out(reportText(report, io.paint));
}
