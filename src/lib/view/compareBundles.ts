import { isRulesFile } from '../../core/diff/names';
import type { FileReport, InputReport, RuleSummary } from '../../core/generated/report';

/** What differs between the bundle that was approved before and the one that waits, by consequence. */

/** One thing that changes who may say yes, or what the rule asks. `from` and `to` are attacker-controlled texts. */
export interface WhoChange {
  readonly what: 'role-added' | 'role-removed' | 'level' | 'rule' | 'rule-role' | 'description';
  /** Role, where it is about one. */
  readonly about: string;
  readonly from: string;
  readonly to: string;
}

export interface FileChange {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly path: string;
  readonly before: FileReport | null;
  readonly after: FileReport | null;
}

export interface Comparison {
  readonly who: readonly WhoChange[];
  /** What the bundle says of itself; decides nothing. */
  readonly said: readonly WhoChange[];
  /** Rules, policies, routing, lists of people: they come before every other file. */
  readonly rules: readonly FileChange[];
  readonly files: readonly FileChange[];
  /** Files that are the same, byte for byte. */
  readonly same: number;
}

/** What was judged, and the rule that judged it; of an earlier bundle the rule of that day. */
export interface Side {
  readonly input: InputReport;
  readonly rule: RuleSummary;
}

export { isRulesFile };

/** Everything is new when there is no earlier bundle. */
export function compareBundles(before: Side | null, after: Side): Comparison {
  const changes = fileChanges(before?.input.files ?? [], after.input.files);
  return {
    who: before === null ? [] : whoChanges(before, after),
    said:
      before === null
        ? []
        : differ('description', before.input.bundle?.description, after.input.bundle?.description),
    rules: changes.filter(({ path }) => isRulesFile(path)),
    files: changes.filter(({ path }) => !isRulesFile(path)),
    same: after.input.files.length - changes.filter(({ kind }) => kind !== 'removed').length,
  };
}

function whoChanges(before: Side, after: Side): WhoChange[] {
  const [old, now] = [before.input.bundle, after.input.bundle];
  const had = old?.requiredRoles ?? [];
  const has = now?.requiredRoles ?? [];
  return [
    ...ruleChanges(before.rule, after.rule),
    ...had
      .filter((role) => !has.includes(role))
      .map((role) => ({ what: 'role-removed' as const, about: role, from: role, to: '' })),
    ...has
      .filter((role) => !had.includes(role))
      .map((role) => ({ what: 'role-added' as const, about: role, from: '', to: role })),
    ...differ('level', old?.levelClaimed, now?.levelClaimed),
  ];
}

function differ(what: WhoChange['what'], from = '', to = ''): WhoChange[] {
  return from === to ? [] : [{ what, about: '', from, to }];
}

function ruleChanges(before: RuleSummary, after: RuleSummary): WhoChange[] {
  const changes: WhoChange[] = [];
  if (before?.name !== after?.name)
    changes.push({ what: 'rule', about: '', from: before?.name ?? '', to: after?.name ?? '' });
  const roles = new Set([...(before?.roles ?? []), ...(after?.roles ?? [])].map(({ role }) => role));
  for (const role of roles) {
    const [from, to] = [roleText(before, role), roleText(after, role)];
    if (from !== to) changes.push({ what: 'rule-role', about: role, from, to });
  }
  return changes;
}

/** `1 of a@x, b@x; 90 days`; empty when the rule does not ask for the role. */
function roleText(rule: RuleSummary, wanted: string): string {
  const found = rule?.roles.find(({ role }) => role === wanted);
  if (found === undefined) return '';
  const age = found.maxAgeDays === undefined ? '' : `; ${found.maxAgeDays} days`;
  return `${found.threshold} of ${found.people.join(', ')}${age}`;
}

function fileChanges(before: readonly FileReport[], after: readonly FileReport[]): FileChange[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const now = new Map(after.map((file) => [file.path, file]));
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path): FileChange[] => {
    const [one, two] = [old.get(path) ?? null, now.get(path) ?? null];
    if (one === null) return [{ kind: 'added', path, before: null, after: two }];
    if (two === null) return [{ kind: 'removed', path, before: one, after: null }];
    const same = one.sha256 !== null && one.sha256 === two.sha256 && one.size === two.size;
    return same ? [] : [{ kind: 'changed', path, before: one, after: two }];
  });
}
