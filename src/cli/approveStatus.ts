import { exitOfVerdict, worstExit } from '../core/report/exitCodes.js';
import { approvalStatus, type ApprovalStatus } from '../core/report/status.js';
import { readPolicy } from '../core/trust/policy.js';
import type { InputReport } from '../core/generated/report.js';
import { nodePlatform } from '../platform/node.js';
import type { Arguments } from './args.js';
import { openEngine } from './engine.js';
import { jsonText, type Io } from './io.js';
import { createProgressLine } from './progress.js';
import { UsageError } from './usage.js';
import { buildRequest } from './verify.js';
import { claim, line, roleWords } from './words.js';

/** One bundle and how far it is. */
interface Pending {
  readonly input: InputReport;
  readonly status: ApprovalStatus;
}

/** `countersign approve status`: exit 0 when everything is there, 40 when something is pending; of several the worst. */
export async function runStatus(args: Arguments, io: Io): Promise<number> {
  const request = await buildRequest(args, io);
  const progress = createProgressLine(io);
  const report = await openEngine(io).verify(request, { signal: io.signal, onProgress: progress.show });
  progress.clear();
  if (report.inputs.length === 0)
    throw new UsageError('This is a supplement, not a bundle.', args.command.name);
  const { trust, rule } = readPolicy({
    ...(request.trust === undefined ? {} : { trustDocument: request.trust }),
    ...(request.ruleName === undefined ? {} : { ruleName: request.ruleName }),
    allowedSigners: request.allowedSigners ?? [],
    certificates: request.certificates ?? [],
    platform: nodePlatform(),
  });
  const all = report.inputs.map((input) => ({ input, status: approvalStatus(input, trust, rule) }));
  if (!args.flags.has('quiet')) io.out(args.flags.has('json') ? jsonText(documentOf(all)) : textOf(all));
  return worstExit(all.map(exitOf));
}

/** Of one bundle its status, of several a list. */
function documentOf(all: readonly Pending[]): object {
  if (all.length > 1) {
    const bundles = all.map(({ input, status }) => ({
      file: input.file,
      verdict: input.verdict.code,
      ...status,
    }));
    return { schemaVersion: 'countersign.statuses/v1', pending: all.filter(isPending).length, bundles };
  }
  const { input, status } = all[0]!;
  return { schemaVersion: 'countersign.status/v1', verdict: input.verdict.code, ...status };
}

function textOf(all: readonly Pending[]): string {
  if (all.length === 1) return statusText(all[0]!);
  const pending = all.filter(isPending).length;
  const headline = `${all.length} bundles: ${pending === 0 ? 'nothing is pending' : `${pending} pending`}.\n`;
  return headline + all.map((one) => `\n${line(one.input.file)}: ${statusText(one)}`).join('');
}

function isPending(one: Pending): boolean {
  return exitOf(one) === 40;
}

/** A bundle whose bytes are in doubt is no question of who approves it. */
function inDoubt({ verdict }: InputReport): boolean {
  return verdict.look === 'unreadable' || verdict.code === 'B-CHANGED';
}

function exitOf({ input, status: { met, needed } }: Pending): number {
  if (inDoubt(input) || met === needed) return exitOfVerdict(input.verdict.code);
  return input.verdict.code === 'B-NORULE' ? exitOfVerdict('B-NORULE') : 40;
}

function statusText({ input, status: { sentence, roles } }: Pending): string {
  if (inDoubt(input)) return `${line(input.verdict.headline)}\n  ${line(input.verdict.sub)}\n`;
  const width = Math.max(0, ...roles.map(({ role }) => claim(role, 40).length));
  const rows = roles.map(({ role, state, have, need, by, couldGive }) => {
    const people = [
      ...(by.length === 0 ? [] : [`by ${by.map((one) => claim(one)).join(', ')}`]),
      ...(couldGive.length === 0 ? [] : [`could come from ${couldGive.map((one) => claim(one)).join(', ')}`]),
    ];
    const name = claim(role, 40).padEnd(width);
    return `  ${name}  ${have} of ${need}, ${roleWords[state]}${people.length === 0 ? '' : `; ${people.join('; ')}`}`;
  });
  const next = input.verdict.code === 'B-OK' ? 'Nothing is missing.' : line(input.verdict.next);
  return `${line(sentence)}\n${rows.map((row) => `${row}\n`).join('')}Next: ${next}\n`;
}
