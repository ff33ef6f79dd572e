import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { checkAgainst, imageAllowed, isLiteralKey } from '../../../src/core/policy/check.js';
import { canonicalPolicy, diffPolicies } from '../../../src/core/policy/diff.js';
import { compilePattern, patternProblem } from '../../../src/core/policy/pattern.js';
import { readPolicy, type Policy } from '../../../src/core/policy/readPolicy.js';
import { decider, replay } from '../../../src/core/policy/replay.js';
import { enterpriseRisk, seedRisk } from '../../../src/core/policy/risk.js';
import { readTrace } from '../../../src/core/policy/traces.js';
import { sarifLog } from '../../../src/core/report/sarif.js';
import { templates } from '../../../src/templates/templates.js';
import { describeShared, sharedPath } from '../../shared.js';

const read = (text: string) => readPolicy({ name: 'policy.yaml', bytes: toUtf8(text) });
function policy(text: string): Policy {
  const { policy: value, findings } = read(text);
  expect(findings).toEqual([]);
  return value!;
}
const strict = templates[0]!.files[0]!.text;
const v0 = `policy_version: "0"
autonomy_mode: "assist"
rules:
  - id: guard
    match: {contains: "delete|drop", contains_is_regex: true}
    action: {type: deny}
  - id: agree
    match: {prompt_type: [yes_no], min_confidence: high}
    action: {type: auto_reply, value: "y"}
defaults: {no_match: require_human, low_confidence: deny}
`;
const v1 = v0.replace('"0"', '"1"').replace('prompt_type: [yes_no]', 'session_tag: ci');

describe('policies that are refused', () => {
  const bad: readonly (readonly [string, string, string])[] = [
    ['an unknown field', strict.replace('allow_local', 'allow_locals'), 'document-unknown-field'],
    ['a field of another block', `${strict}linter: {}\n`, 'document-unknown-field'],
    ['words of both languages', `${strict}enforcement: strict\n`, 'document-kind'],
    ['no words of any', 'a: 1\n', 'document-kind'],
    ['a list', '- a\n', 'document-kind'],
    ['coverage in percent', strict.replace('0.9', '90'), 'document-field'],
    ['negative coverage', strict.replace('0.9', '-1'), 'document-field'],
    ['coverage in quotes', strict.replace('0.9', '"0.9"'), 'document-field'],
    ['yes for true', strict.replace('required: true', 'required: yes'), 'document-ambiguous'],
    ['true in quotes', strict.replace('required: true', 'required: "true"'), 'document-field'],
    ['a number for processors', strict.replace('"2"', '2'), 'document-field'],
    ['models without names', strict.replace('[llama3.2]', '[]'), 'document-field'],
    ['one text as a list', strict.replace('[shell_local, web_fetch]', 'shell_local'), 'document-field'],
    ['an alias', strict.replace('"2"', '*two'), 'document-unreadable'],
    ['a merge key', `<<: {a: 1}\n${strict}`, 'document-unreadable'],
    ['an unknown enforcement', 'version: "1.0"\nenforcement: hard\n', 'document-field'],
    ['governance without enforcement', 'version: "1.0"\nworkflows: {}\n', 'document-field'],
    ['a version as a number', 'version: 1.0\nenforcement: strict\n', 'document-field'],
    ['off without quotes', v0.replace('"assist"', 'off'), 'document-ambiguous'],
    ['another language version', v0.replace('"0"', '"2"'), 'document-field'],
    ['a version without quotes', v0.replace('"0"', '0'), 'document-field'],
    ['one rule name twice', v0.replace('id: agree', 'id: guard'), 'document-repeated'],
    ['a rule name with spaces', v0.replace('id: guard', 'id: a b'), 'document-field'],
    ['a reply without value', v0.replace(', value: "y"', ''), 'document-field'],
    ['a value for deny', v0.replace('{type: deny}', '{type: deny, value: a}'), 'document-field'],
    ['an unknown action', v0.replace('type: deny', 'type: refuse'), 'document-field'],
    ['an unknown prompt', v0.replace('[yes_no]', '[maybe]'), 'document-field'],
    [
      'a default that replies',
      v0.replace('no_match: require_human', 'no_match: auto_reply'),
      'document-field',
    ],
    [
      'a field of version 1',
      v0.replace('prompt_type: [yes_no]', 'session_tag: ci'),
      'document-unknown-field',
    ],
    ['a field of version 0', v1.replace('session_tag: ci', 'tool_name: a'), 'document-unknown-field'],
    ['any_of beside others', v1.replace('session_tag: ci', 'any_of: [{contains: a}]'), 'document-field'],
    ['a pattern that blows up', v0.replace('delete|drop', '(a+)+$'), 'document-pattern'],
    ['a pattern that fits nothing', v0.replace('delete|drop', 'a*'), 'document-pattern'],
    ['a long pattern', v0.replace('delete|drop', 'a'.repeat(201)), 'document-field'],
    ['no limit of replies', v0.replace('id: agree', 'id: agree\n    max_auto_replies: 0'), 'document-field'],
  ];
  it.each(bad)('%s', (_name, text, code) => {
    expect([strict, v0, v1]).not.toContain(text);
    const { policy: value, findings } = read(text);
    expect(value).toBeNull();
    expect(findings[0]?.code).toBe(code);
  });
});

