import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enginesHere, findOne } from './installed.js';
import { launchKiller, type Killer } from './kill.js';

/**
 * The page, or the whole browser, dies while something is kept: afterwards there is the state before or the state
 * after, never a half. At steps of the writing, and at moments of chance. `npm run test:kill` does it 200 times.
 */

const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);

/** Chance that can be repeated: 0 to 1. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Known {
  readonly name: string;
  readonly steps: number;
  readonly ms: number;
  readonly before: string;
  readonly after: string;
}

describe.each(enginesHere())('killed in %s', (engine) => {
  if (engine !== 'chromium') {
    it(`is not tried`, ({ skip }) => {
      console.warn(`NOT RUN: the processes of ${engine} cannot be told from outside`);
      skip();
    });
    return;
  }
  let killer: Killer;
  const known: Known[] = [];

  beforeAll(async () => {
    killer = await launchKiller(findOne(engine));
    for (const name of killer.names) {
      await killer.reset(name);
      const before = await killer.state();
      const began = performance.now();
      const steps = await killer.finish(name);
      const ms = performance.now() - began;
      const after = await killer.state();
      expect([...before.problems, ...after.problems]).toEqual([]);
      expect(after.kept).not.toBe(before.kept);
      known.push({ name, steps, ms, before: before.kept, after: after.kept });
    }
  }, 240_000);
  afterAll(async () => {
    await killer?.close();
  });

  it(
    `has the old or the new state after each of ${KILLS} kills`,
    async () => {
      const next = chance(SEED);
      const points = known.flatMap((one) =>
        Array.from({ length: one.steps }, (_, step) => ({ one, step: step + 1 })),
      );
      const named = Math.min(points.length, Math.ceil(KILLS * 0.6));
      const outcome = { old: 0, new: 0, named, chance: KILLS - named, browser: 0 };
      const halves: string[] = [];

      async function look(one: Known, how: string): Promise<void> {
        const { kept, problems } = await killer.state();
        if (kept === one.before) outcome.old += 1;
        else if (kept === one.after) outcome.new += 1;
        else halves.push(`${one.name}, ${how}: ${kept}`);
        halves.push(...problems.map((problem) => `${one.name}, ${how}: ${problem}`));
      }

      for (let n = 0; n < named; n += 1) {
        // Spread evenly over the operations and their steps.
        const { one, step } = points[Math.floor(((n + 0.5) * points.length) / named)]!;
        await killer.reset(one.name);
        await killer.killAt(one.name, step);
        await look(one, `step ${step} of ${one.steps}`);
      }
      for (let n = 0; n < KILLS - named; n += 1) {
        const one = known[Math.floor(next() * known.length)]!;
        const ms = next() * one.ms * 1.3;
        const whole = n % 8 === 0;
        if (whole) outcome.browser += 1;
        await killer.reset(one.name);
        await killer.killAfter(one.name, ms, whole);
        await look(one, `${ms.toFixed(1)} ms${whole ? ', the whole browser' : ''}`);
      }
      console.log(`kills with seed ${SEED}: ${JSON.stringify(outcome)}`);
      expect(halves).toEqual([]);
      expect(outcome.old + outcome.new).toBe(KILLS);
      expect(outcome.old).toBeGreaterThan(0);
      expect(outcome.new).toBeGreaterThan(0);
    },
    60_000 + KILLS * 20_000,
  );
});
