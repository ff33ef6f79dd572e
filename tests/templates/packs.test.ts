import { describe, expect, test } from 'vitest';
import type { ProjectFile } from '../../src/core/build.js';
import { toUtf8 } from '../../src/core/bytes/text.js';
import { examineProject } from '../../src/core/doctor/doctor.js';
import { isMap, readPolicy, type Policy } from '../../src/core/policy/readPolicy.js';
import { decider, replay } from '../../src/core/policy/replay.js';
import { readTrace } from '../../src/core/policy/traces.js';
import { loadBlake3 } from '../../src/platform/blake3.js';
import { packFiles, packs, type Pack } from '../../src/templates/packs.js';
import { starterFiles } from '../../src/templates/starter.js';

interface Line {
  readonly matched_rule_id: string | null;
  readonly action_type: string;
  readonly prompt_text: string;
}

function policyOf({ files }: Pack): Policy {
  const [file] = files;
  const { policy, findings } = readPolicy({ name: file?.path ?? '', bytes: toUtf8(file?.text ?? '') });
  expect(findings).toEqual([]);
  if (policy === null) throw new Error('the policy could not be read');
  return policy;
}

const linesOf = ({ decisions }: Pack): readonly Line[] =>
  decisions.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

function rulesOf({ value }: Policy): readonly string[] {
  const rules = isMap(value) && Array.isArray(value['rules']) ? value['rules'] : [];
  return rules.map((rule: unknown) => String((rule as { id: string }).id));
}

test('there are seven, each of its own name', () => {
  expect(packs.map(({ name }) => name)).toEqual([
    'contracts',
    'payables',
    'etl',
    'rpa',
    'retail',
    'finserv',
    'travel',
  ]);
});

describe.each(packs.map((pack) => [pack.name, pack] as const))('%s', (_, pack) => {
  test('is a policy of version 1 with at least 8 rules, and 20 decisions or more', () => {
    const policy = policyOf(pack);
    expect(policy.kind).toBe('atlasbridge-1');
    expect(rulesOf(policy).length).toBeGreaterThanOrEqual(8);
    expect(linesOf(pack).length).toBeGreaterThanOrEqual(20);
    expect(new Set(linesOf(pack).map((line) => JSON.stringify({ ...line, prompt_id: '' }))).size).toBe(
      linesOf(pack).length,
    );
  });

  test('decides every prompt by the rule that is named', () => {
    const decide = decider(policyOf(pack));
    const { decisions, unreadable } = readTrace(toUtf8(pack.decisions.text));
    expect(unreadable).toEqual([]);
    const found = decisions.map((one, at) => [linesOf(pack)[at]?.prompt_text, decide(one)]);
    const golden = linesOf(pack).map(({ prompt_text, matched_rule_id, action_type }) => [
      prompt_text,
      { rule: matched_rule_id, action: action_type },
    ]);
    expect(found).toEqual(golden);
    expect(replay(policyOf(pack), decisions)).toMatchObject({ changed: [], cannotTell: [] });
  });

  test('each rule and both answers of the default are shown, and each rule is needed', () => {
    const policy = policyOf(pack);
    const lines = linesOf(pack);
    const shown = new Set(lines.map(({ matched_rule_id }) => matched_rule_id));
    for (const rule of [...rulesOf(policy), null]) expect(shown, String(rule)).toContain(rule);
    const { decisions } = readTrace(toUtf8(pack.decisions.text));
    for (const gone of rulesOf(policy)) {
      const value = policy.value as { rules: readonly { id: string }[] };
      const without = {
        ...policy,
        value: { ...value, rules: value.rules.filter(({ id }) => id !== gone) },
      } as unknown as Policy;
      const decide = decider(without);
      const golden = lines.map(({ matched_rule_id }) => matched_rule_id);
      expect(
        decisions.map((one) => decide(one)?.rule ?? null),
        gone,
      ).not.toEqual(golden);
    }
  });

  test('people stay in the loop: most is asked or refused, replies are bounded', () => {
    const value = policyOf(pack).value as {
      rules: readonly { action: { type: string; constraints?: object }; max_auto_replies?: number }[];
      defaults: { no_match: string };
    };
    expect(value.defaults.no_match).toBe('require_human');
    for (const { action, max_auto_replies } of value.rules.filter(
      ({ action }) => action.type === 'auto_reply',
    )) {
      expect(action.constraints).toHaveProperty('allowed_choices');
      expect(max_auto_replies).toBeGreaterThan(0);
    }
    const asked = value.rules.filter(
      ({ action }) => action.type === 'require_human' || action.type === 'deny',
    );
    expect(asked.length / value.rules.length).toBeGreaterThan(0.5);
  });
});

test('a project that begins with a pack has policies that can be read, and lacks only what its author writes', async () => {
  for (const pack of packs) {
    const files = [...starterFiles('acme/demo'), ...packFiles(pack)].map(({ path, text }) =>
      fileOf(path, text),
    );
    const { rows } = await examineProject(files, { blake3: await loadBlake3(), level: null });
    const open = rows.filter(({ status }) => status === 'fail').map(({ topic }) => topic);
    expect(open, pack.name).toEqual(['lock']);
    expect(rows.find(({ topic }) => topic === 'autonomy-policy')?.detail).toBe(pack.files[0]?.path);
  }
});

function fileOf(path: string, text: string): ProjectFile {
  const bytes = toUtf8(text);
  return {
    path,
    size: bytes.length,
    async *open() {
      yield await Promise.resolve(bytes);
    },
  };
}
