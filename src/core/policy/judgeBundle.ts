import { readRaw, step, textOf, type Plain, type RawDocument } from '../documents/readDocument.js';
import { isReservedPath } from '../manifest/names.js';
import type { CheckStatus, Finding, PolicyInput, PolicyRow } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { inert } from '../messages/inert.js';
import { readPlan } from '../spec/readSpec.js';
import { checkAgainst } from './check.js';
import { declaredBy, rulesOf } from './declared.js';
import { isMap, policyKindOf, readPolicy, type Policy } from './readPolicy.js';

type ExecutionPolicy = Extract<Policy, { kind: 'specular-policy' }>;
type Subject = PolicyRow['subject'];

/** One file of a bundle; `bytes` is null where they were too many to be kept or are not in the archive. */
export interface BundleDocument {
  readonly path: string;
  readonly bytes: Uint8Array | null;
}

/** True for files that a policy may speak of: YAML and JSON of the project, not what the format itself writes. */
export function mayBeJudged(path: string): boolean {
  return /\.(?:ya?ml|json)$/i.test(path) && !isReservedPath(path);
}

/** Which rules a kind of file records or declares anything about. */
const SUBJECTS: Readonly<Record<Subject, RegExp>> = {
  policies: /./,
  routing: /^routing\.allow_models$/,
  plan: /^routing\./,
  runs: /^(?:execution|linters|formatters|tests|security)\.|^routing\.deny_tools$/,
};
/** What of the last row a run manifest really records. */
const RECORDED = /^execution\.(?:allow_local|docker\.(?:required|image_allowlist))$|^routing\.deny_tools$/;
const SUBJECT_WORDS: Readonly<Record<Subject, string>> = {
  policies: 'policy of the bundle',
  routing: 'routing file',
  plan: 'plan',
  runs: 'run manifest',
};
const NAMED =
  /(?:^|\/)(?:routing|router|polic(?:y|ies)[^/]*|plan|[^/]*run-?manifest[^/]*)\.(?:ya?ml|json)$|(?:^|\/)policies\//i;

/** What was found in one file. */
interface Judged {
  readonly path: string;
  readonly subject: Subject;
  /** Rules that were compared, with their outcome. */
  readonly outcomes: ReadonlyMap<string, 'pass' | 'fail' | 'unknown'>;
  readonly findings: readonly Finding[];
}
type NotJudged = PolicyInput['notJudged'][number];
type Look = Judged | NotJudged | null;

/**
 * Applies an execution policy to what a bundle holds: its own policies, routing, plan and run manifests. Only for
 * bundles whose content is what their list says. Attacker-controlled documents; never throws.
 */
export function judgeBundle(
  file: string,
  policy: ExecutionPolicy,
  documents: readonly BundleDocument[],
): PolicyInput {
  const raws = documents.filter(({ path }) => mayBeJudged(path)).map(readOne);
  const models = modelsByHint(raws);
  const looks = raws.map((one) => lookAt(one, policy, models)).filter((look) => look !== null);
  const judged = looks.filter((look): look is Judged => 'subject' in look);
  const notJudged = looks.filter((look): look is NotJudged => !('subject' in look));
  const rows = rulesOf(policy).flatMap((rule) => rowsOf(rule, judged));
  const findings = judged.flatMap(({ path, findings }) => findings.map((one) => inBundle(one, path)));
  return { file, ...conclusion(rows, findings, judged.length, notJudged), rows, findings, notJudged };
}

/** Nothing was judged, and why. */
export function notJudgedInput(file: string, because: string): PolicyInput {
  return { file, status: 'not-checked', because, rows: [], findings: [], notJudged: [] };
}

function conclusion(
  rows: readonly PolicyRow[],
  findings: readonly Finding[],
  judged: number,
  notJudged: readonly NotJudged[],
): Pick<PolicyInput, 'status' | 'because'> {
  const open = rows.filter(({ status }) => status !== 'pass' && status !== 'fail').length;
  if (findings.length > 0)
    return {
      status: 'fail',
      because: `${findings.length} against the policy, in ${judged} ${judged === 1 ? 'file' : 'files'} that it speaks of`,
    };
  if (judged === 0)
    return {
      status: 'could-not-check',
      because: 'The bundle holds no file that the policy could be applied to',
    };
  if (notJudged.some(({ expected }) => expected))
    return { status: 'could-not-check', because: 'A file that the policy speaks of could not be judged' };
  if (open > 0)
    return {
      status: 'warn',
      because: `Nothing against the policy in ${judged} files, but ${open} of ${rows.length} comparisons could not be made`,
    };
  return { status: 'pass', because: `Nothing against the policy in ${judged} files` };
}

