import type { Diff, DiffGroup, DiffLine, DiffSide, DiffState, DiffText } from '../generated/diff.js';
import { inert } from '../messages/inert.js';
import { pathOf } from './pair.js';
import { countWords, effectWords, fileKindWords, groupTitles, sumWords, whyNoLines } from './words.js';

const LONG = 2000;

/**
 * The comparison as Markdown for a pull request or a mail. Text that comes from a bundle stands in code spans and
 * code blocks alone, with hidden characters made visible: no link, mention, picture or markup of it comes alive.
 */
export function diffMarkdown(diff: Diff): string {
  return [
    '# Comparison',
    '',
    ...sideRows('Before', diff.before),
    ...sideRows('After', diff.after),
    diff.rule === null
      ? '- Judged without a rule: nobody is known, and no role is asked for but by the bundles themselves.'
      : `- Judged by the rule ${code(diff.rule.name)} of ${code(diff.rule.source)}, as of ${code(diff.now)}.`,
    '',
    `**${sumWords(diff)}**`,
    '',
    ...diff.groups.flatMap(groupRows),
    ...fileRows(diff),
    ...textRows(diff),
  ].join('\n');
}

function sideRows(title: string, side: DiffSide): string[] {
  const { verdict } = side;
  const what = side.id === null ? '' : `, says it is ${code(`${side.id} ${side.version ?? ''}`.trim())}`;
  return [
    `- ${title}: ${side.kind} ${code(side.name)}${what}`,
    verdict === null
      ? '  - A folder: nobody judged it.'
      : `  - **${verdict.code}**: ${code(verdict.headline)} What to do: ${code(verdict.next)}`,
    ...(side.bundleDigest === null ? [] : [`  - Bundle digest ${code(side.bundleDigest)}`]),
    ...(side.contentRoot === null ? [] : [`  - Content root ${code(side.contentRoot)}`]),
    ...side.findings.map(
      ({ severity, code: name, message }) => `  - ${severity} ${code(name)}: ${code(message)}`,
    ),
  ];
}

function groupRows({ id, note, lines }: DiffGroup): string[] {
  return [
    `## ${groupTitles[id]}`,
    '',
    ...(note === null ? [] : [code(note), '']),
    ...lines.map(lineRow),
    ...(lines.length === 0 && note === null ? ['No difference.'] : []),
    '',
  ];
}

function lineRow({ effect, text, before, after, why, line }: DiffLine): string {
  const values =
    before === null && after === null ? '' : `: ${code(before ?? 'none')} → ${code(after ?? 'none')}`;
  const place = line === null ? '' : ` (line ${line})`;
  return `- **${effectWords[effect]}** ${code(text)}${values}${place}${why === null ? '' : `\n  ${code(why)}`}`;
}

function fileRows({ files }: Diff): string[] {
  return [
    `## ${groupTitles.files}`,
    '',
    ...files.changes.map((file) => {
      const moved = file.kind === 'renamed' ? ` (was ${code(file.before?.path ?? '')})` : '';
      return `- **${fileKindWords[file.kind]}** ${code(pathOf(file))}${moved}: ${state(file.before)} → ${state(file.after)}`;
    }),
    ...(files.changes.length > 0 ? [''] : []),
    countWords(files),
    '',
  ];
}

function state(file: DiffState | null): string {
  return file === null ? 'not there' : `${file.size} bytes, ${code(file.sha256 ?? 'digest not known')}`;
}

function textRows({ texts }: Diff): string[] {
  return texts.flatMap((text) => [
    `### ${code(text.after ?? text.before ?? '')}`,
    '',
    whyNoLines(text),
    ...(text.shown === 'lines' ? ['', ...block(text)] : []),
    '',
  ]);
}

function block({ hunks }: DiffText): string[] {
  const rows = hunks.flatMap(({ skipped, lines }) => [
    ...(skipped > 0 ? [`@@ ${skipped} equal lines @@`] : []),
    ...lines.map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${shown(text)}`),
  ]);
  const fence = fenceFor(rows);
  return [`${fence}diff`, ...rows, fence];
}

/** Tabs are everyday in text files; everything else that does not show itself is marked. */
function shown(text: string): string {
  return text
    .split('\t')
    .map((part) => inert(part, LONG))
    .join('\t');
}

function fenceFor(rows: readonly string[]): string {
  const longest = Math.max(2, ...rows.flatMap((row) => (row.match(/`+/g) ?? []).map((run) => run.length)));
  return '`'.repeat(longest + 1);
}

/** A code span around any text: longer fence than any run of backticks in it, hidden characters marked. */
function code(text: string): string {
  const safe = inert(text, LONG);
  if (safe === '') return '(empty)';
  const longest = Math.max(0, ...(safe.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = safe.startsWith('`') || safe.endsWith('`') || safe.startsWith(' ') ? ' ' : '';
  return `${fence}${pad}${safe}${pad}${fence}`;
}
