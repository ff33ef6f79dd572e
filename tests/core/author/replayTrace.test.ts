import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceReplay } from '../../../src/core/author/replayTrace.js';
import { riskOf } from '../../../src/core/author/risk.js';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { readPolicy, type Policy } from '../../../src/core/policy/readPolicy.js';
import { replay } from '../../../src/core/policy/replay.js';
import { readTrace } from '../../../src/core/policy/traces.js';

function policy(text: string): Policy {
  const read = readPolicy({ name: 'a.yaml', bytes: toUtf8(text) }).policy;
  if (read === null) throw new Error('the policy of the test cannot be read');
  return read;
}
const rules = policy(
  [
    'policy_version: "0"',
    'rules:',
    '  - {id: never, match: {contains: delete}, action: {type: deny}}',
    '  - {id: enter, match: {prompt_type: [confirm_enter], min_confidence: high}, action: {type: auto_reply, value: "y"}}',
    '',
  ].join('\n'),
);

const line = fc.oneof(
  fc
    .record({
      prompt_type: fc.constantFrom('yes_no', 'confirm_enter', 'free_text'),
      confidence: fc.constantFrom('low', 'medium', 'high'),
      prompt_text: fc.option(fc.constantFrom('delete all', 'go on é', '')),
      action_type: fc.constantFrom('deny', 'auto_reply', 'require_human'),
    })
    .map((row) => JSON.stringify(row)),
  fc.constantFrom('', '{', '[1]', 'null', '  '),
);

describe('a replay in blocks', () => {
  it('counts as the replay of the whole, wherever the blocks are cut', () => {
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), fc.integer({ min: 1, max: 97 }), (lines, ended, size) => {
        const bytes = toUtf8(lines.join('\n') + (ended ? '\n' : ''));
        const { decisions, unreadable } = readTrace(bytes);
        const whole = replay(rules, decisions);
        const run = new TraceReplay(rules);
        for (let at = 0; at < bytes.length; at += size) run.push(bytes.subarray(at, at + size));
        run.finishTrace();
        const { total, same, changed, cannotTell, byKind, unreadable: lost } = run.totals;
        expect({ total, same, changed, cannotTell, lost }).toEqual({
          total: whole.total,
          same: whole.same,
          changed: whole.changed.length,
          cannotTell: whole.cannotTell.length,
          lost: unreadable.length,
        });
        expect(new Map(byKind)).toEqual(whole.byKind);
      }),
    );
  });

  it('names the line of its own trace, and takes bytes that are no text for one thing unread', () => {
    const row = (action: string): string =>
      JSON.stringify({
        prompt_type: 'yes_no',
        confidence: 'high',
        prompt_text: 'delete',
        action_type: action,
      });
    const run = new TraceReplay(rules);
    run.push(toUtf8(`oops\n${row('deny')}\n${row('auto_reply')}`));
    run.finishTrace();
    run.push(toUtf8(`${row('require_human')}\n`));
    run.finishTrace();
    expect(run.totals.rows.map(({ trace, line: at, after, rule }) => ({ trace, at, after, rule }))).toEqual([
      { trace: 0, at: 3, after: 'deny', rule: 'never' },
      { trace: 1, at: 1, after: 'deny', rule: 'never' },
    ]);
    run.push(new Uint8Array([0xff, 0x0a, 0x7b, 0x7d, 0x0a]));
    run.finishTrace();
    expect(run.totals).toMatchObject({ total: 3, unreadable: 2 });
  });
});

describe('what a policy permits', () => {
  it('names every rule that may decide where the words of the prompt do', () => {
    const risk = riskOf(rules, { branch: 'main', ciStatus: 'failing', sessionTags: [] });
    if (risk.is !== 'decisions') throw new Error('a policy of AtlasBridge decides');
    const enter = risk.rows.find((row) => row.promptType === 'confirm_enter' && row.confidence === 'high');
    expect(enter?.outcomes).toEqual([
      { rule: 'never', action: 'deny', planned: null, released: 'low' },
      { rule: 'enter', action: 'auto_reply', planned: 'MEDIUM', released: 'critical' },
    ]);
    const free = risk.rows.find((row) => row.promptType === 'free_text' && row.confidence === 'low');
    expect(free?.outcomes.map(({ rule, action }) => [rule, action])).toEqual([
      ['never', 'deny'],
      [null, 'require_human'],
    ]);
  });

  it('says that rules of another file may decide', () => {
    const more = policy('policy_version: "1"\nextends: base.yaml\nrules: []\n');
    const risk = riskOf(more, { branch: 'main', ciStatus: 'passing', sessionTags: [] });
    expect(risk.is === 'decisions' && risk.rows.every(({ outcomes }) => outcomes.at(-1)?.action === '')).toBe(
      true,
    );
  });
});
