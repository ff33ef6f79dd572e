import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPeople, type RoleCandidate, type RoleNeed } from '../../../src/core/trust/quorum.js';

const need = (role: string, threshold = 1): RoleNeed => ({ role, threshold });
const gives = (person: string, ...roles: string[]): RoleCandidate[] =>
  roles.map((role) => ({ role, person }));
const plain = (assigned: Map<string, string[]>) => Object.fromEntries(assigned);

describe('assignPeople', () => {
  it('counts a person once for a role, however many approvals they gave (T03, T17)', () => {
    const candidates = [...gives('alice', 'pm'), ...gives('alice', 'pm'), ...gives('alice', 'pm')];
    expect(plain(assignPeople([need('pm', 2)], candidates, true))).toEqual({ pm: ['alice'] });
    expect(plain(assignPeople([need('pm', 2)], candidates, false))).toEqual({ pm: ['alice'] });
  });

  it('lets one person fill one role only when people must differ', () => {
    const needs = [need('pm'), need('lead'), need('security')];
    const candidates = gives('mallory', 'pm', 'lead', 'security');
    expect(plain(assignPeople(needs, candidates, true))).toEqual({ pm: ['mallory'], lead: [], security: [] });
    expect(plain(assignPeople(needs, candidates, false))).toEqual({
      pm: ['mallory'],
      lead: ['mallory'],
      security: ['mallory'],
    });
  });

  it('moves a person to the role where nobody else can stand in', () => {
    const candidates = [...gives('alice', 'pm', 'lead'), ...gives('bob', 'pm')];
    expect(plain(assignPeople([need('pm'), need('lead')], candidates, true))).toEqual({
      pm: ['bob'],
      lead: ['alice'],
    });
  });

  it('compares role names letter by letter (T12)', () => {
    const candidates = [
      ...gives('a', 'Security'),
      ...gives('b', 'security '),
      ...gives('c', 'secu\u0433ity'),
    ];
    expect(plain(assignPeople([need('security')], candidates, true))).toEqual({ security: [] });
  });

  it('is not slowed down by an absurd threshold', () => {
    expect(plain(assignPeople([need('pm', 1e9)], gives('alice', 'pm'), true))).toEqual({ pm: ['alice'] });
  });

  const roles = ['a', 'b', 'c'];
  const people = ['p', 'q', 'r', 's'];
  const needsOf = fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })
    .map((thresholds) => thresholds.map((threshold, i) => need(roles[i]!, threshold)));
  const candidatesOf = fc.array(
    fc.record({ role: fc.constantFrom(...roles), person: fc.constantFrom(...people) }),
    { maxLength: 10 },
  );

  it('finds as many as brute force does, never more people than gave the role', () => {
    fc.assert(
      fc.property(needsOf, candidatesOf, (needs, candidates) => {
        const assigned = assignPeople(needs, candidates, true);
        const used = [...assigned.values()].flat();
        expect(new Set(used).size).toBe(used.length);
        for (const { role, threshold } of needs) {
          const met = assigned.get(role)!;
          expect(met.length).toBeLessThanOrEqual(threshold);
          for (const person of met) expect(candidates).toContainEqual({ role, person });
        }
        expect(used.length).toBe(bruteForce(needs, candidates));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on the order or repetition of candidates', () => {
    fc.assert(
      fc.property(needsOf, candidatesOf, fc.boolean(), (needs, candidates, differ) => {
        const turned = [...candidates].reverse();
        expect(plain(assignPeople(needs, [...turned, ...candidates], differ))).toEqual(
          plain(assignPeople(needs, candidates, differ)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('never meets fewer places when an approval is added', () => {
    fc.assert(
      fc.property(
        needsOf,
        candidatesOf,
        fc.constantFrom(...roles),
        fc.constantFrom(...people),
        (needs, candidates, role, person) => {
          const count = (given: RoleCandidate[]) =>
            [...assignPeople(needs, given, true).values()].flat().length;
          expect(count([...candidates, { role, person }])).toBeGreaterThanOrEqual(count(candidates));
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** Tries every way to give each place to somebody or nobody. */
function bruteForce(needs: readonly RoleNeed[], candidates: readonly RoleCandidate[]): number {
  const places = needs.flatMap(({ role, threshold }) => Array.from({ length: threshold }, () => role));
  const best = (i: number, used: ReadonlySet<string>): number => {
    if (i === places.length) return 0;
    const free = candidates.filter(({ role, person }) => role === places[i] && !used.has(person));
    return Math.max(
      best(i + 1, used),
      ...free.map(({ person }) => 1 + best(i + 1, new Set([...used, person]))),
    );
  };
  return best(0, new Set());
}
