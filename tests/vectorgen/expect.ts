import type { Code, Expected } from './vector.js';

/** Short ways to say what must come out. Each names its own checks; nothing is asked of the engine. */

type Statuses = Readonly<Record<string, string>>;
type Roles = Readonly<Record<string, readonly string[]>>;

const allGood: Statuses = {
  container: 'pass',
  names: 'pass',
  limits: 'pass',
  manifest: 'pass',
  'file-list': 'pass',
  'file-bytes': 'pass',
  integrity: 'pass',
  checksums: 'pass',
  'external-files': 'not-applicable',
  signatures: 'pass',
  'known-signers': 'pass',
  'required-roles': 'pass',
  level: 'not-applicable',
  dialect: 'pass',
  attestations: 'not-applicable',
  windows: 'pass',
  'proven-time': 'not-applicable',
};

const afterChange: Statuses = Object.fromEntries(
  [
    'signatures',
    'known-signers',
    'required-roles',
    'level',
    'dialect',
    'attestations',
    'windows',
    'proven-time',
  ].map((id) => [id, 'not-checked']),
);

const afterUnreadable: Statuses = {
  'file-list': 'not-checked',
  'file-bytes': 'not-checked',
  integrity: 'not-checked',
  checksums: 'not-checked',
  'external-files': 'not-checked',
  ...afterChange,
};

export interface More extends Partial<Omit<Expected, 'code' | 'findings' | 'checks' | 'roles'>> {
  readonly findings?: readonly string[];
  readonly checks?: Statuses;
}

/** Everything that the rule asks for. */
export function confirmed(roles: Roles, more: More = {}): Expected {
  return {
    ...more,
    code: 'B-OK',
    findings: more.findings ?? [],
    roles,
    checks: { ...allGood, ...more.checks },
  };
}

/** Readable and unchanged, and yet not confirmed. */
export function open(
  code: Code,
  roles: Roles,
  findings: readonly string[],
  checks: Statuses,
  more: More = {},
): Expected {
  return { ...more, code, findings, roles, checks: { ...allGood, ...checks } };
}

/** Bytes, list, root or checksums contradict: nothing is said about people. */
export function changed(findings: readonly string[], checks: Statuses, more: More = {}): Expected {
  return {
    ...more,
    code: 'B-CHANGED',
    findings,
    roles: {},
    checks: { ...allGood, ...afterChange, ...checks },
  };
}

/** Read to the end, but `check` refuses it. */
export function refused(
  check: string,
  findings: readonly string[],
  checks: Statuses = {},
  more: More = {},
): Expected {
  return {
    ...more,
    code: 'B-UNREADABLE',
    findings,
    roles: {},
    checks: { ...allGood, ...afterUnreadable, [check]: 'fail', ...checks },
  };
}

/** Reading stopped in the middle. `manifestRead`: whether the manifest had come before that place. */
export function cut(
  check: 'container' | 'names' | 'limits',
  finding: string,
  manifestRead: boolean,
  more: More = {},
): Expected {
  const unread = { container: 'not-checked', names: 'not-checked', limits: 'not-checked' };
  const manifest = manifestRead ? 'pass' : 'not-checked';
  return refused(check, [finding], { ...unread, manifest, [check]: 'fail' }, more);
}
