import { pathOf } from '../core/diff/pair.js';
import {
  countWords,
  effectWords,
  fileKindWords,
  groupTitles,
  sumWords,
  whyNoLines,
} from '../core/diff/words.js';
import type { Diff, DiffFile, DiffGroup, DiffLine, DiffSide, DiffText } from '../core/generated/diff.js';
import type { Paint } from './paint.js';
import { claim, line, quoted, sizeWords } from './words.js';

/** A comparison for people, what counts most first. */
export function diffText(diff: Diff, paint: Paint): string {
  return [
    ...sideLines('OLD', diff.before),
    ...sideLines('NEW', diff.after),
    diff.rule === null
      ? 'Judged without a rule.'
      : `Judged by the rule ${quoted(diff.rule.name)} of ${claim(diff.rule.source, 400)}, as of ${claim(diff.now)}.`,
    '',
    paint.strong(sumWords(diff)),
    '',
    ...diff.groups.flatMap((group, at) => groupLines(group, at + 1, paint)),
    ...fileLines(diff, diff.groups.length + 1),
    ...textLines(diff.texts, diff.groups.length + 2, paint),
  ].join('\n');
}

function sideLines(title: string, side: DiffSide): string[] {
  const { verdict, findings } = side;
  const what =
    side.id === null ? '' : `, says it is ${quoted(side.id)} version ${quoted(side.version ?? '')}`;
  return [
    `${title}  ${side.kind} ${claim(side.name, 400)}${what}`,
    verdict === null ? '     a folder: nobody judged it' : `     ${verdict.code}: ${line(verdict.headline)}`,
    ...(side.bundleDigest === null ? [] : [`     bundle digest ${side.bundleDigest}`]),
    ...(side.contentRoot === null ? [] : [`     content root  ${side.contentRoot}`]),
    ...findings.map(({ severity, code, message }) => `     ${severity} ${code}: ${line(message)}`),
  ];
}

function groupLines({ id, note, lines }: DiffGroup, number: number, paint: Paint): string[] {
  return [
    paint.strong(`${number} ${groupTitles[id]}`),
    ...(note === null ? [] : [`  ${line(note)}`]),
    ...lines.flatMap(lineLines),
    ...(lines.length === 0 && note === null ? ['  no difference'] : []),
    '',
  ];
}

function lineLines({ kind, effect, text, before, after, why, line: at }: DiffLine): string[] {
  const sign = /-(?:added|gained)$/.test(kind) ? '+' : /-(?:removed|lost|gone)$/.test(kind) ? '-' : '~';
  const values =
    before === null && after === null ? '' : `: ${line(before ?? 'none')} -> ${line(after ?? 'none')}`;
  return [
    `  ${sign} ${effectWords[effect].padEnd(8)}  ${line(text)}${values}${at === null ? '' : ` (line ${at})`}`,
    ...(why === null ? [] : [`              ${line(why)}`]),
  ];
}

const SIGNS: Readonly<Record<DiffFile['kind'], string>> = {
  added: '+',
  removed: '-',
  changed: 'M',
  renamed: 'R',
};

function fileLines({ files, texts }: Diff, number: number): string[] {
  return [
    `${number} ${groupTitles.files}`,
    ...files.changes.map((file) => {
      const text = texts.find(
        ({ before, after }) => before === (file.before?.path ?? null) && after === (file.after?.path ?? null),
      );
      return `  ${SIGNS[file.kind]} ${fileKindWords[file.kind].padEnd(8)} ${fileWords(file)}${lineCount(text)}`;
    }),
    `  ${countWords(files)}`,
    '',
  ];
}

function fileWords(file: DiffFile): string {
  const { before, after } = file;
  const moved = file.kind === 'renamed' ? ` (was ${claim(before?.path ?? '', 4096)})` : '';
  const size = (state: DiffFile['before']): string =>
    state === null
      ? 'not there'
      : `${sizeWords(state.size)} ${state.sha256?.slice(0, 12) ?? 'digest not known'}`;
  return `${claim(pathOf(file), 4096)}${moved}  ${size(before)} -> ${size(after)}`;
}

function lineCount(text: DiffText | undefined): string {
  return text === undefined || text.added === null ? '' : `  +${text.added} -${text.removed ?? 0}`;
}

function textLines(texts: readonly DiffText[], number: number, paint: Paint): string[] {
  if (texts.length === 0) return [];
  return [
    `${number} ${groupTitles.texts}`,
    ...texts.flatMap((text) => [
      '',
      `  ${paint.strong(claim(text.after ?? text.before ?? '', 4096))}  ${whyNoLines(text)}`,
      ...text.hunks.flatMap(({ skipped, lines }) => [
        ...(skipped > 0 ? [`    @@ ${skipped} equal lines @@`] : []),
        ...lines.map(
          ({ kind, text: row }) => `    ${{ same: ' ', removed: '-', added: '+' }[kind]}${shown(row)}`,
        ),
      ]),
    ]),
    '',
  ];
}

function shown(row: string): string {
  return row.split('\t').map(line).join('\t');
}
