import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text';
import { readRouting, viewRouting, type RoutingView } from '../../../src/core/routing';
import { costAnswer, costBars, exactly } from '../../../src/lib/view/costBars';

const LOCAL = '{name: local, base_url: "http://localhost:1", models: {fast: m}, enabled: true}';
const FAR = '{name: far, models: {fast: n}, enabled: true}';
const OFF = '{name: idle, models: {fast: n}, enabled: false}';

function view(providers: readonly string[], more = ''): RoutingView {
  const bytes = toUtf8(`providers: [${providers.join(', ')}]\n${more}`);
  const { value } = readRouting({ name: 'routing.yaml', bytes });
  if (value === null) throw new Error('no routing');
  return viewRouting(value, null);
}

describe('what a run costs at most', () => {
  it('is the budget for whoever may spend it, and no bar for whoever may not', () => {
    const routing = view([LOCAL, FAR, OFF], 'budget_usd: 12.5');
    expect(costBars(routing)).toEqual([
      { name: 'local', kind: 'free', usd: null, share: null },
      { name: 'far', kind: 'bound', usd: '12.5', share: 1 },
      { name: 'idle', kind: 'off', usd: null, share: null },
    ]);
    expect(costAnswer(routing)).toEqual({ kind: 'bound', usd: '12.5', names: ['far'] });
  });

  it.each(['', 'budget_usd: 0'])('is without a bound, never 0, with "%s"', (more) => {
    const routing = view([LOCAL, FAR], more);
    expect(costBars(routing)[1]).toEqual({ name: 'far', kind: 'no-bound', usd: null, share: 1 });
    expect(costAnswer(routing)).toEqual({ kind: 'no-bound', names: ['far'] });
  });

  it('tells a run on this machine from one that nobody may make', () => {
    expect(costAnswer(view([LOCAL, OFF]))).toEqual({ kind: 'free' });
    expect(costAnswer(view([OFF], 'budget_usd: 5'))).toEqual({ kind: 'nobody' });
  });

  it.each([
    [0.0001, '0.0001'],
    [1e-7, '0.0000001'],
    [1.234567890123e-7, '0.0000001234567890123'],
    [1.23456789012345e-10, '0.000000000123456789012345'],
    [1e-30, `0.${'0'.repeat(29)}1`],
    [20, '20'],
    [1e9, '1000000000'],
    [12.345678, '12.345678'],
  ])('has every digit of %d', (amount, text) => {
    expect(exactly(amount)).toBe(text);
  });
});
