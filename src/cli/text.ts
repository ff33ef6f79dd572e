import type { Axes, InputReport, Report } from '../core/generated/report.js';
import { exitOfVerdict } from '../core/report/exitCodes.js';
import { LIMITS_LINE } from '../core/report/words.js';
import type { Paint } from './paint.js';
import { approvalLines, checkLines, commandLines, findingLines, roleLines } from './textParts.js';
import { axisNames, claim, line, plural, quoted, sizeWords, statusWords } from './words.js';

const LABEL_WIDTH = 19;

/** The whole report as text. The first line is the headline of the first input. */
export function reportText(report: Report, paint: Paint): string {
  const blocks = report.inputs.map((input) => inputText(report, input, paint));
  const loose = looseText(report, paint);
  const table = report.inputs.length > 1 ? [summaryText(report, paint)] : [];
  return [...blocks, ...loose, ...trustText(report, paint), ...table, provenance(report, paint)].join('\n');
}

/** One line an input: verdict code, file, headline; then how many of each. */
export function summaryText(report: Report, paint: Paint): string {
  const rows = report.inputs.map(
    ({ verdict, file }) =>
      `${paint.look(verdict.look, verdict.code.padEnd(12))}  ${claim(file, 400)}  ${paint.faint(line(verdict.headline))}\n`,
  );
  const tally = new Map<string, number>();
  for (const { verdict } of report.inputs) tally.set(verdict.code, (tally.get(verdict.code) ?? 0) + 1);
  const counted = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => `${count} ${code}`);
  return `${rows.join('')}${plural(report.inputs.length, 'bundle')}: ${counted.join(', ')}\n`;
}

function inputText(report: Report, input: InputReport, paint: Paint): string {
  const { verdict } = input;
  return [
    paint.look(verdict.look, line(verdict.headline)),
    ...(verdict.sub === '' ? [] : [line(verdict.sub)]),
    `What to do: ${line(verdict.next)}`,
    '',
    ...labelled(report, input),
    '',
    axesLine(input.axes, paint),
    ...section('Roles', roleLines(input), paint),
    ...section('Approvals', approvalLines(input), paint),
    ...section('Findings', findingLines(input.findings, paint), paint),
    ...section('Checks', checkLines(input, paint), paint),
    ...section('Repeat it by hand', commandLines(input), paint),
    ...(verdict.look === 'confirmed' ? ['', LIMITS_LINE] : []),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : ['', paint.strong(title), ...lines.map((one) => `  ${one}`)];
}

function labelled(report: Report, input: InputReport): string[] {
  return [
    [
      'File',
      `${claim(input.file, 400)} (${sizeWords(input.sizeBytes)}, ${plural(input.counts.entries, 'entry', 'entries')})`,
    ],
    ...bundleRows(input),
    ['Archive digest', input.archiveDigest ?? 'not known: the file was not read to its end'],
    ['Bundle digest', input.bundleDigest ?? 'not known'],
    ['Content root', input.contentRoot ?? 'not known'],
    ['Dialect', input.dialect ?? 'not known'],
    ['Judged by', judgedBy(report)],
    ['Judged at', line(report.now)],
    ...(report.limits.changed ? [['Limits', limitsWords(report)]] : []),
    [
      'Verdict',
      `${input.verdict.code}, ${input.verdict.look}, exit code ${exitOfVerdict(input.verdict.code)}`,
    ],
  ].map(([label, value]) => `${(label ?? '').padEnd(LABEL_WIDTH)}${value ?? ''}`);
}

function bundleRows(input: InputReport): string[][] {
  const { bundle, level } = input;
  if (bundle === null) return [['Bundle says it is', 'not shown: nothing in it can be relied on']];
  return [
    ['Bundle says it is', quoted(bundle.id)],
    ['Version', quoted(bundle.version)],
    [
      'Level',
      `claims ${level.claimed === null ? 'none' : quoted(level.claimed, 40)}, met ${level.met ?? 'none'}, your rule asks for ${level.required ?? 'none'}`,
    ],
    [
      'Created',
      bundle.created === undefined
        ? 'does not say'
        : `${quoted(bundle.created, 60)} (claimed; nothing proves it)`,
    ],
  ];
}

function judgedBy({ rule, trust }: Report): string {
  const known = `trust list: ${plural(trust.people, 'person', 'people')}, ${plural(trust.keys, 'key')}`;
  if (rule === null) return `no rule of yours; ${known}`;
  const roles = rule.roles.map(({ role, threshold }) =>
    threshold === 1 ? claim(role) : `${threshold} x ${claim(role)}`,
  );
  const asks = roles.length === 0 ? 'no roles' : roles.join(', ');
  return `your rule ${quoted(rule.name)} of ${claim(rule.source)}, asks for ${asks}; ${known}`;
}

function limitsWords({ limits }: Report): string {
  return (
    `changed: profile ${limits.profile}, ${sizeWords(limits.unpackedBytesMax)} unpacked, ${sizeWords(limits.entryBytesMax)} an entry, ` +
    `${limits.entriesMax} entries, manifest ${sizeWords(limits.manifestBytesMax)}, ${limits.approvalsMax} approvals of ${sizeWords(limits.approvalBytesMax)}`
  );
}

function axesLine(axes: Axes, paint: Paint): string {
  return axisNames
    .map(([axis, name]) => `${name}: ${paint.status(axes[axis], statusWords[axes[axis]])}`)
    .join('   ');
}

/** Only what needs a word: an approval that stands with its bundle already has its lines there. */
function looseText(report: Report, paint: Paint): string[] {
  const noted = report.loose.filter(({ inputs, findings, kind }) => {
    // A public key speaks about no bundle; one that was used needs no word.
    if (kind === 'certificate') return findings.length > 0;
    return inputs.length === 0 || findings.length > 0 || kind === 'unrecognised';
  });
  const lines = noted.flatMap((loose) => {
    const about = loose.inputs.map((index) => claim(report.inputs[index]?.file ?? '', 400));
    const nowhere = loose.kind === 'certificate' ? 'not used' : 'speaks about none of these bundles';
    const used = about.length === 0 ? nowhere : `about ${about.join(', ')}`;
    return [
      `${claim(loose.file, 400)}: ${loose.kind}, ${used}`,
      ...findingLines(loose.findings, paint).map((one) => `  ${one}`),
    ];
  });
  return lines.length === 0
    ? []
    : [`${section('Files beside the bundles', lines, paint).slice(1).join('\n')}\n`];
}

function trustText(report: Report, paint: Paint): string[] {
  const lines = findingLines(report.trust.findings, paint);
  return lines.length === 0 ? [] : [`${section('Your trust list', lines, paint).slice(1).join('\n')}\n`];
}

function provenance({ tool, controls }: Report, paint: Paint): string {
  const tested =
    controls === null ? 'self-test not run' : `self-test ${controls.behaved} of ${controls.total}`;
  return paint.faint(
    `Checked on this machine, offline, by ${line(tool.name)} ${line(tool.version)} (build ${line(tool.build)}), ${tested}.\n`,
  );
}