describe('patterns', () => {
  it.each([
    '(a+)+$',
    '(a|b)*',
    'a++',
    '(?i)a',
    '(?<=a)b',
    '\\Z',
    '\\1',
    '(a(b))',
    'a.*b.*c.*',
    '[a-Z]',
    '[[a]',
    'a{',
    '[',
    '(',
    ')',
    '*',
    'x{1,999}',
    '\\p{L}',
    '\\u0041',
    '[a&&b]',
    '\\A',
    '\\x41',
    '[\\D]',
  ])('%s is refused', (pattern) => expect(patternProblem(pattern)).not.toBeNull());
  it.each([
    ['(rm|delete)\\s', 'RM  -rf', true],
    ['api.?key', 'API-KEY', true],
    ['\\bcat\\b', 'concat', false],
    ['\\bcat\\b', 'a cat!', true],
    ['a.c', 'a\nc', false],
    ['end$', 'the end\n', true],
    ['end$', 'the end\n\n', false],
    ['\\d', '\u0663', true],
    ['\\w+é', 'CAFÉ', true],
    ['[a-c-]x', '-x', true],
    ['\\$\\{K\\}', '${K}', true],
  ] as const)('%s on %j is %s', (pattern, text, fits) => {
    expect(compilePattern(pattern)?.test(text)).toBe(fits);
  });
});

describe('two policies', () => {
  const effects = (before: string, after: string) => {
    expect(before).not.toBe(after);
    const diff = diffPolicies(policy(before), policy(after));
    return diff.kind === 'same-language' ? diff.changes.map(({ effect }) => effect) : null;
  };
  const rows: readonly (readonly [string, string, string, string[]])[] = [
    ['code on the machine', 'allow_local: false', 'allow_local: true', ['weaker']],
    ['no containers', 'required: true', 'required: false', ['weaker']],
    ['a wildcard image', '"node:22"', '"node:22", "node:*"', ['weaker']],
    ['the latest image', '"node:22"', '"node:22", "node:latest"', ['weaker']],
    ['an image less', ', "node:22"', '', ['stronger']],
    ['no list of images', '    image_allowlist: ["golang:1.22", "node:22"]\n', '', ['weaker']],
    ['a network', 'network: none', 'network: bridge', ['weaker']],
    ['less coverage', '0.9', '0.5', ['weaker']],
    ['more coverage', '0.9', '0.95', ['stronger']],
    ['tests may fail', 'require_pass: true', 'require_pass: false', ['weaker']],
    ['no scan', 'secrets_scan: true', 'secrets_scan: false', ['weaker']],
    ['a scan not named', '  dep_scan: true\n', '', ['weaker']],
    ['a tool back', ', web_fetch', '', ['weaker']],
    ['a tool more', 'web_fetch', 'web_fetch, mail', ['stronger']],
    ['a model more', '[llama3.2]', '[llama3.2, other]', ['weaker']],
    ['more memory', '2g', '4g', ['weaker']],
    ['no limit of processors', '    cpu_limit: "2"\n', '', ['weaker']],
  ];
  it.each(rows)('%s', (_name, from, to, wanted) => {
    expect(effects(strict, strict.replace(from, to))).toEqual(wanted);
  });

  it('say the same with comments, order and quotes changed', () => {
    const other = `# new\n${strict.replace('network: none', 'network: "none"')}`;
    expect(effects(strict, other)).toEqual([]);
    expect(canonicalPolicy(policy(other))).toEqual(canonicalPolicy(policy(strict)));
  });

  it('of AtlasBridge: rules taken out, softened, widened, and in another order', () => {
    const [head = '', guard = '', yes = '', tail = ''] = v0.split(/(?= {2}- id)|(?=defaults)/);
    expect(effects(v0, head + yes + tail)).toEqual(['weaker']);
    expect(effects(v0, head + guard + tail)).toEqual(['stronger']);
    expect(effects(v0, head + yes + guard + tail)).toEqual(['weaker']);
    expect(effects(v0, v0.replace('type: deny}', 'type: require_human}'))).toEqual(['weaker']);
    expect(effects(v0, v0.replace('min_confidence: high', 'min_confidence: low'))).toEqual(['weaker']);
    expect(effects(v0, v0.replace('"assist"', '"full"'))).toEqual(['weaker']);
    expect(effects(v0, v0.replace('low_confidence: deny', 'low_confidence: require_human'))).toEqual([
      'weaker',
    ]);
  });

  it('of different languages are not compared', () => {
    expect(diffPolicies(policy(strict), policy(v0)).kind).toBe('different-languages');
  });
});

