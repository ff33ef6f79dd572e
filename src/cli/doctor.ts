import { existsSync, statSync } from 'node:fs';
import type { GovernanceLevel, ProjectFile } from '../core/build.js';
import type { Finding, Place } from '../core/generated/report.js';
import { examineProject, type Doctor, type DoctorRow } from '../core/doctor/doctor.js';
import type { Levels } from '../core/doctor/levels.js';
import { projectDocuments } from '../core/doctor/projectDocuments.js';
import { sarifLog } from '../core/report/sarif.js';
import { readRouting, viewRouting, type ProviderCost, type RoutingView } from '../core/routing.js';
import { readPlan } from '../core/spec/readSpec.js';
import { toolInfo } from '../engine/tool.js';
import { loadBlake3 } from '../platform/blake3.js';
import { listFolder } from '../platform/nodeFolder.js';
import { valueOf, type Arguments } from './args.js';
import { jsonText, type Io } from './io.js';
import { orRefusal, Refused } from './refusal.js';
import { findingLines } from './textParts.js';
import { UsageError } from './usage.js';
import { claim, line, plural, statusWords } from './words.js';

const COULD_NOT_TELL = 14;
const VIOLATION = 20;
const DRIFT = 30;
const FORBIDDEN = 50;
const UNREADABLE = 60;
const LEVELS: readonly string[] = ['L1', 'L2', 'L3', 'L4'];

/** `countersign doctor` */
export function runDoctor(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const level = valueOf(args, 'level');
    if (level !== null && !LEVELS.includes(level))
      throw new UsageError('--level must be L1, L2, L3 or L4.', args.command.name);
    const doctor = await examineProject(filesOf(args), {
      blake3: await loadBlake3(),
      level: level as GovernanceLevel | null,
      signal: io.signal,
    });
    const exit = exitOf(doctor);
    if (args.flags.has('sarif')) io.out(jsonText(sarifLog(findingsOf(doctor), toolInfo.version)));
    else if (args.flags.has('json')) io.out(jsonText({ ...doctor, exit }));
    else if (!args.flags.has('quiet')) io.out(doctorText(doctor, io));
    return exit;
  });
}

/** `countersign routing` */
export function runRouting(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const documents = await projectDocuments(filesOf(args));
    const found = documents.filter(({ kind }) => kind === 'routing');
    const [routing, other] = found;
    if (routing === undefined)
      throw new UsageError(
        'There is no routing.yaml in the folder or its folder .specular.',
        args.command.name,
      );
    if (other !== undefined)
      throw new UsageError(
        `${routing.path} and ${other.path} are both there; it is not clear which counts.`,
        args.command.name,
      );
    const { value, findings } = readRouting({ name: routing.path, bytes: routing.bytes });
    if (value === null) throw new Refused(findings, UNREADABLE);
    const plans = documents.filter(({ kind }) => kind === 'plan');
    const [plan] = plans.length === 1 ? plans : [];
    const read = plan === undefined ? null : readPlan({ name: plan.path, bytes: plan.bytes });
    if (read !== null && read.value === null) throw new Refused(read.findings, UNREADABLE);
    const view = viewRouting(value, read?.value ?? null);
    if (args.flags.has('json')) io.out(jsonText(view));
    else if (!args.flags.has('quiet')) io.out(`${routingLines(view).join('\n')}\n`);
    return view.atMostUsd === null ? COULD_NOT_TELL : 0;
  });
}

function filesOf(args: Arguments): readonly ProjectFile[] {
  const dir = valueOf(args, 'dir') ?? '.';
  if (!existsSync(dir) || !statSync(dir).isDirectory())
    throw new UsageError(`There is no folder ${dir}.`, args.command.name);
  return listFolder(dir).files;
}

function findingsOf({ rows }: Doctor): readonly Finding[] {
  return rows.flatMap(({ findings }) => findings);
}

function exitOf({ rows, levels }: Doctor): number {
  const failed = rows.filter(({ status }) => status === 'fail');
  const codes = new Set(failed.flatMap(({ findings }) => findings.map(({ code }) => code)));
  if ([...codes].some((code) => code.startsWith('document-'))) return UNREADABLE;
  if (codes.has('policy-model-forbidden')) return FORBIDDEN;
  if (codes.has('build-secret') || codes.has('policy-literal-key')) return VIOLATION;
  if (failed.some(({ topic, findings }) => topic === 'plan' || (topic === 'lock' && findings.length > 0)))
    return DRIFT;
  const open = failed.length > 0 || rows.some(({ status }) => status === 'could-not-check');
  return open || (levels.readyFor ?? 'L0') < levels.required ? COULD_NOT_TELL : 0;
}

