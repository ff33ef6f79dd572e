import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { judgeBundle, mayBeJudged } from '../../../src/core/policy/judgeBundle.js';
import { readPolicy } from '../../../src/core/policy/readPolicy.js';
import { describeShared, sharedPath } from '../../shared.js';

type Mine = Parameters<typeof judgeBundle>[1];

function policyOf(text: string): Mine {
  const { policy, findings } = readPolicy({ name: 'mine.yaml', bytes: toUtf8(text) });
  if (policy?.kind !== 'specular-policy') throw new Error(findings[0]?.message ?? 'another policy');
  return policy;
}

function judge(policy: string, files: Readonly<Record<string, string | null>>) {
  const documents = Object.entries(files).map(([path, text]) => ({
    path,
    bytes: text === null ? null : toUtf8(text),
  }));
  return judgeBundle('release.sbundle.tgz', policyOf(policy), documents);
}

const places = (input: ReturnType<typeof judgeBundle>) =>
  input.findings.map(({ code, where: { path, line, field } }) => [code, path, line, field]);
const DOCKER = 'execution: {docker: {required: true, image_allowlist: ["golang:*"], network: none}}\n';
const MODELS = 'routing: {allow_models: [{provider: local, names: [small]}], deny_tools: [shell_local]}\n';
const RUN = '{"step_id": "s1", "runner": "docker", "image": "golang:1.22", "command": ["go", "test"]}';
const ROUTING = 'providers:\n  - name: local\n    enabled: true\n    models: {codegen: small}\n';

test('a policy of the bundle that allows what the reader forbids is told with entry, line and field', () => {
  const input = judge(DOCKER, { 'policies/a.yaml': 'execution:\n  allow_local: true\n' });
  expect(input.status).toBe('fail');
  expect(places(input)).toEqual([['policy-weaker', 'policies/a.yaml', 2, '/execution/allow_local']]);
  expect(input.findings[0]?.where.file).toBeUndefined();
});

test.each([
  ['required off', '{required: false}', '/execution/docker/required'],
  ['another image', '{image_allowlist: ["node:22"]}', '/execution/docker/image_allowlist'],
  ['a wider pattern', '{image_allowlist: ["go*"]}', '/execution/docker/image_allowlist'],
  ['every image', '{image_allowlist: ["*"]}', '/execution/docker/image_allowlist'],
  ['the name without its colon', '{image_allowlist: ["golangx:1"]}', '/execution/docker/image_allowlist'],
  ['a network', '{network: bridge}', '/execution/docker/network'],
])('weaker: %s', (_, docker, field) => {
  const input = judge(DOCKER, { 'p.yaml': `execution: {docker: ${docker}}\n` });
  expect(input.findings.map(({ where }) => where.field)).toEqual([field]);
});

test('stricter and equal policies pass; what one leaves out is not counted as kept', () => {
  const strict = 'execution: {docker: {required: true, image_allowlist: ["golang:1.2*"], network: none}}\n';
  const both = judge(DOCKER, { 'a.yaml': strict, 'b.yaml': 'tests: {require_pass: true}\n' });
  expect(both.findings).toEqual([]);
  const rows = both.rows.filter(({ subject }) => subject === 'policies');
  expect(rows.map(({ rule, status }) => [rule, status])).toEqual([
    ['execution.allow_local', 'pass'],
    ['execution.docker.required', 'not-checked'],
    ['execution.docker.image_allowlist', 'not-checked'],
    ['execution.docker.network', 'not-checked'],
  ]);
  expect(both.status).toBe('warn');
});

test('numbers, amounts, scans and tools', () => {
  const mine =
    'execution: {docker: {cpu_limit: "2", mem_limit: 2g}}\ntests: {min_coverage: 0.8}\nsecurity: {dep_scan: true}\nlinters: {go: {enabled: true}}\n';
  const theirs =
    'execution: {docker: {cpu_limit: "3", mem_limit: 2048m}}\ntests: {min_coverage: 0.79}\nsecurity: {dep_scan: false}\nlinters: {go: {enabled: false}}\n';
  const fields = judge(mine, { 'p.yaml': theirs }).findings.map(({ where }) => where.field);
  expect(fields).toEqual([
    '/execution/docker/cpu_limit',
    '/tests/min_coverage',
    '/security/dep_scan',
    '/linters/go/enabled',
  ]);
});

test('routing: a model of another provider, the fallback and a key in the file', () => {
  const routing = `${ROUTING}  - name: far\n    enabled: true\n    api_key: abcdef123456\n    models: {fast: small}\nfallback_model: big\n`;
  expect(places(judge(MODELS, { 'routing.yaml': routing }))).toEqual([
    ['policy-literal-key', 'routing.yaml', 7, '/providers/1/api_key'],
    ['policy-model-forbidden', 'routing.yaml', 8, '/providers/1/models/fast'],
    ['policy-model-forbidden', 'routing.yaml', 9, '/fallback_model'],
  ]);
});

