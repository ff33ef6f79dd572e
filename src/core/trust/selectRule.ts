import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import type { Rule, Trust } from './trust.js';

/** The rule that judges, or null; without one nothing can be confirmed. */
export interface RuleSelection {
  readonly rule: Rule | null;
  readonly findings: readonly Finding[];
}

/**
 * Picks the reader's rule (docs/SPEC.md, "Rule"): the one asked for by name, else the list's default.
 * Never falls back to another rule: a name that is not there is an error, not a hint.
 */
export function selectRule(trust: Trust | null, name?: string): RuleSelection {
  const rules = trust?.rules ?? [];
  const wanted = name ?? trust?.defaultRule;
  if (wanted === undefined) {
    const known = rules.map((rule) => rule.name).join(', ');
    return { rule: null, findings: rules.length === 0 ? [] : [finding('rule-not-chosen', { known })] };
  }
  const rule = rules.find((candidate) => candidate.name === wanted) ?? null;
  if (rule !== null) return { rule, findings: [] };
  const known = rules.map((candidate) => candidate.name).join(', ') || 'none';
  return {
    rule: null,
    findings: [finding('rule-missing', { rule: wanted, known }, { expected: wanted, found: known })],
  };
}
