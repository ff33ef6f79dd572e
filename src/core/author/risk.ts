import { settingsOf, type Setting } from '../policy/advice.js';
import type { Policy } from '../policy/readPolicy.js';
import { outcomes } from '../policy/replay.js';
import { enterpriseRisk, seedRisk, type EnterpriseLevel, type SeedLevel } from '../policy/risk.js';

/** Around a prompt: what the tables of risk look at besides the prompt itself. */
export interface Situation {
  readonly branch: string;
  readonly ciStatus: string;
  readonly sessionTags: readonly string[];
}

/** One thing that a policy may do with a prompt, with its level in the table of each source. */
export interface RiskOutcome {
  /** Rule that decides; null for the default. */
  readonly rule: string | null;
  /** `''`: rules of another file decide. */
  readonly action: string;
  /** Null: the table has no row for such an action. */
  readonly planned: SeedLevel | null;
  readonly released: EnterpriseLevel;
}

export interface RiskRow {
  readonly promptType: string;
  readonly confidence: string;
  /** Several when it depends on the words of the prompt. */
  readonly outcomes: readonly RiskOutcome[];
}

export type Risk =
  | { readonly is: 'settings'; readonly rows: readonly Setting[] }
  | { readonly is: 'decisions'; readonly rows: readonly RiskRow[] };

const TYPES = ['yes_no', 'confirm_enter', 'multiple_choice', 'free_text', 'tool_use'];
const CONFIDENCES = ['high', 'medium', 'low'];
/** Words of the policy language in those of the planned table, which has none for a refusal. */
const PLANNED: Readonly<Record<string, string>> = { auto_reply: 'auto_respond', notify_only: 'log_only' };

/** What a policy permits, as a table. Prompts are of every type and confidence; their words are not known. */
export function riskOf(policy: Policy, { branch, ciStatus, sessionTags }: Situation): Risk {
  if (policy.kind === 'specular-policy' || policy.kind === 'specular-governance')
    return { is: 'settings', rows: settingsOf(policy) };
  const possible = outcomes(policy);
  const rows = TYPES.flatMap((promptType) =>
    CONFIDENCES.map((confidence) => {
      const found = possible({ promptType, confidence, text: null, sessionTags, action: null });
      return {
        promptType,
        confidence,
        outcomes: found.map(({ rule, action }) => ({
          rule,
          action,
          planned: seedRisk({ promptType, confidence, action: PLANNED[action] ?? action, sessionTags }),
          released: enterpriseRisk({ promptType, actionType: action, confidence, branch, ciStatus }),
        })),
      };
    }),
  );
  return { is: 'decisions', rows };
}