interface Raw extends BundleDocument {
  readonly raw: RawDocument | null;
  readonly problem: string | null;
}

function readOne({ path, bytes }: BundleDocument): Raw {
  if (bytes === null) return { path, bytes, raw: null, problem: 'its bytes are not at hand' };
  const raw = readRaw({ name: path, bytes });
  if ('findings' in raw) return { path, bytes, raw: null, problem: problemOf(raw.findings) };
  return { path, bytes, raw, problem: null };
}

function problemOf([first]: readonly Finding[]): string {
  if (first === undefined) return 'it could not be read';
  return `${first.message}${first.where.line === undefined ? '' : ` (line ${first.where.line})`}`;
}

function lookAt({ path, bytes, raw, problem }: Raw, policy: ExecutionPolicy, models: Models): Look {
  const skip = (because: string, expected: boolean): NotJudged => ({ path, because, expected });
  if (raw === null || bytes === null) return skip(problem ?? 'it could not be read', NAMED.test(path));
  if (isMap(raw.value) && isProviderList(raw.value))
    return skip('it lists the programs of one machine, not the models of a run', false);
  const subject = subjectOf(raw.value);
  if (subject === null)
    return NAMED.test(path) ? skip(unknownWords(raw.value), !isOtherPolicy(raw.value)) : null;
  const source = { name: path, bytes };
  if (subject === 'policies') {
    const read = readPolicy(source);
    if (read.policy?.kind !== 'specular-policy') return skip(problemOf(read.findings), true);
    return judgePolicy(path, policy, read.policy);
  }
  if (subject === 'plan') {
    const read = readPlan(source);
    return read.value === null
      ? skip(problemOf(read.findings), true)
      : judgePlan(path, policy, read.value, raw, models);
  }
  const check = checkAgainst(policy.document, source);
  if (check.kind === null) return skip(problemOf(check.findings), true);
  return {
    path,
    subject,
    outcomes: outcomesOf(subject, policy, raw.value, check.findings),
    findings: check.findings,
  };
}

/** What a document is, by its content alone: a name can be chosen to hide it. */
function subjectOf(value: Plain): Subject | null {
  if (!isMap(value)) return null;
  if (Array.isArray(value['providers'])) return isProviderList(value) ? null : 'routing';
  if (Object.hasOwn(value, 'runner') || (Object.hasOwn(value, 'step_id') && Object.hasOwn(value, 'command')))
    return 'runs';
  if (Array.isArray(value['tasks'])) return 'plan';
  return policyKindOf(value) === 'specular-policy' ? 'policies' : null;
}

/** The list of programs of one machine: its entries say where each comes from, a routing file never does. */
function isProviderList(value: { readonly [name: string]: Plain }): boolean {
  const providers = value['providers'];
  if (!Array.isArray(providers)) return false;
  return (providers as readonly Plain[]).every(
    (one) => isMap(one) && Object.hasOwn(one, 'type') && Object.hasOwn(one, 'source'),
  );
}

function isOtherPolicy(value: Plain): boolean {
  const kind = policyKindOf(value);
  return kind !== null && kind !== 'specular-policy';
}

function unknownWords(value: Plain): string {
  return isOtherPolicy(value)
    ? 'it is a policy of another kind, of which this policy says nothing'
    : 'its content is none of what the policy speaks of';
}

function judgePolicy(path: string, mine: ExecutionPolicy, theirs: ExecutionPolicy): Judged {
  const declared = declaredBy(mine, theirs);
  const findings = declared
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ rule, pointer, expected, found }) =>
      finding('policy-weaker', { rule }, { where: theirs.placeOf(pointer), expected, found }),
    );
  const outcomes = new Map(declared.map(({ rule, outcome }) => [rule, outcome] as const));
  return { path, subject: 'policies', outcomes, findings };
}

function outcomesOf(
  subject: Subject,
  policy: ExecutionPolicy,
  value: Plain,
  findings: readonly Finding[],
): Judged['outcomes'] {
  const against = new Set(
    findings.map(({ code, params }) => {
      if (code === 'policy-model-forbidden') return 'routing.allow_models';
      return code === 'policy-violated' ? params['rule'] : undefined;
    }),
  );
  const local = isMap(value) && value['runner'] !== 'docker';
  return new Map(
    rulesOf(policy)
      .filter((rule) => SUBJECTS[subject].test(rule))
      .map((rule) => {
        if (
          against.has(rule) ||
          (rule === 'execution.docker.required' && against.has('execution.allow_local'))
        )
          return [rule, 'fail'] as const;
        const silent =
          subject === 'runs' &&
          (!RECORDED.test(rule) || (local && rule === 'execution.docker.image_allowlist'));
        return [rule, silent ? 'unknown' : 'pass'] as const;
      }),
  );
}

