import type { Diff, DiffFile, DiffFiles, DiffGroup, DiffLine, DiffText } from '../generated/diff.js';

/** What the parts of a comparison are called, in every format. */
export const groupTitles: Readonly<Record<DiffGroup['id'] | 'files' | 'texts', string>> = {
  who: 'Who must approve',
  approvals: 'Approvals',
  rules: 'Policies and rules',
  routing: 'Routing and models',
  spec: 'Specification',
  said: 'What the bundle says of itself',
  files: 'Files',
  texts: 'Lines',
};

export const effectWords: Readonly<Record<DiffLine['effect'], string>> = {
  weaker: 'weaker',
  changed: 'changed',
  stronger: 'stronger',
};

export const fileKindWords: Readonly<Record<DiffFile['kind'], string>> = {
  added: 'added',
  removed: 'removed',
  changed: 'changed',
  renamed: 'renamed',
};

/** One sentence for the top. */
export function sumWords({ comparable, equal, groups, files }: Diff): string {
  if (!comparable) return 'Nothing was compared: a side cannot be read.';
  if (equal) return 'Nothing differs.';
  const lines = groups.flatMap((group) => group.lines);
  const weaker = lines.filter(({ effect }) => effect === 'weaker').length;
  const parts = [
    counted(lines.length, 'line on what counts', 'lines on what counts'),
    `${weaker} of them weaker`,
    counted(files.changes.length, 'file differs', 'files differ'),
  ];
  return `${parts[0]}, ${parts[1]}; ${parts[2]}.`;
}

export function countWords({ same, added, removed, changed, renamed }: DiffFiles): string {
  return `${changed} changed, ${added} added, ${removed} removed, ${renamed} renamed, ${same} the same.`;
}

/** How many lines, or why they are not shown. */
export function whyNoLines({ shown, added, removed }: DiffText): string {
  const counts = added === null || removed === null ? '' : `+${added} -${removed} lines`;
  switch (shown) {
    case 'lines':
    case 'count':
      return counts;
    case 'binary':
      return 'Not text: compared by size and digest.';
    case 'too-long':
      return 'Too long to be compared line by line: compared by size and digest.';
    case 'too-different':
      return 'More lines differ than can be shown: compared by size and digest.';
    case 'not-read':
      return 'Its bytes are not here, or were not read: compared by size and digest.';
  }
}

function counted(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
