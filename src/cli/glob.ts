import { readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** True when `text` holds pattern characters that the shell would have expanded. */
export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/**
 * Files and folders that match a shell pattern (`*`, `?`, `[a-z]`, `**` for any depth), sorted. Hidden names match
 * only when the pattern says the dot; links to folders are not followed by `**`.
 */
export function expandPattern(pattern: string): readonly string[] {
  const separators = sep === '\\' ? /[\\/]+/ : /\/+/;
  const absolute = /^([a-zA-Z]:)?[\\/]/.exec(pattern)?.[0] ?? '';
  const segments = pattern
    .slice(absolute.length)
    .split(separators)
    .filter((segment) => segment !== '');
  const found = segments.reduce<readonly string[]>(
    (bases, segment) => bases.flatMap((base) => step(base, segment)),
    [absolute],
  );
  return [...new Set(found)].filter((path) => path !== '').sort(byCodeUnit);
}

/** The one order of every list that comes from the file system. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function step(base: string, segment: string): string[] {
  if (segment === '**') return [base, ...foldersBelow(base)];
  if (!isPattern(segment)) return exists(at(base, segment)) ? [at(base, segment)] : [];
  const matches = segmentPattern(segment);
  return names(base)
    .filter((name) => matches.test(name))
    .map((name) => at(base, name));
}

function foldersBelow(base: string): string[] {
  return names(base, true)
    .filter((name) => !name.startsWith('.'))
    .map((name) => at(base, name))
    .flatMap((path) => [path, ...foldersBelow(path)]);
}

function segmentPattern(segment: string): RegExp {
  const body = segment
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\[!/g, '[^')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  const start = /^[*?[]/.test(segment) ? '(?!\\.)' : '';
  try {
    return new RegExp(`^${start}${body}$`, 'su');
  } catch {
    return /^(?!)/;
  }
}

function names(base: string, foldersOnly = false): string[] {
  try {
    return readdirSync(base === '' ? '.' : base, { withFileTypes: true })
      .filter((entry) => !foldersOnly || entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

function at(base: string, name: string): string {
  return base === '' ? name : join(base, name);
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
