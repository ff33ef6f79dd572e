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
