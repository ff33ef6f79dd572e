import { toHex } from '../../bytes/hex.js';
import { fromBase64 } from '../../bytes/base64.js';
import type { DocNode, MapNode } from '../../manifest/node.js';
import type { Trust } from '../trust.js';
import type { Imported } from './imported.js';
import { RoleTable } from './roleTables.js';

/** `roles.<role>.users.<user>: [fingerprint …]`, the shape that trust lists once had. */
export function readOlderRoles(root: MapNode, file: string): Imported {
  const table = new RoleTable(file, 'older-roles');
  for (const [role, node] of table.map(root.entries.get('roles'), 'roles')?.entries ?? []) {
    const users = table.map(table.map(node, `the role ${role}`)?.entries.get('users'), `users of ${role}`);
    for (const [person, prints] of users?.entries ?? []) {
      const keys = table.texts(prints, `the keys of ${person}`).map(({ text }) => table.fingerprint(text));
      table.entries.push({ role, person, keys });
    }
  }
  return table.done();
}

/** `.specular/config.yaml`: `bundle.default_approvers[]` with a role and its users, with or without keys. */
export function readSpecularConfig(root: MapNode, file: string): Imported {
  const table = new RoleTable(file, 'specular-config');
  const bundle = table.map(root.entries.get('bundle'), 'bundle');
  const approvers = bundle?.entries.get('default_approvers');
  if (approvers?.kind !== 'list') {
    table.fail('default_approvers should be a list', approvers?.line ?? 1);
    return table.done();
  }
  for (const node of approvers.items) {
    const entry = table.map(node, 'an approver');
    const role = entry?.entries.get('role');
    const users = entry?.entries.get('users');
    if (role?.kind !== 'text') table.fail('an approver has no role', node.line);
    else if (users?.kind !== 'list') table.fail(`users of ${role.text} should be a list`, node.line);
    else for (const user of users.items) table.user(role.text, user);
  }
  return table.done();
}

/**
 * `policies/approval-policy.yaml`: `approval_policy.roles.<role>` with trusted keys and an age. The file names no people, so a
 * key that somebody in the present list has stands for that person, and any other for one who is named by the key.
 */
export function readApprovalPolicy(root: MapNode, file: string, present: Trust | null): Imported {
  const table = new RoleTable(file, 'approval-policy');
  const policy = table.map(root.entries.get('approval_policy'), 'approval_policy');
  for (const [role, node] of table.map(policy?.entries.get('roles'), 'roles')?.entries ?? []) {
    const entry = table.map(node, `the role ${role}`);
    if (entry === null) continue;
    const keys = table.texts(entry.entries.get('trusted_keys'), `trusted_keys of ${role}`);
    for (const { text } of keys) {
      const key = table.fingerprint(text);
      table.entries.push({ role, person: ownerOf(key.fingerprint, present), keys: [key] });
    }
    readAge(table, role, entry.entries.get('max_age'));
    const limits = entry.entries.get('required_for');
    if (limits !== undefined)
      table.leaveOut(`required_for of ${role}`, 'a rule here counts for every bundle', limits.line);
  }
  return table.done();
}

function ownerOf(fingerprint: string, present: Trust | null): string {
  const owner = present?.people.find(({ keys }) => keys.some((key) => key.fingerprint === fingerprint));
  return owner?.id ?? `key-${shortName(fingerprint)}`;
}

/** Letters that can stand in a name, from the fingerprint, so that the same key gives the same name. */
function shortName(fingerprint: string): string {
  const digest = fromBase64(`${fingerprint.replace('SHA256:', '')}=`);
  return (digest === null ? fingerprint.toLowerCase() : toHex(digest)).slice(0, 16);
}

const HOURS_A_DAY = 24;

/** Go durations such as `168h` or `36h30m`. Whole days are kept, never more time than the file gives. */
function readAge(table: RoleTable, role: string, node: DocNode | undefined): void {
  if (node === undefined) return;
  const match =
    node.kind === 'text' ? /^(?:(\d{1,7})d)?(?:(\d{1,7})h)?(?:\d+m)?(?:\d+s)?$/.exec(node.text) : null;
  const hours = Number(match?.[1] ?? 0) * HOURS_A_DAY + Number(match?.[2] ?? 0);
  const days = Math.floor(hours / HOURS_A_DAY);
  if (match === null) table.fail(`max_age of ${role} is no length of time such as 168h`, node.line);
  else if (days < 1)
    table.fail(`max_age of ${role} is less than a day, which a rule here cannot say`, node.line);
  else {
    table.ages.set(role, days);
    if (hours % HOURS_A_DAY > 0)
      table.leaveOut(
        `A part of a day in max_age of ${role}`,
        `the rule counts ${days} whole days`,
        node.line,
      );
  }
}