describe('replay', () => {
  const past = { promptType: 'yes_no', confidence: 'high', text: 'Go on?', action: 'auto_reply' };
  it('tells what changes, and what the trace does not hold', () => {
    const result = replay(policy(v0), [
      past,
      { ...past, text: 'Drop the table?' },
      { ...past, text: null },
      { ...past, confidence: 'low' },
    ]);
    expect(result.same).toBe(1);
    expect(result.cannotTell).toEqual([2]);
    expect([...result.byKind]).toEqual([['auto_reply becomes deny', 2]]);
    expect(result.changed[1]?.after).toEqual({ rule: null, action: 'deny' });
  });

  it('knows any_of, none_of and tags', () => {
    const text = v1
      .replace(
        'session_tag: ci, min_confidence: high',
        'any_of: [{session_tag: ci}, {prompt_type: [confirm_enter]}], none_of: [{contains: sudo}]',
      )
      .replace('contains: "delete|drop", contains_is_regex: true', 'contains: wipe');
    const decide = decider(policy(text));
    expect(decide({ ...past, sessionTags: ['ci'] })?.rule).toBe('agree');
    expect(decide({ ...past, sessionTags: [] })?.rule).toBeNull();
    expect(decide({ ...past, sessionTags: null })).toBeNull();
    expect(decide({ ...past, sessionTags: ['ci'], text: 'SUDO?' })?.rule).toBeNull();
  });

  it('counts lines that cannot be read', () => {
    const { decisions, unreadable } = readTrace(toUtf8('{"action_type":"deny"}\n[]\n{\n'));
    expect(decisions).toHaveLength(1);
    expect(unreadable).toEqual([2, 3]);
  });
});

