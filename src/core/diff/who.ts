import type { DiffLine } from '../generated/diff.js';
import type { InputReport, RoleReport } from '../generated/report.js';
import { diffLine, listed, weakerFirst } from './line.js';

const LEVELS = ['L1', 'L2', 'L3', 'L4'];

/** Who must approve: roles that the bundle asks for, thresholds and people of the rule, the level that it claims. */
export function whoLines(before: InputReport, after: InputReport): DiffLine[] {
  const had = before.bundle?.requiredRoles ?? [];
  const has = after.bundle?.requiredRoles ?? [];
  return weakerFirst([
    ...had.filter((role) => !has.includes(role)).map((role) => roleRemoved(role, after)),
    ...has.filter((role) => !had.includes(role)).map((role) => roleAdded(role, after)),
    ...after.roles.flatMap((role) =>
      ruleRole(
        before.roles.find((one) => one.role === role.role),
        role,
      ),
    ),
    ...levelLines(before.level.claimed, after.level.claimed),
  ]);
}

const ASKED = 'asked for by the bundle';
const NOT_ASKED = 'not asked for by the bundle';

function roleRemoved(role: string, after: InputReport): DiffLine {
  const why = byRule(role, after)
    ? 'Your rule still asks for it.'
    : 'The bundle can be confirmed without the approval of this role.';
  return diffLine('role-removed', 'weaker', role, `${role} (no longer a required role)`, {
    before: ASKED,
    after: NOT_ASKED,
    why,
  });
}

function roleAdded(role: string, after: InputReport): DiffLine {
  const why = byRule(role, after)
    ? 'Your rule asks for it anyway.'
    : 'One more approval is needed before the bundle can be confirmed.';
  return diffLine('role-added', 'stronger', role, `${role} (new required role)`, {
    before: NOT_ASKED,
    after: ASKED,
    why,
  });
}

function byRule(role: string, { roles }: InputReport): boolean {
  return roles.some((one) => one.role === role && one.askedBy.includes('rule'));
}

/** Both sides judged by one rule never differ here; reports of two days may. */
function ruleRole(was: RoleReport | undefined, is: RoleReport): DiffLine[] {
  if (was === undefined) return [];
  const lines: DiffLine[] = [];
  if (was.threshold !== is.threshold)
    lines.push(
      diffLine(
        'threshold',
        is.threshold < was.threshold ? 'weaker' : 'stronger',
        is.role,
        `${is.role}: approvals needed`,
        { before: String(was.threshold), after: String(is.threshold) },
      ),
    );
  const gained = is.people.some((person) => !was.people.includes(person));
  const lost = was.people.some((person) => !is.people.includes(person));
  if (gained || lost)
    lines.push(
      diffLine('people', gained ? 'weaker' : 'stronger', is.role, `${is.role}: people who may give it`, {
        before: listed(was.people),
        after: listed(is.people),
      }),
    );
  return lines;
}

function levelLines(was: string | null, is: string | null): DiffLine[] {
  if (was === is) return [];
  const [from, to] = [was, is].map((level) => (level === null ? -1 : LEVELS.indexOf(level)));
  const known =
    from !== undefined && to !== undefined && (was === null || from >= 0) && (is === null || to >= 0);
  const effect = known ? (to < from ? 'weaker' : 'stronger') : 'changed';
  return [
    diffLine('level', effect, 'level', 'Governance level that the bundle claims', {
      before: was ?? 'none',
      after: is ?? 'none',
    }),
  ];
}
