// Runs named steps, two at a time, and prints one line for each; the output of a failed one follows it.
import { capture } from './project.mjs';

/** @typedef {{ name: string, program: string, args: readonly string[] }} Step */

/**
 * @param {readonly Step[]} steps
 * @param {number} atOnce
 * @returns {Promise<{ passed: number, failed: readonly string[] }>} How many passed, and the names of those that failed.
 */
export async function runSteps(steps, atOnce = 2) {
  const waiting = [...steps];
  let passed = 0;
  /** @type {string[]} */
  const failed = [];
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const started = performance.now();
      const { code, output } = await capture(step.program, step.args);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (code === 0) {
        passed += 1;
        console.log(`pass  ${step.name} (${seconds} s)`);
      } else {
        failed.push(step.name);
        console.log(`FAIL  ${step.name} (${seconds} s)\n${output.trimEnd()}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { passed, failed };
}
