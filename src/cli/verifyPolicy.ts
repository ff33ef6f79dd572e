import { createHash } from 'node:crypto';
import { readArchive } from '../core/archive/readArchive.js';
import type { InputReport, PolicyInput, PolicyReport, PolicyRow, Report } from '../core/generated/report.js';
import { limitsProfiles } from '../core/limits.js';
import { PROJECT_DOCUMENT_BYTES_MAX } from '../core/documents/readDocument.js';
import { judgeBundle, mayBeJudged, notJudgedInput, type BundleDocument } from '../core/policy/judgeBundle.js';
import { policyKindWords, readPolicy, type Policy } from '../core/policy/readPolicy.js';
import type { VerifyRequest } from '../engine/engine.js';
import { nodePlatform } from '../platform/node.js';
import { readUpTo } from './documents.js';
import type { Io } from './io.js';
import type { OpenedInput } from './openInput.js';
import type { Paint } from './paint.js';
import { Refused } from './refusal.js';
import { findingLines } from './textParts.js';
import { UsageError } from './usage.js';
import { claim, line, statusWords } from './words.js';

const VIOLATION = 20;
const FORBIDDEN = 50;
const COULD_NOT_CHECK = 14;
/** All documents of one bundle together, in bytes; what comes after is told as not judged. */
const DOCUMENTS_BYTES_MAX = 64 * 1024 * 1024;
const PATHS_SHOWN = 4;

export interface ReaderPolicy {
  readonly name: string;
  readonly sha256: string;
  readonly policy: Extract<Policy, { kind: 'specular-policy' }>;
}

/** The policy of `--policy`, before anything is judged. Throws {@link Refused} or {@link UsageError}. */
export function readReaderPolicy(path: string, command: string): ReaderPolicy {
  const bytes = readUpTo(path, PROJECT_DOCUMENT_BYTES_MAX + 1, command);
  const { policy, findings } = readPolicy({ name: path, bytes });
  if (policy === null) throw new Refused(findings);
  if (policy.kind !== 'specular-policy')
    throw new UsageError(
      `--policy needs an execution policy (policy.yaml); ${path} is: ${policyKindWords[policy.kind]}.`,
      command,
    );
  return { name: path, sha256: createHash('sha256').update(bytes).digest('hex'), policy };
}

/** A request whose inputs are files of this machine. */
export type OpenedRequest = Omit<VerifyRequest, 'inputs'> & { readonly inputs: readonly OpenedInput[] };

/** Applies the policy to every bundle that was judged, each read once more and compared with what was judged. */
export async function policyReport(
  mine: ReaderPolicy,
  report: Report,
  request: OpenedRequest,
  io: Io,
): Promise<PolicyReport> {
  const inputs: PolicyInput[] = [];
  for (const input of report.inputs) {
    const opened = request.inputs.find(({ name }) => name === input.file);
    inputs.push(
      opened === undefined
        ? notJudgedInput(input.file, 'It could not be opened again')
        : await judgeOne(mine, input, opened, request, io),
    );
  }
  return { source: mine.name, sha256: mine.sha256, inputs };
}

async function judgeOne(
  { policy }: ReaderPolicy,
  input: InputReport,
  { name, source }: OpenedInput,
  { limitsProfile = 'default', limits }: OpenedRequest,
  io: Io,
): Promise<PolicyInput> {
  if (input.verdict.look === 'unreadable' || input.axes.unchanged === 'fail')
    return notJudgedInput(name, 'Nothing in it can be relied on, so the policy was not applied');
  let kept = 0;
  const archive = await readArchive(source, {
    platform: nodePlatform(),
    limits: { ...limitsProfiles[limitsProfile], ...limits },
    signal: io.signal,
    keep: (path, size) => {
      if (!mayBeJudged(path) || size > PROJECT_DOCUMENT_BYTES_MAX || kept + size > DOCUMENTS_BYTES_MAX)
        return false;
      kept += size;
      return true;
    },
  });
  if (`sha256:${archive.archiveSha256 ?? ''}` !== input.archiveDigest)
    return notJudgedInput(name, 'The file changed while it was read');
  const paths = new Set([...input.files, ...archive.entries].map(({ path }) => path));
  const documents = [...paths].map((path): BundleDocument => ({
    path,
    bytes: archive.kept.get(path) ?? null,
  }));
  return judgeBundle(name, policy, documents);
}

/** Exit code of each bundle by the policy alone. */
export function policyExits({ inputs }: PolicyReport, strict: boolean): readonly number[] {
  return inputs.map(({ status, findings }) => {
    if (status === 'pass') return 0;
    if (status === 'warn') return strict ? COULD_NOT_CHECK : 0;
    if (status !== 'fail') return COULD_NOT_CHECK;
    return findings.some(({ code }) => code === 'policy-model-forbidden') ? FORBIDDEN : VIOLATION;
  });
}

/** For people: what is against it first, then each comparison, then what could not be judged. */
export function policyText({ source, inputs }: PolicyReport, paint: Paint): string {
  return inputs
    .flatMap((input) => [
      `${paint.strong(`Policy ${claim(source, 400)} on ${claim(input.file, 400)}`)}`,
      `  ${paint.status(input.status, statusWords[input.status])}: ${line(input.because)}`,
      ...findingLines(input.findings, paint).map((row) => `  ${row}`),
      ...rowLines(input.rows, paint),
      ...input.notJudged.map(
        ({ path, because, expected }) =>
          `  ${expected ? 'could not judge' : 'not judged '}  ${claim(path, 400)}: ${line(because)}`,
      ),
      '',
    ])
    .join('\n');
}

/** Comparisons that were made, one a line; those that were not, one line a reason. */
function rowLines(rows: readonly PolicyRow[], paint: Paint): string[] {
  const made = rows.filter(({ status }) => status === 'pass' || status === 'fail');
  const open = new Map<string, string[]>();
  for (const { rule, subject, status, detail } of rows) {
    if (status === 'pass' || status === 'fail') continue;
    const reason = `${subject}, ${line(detail)}`;
    open.set(reason, [...(open.get(reason) ?? []), claim(rule)]);
  }
  return [
    ...made.map(
      ({ rule, subject, status, detail, paths }) =>
        `  ${paint.status(status, statusWords[status].padEnd(11))}  ${claim(rule)}: ${subject}, ${line(detail)}${pathWords(paths)}`,
    ),
    ...[...open].map(
      ([reason, names]) =>
        `  ${paint.status('not-checked', statusWords['not-checked'])}  ${reason}: ${names.join(', ')}`,
    ),
  ];
}

/** One line a bundle, for `--summary`. */
export function policySummary({ inputs }: PolicyReport, paint: Paint): string {
  return inputs
    .map(
      ({ file, status, because }) =>
        `${paint.status(status, `policy ${statusWords[status]}`.padEnd(12))}  ${claim(file, 400)}  ${line(because)}\n`,
    )
    .join('');
}

function pathWords(paths: readonly string[]): string {
  if (paths.length === 0) return '';
  const shown = paths.slice(0, PATHS_SHOWN).map((path) => claim(path));
  const more = paths.length > PATHS_SHOWN ? [`${paths.length - PATHS_SHOWN} more`] : [];
  return ` (${[...shown, ...more].join(', ')})`;
}
