import { describe, expect, it } from 'vitest';
import type { FileReport, InputReport, RuleSummary } from '../../../src/core/generated/report.js';
import { compareBundles, isRulesFile, type Side } from '../../../src/lib/view/compareBundles.js';

const file = (path: string, mark: string, size = 3): FileReport => ({
  path,
  size,
  sha256: mark.repeat(64),
  status: 'matches',
});
function side(
  files: readonly FileReport[],
  roles: readonly string[],
  rule: RuleSummary,
  more: object = {},
): Side {
  const bundle = { id: 'a/b', version: '1', requiredRoles: [...roles], ...more };
  return { input: { bundle, files: [...files] } as unknown as InputReport, rule };
}
const rule = (people: readonly string[], threshold = 1, name = 'release'): RuleSummary => ({
  name,
  source: 'trust.yaml',
  level: null,
  roles: [{ role: 'pm', threshold, people: [...people] }],
  differentPeople: true,
  legacyDialects: false,
});

describe('what changed since', () => {
  it('puts who may say yes apart from rules, and rules apart from other files', () => {
    const before = side(
      [file('policies/a.yaml', 'a'), file('x.txt', 'b'), file('y.txt', 'c')],
      ['pm', 'legal'],
      rule(['al']),
      {
        levelClaimed: 'L3',
      },
    );
    const after = side(
      [file('policies/a.yaml', 'd'), file('y.txt', 'c'), file('z.txt', 'e')],
      ['pm', 'ops'],
      rule(['al', 'bo'], 2),
      {
        levelClaimed: 'L2',
        description: 'new words',
      },
    );
    const compared = compareBundles(before, after);
    expect(compared.who.map(({ what, about, from, to }) => [what, about, from, to])).toEqual([
      ['rule-role', 'pm', '1 of al', '2 of al, bo'],
      ['role-removed', 'legal', 'legal', ''],
      ['role-added', 'ops', '', 'ops'],
      ['level', '', 'L3', 'L2'],
    ]);
    expect(compared.said.map(({ what }) => what)).toEqual(['description']);
    expect(compared.rules.map(({ kind, path }) => [kind, path])).toEqual([['changed', 'policies/a.yaml']]);
    expect(compared.files.map(({ kind, path }) => [kind, path])).toEqual([
      ['removed', 'x.txt'],
      ['added', 'z.txt'],
    ]);
    expect(compared.same).toBe(1);
  });

  it('takes everything for new without an earlier bundle', () => {
    const compared = compareBundles(null, side([file('a', 'a'), file('rules/b', 'b')], ['pm'], null));
    expect(compared).toMatchObject({ who: [], same: 0 });
    expect(compared.files.map(({ kind }) => kind)).toEqual(['added']);
    expect(compared.rules.map(({ kind }) => kind)).toEqual(['added']);
  });

  it('never takes a file without a digest for the same', () => {
    const unknown: FileReport = { path: 'big', size: 3, sha256: null, status: 'absent-external' };
    expect(compareBundles(side([unknown], [], null), side([unknown], [], null)).files).toHaveLength(1);
  });

  it('tells a rule that is gone, new, or another', () => {
    const none = side([], [], null);
    const has = side([], [], rule(['al']));
    expect(compareBundles(has, none).who.map(({ what, to }) => [what, to])).toEqual([
      ['rule', ''],
      ['rule-role', ''],
    ]);
  });

  it('knows files that say who may do what', () => {
    for (const path of [
      'policies/ai.yaml',
      'routing.yaml',
      '.specular/config.yaml',
      'CODEOWNERS',
      'ops/approvers.txt',
    ])
      expect([path, isRulesFile(path)]).toEqual([path, true]);
    for (const path of ['spec.yaml', 'readme.md', 'src/main.go'])
      expect([path, isRulesFile(path)]).toEqual([path, false]);
  });
});