describe('a policy applied', () => {
  const routing = 'providers:\n  - {name: local, api_key: "", models: {fast: llama3.2}, enabled: true}\n';
  const against = (text: string) => {
    const one = policy(strict);
    if (one.kind !== 'specular-policy') throw new Error('kind');
    return checkAgainst(one.document, { name: 'a.yaml', bytes: toUtf8(text) });
  };
  const codes = (text: string) => against(text).findings.map(({ code }) => code);

  it('to routing', () => {
    expect(codes(routing)).toEqual([]);
    expect(codes(routing.replace('llama3.2', 'other'))).toEqual(['policy-model-forbidden']);
    expect(codes(routing.replace('name: local', 'name: far'))).toEqual(['policy-model-forbidden']);
    expect(codes(routing.replace('""', 'sk-1'))).toEqual(['policy-literal-key']);
    expect(codes(`${routing}fallback_model: other\n`)).toEqual(['policy-model-forbidden']);
    expect(against('a: 1\n').kind).toBeNull();
  });

  it('to runs', () => {
    const run = (runner: string, image: string, tool: string) =>
      codes(JSON.stringify({ step_id: 's', runner, image, command: [tool] }));
    expect(run('docker', 'node:22', 'node')).toEqual([]);
    expect(run('local', 'node:22', 'node')).toEqual(['policy-violated']);
    expect(run('docker', 'node:23', 'node')).toEqual(['policy-violated']);
    expect(run('docker', 'node:22', 'web_fetch')).toEqual(['policy-violated']);
  });

  it('with wildcards as the released tool reads them', () => {
    expect(imageAllowed(['golang:*'], 'golang:1.22')).toBe(true);
    expect(imageAllowed(['golang:*'], 'golangx:1')).toBe(false);
    expect(isLiteralKey('${KEY}')).toBe(false);
    expect(isLiteralKey('${KEY}x')).toBe(true);
  });

  it('as SARIF that a hostile name cannot turn into an address', () => {
    const { findings } = readPolicy({ name: 'javascript:alert(1)//\u202e\ud800', bytes: toUtf8('- a\n') });
    const text = JSON.stringify(sarifLog(findings, '1.0.0'));
    expect(text).toContain('"version":"2.1.0"');
    expect(text).toContain('javascript%3Aalert(1)');
    expect(JSON.stringify(sarifLog([], '1.0.0'))).toContain('"results":[]');
  });
});

describe('every starting point', () => {
  it.each(templates.flatMap(({ name, files }) => files.map((file) => [name, file] as const)))(
    '%s is read: %j',
    (_name, { text }) => {
      expect(policy(text)).not.toBeNull();
    },
  );
});

describeShared('the samples', () => {
  const sample = (...parts: string[]) => new Uint8Array(readFileSync(sharedPath('samples', ...parts)));
  const rows = (name: string) =>
    JSON.parse(new TextDecoder().decode(sample('atlasbridge', name))) as Record<string, never>[];

  it.each([
    ['project', 'policies', 'default.yaml'],
    ['project', 'policies', 'hipaa.yaml'],
    ['project', '.specular', 'policies.yaml'],
    ['atlasbridge', 'policy_v0.yaml'],
    ['atlasbridge', 'policy_v1.yaml'],
  ])('%s %s %s is read', (...parts) => {
    const { policy: value, findings } = readPolicy({
      name: 'p.yaml',
      bytes: sample(...parts.filter(Boolean)),
    });
    expect(findings).toEqual([]);
    expect(value).not.toBeNull();
  });

  it('hold the routing and the run to the policy', () => {
    const { policy: one } = readPolicy({
      name: 'p.yaml',
      bytes: sample('project', '.specular', 'policy.yaml'),
    });
    if (one?.kind !== 'specular-policy') throw new Error('kind');
    for (const parts of [
      ['project', '.specular', 'routing.yaml'],
      ['runs', 'run-manifest.json'],
    ])
      expect(checkAgainst(one.document, { name: parts.at(-1)!, bytes: sample(...parts) }).findings).toEqual(
        [],
      );
  });

  it('have the risk levels of both tables', () => {
    const seed = rows('risk_vectors_seed_A3.json');
    const enterprise = rows('risk_vectors_repo_enterprise.json');
    expect([seed.length, enterprise.length]).toEqual([192, 288]);
    for (const row of seed)
      expect(
        seedRisk({
          promptType: row['prompt_type']!,
          confidence: row['confidence']!,
          action: row['action']!,
          sessionTags: row['session_tags']!,
        }),
      ).toBe(row['seed_A3']);
    for (const row of enterprise)
      expect(
        enterpriseRisk({
          promptType: row['prompt_type']!,
          actionType: row['action_type']!,
          confidence: row['confidence']!,
          branch: row['branch']!,
          ciStatus: row['ci_status']!,
        }),
      ).toBe(row['level']);
  });

  it('are replayed: what the older trace does not hold is not guessed', () => {
    const { policy: one } = readPolicy({ name: 'p.yaml', bytes: sample('atlasbridge', 'policy_v0.yaml') });
    const { decisions } = readTrace(sample('atlasbridge', 'trace_v2_seed.jsonl'));
    const result = replay(one!, decisions);
    expect(result.same + result.changed.length + result.cannotTell.length).toBe(decisions.length);
    expect(result.same).toBeGreaterThanOrEqual(2);
  });
});
