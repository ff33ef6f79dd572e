import { step, textOf, type Plain, type PlainMap } from '../documents/readDocument.js';
import type { PolicyChange } from './change.js';
import { isMap, type Policy } from './readPolicy.js';

/** How much is left to a program; greater is looser. */
const ACTIONS: readonly string[] = ['deny', 'require_human', 'notify_only', 'auto_reply'];
const MODES: readonly string[] = ['off', 'assist', 'full'];

interface Rule {
  readonly id: string;
  readonly at: number;
  readonly rule: PlainMap;
  readonly action: string;
}

/** Rule by rule; the order of the rules counts, because the first one that fits decides. */
export function diffAtlas(before: Policy, after: Policy): readonly PolicyChange[] {
  const olds = rulesOf(before);
  const nows = rulesOf(after);
  const old = new Map(olds.map((rule) => [rule.id, rule]));
  const now = new Map(nows.map((rule) => [rule.id, rule]));
  return [
    ...settings(before, after),
    ...olds.filter(({ id }) => !now.has(id)).map((rule) => removed(rule, before)),
    ...nows.flatMap((rule) => {
      const was = old.get(rule.id);
      return was === undefined ? [added(rule, after)] : changed(was, rule, after);
    }),
    ...reordered(olds, nows, after),
  ];
}

function rulesOf({ value }: Policy): readonly Rule[] {
  const rules = isMap(value) && Array.isArray(value['rules']) ? (value['rules'] as readonly Plain[]) : [];
  return rules.flatMap((rule, at) => {
    if (!isMap(rule) || typeof rule['id'] !== 'string') return [];
    const action = isMap(rule['action']) ? textOf(rule['action']['type']) : '';
    return [{ id: rule['id'], at, rule, action }];
  });
}

function change(
  policy: Policy,
  pointer: string,
  effect: PolicyChange['effect'],
  what: string,
  why: string,
): PolicyChange {
  return { effect, pointer, line: policy.placeOf(pointer).line ?? null, what, why };
}

function settings(before: Policy, after: Policy): readonly PolicyChange[] {
  const rows: readonly (readonly [string, readonly string[], string, string])[] = [
    ['/autonomy_mode', MODES, 'assist', 'It says how much is done without a person.'],
    ['/defaults/no_match', ACTIONS, 'require_human', 'It decides wherever no rule fits.'],
    [
      '/defaults/low_confidence',
      ACTIONS,
      'require_human',
      'It decides wherever no rule fits and little is sure.',
    ],
    ['/extends', [], 'nothing', 'Rules of another file are added after these.'],
  ];
  return rows.flatMap(([pointer, order, absent, why]) => {
    const old = at(before.value, pointer) ?? absent;
    const now = at(after.value, pointer) ?? absent;
    if (old === now) return [];
    return [
      change(
        after,
        pointer,
        effectOf(order.indexOf(now) - order.indexOf(old)),
        `${pointer}: ${old} becomes ${now}`,
        why,
      ),
    ];
  });
}

function at(value: Plain, pointer: string): string | undefined {
  const found = pointer
    .slice(1)
    .split('/')
    .reduce<Plain | undefined>((one, name) => (isMap(one) ? one[name] : undefined), value);
  return typeof found === 'string' ? found : undefined;
}

function effectOf(difference: number): PolicyChange['effect'] {
  return difference > 0 ? 'weaker' : difference < 0 ? 'stronger' : 'changed';
}

function removed({ id, at, action }: Rule, before: Policy): PolicyChange {
  const guards = action === 'deny' || action === 'require_human';
  return change(
    before,
    `/rules${step(at)}`,
    guards ? 'weaker' : 'stronger',
    `rule ${id} (${action}) was taken out`,
    guards
      ? 'What it held back is now decided by a later rule or the default.'
      : 'What it let through is now decided by a later rule or the default.',
  );
}

function added({ id, at, action }: Rule, after: Policy): PolicyChange {
  const guards = action === 'deny' || action === 'require_human';
  return change(
    after,
    `/rules${step(at)}`,
    guards ? 'stronger' : 'weaker',
    `rule ${id} (${action}) was added`,
    guards
      ? 'It holds prompts back that went on before.'
      : 'Prompts that a person saw may go on without one.',
  );
}

