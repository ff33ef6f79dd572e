import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toUtf8 } from '../../src/core/bytes/text.js';
import { readRouting, viewRouting } from '../../src/core/routing.js';
import { readPlan } from '../../src/core/spec/readSpec.js';
import { describeShared, sharedPath } from '../shared.js';

function view(text: string, plan: string | null = null) {
  const { value, findings } = readRouting({ name: 'routing.yaml', bytes: toUtf8(text) });
  if (value === null) throw new Error(findings[0]?.message);
  return viewRouting(
    value,
    plan === null ? null : readPlan({ name: 'plan.json', bytes: toUtf8(plan) }).value,
  );
}

const provider = (rest: string) => `providers:\n  - {name: p, enabled: true, models: {fast: m}${rest}}\n`;

test('the budget is the only bound; nothing and 0 are none', () => {
  expect(view(`${provider('')}budget_usd: 7.5\n`)).toMatchObject({ atMostUsd: 7.5, notes: [] });
  expect(view(provider(''))).toMatchObject({ atMostUsd: null, notes: [{ kind: 'no-budget' }] });
  expect(view(`${provider('')}budget_usd: 0\n`)).toMatchObject({
    atMostUsd: null,
    notes: [{ kind: 'no-budget', where: { line: 3 } }],
  });
});

test.each([
  ['http://localhost:11434', 0],
  ['http://127.0.0.1/v1', 0],
  ['https://[::1]:8080/', 0],
  ['http://localhost.example.org/', 9],
  ['http://127.0.0.1.example.org/', 9],
  ['https://example.org/localhost', 9],
])('%s costs at most %i', (address, most) => {
  const text = `${provider(`, base_url: "${address}"`)}budget_usd: 9\n`;
  expect(view(text)).toMatchObject({ atMostUsd: most, providers: [{ atMostUsd: most }] });
});

test('a provider that is off costs nothing and gets no task; nobody left is told', () => {
  const text = provider('').replace('enabled: true', 'enabled: false');
  const plan = '{"tasks": [{"id": "t", "feature_id": "f", "model_hint": "fast"}]}';
  expect(view(text, plan)).toMatchObject({
    atMostUsd: 0,
    providers: [{ atMostUsd: 0, tasksAtMost: 0 }],
    notes: [{ kind: 'nobody-enabled' }, { kind: 'capability-unserved' }],
  });
});

test('a fallback that nobody has, and the tries of one step', () => {
  const text = `${provider('')}budget_usd: 1\nenable_fallback: true\nfallback_model: other\nmax_retries: 2\n`;
  expect(view(text)).toMatchObject({
    triesAtMost: 4,
    notes: [{ kind: 'fallback-unknown', where: { line: 5 } }],
  });
});

describeShared('the sample project', () => {
  test('20 dollars at most, all of them at anthropic', () => {
    const read = (path: string) => readFileSync(sharedPath('samples', 'project', path), 'utf8');
    const found = view(read('.specular/routing.yaml'), read('plan.json'));
    expect(found).toMatchObject({ atMostUsd: 20, triesAtMost: 5, notes: [] });
    expect(
      found.providers.map(({ name, atMostUsd, tasksAtMost, fallback }) => [
        name,
        atMostUsd,
        tasksAtMost,
        fallback,
      ]),
    ).toEqual([
      ['local', 0, 4, true],
      ['anthropic', 20, 2, false],
    ]);
  });
});
