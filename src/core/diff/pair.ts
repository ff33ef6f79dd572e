import { compareUtf8 } from '../bytes/text.js';
import type { DiffFile, DiffFiles, DiffState } from '../generated/diff.js';

/** Where Specular keeps a project's own documents; its bundles hold them at the top. */
const PROJECT_FOLDER = '.specular/';

/**
 * Which file of one side is which of the other: by path, then by equal bytes under another name, then a known
 * document that moved to or from `.specular/`. Paths are attacker-controlled.
 */
export function pairFiles(before: readonly DiffState[], after: readonly DiffState[]): DiffFiles {
  const olds = new Map(before.map((file) => [file.path, file]));
  const news = new Map(after.map((file) => [file.path, file]));
  const changes: DiffFile[] = [];
  let same = 0;
  for (const [path, old] of olds) {
    const now = news.get(path);
    if (now === undefined) continue;
    if (isSame(old, now)) same++;
    else changes.push({ kind: 'changed', before: old, after: now });
  }
  const gone = sorted([...olds.values()].filter(({ path }) => !news.has(path)));
  const come = sorted([...news.values()].filter(({ path }) => !olds.has(path)));
  const renamed = [...byBytes(gone, come), ...byFolder(gone, come)].reduce(onceEach, new Pairing());
  changes.push(...renamed.pairs);
  for (const old of gone)
    if (!renamed.used.has(old)) changes.push({ kind: 'removed', before: old, after: null });
  for (const now of come)
    if (!renamed.used.has(now)) changes.push({ kind: 'added', before: null, after: now });
  const count = (kind: DiffFile['kind']): number => changes.filter((one) => one.kind === kind).length;
  return {
    same,
    added: count('added'),
    removed: count('removed'),
    changed: count('changed'),
    renamed: count('renamed'),
    changes: changes.toSorted((a, b) => compareUtf8(pathOf(a), pathOf(b))),
  };
}

/** The newer path, or the older one where the file went. */
export function pathOf({ before, after }: DiffFile): string {
  return after?.path ?? before?.path ?? '';
}

/** True when there are other bytes on one side than on the other. */
export function bytesDiffer({ before, after }: DiffFile): boolean {
  return before === null || after === null || !isSame(before, after);
}

/** Without a digest nothing is known to be the same. */
function isSame(one: DiffState, two: DiffState): boolean {
  return one.sha256 !== null && one.sha256 === two.sha256 && one.size === two.size;
}

class Pairing {
  readonly used = new Set<DiffState>();
  readonly pairs: DiffFile[] = [];
}

function onceEach(pairing: Pairing, [before, after]: readonly [DiffState, DiffState]): Pairing {
  if (pairing.used.has(before) || pairing.used.has(after)) return pairing;
  pairing.used.add(before).add(after);
  pairing.pairs.push({ kind: 'renamed', before, after });
  return pairing;
}

/** Empty files are all alike, so none of them is another one renamed. */
function* byBytes(
  gone: readonly DiffState[],
  come: readonly DiffState[],
): Generator<readonly [DiffState, DiffState]> {
  const waiting = new Map<string, DiffState[]>();
  for (const file of come) {
    if (file.sha256 === null || file.size === 0) continue;
    const others = waiting.get(file.sha256);
    if (others === undefined) waiting.set(file.sha256, [file]);
    else others.push(file);
  }
  for (const file of gone) {
    const next = file.sha256 === null || file.size === 0 ? undefined : waiting.get(file.sha256)?.shift();
    if (next !== undefined) yield [file, next];
  }
}

function* byFolder(
  gone: readonly DiffState[],
  come: readonly DiffState[],
): Generator<readonly [DiffState, DiffState]> {
  const news = new Map(come.map((file) => [file.path, file]));
  for (const file of gone) {
    const { path } = file;
    const other = path.startsWith(PROJECT_FOLDER) ? path.slice(PROJECT_FOLDER.length) : PROJECT_FOLDER + path;
    const now = news.get(other);
    if (now !== undefined) yield [file, now];
  }
}

function sorted(files: readonly DiffState[]): readonly DiffState[] {
  return files.toSorted((a, b) => compareUtf8(a.path, b.path));
}
