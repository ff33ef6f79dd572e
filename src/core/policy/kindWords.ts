import type { PolicyKind } from './readPolicy.js';

/** What each language is called for people. */
export const policyKindWords: Readonly<Record<PolicyKind, string>> = {
  'specular-policy': 'execution policy of Specular (policy.yaml)',
  'specular-governance': 'governance policy of Specular (policies.yaml)',
  'atlasbridge-0': 'policy of AtlasBridge, version 0',
  'atlasbridge-1': 'policy of AtlasBridge, version 1',
};