test('plan: a denied tool, a hint that leads to a forbidden model, a hint that leads nowhere', () => {
  const routing = ROUTING.replace('{codegen: small}', '{codegen: small, agentic: big}');
  const plan = JSON.stringify({
    tasks: [
      { id: 'task-001', feature_id: 'a', skill: 'shell_local', model_hint: 'codegen' },
      { id: 'task-002', feature_id: 'a', model_hint: 'agentic' },
      { id: 'task-003', feature_id: 'a', model_hint: 'long-context' },
    ],
  });
  const input = judge(MODELS, { 'routing.yaml': routing, 'plan.json': plan });
  expect(
    input.findings.filter(({ where }) => where.path === 'plan.json').map(({ where }) => where.field),
  ).toEqual(['/tasks/0/skill', '/tasks/1/model_hint']);
  const calm = JSON.stringify({ tasks: [{ id: 'task-001', feature_id: 'a', model_hint: 'vision' }] });
  const row = judge(MODELS, { 'routing.yaml': ROUTING, 'plan.json': calm }).rows.find(
    ({ rule, subject }) => subject === 'plan' && rule === 'routing.allow_models',
  );
  expect(row?.status).toBe('not-checked');
});

test('runs: on the machine itself, in a foreign image, with a denied tool', () => {
  const run = (change: object) => JSON.stringify({ ...(JSON.parse(RUN) as object), ...change });
  const input = judge(DOCKER + MODELS, {
    'runs/1.json': run({ runner: 'local' }),
    'runs/2.json': run({ image: 'golangx:1' }),
    'runs/3.json': run({ command: ['shell_local'] }),
    'runs/4.json': RUN,
  });
  expect(places(input).map(([, path, , field]) => [path, field])).toEqual([
    ['runs/1.json', '/runner'],
    ['runs/2.json', '/image'],
    ['runs/3.json', '/command/0'],
  ]);
});

test('what a run manifest does not record is never passed', () => {
  const input = judge(`${DOCKER}tests: {require_pass: true, min_coverage: 0.8}\n`, { 'r.json': RUN });
  const runs = input.rows.filter(({ subject }) => subject === 'runs');
  expect(Object.fromEntries(runs.map(({ rule, status }) => [rule, status]))).toEqual({
    'execution.allow_local': 'pass',
    'execution.docker.required': 'pass',
    'execution.docker.image_allowlist': 'pass',
    'execution.docker.network': 'not-checked',
    'tests.require_pass': 'not-checked',
    'tests.min_coverage': 'not-checked',
  });
  expect(input.status).toBe('warn');
});

test('nothing to judge, and files that could not be judged, are told and never passed', () => {
  expect(judge(MODELS, { 'README.yaml': 'title: hello\n' }).status).toBe('could-not-check');
  for (const [path, text] of [
    ['routing.yaml', 'providers: [\n'],
    [
      'routing.yaml',
      'providers:\n  - name: local\n    enabled: true\n    models: {a: small}\n    extra: 1\n',
    ],
    ['routing.yaml', 'default_model: big\n'],
    ['hidden.yaml', 'tasks:\n  - nothing\n'],
    ['hidden.json', '{"runner": 1}'],
    ['policies/p.yaml', 'execution: {docker: {reqired: true}}\n'],
    ['routing.yaml', null],
  ] as const) {
    const input = judge(MODELS, { 'other.yaml': ROUTING, [path]: text });
    expect(input.status, `${path} ${text}`).toBe('could-not-check');
    expect(input.notJudged, `${path} ${text}`).toHaveLength(1);
    expect(input.notJudged[0], `${path} ${text}`).toMatchObject({ path, expected: true });
  }
});

test('unreadable files of other kinds are told; files of the format itself are not judged', () => {
  const input = judge(MODELS, { 'routing.yaml': ROUTING, 'k8s.yaml': 'a: 1\n---\nb: 2\n' });
  expect(input.notJudged).toMatchObject([{ path: 'k8s.yaml', expected: false }]);
  expect(['manifest.yaml', 'approvals/pm.json', 'a.txt'].map(mayBeJudged)).toEqual([false, false, false]);
});

test('everything compared and kept: passed', () => {
  const mine =
    'routing: {allow_models: [{provider: local, names: [small]}]}\nexecution: {allow_local: true}\n';
  const plan = JSON.stringify({ tasks: [{ id: 'task-001', feature_id: 'a', model_hint: 'codegen' }] });
  const files = { 'p.yaml': mine, 'routing.yaml': ROUTING, 'plan.json': plan };
  expect(judge(mine, files).status).toBe('pass');
});

describeShared('the sample project', () => {
  const read = (...path: string[]) => readFileSync(sharedPath('samples', ...path), 'utf8');
  const files = {
    '.specular/policy.yaml': read('project', '.specular', 'policy.yaml'),
    '.specular/policies.yaml': read('project', '.specular', 'policies.yaml'),
    '.specular/routing.yaml': read('project', '.specular', 'routing.yaml'),
    '.specular/providers.yaml': read('project', '.specular', 'providers.yaml'),
    'plan.json': read('project', 'plan.json'),
    'run-manifest.json': read('runs', 'run-manifest.json'),
  };

  test('keeps to its own policy; what is not recorded stays open', () => {
    const input = judge(files['.specular/policy.yaml'], files);
    expect(input.findings).toEqual([]);
    expect(input.status).toBe('warn');
    expect(input.notJudged).toEqual([
      expect.objectContaining({ path: '.specular/policies.yaml', expected: false }),
      expect.objectContaining({ path: '.specular/providers.yaml', expected: false }),
    ]);
  });

  test('does not keep to the stricter policy', () => {
    const input = judge(read('project', 'policies', 'hipaa.yaml'), files);
    expect(input.status).toBe('fail');
    const paths = new Set(input.findings.map(({ where }) => where.path));
    expect([...paths].sort()).toEqual([
      '.specular/policy.yaml',
      '.specular/routing.yaml',
      'plan.json',
      'run-manifest.json',
    ]);
    for (const { where } of input.findings) expect(where.line).toBeGreaterThan(0);
  });
});
