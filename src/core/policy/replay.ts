import { isMap, type Policy } from './readPolicy.js';
import { compilePattern } from './pattern.js';
import { textOf, type Plain, type PlainMap } from '../documents/readDocument.js';

/** What is known of one past prompt. `null`: the trace does not hold it. */
export interface PastDecision {
  readonly promptType: string | null;
  readonly confidence: string | null;
  readonly text: string | null;
  readonly sessionTags?: readonly string[] | null;
  /** What was done then. */
  readonly action: string | null;
}

export interface Decision {
  /** Rule that decides; null for the default. */
  readonly rule: string | null;
  readonly action: string;
}

export interface ReplayRow {
  /** 0-based place in the input. */
  readonly at: number;
  readonly before: string;
  readonly after: Decision;
}

export interface Replay {
  readonly total: number;
  readonly same: number;
  readonly changed: readonly ReplayRow[];
  /** Decided by something that the trace does not hold. Never counted as the same. */
  readonly cannotTell: readonly number[];
  /** `auto_reply becomes deny`: how many. */
  readonly byKind: ReadonlyMap<string, number>;
}

/** Longest prompt that patterns are run on, in UTF-16 code units; of a longer one nothing is said. */
export const PROMPT_LENGTH_MAX = 1000;

type Fit = boolean | null;

/** Runs past decisions against a policy of AtlasBridge; limits of replies a session are not counted. */
export function replay(policy: Policy, past: readonly PastDecision[]): Replay {
  const decide = decider(policy);
  const changed: ReplayRow[] = [];
  const cannotTell: number[] = [];
  const byKind = new Map<string, number>();
  past.forEach((one, at) => {
    const after = decide(one);
    if (after === null || one.action === null) cannotTell.push(at);
    else if (after.action !== one.action) {
      changed.push({ at, before: one.action, after });
      const kind = `${one.action} becomes ${after.action}`;
      byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    }
  });
  return {
    total: past.length,
    same: past.length - changed.length - cannotTell.length,
    changed,
    cannotTell,
    byKind,
  };
}

/** What a policy does with a prompt; null where what is known of the prompt does not suffice. */
export function decider(policy: Policy): (past: PastDecision) => Decision | null {
  const { value } = policy;
  const rules = isMap(value) && Array.isArray(value['rules']) ? (value['rules'] as readonly Plain[]) : [];
  const defaults = isMap(value) && isMap(value['defaults']) ? value['defaults'] : {};
  const elsewhere = isMap(value) && Object.hasOwn(value, 'extends');
  const patterns = new Map<string, RegExp | null>();
  return (past) => {
    for (const rule of rules) {
      if (!isMap(rule)) continue;
      const fit = fits(rule['match'], past, patterns);
      if (fit === null) return null;
      if (fit)
        return {
          rule: textOf(rule['id']),
          action: isMap(rule['action']) ? textOf(rule['action']['type']) : '',
        };
    }
    if (elsewhere || past.confidence === null) return null;
    const name = past.confidence === 'low' ? 'low_confidence' : 'no_match';
    return { rule: null, action: typeof defaults[name] === 'string' ? defaults[name] : 'require_human' };
  };
}

/**
 * Everything that a policy may do with a prompt of which not all is known, in the order of its rules; one decision
 * where what is known settles it. An action `''` stands for rules of another file (`extends`).
 */
export function outcomes(policy: Policy): (past: PastDecision) => readonly Decision[] {
  const { value } = policy;
  const rules = isMap(value) && Array.isArray(value['rules']) ? (value['rules'] as readonly Plain[]) : [];
  const patterns = new Map<string, RegExp | null>();
  // Without its rules the policy is its defaults alone.
  const otherwise = decider({ ...policy, value: { ...(isMap(value) ? value : {}), rules: [] } });
  return (past) => {
    const found: Decision[] = [];
    for (const rule of rules) {
      const fit = isMap(rule) ? fits(rule['match'], past, patterns) : false;
      if (!isMap(rule) || fit === false) continue;
      const action = isMap(rule['action']) ? textOf(rule['action']['type']) : '';
      found.push({ rule: textOf(rule['id']), action });
      if (fit) return found;
    }
    return [...found, otherwise(past) ?? { rule: null, action: '' }];
  };
}

/** Every criterion fits; unknown when none fails and one is unknown. */
function fits(match: Plain | undefined, past: PastDecision, patterns: Map<string, RegExp | null>): Fit {
  if (!isMap(match)) return true;
  return all(Object.keys(match).map((name) => criterion(name, match, past, patterns)));
}

function all(fits: readonly Fit[]): Fit {
  if (fits.includes(false)) return false;
  return fits.includes(null) ? null : true;
}

const CONFIDENCE = ['low', 'medium', 'high'];

function criterion(
  name: string,
  match: PlainMap,
  past: PastDecision,
  patterns: Map<string, RegExp | null>,
): Fit {
  const wanted = match[name];
  const list = Array.isArray(wanted) ? (wanted as readonly Plain[]) : [];
  switch (name) {
    case 'contains_is_regex':
      return true;
    case 'contains':
      return contains(textOf(wanted), match['contains_is_regex'] === true, past.text, patterns);
    case 'prompt_type':
      return list.includes('*') ? true : past.promptType === null ? null : list.includes(past.promptType);
    case 'deny_input_types':
      return past.promptType === null ? null : !list.includes(past.promptType);
    case 'min_confidence':
      return wanted === 'low'
        ? true
        : compare(past.confidence, (rank) => rank >= CONFIDENCE.indexOf(textOf(wanted)));
    case 'max_confidence':
      return wanted === 'high'
        ? true
        : compare(past.confidence, (rank) => rank <= CONFIDENCE.indexOf(textOf(wanted)));
    case 'session_tag':
      return past.sessionTags === undefined || past.sessionTags === null
        ? null
        : past.sessionTags.includes(textOf(wanted));
    case 'any_of':
      return not(all(list.map((block) => not(fits(block, past, patterns)))));
    case 'none_of':
      return all(list.map((block) => not(fits(block, past, patterns))));
    case 'tool_id':
      return wanted === '*' ? true : null;
    default:
      return null;
  }
}

function not(fit: Fit): Fit {
  return fit === null ? null : !fit;
}

function compare(confidence: string | null, holds: (rank: number) => boolean): Fit {
  const rank = CONFIDENCE.indexOf(confidence ?? '');
  return rank < 0 ? null : holds(rank);
}

function contains(
  wanted: string,
  isPattern: boolean,
  text: string | null,
  patterns: Map<string, RegExp | null>,
): Fit {
  if (text === null || text.length > PROMPT_LENGTH_MAX) return null;
  if (!isPattern) return text.toLowerCase().includes(wanted.toLowerCase());
  if (!patterns.has(wanted)) patterns.set(wanted, compilePattern(wanted));
  return patterns.get(wanted)?.test(text) ?? null;
}
