import { expect, it } from 'vitest';
import { inOrder, slotsFor } from '../../../src/lib/view/compareInput.js';
import { pairLines } from '../../../src/lib/view/compareLines.js';

const file = (name: string): File => new File(['x'], name);
const line = (kind: 'same' | 'removed' | 'added', text: string) => ({ kind, text, before: 1, after: 1 });

it('takes the lower number for the older one', () => {
  const names = inOrder([file('api-1.10.0.tgz'), file('api-1.9.0.tgz')]).map(({ name }) => name);
  expect(names).toEqual(['api-1.9.0.tgz', 'api-1.10.0.tgz']);
});

it('fills the empty slot with one bundle, and both with two', () => {
  const empty = { before: null, after: null };
  const names = (slots: ReturnType<typeof slotsFor>) => [slots.before?.side.name, slots.after?.side.name];
  expect(names(slotsFor([], empty))).toEqual([undefined, undefined]);
  expect(names(slotsFor([file('a')], empty))).toEqual([undefined, 'a']);
  const filled = { ...empty, ...slotsFor([file('a')], empty) };
  expect(names(slotsFor([file('b')], filled))).toEqual(['b', undefined]);
  expect(names(slotsFor([file('d'), file('c')], filled))).toEqual(['c', 'd']);
});

it('stands what went beside what came', () => {
  const rows = pairLines([
    line('same', 'a'),
    line('removed', 'b'),
    line('removed', 'c'),
    line('added', 'd'),
    line('same', 'e'),
    line('added', 'f'),
  ]);
  expect(rows.map(([left, right]) => [left?.text ?? null, right?.text ?? null])).toEqual([
    ['a', 'a'],
    ['b', 'd'],
    ['c', null],
    ['e', 'e'],
    [null, 'f'],
  ]);
});
