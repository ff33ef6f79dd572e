import { policyKindWords } from '../policy/kindWords.js';
import type { PolicyKind } from '../policy/readPolicy.js';

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

export function isPolicyKind(kind: AuthorKind): kind is PolicyKind {
  return Object.hasOwn(policyKindWords, kind);
}

const NAMES: Readonly<Record<string, AuthorKind>> = {
  'policy.yaml': 'specular-policy',
  'policies.yaml': 'specular-governance',
  'autonomy.yaml': 'atlasbridge-0',
  'spec.yaml': 'spec',
  'spec.lock.json': 'lock',
  'routing.yaml': 'routing',
  'plan.json': 'plan',
  'config.yaml': 'config',
  'trust.yaml': 'trust',
  'manifest.yaml': 'manifest',
};

/** What a text probably becomes of which nothing can be told yet. */
export function kindByName(name: string): AuthorKind {
  return NAMES[name.replace(/^.*\//, '').replace(/\.yml$/, '.yaml')] ?? 'unknown';
}
