import type {
  Axis,
  CheckResult,
  CheckStatus,
  FileReport,
  Finding,
  InputReport,
  Look,
  LooseReport,
  Report,
  VerdictCode,
} from '../../core/generated/report';

/** Reading order of the axes. */
export const axes: readonly Axis[] = ['readable', 'unchanged', 'signers', 'approvals', 'time'];
/** From the reader's first worry to the last; also the order of the filter chips. */
export const looks: readonly Look[] = ['rejected', 'unreadable', 'incomplete', 'unknown', 'confirmed'];

/** Everything that a row of the table needs of one verdict. */
export interface VerdictOf {
  readonly report: Report;
  readonly input: InputReport;
}

/** How often each code was given, most frequent look first, for the filter chips. */
export function countByCode(inputs: readonly InputReport[]): { code: VerdictCode; look: Look; n: number }[] {
  const counts = new Map<VerdictCode, { code: VerdictCode; look: Look; n: number }>();
  for (const { verdict } of inputs) {
    const entry = counts.get(verdict.code) ?? { code: verdict.code, look: verdict.look, n: 0 };
    counts.set(verdict.code, { ...entry, n: entry.n + 1 });
  }
  return [...counts.values()].sort((a, b) => looks.indexOf(a.look) - looks.indexOf(b.look) || b.n - a.n);
}

/** Number inside the ring of "incomplete": approvals counted and needed, as the report states them. */
export function roleTally(input: InputReport): { readonly met: number; readonly needed: number } {
  const met = input.roles.reduce((sum, role) => sum + Math.min(role.met.length, role.threshold), 0);
  const needed = input.roles.reduce((sum, role) => sum + role.threshold, 0);
  return { met, needed };
}

/** The checks of one axis, and whether the reader should see them without asking. */
export interface Branch {
  readonly axis: Axis;
  readonly status: CheckStatus;
  readonly checks: readonly CheckResult[];
  readonly open: boolean;
}

/** Evidence outline: one branch an axis; every branch that did not pass is open. */
export function outline(input: InputReport): Branch[] {
  return axes.map((axis) => {
    const checks = input.checks.filter((check) => check.axis === axis);
    const status = input.axes[axis];
    const failing = (each: CheckStatus): boolean => each === 'fail' || each === 'could-not-check';
    return { axis, status, checks, open: failing(status) || checks.some((check) => failing(check.status)) };
  });
}

const severityOrder = { error: 0, warning: 1, info: 2 } as const;

/** Findings in reading order: errors first, else the order of the report; with their index in it. */
export function orderedFindings(findings: readonly Finding[]): { finding: Finding; index: number }[] {
  return findings
    .map((finding, index) => ({ finding, index }))
    .sort(
      (a, b) => severityOrder[a.finding.severity] - severityOrder[b.finding.severity] || a.index - b.index,
    );
}

/** Files that are not as listed come first; within a group the order of the report. */
export function orderedFiles(files: readonly FileReport[], query = '', problemsOnly = false): FileReport[] {
  const needle = query.trim().toLowerCase();
  const chosen = files.filter(
    (file) =>
      (needle === '' || file.path.toLowerCase().includes(needle)) &&
      !(problemsOnly && file.status === 'matches'),
  );
  const problems = chosen.filter((file) => isProblem(file));
  return problems.length === 0 ? chosen : [...problems, ...chosen.filter((file) => !isProblem(file))];
}

export function isProblem(file: FileReport): boolean {
  return file.status === 'differs' || file.status === 'missing' || file.status === 'unlisted';
}

/**
 * One document for a batch whose bundles were judged one by one under the same rule, trust and clock.
 * A loose file that belongs to one bundle is not reported as belonging to none because of the others.
 */
export function mergeReports(reports: readonly Report[]): Report | null {
  const first = reports[0];
  if (first === undefined) return null;
  const loose = new Map<string, LooseReport>();
  let offset = 0;
  for (const report of reports) {
    for (const each of report.loose) loose.set(each.file, mergeLoose(loose.get(each.file), each, offset));
    offset += report.inputs.length;
  }
  return { ...first, inputs: reports.flatMap((report) => report.inputs), loose: [...loose.values()] };
}

function mergeLoose(before: LooseReport | undefined, each: LooseReport, offset: number): LooseReport {
  const shifted = { ...each, inputs: each.inputs.map((index) => index + offset) };
  if (before === undefined || (before.inputs.length === 0 && shifted.inputs.length > 0)) return shifted;
  if (shifted.inputs.length === 0) return before;
  return { ...before, inputs: [...before.inputs, ...shifted.inputs] };
}

/**
 * Takes the report of a joint request apart: for each file given its own report, or null for one that turned out to
 * be a supplement. The engine keeps the order of the files and leaves supplements out of `inputs`.
 */
export function splitReport(report: Report, given: readonly { readonly name: string }[]): (Report | null)[] {
  let next = 0;
  return given.map(({ name }) => {
    const input = report.inputs[next];
    if (input === undefined || input.file !== name) return null;
    const index = next++;
    const loose = report.loose
      .filter((each) => each.inputs.length === 0 || each.inputs.includes(index))
      .map((each) => ({ ...each, inputs: each.inputs.length === 0 ? [] : [0] }));
    return { ...report, inputs: [input], loose };
  });
}

/** Loose files that belong to none of the bundles: what the reader should look at. */
export function unpairedLoose(report: Report | null): readonly LooseReport[] {
  return (report?.loose ?? []).filter(
    ({ inputs, kind, findings }) =>
      inputs.length === 0 && kind !== 'supplement' && !isUsedKey(kind, findings),
  );
}

/** A public key speaks about no bundle; one that was used needs no word. */
function isUsedKey(kind: LooseReport['kind'], findings: LooseReport['findings']): boolean {
  return kind === 'certificate' && findings.length === 0;
}

/** The self-test did not behave: nothing that this engine says may be shown as a verdict. */
export function controlsFailed(report: Report): boolean {
  return report.controls !== null && report.controls.behaved !== report.controls.total;
}

/** Name of the saved report: the file's own name, made harmless for any file system. */
export function reportFileName(name: string): string {
  const stem = name.replace(/\.(sbundle\.tgz|sbundle|tar\.gz|tgz)$/i, '').replace(/[^\p{L}\p{N}._-]+/gu, '_');
  return `${stem.slice(0, 100) || 'bundle'}.report.json`;
}
