import { describe, expect, test } from 'vitest';
import {
  exitCodes,
  exitOfVerdict,
  verdictsOfExit,
  worstExit,
  worstFirst,
} from '../../src/core/report/exitCodes.js';
import type { VerdictCode } from '../../src/core/generated/report.js';
import { verdictRows } from '../../src/core/report/verdicts.js';

/** The published table, written out once more: a number that changes here breaks somebody's pipeline. */
const published: Readonly<Record<VerdictCode, number>> = {
  'B-UNREADABLE': 60,
  'B-NEWER': 60,
  'B-CHANGED': 10,
  'B-SIGBAD': 10,
  'B-WITHDRAWN': 12,
  'B-STALE': 40,
  'B-NOCHECK': 14,
  'B-NOSIG': 13,
  'B-UNKNOWN': 11,
  'B-EXPIRED': 12,
  'B-INCOMPLETE': 40,
  'B-NORULE': 14,
  'B-OK': 0,
};

describe('exit codes', () => {
  test.each(Object.entries(published))('%s ends in %i', (code, exit) => {
    expect(exitOfVerdict(code as VerdictCode)).toBe(exit);
  });

  test('every verdict has an exit code and every exit code a meaning', () => {
    expect(verdictRows.map(({ code }) => code).sort()).toEqual(Object.keys(published).sort());
    const known = exitCodes.map(({ exit }) => exit);
    expect(known).toEqual([...known].sort((a, b) => a - b));
    for (const { exit } of verdictRows) expect(known).toContain(exit);
    for (const exit of worstFirst) expect(known).toContain(exit);
  });

  test('only B-OK ends in 0', () => {
    expect(verdictsOfExit(0)).toEqual(['B-OK']);
  });

  test('the worst of any two is the one that stands first in the documented order', () => {
    const order = [1, 60, 10, 12, 11, 50, 20, 13, 40, 14, 0];
    expect(worstFirst).toEqual(order);
    for (const [i, worse] of order.entries()) {
      for (const better of order.slice(i)) {
        expect(worstExit([worse, better])).toBe(worse);
        expect(worstExit([better, worse])).toBe(worse);
      }
    }
  });

  test('nothing judged, or a code outside of the order, is a fault and never 0', () => {
    expect(worstExit([])).toBe(1);
    expect(worstExit([0, 99])).toBe(1);
  });
});
