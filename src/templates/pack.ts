/** Names of the industry packs, in the order in which they are shown. */
export type PackName = 'contracts' | 'payables' | 'etl' | 'rpa' | 'retail' | 'finserv' | 'travel';

/** One past prompt with the answer that the policy of the pack gives. */
export interface PackDecision {
  readonly promptType: 'yes_no' | 'confirm_enter' | 'multiple_choice' | 'free_text' | 'tool_use';
  readonly confidence: 'low' | 'medium' | 'high';
  readonly sessionTags: readonly string[];
  readonly text: string;
  /** Id of the rule that decides; null for the default. */
  readonly rule: string | null;
  readonly action: 'auto_reply' | 'require_human' | 'deny' | 'notify_only';
}

/** A starting point for one industry: a policy of AtlasBridge, version 1, and decisions that show what it does. */
export interface Pack {
  readonly name: PackName;
  readonly title: string;
  /** One sentence for a list. */
  readonly summary: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** For `countersign policy replay`: none of them would change. */
  readonly decisions: { readonly path: string; readonly text: string };
}

/** A row of a table of decisions: type, confidence, tags (words), rule, action, text. */
export type DecisionRow = readonly [
  PackDecision['promptType'],
  PackDecision['confidence'],
  string,
  string | null,
  PackDecision['action'],
  string,
];

/** Everything that the packs share but their rules. */
export function makePack(
  about: Pick<Pack, 'name' | 'title' | 'summary'>,
  policy: string,
  rows: readonly DecisionRow[],
): Pack {
  const { name } = about;
  const lines = rows.map((row, at) => JSON.stringify(lineOf(name, row, at)));
  return {
    ...about,
    files: [{ path: `policies/${name}.yaml`, text: policy }],
    decisions: { path: `policies/${name}.decisions.jsonl`, text: `${lines.join('\n')}\n` },
  };
}

/** The fields of a trace that a policy reads, and what it decided. Such a line belongs to no chain of hashes. */
function lineOf(
  name: PackName,
  [type, confidence, tags, rule, action, text]: DecisionRow,
  at: number,
): object {
  return {
    prompt_id: `${name}-${String(at + 1).padStart(2, '0')}`,
    prompt_type: type,
    confidence,
    session_tags: tags === '' ? [] : tags.split(' '),
    prompt_text: text,
    matched_rule_id: rule,
    action_type: action,
  };
}
