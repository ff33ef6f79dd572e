import { toUtf8 } from '../bytes/text.js';
import type { PolicyChange } from '../policy/change.js';
import { diffPolicies } from '../policy/diff.js';
import { readPolicy } from '../policy/readPolicy.js';
import { diffTrust } from '../trust/diff.js';
import { readTrust } from '../trust/readTrust.js';
import type { Difference } from '../trust/difference.js';
import type { Analysis } from './analyse.js';

/** A text with the name that it has for the reader. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** What an edited document allows or forbids otherwise than the one that it is measured by. */
export type Comparison =
  | { readonly is: 'policy'; readonly changes: readonly PolicyChange[] }
  | { readonly is: 'trust'; readonly changes: readonly Difference[] }
  /** The two are written in different policy languages, or one of them in none. */
  | { readonly is: 'languages' }
  | { readonly is: 'baseline-unreadable' }
  /** Only for policies and lists of people it is known what is weaker. */
  | { readonly is: 'text'; readonly same: boolean };

/** Null while the edited document has errors. */
export function compareWith(baseline: NamedText, now: NamedText, analysis: Analysis): Comparison | null {
  if (!analysis.readable) return null;
  if (analysis.kind === 'trust') {
    const before = readTrust({ name: baseline.name, bytes: toUtf8(baseline.text) }).trust;
    const after = readTrust({ name: now.name, bytes: toUtf8(now.text) }).trust;
    if (before === null || after === null) return { is: 'baseline-unreadable' };
    return { is: 'trust', changes: diffTrust(before, after) };
  }
  if (analysis.policy === null) return { is: 'text', same: baseline.text === now.text };
  const before = readPolicy({ name: baseline.name, bytes: toUtf8(baseline.text) }).policy;
  if (before === null) return { is: 'baseline-unreadable' };
  const diff = diffPolicies(before, analysis.policy);
  return diff.kind === 'same-language' ? { is: 'policy', changes: diff.changes } : { is: 'languages' };
}
