import type {
  ApprovalReport,
  CheckResult,
  Finding,
  InputReport,
  Place,
  RoleReport,
} from '../core/generated/report.js';
import { inert } from '../core/messages/inert.js';
import type { Paint } from './paint.js';
import {
  axisNames,
  bindingWords,
  claim,
  line,
  quoted,
  roleWords,
  signatureWords,
  statusWords,
} from './words.js';

/** A command that is cut no longer does what it says, so the cap is wide. UTF-16 code units. */
const COMMAND_LENGTH_MAX = 100_000;

export function roleLines({ roles }: InputReport): string[] {
  const width = Math.max(0, ...roles.map(({ role }) => claim(role, 40).length));
  return roles.map(
    (role) => `${claim(role.role, 40).padEnd(width)}  ${roleState(role)}; asked for by ${askers(role)}`,
  );
}

function roleState({ state, met, people, threshold }: RoleReport): string {
  const given = met.length === 0 ? '' : ` by ${met.map((person) => claim(person)).join(', ')}`;
  const count = threshold > 1 ? ` (${met.length} of ${threshold})` : '';
  if (state === 'met') return `given${given}${count}`;
  const may =
    people.length === 0
      ? 'your rule names nobody'
      : `may come from ${people.map((one) => claim(one)).join(', ')}`;
  return `${roleWords[state]}${count}${given === '' ? '' : `, given${given}`}; ${may}`;
}

function askers({ askedBy }: RoleReport): string {
  return askedBy.map((who) => (who === 'rule' ? 'your rule' : 'the bundle')).join(' and ');
}

/** Three columns of knowledge that are never merged: what it claims, who you know, what is proven. */
export function approvalLines({ approvals }: InputReport): string[] {
  return approvals.flatMap((approval) => [
    `${claim(approval.file, 400)} (${approval.origin}, ${approval.kind}, ${bindingWords[approval.binding]})`,
    `  claims  ${claimsOf(approval)}`,
    `  known   ${knownAs(approval)}`,
    `  proven  ${proven(approval)}`,
    `  counts  ${approval.counts.length === 0 ? 'for no role' : `for ${approval.counts.map((role) => claim(role, 40)).join(', ')}`}: ${line(approval.because)}`,
  ]);
}

function claimsOf({ claims }: ApprovalReport): string {
  const parts = [
    claims.decision,
    claims.role === undefined ? undefined : `role ${quoted(claims.role, 60)}`,
    claims.user === undefined ? undefined : `by ${quoted(claims.user)}`,
    claims.path === undefined ? undefined : `file ${quoted(claims.path)}`,
    claims.signedAt === undefined ? undefined : `signed at ${quoted(claims.signedAt, 60)}`,
    claims.expires === undefined ? undefined : `until ${quoted(claims.expires, 60)}`,
    claims.comment === undefined ? undefined : `comment ${quoted(claims.comment)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'nothing that can be shown' : parts.join(', ');
}

function knownAs({ known, key }: ApprovalReport): string {
  if (known === null) return key === null ? 'no key' : 'this key is not in your trust list';
  const window = [
    known.from === undefined ? '' : `from ${claim(known.from, 40)}`,
    known.until === undefined ? '' : `until ${claim(known.until, 40)}`,
    known.withdrawnAt === undefined ? '' : `withdrawn at ${claim(known.withdrawnAt, 40)}`,
  ].filter((part) => part !== '');
  const state = [`key ${known.keyState}`, ...window].join(', ');
  const checked = known.checked === undefined ? '' : `; checked ${claim(known.checked)}`;
  return `${claim(known.person)}${known.name === undefined ? '' : ` (${claim(known.name)})`}, ${state}${checked}`;
}

function proven({ signature, key }: ApprovalReport): string {
  const by =
    key === null
      ? ''
      : `; key ${claim(key.fingerprint, 80)} (${claim(key.algorithm, 60)}), in words: ${line(key.words)}`;
  return `${signatureWords[signature]}${by}; nothing proves the time`;
}

export function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  return findings.flatMap((one) => [
    `${paint.severity(one.severity, one.severity)} ${one.code} (${one.class})${place(one.where)}`,
    `  ${line(one.message)}`,
    ...(one.expected === undefined ? [] : [`  expected: ${line(one.expected)}`]),
    ...(one.found === undefined ? [] : [`  found:    ${line(one.found)}`]),
    `  cause:    ${line(one.cause)}`,
    `  do:       ${line(one.action)}`,
  ]);
}

function place(where: Place): string {
  const parts = [
    where.file === undefined ? undefined : claim(where.file, 400),
    where.path === undefined ? undefined : claim(where.path, 400),
    where.line === undefined ? undefined : `line ${where.line}`,
    where.byte === undefined ? undefined : `byte ${where.byte}`,
    where.field === undefined ? undefined : `field ${claim(where.field, 200)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : ` at ${parts.join(', ')}`;
}

export function checkLines({ checks }: InputReport, paint: Paint): string[] {
  return axisNames.flatMap(([axis]) =>
    checks.filter((check) => check.axis === axis).map((check) => checkLine(check, paint)),
  );
}

function checkLine(check: CheckResult, paint: Paint): string {
  return `${paint.status(check.status, statusWords[check.status].padEnd(15))}  ${line(check.title)}: ${line(check.detail)}`;
}

export function commandLines({ commands }: InputReport): string[] {
  return commands.flatMap((command) => [
    `${line(command.title)}; expect: ${line(command.expect)}`,
    ...command.run.split('\n').map((row) => `  ${inert(row, COMMAND_LENGTH_MAX)}`),
  ]);
}
