import type { DiffLine } from '../generated/diff.js';
import type { InputReport } from '../generated/report.js';
import { diffLine, listed } from './line.js';

type Claims = NonNullable<InputReport['bundle']>;

/** What the bundle says of itself. None of it decides anything, but people read it. */
export function saidLines(before: InputReport, after: InputReport): DiffLine[] {
  const [old, now] = [before.bundle, after.bundle];
  return [
    ...(old === null || now === null ? [] : claimLines(old, now)),
    ...line('dialect', 'Kind of bundle', before.dialect ?? undefined, after.dialect ?? undefined),
    ...line(
      'bundle-digest',
      'Bundle digest',
      before.bundleDigest ?? undefined,
      after.bundleDigest ?? undefined,
    ),
  ];
}

function claimLines(old: Claims, now: Claims): DiffLine[] {
  const metadata = [...new Set([...Object.keys(old.metadata ?? {}), ...Object.keys(now.metadata ?? {})])];
  return [
    ...line('id', 'Id', old.id, now.id, 'These are bundles of two different things.'),
    ...line('version', 'Version', old.version, now.version),
    ...line('created', 'Created', old.created, now.created),
    ...line('description', 'Description', old.description, now.description),
    ...line('authors', 'Authors', listed(old.authors ?? [], 'none'), listed(now.authors ?? [], 'none')),
    ...line('tags', 'Tags', listed(old.tags ?? [], 'none'), listed(now.tags ?? [], 'none')),
    ...metadata
      .sort()
      .flatMap((name) =>
        line('metadata', `Metadata ${name}`, own(old.metadata, name), own(now.metadata, name)),
      ),
  ];
}

/** Names are attacker-controlled: `toString` must not find a method. */
function own(map: Claims['metadata'], name: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}

function line(kind: string, text: string, was = 'none', is = 'none', why: string | null = null): DiffLine[] {
  return was === is ? [] : [diffLine(kind, 'changed', kind, text, { before: was, after: is, why })];
}
