import type { RuleDocument } from '../generated/trust.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { assignPeople } from './quorum.js';
import type { Person, RoleRule, Rule } from './trust.js';

/** Rules read against the people of the same list. */
export interface RulesRead {
  readonly rules: readonly Rule[];
  readonly findings: readonly Finding[];
}

/**
 * Turns the rules of a trust list into {@link Rule}s (docs/SPEC.md, "Rule"). Defaults are the stricter
 * choice. Everything that would make a rule mean less than it seems to say is an error.
 */
export function readRules(
  documents: readonly RuleDocument[],
  people: readonly Person[],
  placeOf: (field: string) => Place,
): RulesRead {
  const primary = new Map(people.flatMap(({ id, also }) => [id, ...also].map((name) => [name, id] as const)));
  const rules = documents.map((document) => ruleOf(document, primary));
  const findings = rules.flatMap((rule, i) => {
    const field = `rules.${i}`;
    const place = placeOf(field);
    const twice = rules.findIndex(({ name }) => name === rule.name) < i;
    return [
      ...(twice ? [finding('rule-duplicate', { rule: rule.name }, { where: place })] : []),
      ...checkRoles(rule, primary, field, placeOf),
      ...checkLevel(rule, place),
    ];
  });
  return { rules, findings };
}

function ruleOf(document: RuleDocument, primary: ReadonlyMap<string, string>): Rule {
  return {
    name: document.name,
    ...(document.level === undefined ? {} : { level: document.level }),
    roles: Object.entries(document.roles).map(([role, { people, threshold, maxAgeDays }]): RoleRule => ({
      role,
      people: [...new Set(people.map((name) => primary.get(name) ?? name))],
      threshold: threshold ?? 1,
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
    })),
    differentPeople: document.differentPeople ?? true,
    legacyDialects: document.legacyDialects ?? false,
    attestations: document.attestations ?? [],
  };
}

function checkRoles(
  rule: Rule,
  primary: ReadonlyMap<string, string>,
  field: string,
  placeOf: (field: string) => Place,
): Finding[] {
  const findings = rule.roles.flatMap(({ role, people, threshold }) => {
    const unknown = people.filter((person) => !primary.has(person));
    const place = placeOf(`${field}.roles.${role}`);
    return [
      ...unknown.map((person) =>
        finding('rule-unknown-person', { rule: rule.name, role, person }, { where: place }),
      ),
      ...(threshold > people.length
        ? [
            finding(
              'rule-threshold',
              { rule: rule.name, role, threshold, people: people.length },
              { where: place },
            ),
          ]
        : []),
    ];
  });
  if (findings.length > 0 || canBeMet(rule)) return findings;
  return [finding('rule-cannot-be-met', { rule: rule.name }, { where: placeOf(field) })];
}

/** Above this the exact answer would cost more than the warning is worth. */
const PLACES_MAX = 200;

/** Whether the people named are enough, if every one of them approved. */
function canBeMet({ roles, differentPeople }: Rule): boolean {
  const places = roles.reduce((sum, { threshold }) => sum + threshold, 0);
  const everybody = roles.flatMap(({ role, people }) => people.map((person) => ({ role, person })));
  if (differentPeople && places > new Set(everybody.map(({ person }) => person)).size) return false;
  if (places > PLACES_MAX) return true;
  const best = assignPeople(roles, everybody, differentPeople);
  return roles.every(({ role, threshold }) => best.get(role)!.length >= threshold);
}

/** A level is a promise about the rule: L2 one role, L3 several, L4 also attestations. */
function checkLevel(rule: Rule, where: Place): Finding[] {
  const { name, level, roles, attestations } = rule;
  const refuse = (needs: string) => [finding('rule-level', { rule: name, level: level!, needs }, { where })];
  if (roles.length === 0 && level !== 'L1') return [finding('rule-empty', { rule: name }, { where })];
  if ((level === 'L3' || level === 'L4') && roles.length < 2) return refuse('at least two roles');
  if (level === 'L4' && attestations.length === 0) return refuse('at least one attestation');
  return [];
}
