import { utf8, type Octets } from './raw.js';

/** Text of a `trust.yaml`, written by plain concatenation so that a vector can hold any mistake. */

export interface KeyRow {
  readonly ssh?: string;
  readonly passkey?: string;
  readonly fingerprint?: string;
  readonly openpgp?: string;
  /** Armored, or base64 of the binary form. */
  readonly certificate?: string;
  readonly origins?: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly checked?: string;
}

export interface PersonRow {
  readonly id: string;
  readonly also?: readonly string[];
  readonly name?: string;
  readonly keys: readonly KeyRow[];
}

export interface RoleRow {
  readonly people: readonly string[];
  readonly threshold?: number | string;
  readonly maxAgeDays?: number;
}

export interface RuleRow {
  readonly name: string;
  readonly level?: string;
  readonly roles: Readonly<Record<string, RoleRow>>;
  readonly differentPeople?: boolean;
  readonly legacyDialects?: boolean;
  readonly attestations?: readonly string[];
}

export interface WithdrawnRow {
  readonly fingerprint: string;
  readonly at: string;
  readonly reason?: string;
}

export interface TrustRow {
  readonly people: readonly PersonRow[];
  readonly withdrawn?: readonly WithdrawnRow[];
  readonly rules?: readonly RuleRow[];
  readonly defaultRule?: string;
}

const q = (value: string): string => JSON.stringify(value);
const list = (values: readonly string[]): string => `[${values.map(q).join(', ')}]`;

export function trustText(trust: TrustRow): string {
  const lines = ['schema: "countersign.trust/v1"', 'id: "vectors"', 'serial: 1', 'people:'];
  for (const person of trust.people) lines.push(...personLines(person));
  if (trust.withdrawn !== undefined) lines.push('withdrawn:', ...trust.withdrawn.flatMap(withdrawnLines));
  if (trust.rules !== undefined) lines.push('rules:', ...trust.rules.flatMap(ruleLines));
  if (trust.defaultRule !== undefined) lines.push(`defaultRule: ${q(trust.defaultRule)}`);
  return `${lines.join('\n')}\n`;
}

export function trustBytes(trust: TrustRow): Octets {
  return utf8(trustText(trust));
}

function personLines({ id, also, name, keys }: PersonRow): string[] {
  return [
    `  - id: ${q(id)}`,
    ...(also === undefined ? [] : [`    also: ${list(also)}`]),
    ...(name === undefined ? [] : [`    name: ${q(name)}`]),
    '    keys:',
    ...keys.flatMap(keyLines),
  ];
}

function keyLines(key: KeyRow): string[] {
  const rows = Object.entries(key).map(([field, value]) =>
    typeof value === 'string' ? `${field}: ${q(value)}` : `${field}: ${list(value as readonly string[])}`,
  );
  return rows.map((row, i) => `${i === 0 ? '      - ' : '        '}${row}`);
}

function withdrawnLines({ fingerprint, at, reason }: WithdrawnRow): string[] {
  return [
    `  - fingerprint: ${q(fingerprint)}`,
    `    at: ${q(at)}`,
    ...(reason === undefined ? [] : [`    reason: ${q(reason)}`]),
  ];
}

function ruleLines(rule: RuleRow): string[] {
  return [
    `  - name: ${q(rule.name)}`,
    ...(rule.level === undefined ? [] : [`    level: ${q(rule.level)}`]),
    Object.keys(rule.roles).length === 0 ? '    roles: {}' : '    roles:',
    ...Object.entries(rule.roles).map(([role, row]) => `      ${role}: ${roleText(row)}`),
    `    differentPeople: ${rule.differentPeople ?? true}`,
    `    legacyDialects: ${rule.legacyDialects ?? false}`,
    `    attestations: ${list(rule.attestations ?? [])}`,
  ];
}

function roleText({ people, threshold, maxAgeDays }: RoleRow): string {
  const age = maxAgeDays === undefined ? '' : `, maxAgeDays: ${maxAgeDays}`;
  return `{people: ${list(people)}, threshold: ${threshold ?? 1}${age}}`;
}
