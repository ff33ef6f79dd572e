import {
  checkTyped,
  readRaw,
  step,
  textOf,
  type DocumentSource,
  type Plain,
  type PlainMap,
  type RawDocument,
  type Validator,
} from '../documents/readDocument.js';
import type { AtlasPolicyV0Document } from '../generated/atlasbridge-policy-v0.js';
import { validate as validateV0 } from '../generated/atlasbridge-policy-v0.validate.js';
import type { AtlasPolicyV1Document } from '../generated/atlasbridge-policy-v1.js';
import { validate as validateV1 } from '../generated/atlasbridge-policy-v1.validate.js';
import type { GovernancePolicyDocument } from '../generated/governance.js';
import { validate as validateGovernance } from '../generated/governance.validate.js';
import type { ExecutionPolicyDocument } from '../generated/policy.js';
import { validate as validatePolicy } from '../generated/policy.validate.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { patternProblem } from './pattern.js';

export type Policy = {
  readonly value: Plain;
  readonly placeOf: (pointer: string) => Place;
} & (
  | { readonly kind: 'specular-policy'; readonly document: ExecutionPolicyDocument }
  | { readonly kind: 'specular-governance'; readonly document: GovernancePolicyDocument }
  | { readonly kind: 'atlasbridge-0'; readonly document: AtlasPolicyV0Document }
  | { readonly kind: 'atlasbridge-1'; readonly document: AtlasPolicyV1Document }
);
export type PolicyKind = Policy['kind'];

export { policyKindWords } from './kindWords.js';

const validators: Readonly<Record<PolicyKind, Validator>> = {
  'specular-policy': validatePolicy,
  'specular-governance': validateGovernance,
  'atlasbridge-0': validateV0,
  'atlasbridge-1': validateV1,
};

/** Reads a policy, told apart by its content. All or nothing. Attacker-controlled; never throws. */
export function readPolicy(source: DocumentSource): {
  readonly policy: Policy | null;
  readonly findings: readonly Finding[];
} {
  const raw = readRaw(source);
  if ('findings' in raw) return { policy: null, findings: raw.findings };
  const kind = policyKindOf(raw.value);
  if (kind === null)
    return { policy: null, findings: [finding('document-kind', {}, { where: { file: source.name } })] };
  const read = checkTyped<never>(raw, validators[kind]);
  if ('findings' in read) return { policy: null, findings: read.findings };
  const findings = kind.startsWith('atlasbridge') ? ruleFindings(raw) : [];
  if (findings.length > 0) return { policy: null, findings };
  return {
    policy: { kind, document: read.document, value: raw.value, placeOf: raw.placeOf },
    findings: [],
  };
}

const EXECUTION = ['execution', 'linters', 'formatters', 'tests', 'routing'];
const EXECUTION_SECURITY = ['secrets_scan', 'dep_scan'];
const GOVERNANCE = ['version', 'enforcement', 'workflows', 'compliance'];
const GOVERNANCE_SECURITY = ['require_encryption', 'audit_all_actions', 'secrets_in_vault'];

/** The language by its words alone; null when there are words of two languages, or of none. */
export function policyKindOf(value: Plain): PolicyKind | null {
  if (!isMap(value)) return null;
  const has = (names: readonly string[], map: PlainMap): boolean =>
    names.some((name) => Object.hasOwn(map, name));
  const security = isMap(value['security']) ? value['security'] : {};
  const execution = has(EXECUTION, value) || has(EXECUTION_SECURITY, security);
  const governance = has(GOVERNANCE, value) || has(GOVERNANCE_SECURITY, security);
  const atlas = has(['policy_version', 'autonomy_mode', 'rules'], value);
  if ([execution, governance, atlas].filter(Boolean).length !== 1) return null;
  if (execution) return 'specular-policy';
  if (governance) return 'specular-governance';
  return value['policy_version'] === '1' ? 'atlasbridge-1' : 'atlasbridge-0';
}

export function isMap(value: Plain | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// --- What a schema cannot say of AtlasBridge's rules -------------------------------------------------------------

const FINDINGS_MAX = 50;

function ruleFindings({ value, placeOf }: RawDocument): readonly Finding[] {
  const rules = isMap(value) && Array.isArray(value['rules']) ? (value['rules'] as readonly Plain[]) : [];
  const seen = new Set<string>();
  const found: Finding[] = [];
  rules.forEach((rule, at) => {
    if (!isMap(rule)) return;
    const pointer = `/rules${step(at)}`;
    const id = textOf(rule['id']);
    if (seen.has(id))
      found.push(finding('document-repeated', { name: id }, { where: placeOf(`${pointer}/id`) }));
    seen.add(id);
    matchFindings(rule['match'], `${pointer}/match`, placeOf, found);
  });
  return found.slice(0, FINDINGS_MAX);
}

const BLOCKS = ['any_of', 'none_of'] as const;

function matchFindings(
  match: Plain | undefined,
  pointer: string,
  placeOf: (pointer: string) => Place,
  found: Finding[],
): void {
  if (!isMap(match)) return;
  const contains = match['contains'];
  if (match['contains_is_regex'] === true) {
    const problem =
      typeof contains === 'string'
        ? patternProblem(contains)
        : 'contains_is_regex is set, but there is no pattern';
    const field = `${pointer}/contains`;
    if (problem !== null)
      found.push(finding('document-pattern', { field, problem }, { where: placeOf(field) }));
  }
  const flat = Object.keys(match).filter((name) => name !== 'any_of' && name !== 'none_of');
  if (Object.hasOwn(match, 'any_of') && flat.length > 0) {
    const field = `${pointer}/any_of`;
    const problem = `any_of excludes ${flat.join(', ')} beside it`;
    found.push(finding('document-field', { field, problem }, { where: placeOf(field) }));
  }
  for (const name of BLOCKS) {
    const blocks = match[name];
    if (!Array.isArray(blocks)) continue;
    (blocks as readonly Plain[]).forEach((block, at) =>
      matchFindings(block, `${pointer}/${name}${step(at)}`, placeOf, found),
    );
  }
}
