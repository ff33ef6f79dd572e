import { createHash } from 'node:crypto';
import type { Finding } from '../core/generated/report.js';
import { checkAgainst } from '../core/policy/check.js';
import { canonicalPolicy, diffPolicies } from '../core/policy/diff.js';
import { policyKindWords, readPolicy, type Policy } from '../core/policy/readPolicy.js';
import { replay, type Replay } from '../core/policy/replay.js';
import { readTrace } from '../core/policy/traces.js';
import { sarifLog } from '../core/report/sarif.js';
import { toolInfo } from '../engine/tool.js';
import type { Arguments } from './args.js';
import { readUpTo } from './documents.js';
import { jsonText, type Io } from './io.js';
import { document, tell } from './project.js';
import { orRefusal, Refused } from './signing.js';
import { UsageError } from './usage.js';
import { claim, line } from './words.js';

const DIFFERENT = 3;
const COULD_NOT_TELL = 14;
const VIOLATION = 20;
const FORBIDDEN = 50;
const UNREADABLE = 60;
const TRACE_BYTES_MAX = 256 * 1024 * 1024;

function load(path: string, args: Arguments): Policy {
  const { policy, findings } = readPolicy(document(path, args));
  if (policy === null) throw new Refused(findings, UNREADABLE);
  return policy;
}

/** `countersign policy hash` */
export function runPolicyHash(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const rows = args.positionals.map((file) => {
      const source = document(file, args);
      const { policy, findings } = readPolicy(source);
      if (policy === null) throw new Refused(findings, UNREADABLE);
      return {
        file,
        kind: policy.kind,
        sha256: sha256(source.bytes),
        canonical: sha256(canonicalPolicy(policy)),
      };
    });
    if (args.flags.has('json')) io.out(jsonText(rows));
    else if (!args.flags.has('quiet')) {
      for (const { file, kind, sha256, canonical } of rows) {
        io.out(`${claim(file, 400)} (${policyKindWords[kind]})\n`);
        io.out(`  SHA-256 of the file  ${sha256}\n  SHA-256 of meaning   ${canonical}\n`);
      }
    }
    return Promise.resolve(0);
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `countersign policy diff`: exit 3 on differences. */
export function runPolicyDiff(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const [before = '', after = ''] = args.positionals;
    const diff = diffPolicies(load(before, args), load(after, args));
    if (diff.kind === 'different-languages')
      throw new UsageError('The two files are written in different policy languages.', args.command.name);
    const { changes } = diff;
    if (args.flags.has('json')) io.out(jsonText(changes));
    else if (!args.flags.has('quiet')) {
      for (const { effect, what, why, line: at } of changes) {
        io.out(`${effect.padEnd(8)}  ${line(what)}${at === null ? '' : ` (line ${at})`}\n          ${why}\n`);
      }
      if (changes.length === 0) io.out('Both say the same.\n');
    }
    return Promise.resolve(changes.length === 0 ? 0 : DIFFERENT);
  });
}

/** `countersign policy check` */
export function runPolicyCheck(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const policy = load(args.positionals[0] ?? '', args);
    const files = args.values.get('against') ?? [];
    if (files.length > 0 && policy.kind !== 'specular-policy')
      throw new UsageError('--against needs an execution policy of Specular.', args.command.name);
    let unusable = false;
    const findings: Finding[] = [];
    const execution = policy.kind === 'specular-policy' ? policy.document : null;
    for (const file of execution === null ? [] : files) {
      const check = checkAgainst(execution ?? {}, document(file, args));
      unusable ||= check.kind === null;
      findings.push(...check.findings);
    }
    if (args.flags.has('sarif')) io.out(jsonText(sarifLog(findings, toolInfo.version)));
    else if (args.flags.has('json')) io.out(jsonText({ kind: policy.kind, findings }));
    else {
      tell(findings, args, io);
      if (!args.flags.has('quiet'))
        io.out(`${policyKindWords[policy.kind]}: ${findings.length} against it\n`);
    }
    if (unusable) return Promise.resolve(UNREADABLE);
    if (findings.some(({ code }) => code === 'policy-model-forbidden')) return Promise.resolve(FORBIDDEN);
    return Promise.resolve(findings.length > 0 ? VIOLATION : 0);
  });
}

/** `countersign policy replay` */
export function runPolicyReplay(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, () => {
    const [file = '', trace = ''] = args.positionals;
    const policy = load(file, args);
    if (policy.kind !== 'atlasbridge-0' && policy.kind !== 'atlasbridge-1')
      throw new UsageError('Only policies of AtlasBridge decide prompts.', args.command.name);
    const bytes = readUpTo(trace, TRACE_BYTES_MAX + 1, args.command.name);
    if (bytes.length > TRACE_BYTES_MAX) throw new UsageError(`${trace} is too large.`, args.command.name);
    const { decisions, unreadable } = readTrace(bytes);
    const result = replay(policy, decisions);
    if (args.flags.has('json'))
      io.out(jsonText({ ...result, byKind: Object.fromEntries(result.byKind), unreadable }));
    else if (!args.flags.has('quiet')) io.out(replayText(result, unreadable.length));
    if (result.changed.length > 0) return Promise.resolve(DIFFERENT);
    return Promise.resolve(result.cannotTell.length + unreadable.length > 0 ? COULD_NOT_TELL : 0);
  });
}

function replayText({ total, changed, cannotTell, byKind }: Replay, unreadable: number): string {
  return [
    `${changed.length} of ${total} would change`,
    ...[...byKind].map(([kind, count]) => `  ${String(count).padStart(7)}  ${line(kind)}`),
    ...(cannotTell.length === 0
      ? []
      : [`${cannotTell.length} could not be told: the trace does not hold what a rule reads`]),
    ...(unreadable === 0 ? [] : [`${unreadable} lines could not be read`]),
    '',
  ].join('\n');
}
