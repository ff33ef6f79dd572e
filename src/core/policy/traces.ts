import { fromUtf8, toUtf8 } from '../bytes/text.js';
import { parseJson, type JsonValue } from '../canon/json.js';
import type { PastDecision } from './replay.js';

/** Most lines of one trace that are replayed. */
export const TRACE_LINES_MAX = 1_000_000;

/**
 * Reads decisions, one JSON object a line, in the shapes of version 1 and both of version 2. A line that is no
 * such object is counted, never passed over in silence. Attacker-controlled; never throws.
 */
export function readTrace(bytes: Uint8Array): {
  readonly decisions: readonly PastDecision[];
  /** 1-based lines that could not be read. */
  readonly unreadable: readonly number[];
} {
  const text = fromUtf8(bytes);
  const lines = text === null ? [''] : text.replace(/\n$/, '').split('\n');
  const decisions: PastDecision[] = [];
  const unreadable: number[] = [];
  lines.slice(0, TRACE_LINES_MAX).forEach((line, at) => {
    const read = parseJson(toUtf8(line), { strictNumbers: false });
    const value = 'value' in read ? read.value : null;
    if (isObject(value)) decisions.push(decisionOf(value));
    else unreadable.push(at + 1);
  });
  for (let at = TRACE_LINES_MAX; at < lines.length; at++) unreadable.push(at + 1);
  return { decisions, unreadable };
}

type JsonMap = { readonly [name: string]: JsonValue };

function isObject(value: JsonValue): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decisionOf(row: JsonMap): PastDecision {
  const text = (name: string): string | null => {
    const value = row[name];
    return typeof value === 'string' ? value : null;
  };
  const tags = row['session_tags'];
  return {
    promptType: text('prompt_type'),
    confidence: text('confidence'),
    text: text('prompt_text'),
    sessionTags: Array.isArray(tags) ? tags.map(String) : null,
    action: text('action_type') ?? text('action_taken') ?? text('decision'),
  };
}
