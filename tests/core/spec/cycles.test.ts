import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circleIn, cyclesOf, type Waits } from '../../../src/core/spec/cycles.js';

const waits = (edges: Readonly<Record<string, readonly string[]>>): Waits => new Map(Object.entries(edges));

/** True when `to` is reached from `from` by at least one step: the plain way, for small graphs. */
function reaches(from: string, to: string, all: Waits): boolean {
  const seen = new Set<string>();
  const open = [...(all.get(from) ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    open.push(...(all.get(at) ?? []));
  }
  return false;
}

describe('circles', () => {
  it('are found with everybody in them, and nobody who only waits behind one', () => {
    const all = waits({ z: ['b'], b: ['c'], c: ['d', 'x'], d: ['b'], s: ['s'], e: [], x: ['gone'] });
    expect(cyclesOf(all)).toEqual([['b', 'c', 'd'], ['s']]);
    expect(circleIn(['b', 'c', 'd'], all)).toEqual(['b', 'c', 'd']);
    expect(circleIn(['s'], all)).toEqual(['s']);
  });

  it('are the names that reach themselves, in every small graph', () => {
    const name = fc.constantFrom(...'abcdefg');
    const graph = fc.dictionary(name, fc.uniqueArray(name, { maxLength: 4 }));
    fc.assert(
      fc.property(graph, (edges) => {
        const all = waits(edges);
        const found = cyclesOf(all);
        const expected = [...all.keys()].filter((id) => reaches(id, id, all));
        expect(found.flat().toSorted()).toEqual(expected.toSorted());
        for (const group of found)
          for (const one of group)
            expect(group.toSorted()).toEqual(
              expected
                .filter((id) => id === one || (reaches(one, id, all) && reaches(id, one, all)))
                .toSorted(),
            );
        for (const group of found) {
          const circle = circleIn(group, all);
          circle.forEach((id, at) => expect(all.get(id)).toContain(circle[(at + 1) % circle.length]));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('do not need a deep stack', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => [`t${n}`, [`t${(n + 1) % 10_000}`]] as const);
    expect(cyclesOf(new Map(many))).toHaveLength(1);
    expect(cyclesOf(new Map(many.slice(1)))).toEqual([]);
  });
});
