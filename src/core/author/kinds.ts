import type { Plain } from '../documents/readDocument.js';
import { policyKindOf, policyKindWords, type PolicyKind } from '../policy/readPolicy.js';
import { kindOfFields } from '../project/recognise.js';
import { isMap } from './schema.js';

/** What a document that people write may be. */
export type AuthorKind =
  PolicyKind | 'spec' | 'lock' | 'routing' | 'plan' | 'config' | 'trust' | 'manifest' | 'ignore' | 'unknown';

/** What each is called for people. */
export const kindWords: Readonly<Record<AuthorKind, string>> = {
  ...policyKindWords,
  spec: 'specification (spec.yaml)',
  lock: 'lock of a specification (spec.lock.json)',
  routing: 'routing and budget (routing.yaml)',
  plan: 'plan (plan.json)',
  config: 'settings of a project (config.yaml)',
  trust: 'list of people and rules (trust.yaml)',
  manifest: 'manifest of a bundle (manifest.yaml)',
  ignore: 'list of files that are not packed (.specularignore)',
  unknown: 'no document that is known here',
};

/** What a document is, by its content; its name counts for the ignore file alone, which has no form of its own. */
export function authorKindOf(name: string, value: Plain): AuthorKind {
  if (/ignore$/.test(name)) return 'ignore';
  if (!isMap(value)) return 'unknown';
  if (String(value['schema']).startsWith('countersign.trust/') || Array.isArray(value['people']))
    return 'trust';
  if (String(value['schema']).startsWith('specular.bundle/') || isMap(value['integrity'])) return 'manifest';
  const known = kindOfFields(value);
  if (known !== null && known !== 'policy') return known;
  return policyKindOf(value) ?? 'unknown';
}

export function isPolicyKind(kind: AuthorKind): kind is PolicyKind {
  return Object.hasOwn(policyKindWords, kind);
}