/** Capability to the models that may be chosen for it, as the routing files of the bundle say. */
type Models = ReadonlyMap<string, readonly { readonly provider: string; readonly model: string }[]>;

function modelsByHint(raws: readonly Raw[]): Models {
  const found = new Map<string, { provider: string; model: string }[]>();
  for (const { raw } of raws) {
    if (raw === null || subjectOf(raw.value) !== 'routing' || !isMap(raw.value)) continue;
    for (const entry of raw.value['providers'] as readonly Plain[]) {
      if (!isMap(entry) || entry['enabled'] === false || !isMap(entry['models'])) continue;
      for (const [hint, model] of Object.entries(entry['models'])) {
        const row = { provider: textOf(entry['name']), model: textOf(model) };
        found.set(hint, [...(found.get(hint) ?? []), row]);
      }
    }
  }
  return found;
}

function judgePlan(
  path: string,
  policy: ExecutionPolicy,
  plan: NonNullable<ReturnType<typeof readPlan>['value']>,
  { placeOf }: RawDocument,
  models: Models,
): Judged {
  const { allow_models: allowed, deny_tools: denied } = policy.document.routing ?? {};
  const findings: Finding[] = [];
  let unknown = 0;
  plan.tasks.forEach(({ skill, model_hint: hint }, i) => {
    const pointer = `/tasks${step(i)}`;
    if (skill !== undefined && denied?.includes(skill)) {
      const where = placeOf(`${pointer}/skill`);
      findings.push(finding('policy-violated', { rule: 'routing.deny_tools' }, { where, found: skill }));
    }
    if (allowed === undefined) return;
    const choices = hint === undefined ? [] : (models.get(hint) ?? []);
    if (choices.length === 0) unknown += 1;
    for (const { provider, model } of choices) {
      if (allowed.some((entry) => entry.provider === provider && entry.names.includes(model))) continue;
      const where = placeOf(`${pointer}/model_hint`);
      findings.push(finding('policy-model-forbidden', { provider, model }, { where, found: hint ?? '' }));
    }
  });
  const hints = findings.some(({ code }) => code === 'policy-model-forbidden')
    ? 'fail'
    : unknown > 0
      ? 'unknown'
      : 'pass';
  const tools = findings.some(({ code }) => code === 'policy-violated') ? 'fail' : 'pass';
  const outcomes = new Map(
    rulesOf(policy)
      .filter((rule) => SUBJECTS.plan.test(rule))
      .map((rule) => [rule, rule === 'routing.deny_tools' ? tools : hints] as const),
  );
  return { path, subject: 'plan', outcomes, findings };
}

/** One row for each kind of file that says something of the rule: those that are not there are told as such. */
function rowsOf(rule: string, judged: readonly Judged[]): readonly PolicyRow[] {
  return (Object.keys(SUBJECTS) as Subject[])
    .filter((subject) => SUBJECTS[subject].test(rule))
    .map((subject): PolicyRow => {
      const found = judged.filter((one) => one.subject === subject && one.outcomes.has(rule));
      const paths = found.map(({ path }) => path);
      const outcomes = found.map(({ outcomes }) => outcomes.get(rule));
      return { rule, subject, ...rowStatus(outcomes, subject), paths };
    });
}

function rowStatus(
  outcomes: readonly (string | undefined)[],
  subject: Subject,
): { readonly status: CheckStatus; readonly detail: string } {
  const failed = outcomes.filter((one) => one === 'fail').length;
  const unknown = outcomes.filter((one) => one === 'unknown').length;
  const words = SUBJECT_WORDS[subject];
  if (failed > 0) return { status: 'fail', detail: `against it: ${failed} of ${outcomes.length}` };
  if (outcomes.length === 0)
    return { status: 'not-checked', detail: `the bundle holds no ${words} that could be judged` };
  if (unknown > 0) return { status: 'not-checked', detail: `not said in ${unknown} of ${outcomes.length}` };
  return { status: 'pass', detail: `as it asks in ${outcomes.length} of ${outcomes.length}` };
}

/** The place of a finding in a bundle is an entry of the archive, not a file of the reader's disk. */
function inBundle(one: Finding, path: string): Finding {
  const { byte, line, field } = one.where;
  const where = {
    path: inert(path),
    ...(byte === undefined ? {} : { byte }),
    ...(line === undefined ? {} : { line }),
    ...(field === undefined ? {} : { field }),
  };
  return { ...one, where };
}
