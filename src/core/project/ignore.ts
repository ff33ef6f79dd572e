import ignore from 'ignore';

export const IGNORE_FILE = '.specularignore';

/** Left out unless asked for with `--include`: what belongs to the tools around a project, not to the project. */
const USUALLY_LEFT_OUT = [
  'node_modules/',
  '.DS_Store',
  'Thumbs.db',
  '*.sbundle.tgz',
  '.specular/bundle.info',
  '.countersign/',
];
/** Never packed, whoever asks: its hooks would run on the machine that applies the bundle. */
const NEVER = /(?:^|\/)\.git(?:\/|$)/i;

export interface SelectionRules {
  /** Text of `.specularignore` at the root of the project; null when there is none. */
  readonly ignoreFile: string | null;
  /** Patterns of the same language that beat the ignore file. */
  readonly include: readonly string[];
  /** Patterns that beat everything else. */
  readonly exclude: readonly string[];
}

export interface Selection<T> {
  readonly packed: readonly T[];
  /** Those of `packed` that only `include` brought in. */
  readonly forced: readonly T[];
  readonly left: readonly T[];
}

/**
 * What of a project goes into a bundle (docs/SPEC.md, "Building"): everything that is not ignored. Patterns are
 * those of gitignore, with the case that is written. Paths must have passed the rules of the archive reader.
 */
export function selectFiles<T extends { readonly path: string }>(
  files: readonly T[],
  rules: SelectionRules,
): Selection<T> {
  const ignored = matcher([...USUALLY_LEFT_OUT, ...(rules.ignoreFile ?? '').split(/\r?\n/)]);
  const included = matcher(rules.include);
  const excluded = matcher(rules.exclude);
  const packed: T[] = [];
  const forced: T[] = [];
  const left: T[] = [];
  for (const file of files) {
    const { path } = file;
    const usual = !ignored(path);
    if (isNeverPacked(path) || excluded(path) || !(usual || included(path))) {
      left.push(file);
      continue;
    }
    packed.push(file);
    if (!usual) forced.push(file);
  }
  return { packed, forced, left };
}

/** True for what no bundle holds: the folder of git, in any spelling of its name. */
export function isNeverPacked(path: string): boolean {
  return NEVER.test(path);
}

/** True where one of the patterns of gitignore matches `path`. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const rules = ignore({ ignorecase: false }).add(patterns);
  return (path) => rules.ignores(path);
}