function changed(was: Rule, now: Rule, after: Policy): readonly PolicyChange[] {
  const pointer = `/rules${step(now.at)}`;
  const found: PolicyChange[] = [];
  const difference = ACTIONS.indexOf(now.action) - ACTIONS.indexOf(was.action);
  if (difference !== 0) {
    const what = `rule ${now.id}: ${was.action} becomes ${now.action}`;
    found.push(
      change(
        after,
        `${pointer}/action/type`,
        effectOf(difference),
        what,
        'The same prompts are decided otherwise.',
      ),
    );
  } else if (!same(was.rule['action'], now.rule['action'])) {
    const what = `rule ${now.id}: its action has other values`;
    found.push(
      change(
        after,
        `${pointer}/action`,
        'changed',
        what,
        'What is replied, or which replies are allowed, is different.',
      ),
    );
  }
  if (!same(was.rule['match'], now.rule['match'])) {
    const what = `rule ${now.id}: it fits other prompts than before`;
    found.push(
      change(
        after,
        `${pointer}/match`,
        matchEffect(was, now),
        what,
        'Which prompts it decides is different; replay past decisions to see which.',
      ),
    );
  }
  if (was.rule['max_auto_replies'] !== now.rule['max_auto_replies']) {
    const most = ({ rule }: Rule): number =>
      typeof rule['max_auto_replies'] === 'number' ? rule['max_auto_replies'] : Number.MAX_SAFE_INTEGER;
    const what = `rule ${now.id}: its limit of automatic replies changes`;
    found.push(
      change(
        after,
        `${pointer}/max_auto_replies`,
        effectOf(most(now) - most(was)),
        what,
        'It is how often a program replies before a person is asked.',
      ),
    );
  }
  return found;
}

const CONFIDENCE: readonly Plain[] = ['low', 'medium', 'high'];

/** Told only where the one thing that changed is the confidence that it needs. */
function matchEffect(was: Rule, now: Rule): PolicyChange['effect'] {
  const rest = ({ rule }: Rule): Plain => ({
    ...(isMap(rule['match']) ? rule['match'] : {}),
    min_confidence: '',
  });
  const least = ({ rule }: Rule): number =>
    CONFIDENCE.indexOf((isMap(rule['match']) ? rule['match']['min_confidence'] : undefined) ?? 'low');
  if (!same(rest(was), rest(now)) || was.action !== now.action) return 'changed';
  const wider = least(was) - least(now);
  return effectOf(now.action === 'auto_reply' || now.action === 'notify_only' ? wider : -wider);
}

function same(one: Plain | undefined, other: Plain | undefined): boolean {
  return sorted(one ?? null) === sorted(other ?? null);
}

function sorted(value: Plain): string {
  if (Array.isArray(value)) return `[${(value as readonly Plain[]).map(sorted).join(',')}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${sorted(value[name] ?? null)}`).join(',')}}`;
}

/** One row for each pair of rules that stand the other way round and act differently; capped. */
function reordered(olds: readonly Rule[], nows: readonly Rule[], after: Policy): readonly PolicyChange[] {
  const old = new Map(olds.map(({ id, at }) => [id, at]));
  const kept = nows.filter(({ id }) => old.has(id));
  const found: PolicyChange[] = [];
  for (let at = 1; at < kept.length && found.length < 50; at++) {
    const [first, second] = [kept[at - 1], kept[at]];
    if (first === undefined || second === undefined || (old.get(first.id) ?? 0) < (old.get(second.id) ?? 0))
      continue;
    const difference = ACTIONS.indexOf(first.action) - ACTIONS.indexOf(second.action);
    const what = `rule ${first.id} now stands before ${second.id}`;
    found.push(
      change(
        after,
        `/rules${step(first.at)}`,
        effectOf(difference),
        what,
        'The first rule that fits decides, so prompts that fit both are decided by the other one.',
      ),
    );
  }
  return found;
}
