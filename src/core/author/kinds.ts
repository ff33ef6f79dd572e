import { textOf, type Plain } from '../documents/readDocument.js';
import { policyKindOf } from '../policy/readPolicy.js';
import { kindOfFields } from '../project/recognise.js';
import type { AuthorKind } from './kindWords.js';
import { isMap } from './schema.js';

/** What a document is, by its content; its name counts for the ignore file alone, which has no form of its own. */
export function authorKindOf(name: string, value: Plain): AuthorKind {
  if (/ignore$/.test(name)) return 'ignore';
  if (!isMap(value)) return 'unknown';
  if (textOf(value['schema']).startsWith('countersign.trust/') || Array.isArray(value['people']))
    return 'trust';
  if (textOf(value['schema']).startsWith('specular.bundle/') || isMap(value['integrity'])) return 'manifest';
  const known = kindOfFields(value);
  if (known !== null && known !== 'policy') return known;
  return policyKindOf(value) ?? 'unknown';
}
