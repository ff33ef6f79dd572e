import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit, expandPattern, isPattern } from './glob.js';
import { plural } from './words.js';
import { UsageError } from './usage.js';

/** Files that the arguments name, each once, in the order given; what a folder or pattern gives is sorted. */
export interface FoundFiles {
  readonly bundles: readonly string[];
  /** Approvals, signatures, supplements. */
  readonly loose: readonly string[];
  /** For standard error. */
  readonly notes: readonly string[];
}

/** Standard input as an argument. */
export const STDIN = '-';

const BUNDLE_NAME = /\.sbundle(\.tgz)?$/i;
const LOOSE_NAME = /\.(json|sig|asc|gpg|tsr)$/i;
const SIGNATURE_NAME = /\.json\.(sig|asc|tsr|sigstore\.json)$/i;
const STATEMENT_NAME = /^[a-z][a-z0-9-]{0,31}-[1-9][0-9]{0,3}\.json$/;
const LEGACY_NAME = /approval[^/\\]*\.json$/i;
const DEPTH_MAX = 64;

/** Finds bundles and approvals. Throws {@link UsageError} naming everything that is not there. */
export function findFiles(
  positionals: readonly string[],
  approvals: readonly string[],
  command: string,
): FoundFiles {
  const notes: string[] = [];
  const missing: string[] = [];
  const bundles: string[] = [];
  const loose: string[] = [];
  for (const argument of positionals) {
    for (const path of expand(argument, missing)) {
      if (path !== STDIN && statSync(path).isDirectory()) takeFolder(path, bundles, loose, notes);
      else if (path !== STDIN && LOOSE_NAME.test(path)) loose.push(path);
      else bundles.push(path);
    }
  }
  for (const argument of approvals) {
    for (const path of expand(argument, missing)) {
      if (path === STDIN) missing.push('--approval takes no standard input.');
      else if (statSync(path).isDirectory()) loose.push(...filesBelow(path, 0).filter(looksLikeApproval));
      else loose.push(path);
    }
  }
  if (missing.length > 0) throw new UsageError(missing.join('\n'), command);
  if (bundles.filter((path) => path === STDIN).length > 1)
    throw new UsageError('"-" is given twice.', command);
  return { bundles: once(bundles), loose: once(loose), notes };
}

/** Plain files for commands that do not tell bundles from approvals. */
export function findPlainFiles(positionals: readonly string[], command: string): readonly string[] {
  const missing: string[] = [];
  const paths = positionals.flatMap((argument) => expand(argument, missing));
  const folders = paths.filter((path) => path !== STDIN && statSync(path).isDirectory());
  for (const folder of folders) missing.push(`${folder} is a folder.`);
  if (missing.length > 0) throw new UsageError(missing.join('\n'), command);
  return once(paths);
}

/** Problems go to `missing`, so that one message can name all of them. */
function expand(argument: string, missing: string[]): readonly string[] {
  if (argument === STDIN) return [argument];
  if (statSync(argument, { throwIfNoEntry: false }) !== undefined) {
    if (canRead(argument)) return [argument];
    missing.push(`${argument} may not be read by you.`);
    return [];
  }
  const found = isPattern(argument) ? expandPattern(argument) : [];
  if (found.length === 0)
    missing.push(
      `There is no file ${argument}${isPattern(argument) ? ' (nothing matches the pattern)' : ''}.`,
    );
  return found;
}

function takeFolder(folder: string, bundles: string[], loose: string[], notes: string[]): void {
  const files = once(filesBelow(folder, 0));
  const found = files.filter((path) => BUNDLE_NAME.test(path));
  const approvals = files.filter(looksLikeApproval);
  bundles.push(...found);
  loose.push(...approvals);
  const used =
    approvals.length === 0 ? '' : ` and ${plural(approvals.length, 'file')} that look like approvals`;
  notes.push(`${folder}: ${plural(found.length, 'bundle')}${used}.`);
}

function looksLikeApproval(path: string): boolean {
  const name = path.split(/[\\/]/).at(-1) ?? '';
  return [SIGNATURE_NAME, STATEMENT_NAME, LEGACY_NAME].some((pattern) => pattern.test(name));
}

function filesBelow(folder: string, depth: number): string[] {
  if (depth > DEPTH_MAX) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => byCodeUnit(a.name, b.name));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path, depth + 1);
    // A link counts when it leads to a file; links to folders could lead round in a circle.
    const isFile =
      entry.isFile() ||
      (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isFile() === true);
    return isFile ? [path] : [];
  });
}

function once(paths: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    const real = path === STDIN ? path : realpathSync(path);
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
