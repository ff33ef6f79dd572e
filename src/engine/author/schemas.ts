import atlas0 from '../../../schemas/atlasbridge-policy-v0.schema.json';
import atlas1 from '../../../schemas/atlasbridge-policy-v1.schema.json';
import config from '../../../schemas/config.schema.json';
import governance from '../../../schemas/governance.schema.json';
import manifest from '../../../schemas/manifest.schema.json';
import plan from '../../../schemas/plan.schema.json';
import policy from '../../../schemas/policy.schema.json';
import routing from '../../../schemas/routing.schema.json';
import spec from '../../../schemas/spec.schema.json';
import lock from '../../../schemas/spec-lock.schema.json';
import trust from '../../../schemas/trust.schema.json';
import type { SchemaTable } from '../../core/author/analyse.js';

/** The published schemas, as the editor reads them. */
export const authorSchemas: SchemaTable = {
  'specular-policy': policy,
  'specular-governance': governance,
  'atlasbridge-0': atlas0,
  'atlasbridge-1': atlas1,
  spec,
  lock,
  routing,
  plan,
  config,
  trust,
  manifest,
};