const TOPICS: Readonly<Record<DoctorRow['topic'], string>> = {
  files: 'Files',
  ignore: 'Ignore file',
  secrets: 'Secrets',
  spec: 'Specification',
  lock: 'Lock',
  plan: 'Plan',
  routing: 'Routing',
  'execution-policy': 'Execution policy',
  'governance-policy': 'Governance policy',
  'autonomy-policy': 'Policy of AtlasBridge',
  config: 'Configuration',
};
const TOPIC_WIDTH = 21;
const STATUS_WIDTH = 15;

function doctorText(doctor: Doctor, io: Io): string {
  const { rows, levels, routing, packed, leftOut } = doctor;
  const open = rows.filter(({ action }) => action !== null).length;
  return [
    open === 0
      ? 'Nothing is missing.'
      : `${plural(open, 'thing')} to look at. ${packed} files would be packed, ${leftOut} left out.`,
    '',
    ...rows.flatMap((row) => rowLines(row, io)),
    '',
    ...levelLines(levels, io),
    ...(routing === null ? [] : ['', ...routingLines(routing)]),
    '',
  ].join('\n');
}

function rowLines({ topic, status, detail, action, where, findings }: DoctorRow, io: Io): string[] {
  const words = io.paint.status(status, statusWords[status].padEnd(STATUS_WIDTH));
  const shown = status === 'fail' ? findingLines(findings, io.paint) : [];
  return [
    `${words}  ${TOPICS[topic].padEnd(TOPIC_WIDTH)}  ${claim(detail, 1000)}${placeWords(where, detail)}`,
    ...(action === null ? [] : [`${' '.repeat(STATUS_WIDTH)}  do: ${line(action)}`]),
    ...shown.map((text) => `${' '.repeat(STATUS_WIDTH)}    ${text}`),
  ];
}

function placeWords({ file, path, line: at }: Place, detail: string): string {
  const name = path ?? file;
  if (name === undefined || (at === undefined && detail.includes(name))) return '';
  return ` (${claim(name, 400)}${at === undefined ? '' : `, line ${at}`})`;
}

function levelLines({ required, because, readyFor, rows }: Levels, io: Io): string[] {
  return [
    `Level  required ${required} (${line(because)}), ready for ${readyFor ?? 'none'}`,
    ...rows.flatMap(({ level, title, needs, ready }) => [
      `  ${io.paint.status(ready ? 'pass' : 'not-checked', ready ? 'ready    ' : 'not ready')}  ${level}, ${title}`,
      ...needs.filter((need) => !need.met).map(({ text }) => `               missing: ${text}`),
    ]),
    '  A project is only made ready here: what a bundle meets is for "countersign verify" to say. L4 is established by',
    '  an attestation and a log entry, which this version does not judge.',
  ];
}

const WHERE: Readonly<Record<ProviderCost['where'], string>> = {
  'this-machine': 'on this machine',
  elsewhere: 'elsewhere',
  'not-said': 'place not said',
};

function routingLines({ atMostUsd, providers, triesAtMost, notes }: RoutingView): string[] {
  return [
    atMostUsd === null
      ? 'Cost  nothing bounds what a run may cost'
      : `Cost  a run costs at most ${usd(atMostUsd)}; providers share it`,
    ...providers.map(providerLine),
    triesAtMost === null
      ? '  how often a step is tried again is not said'
      : `  one step leads to at most ${plural(triesAtMost, 'request')}`,
    ...notes.flatMap(({ text, action }) => [`  ${claim(text, 400)}`, `    do: ${line(action)}`]),
  ];
}

function providerLine({
  name,
  enabled,
  where,
  models,
  atMostUsd,
  tasksAtMost,
  fallback,
}: ProviderCost): string {
  const most = !enabled
    ? 'not enabled'
    : atMostUsd === null
      ? 'no bound'
      : atMostUsd === 0
        ? `costs no dollars, ${WHERE[where]}`
        : `at most ${usd(atMostUsd)}, ${WHERE[where]}`;
  const tasks = tasksAtMost === null ? '' : `; up to ${plural(tasksAtMost, 'task')} of the plan`;
  const uses = models.map(({ capability, model }) => `${claim(capability)} ${claim(model)}`).join(', ');
  return `  ${claim(name)}: ${most}${tasks}${fallback ? '; also the fallback' : ''} (${uses})`;
}

function usd(amount: number): string {
  return `${amount} US dollars`;
}
