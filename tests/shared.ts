import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const sharedRoot = join(projectRoot, '..', 'shared');

/** Path inside `../shared`, the folder of samples and published test cases beside a checkout. */
export function sharedPath(...parts: readonly string[]): string {
  return join(sharedRoot, ...parts);
}

/**
 * A `describe` for tests that read `../shared`. Where the folder is absent they are skipped with a
 * printed notice; under CI its absence is a failure, so that nobody takes a skipped corpus for a passed one.
 */
export function describeShared(name: string, fn: () => void): void {
  const present = existsSync(sharedRoot);
  if (present || process.env['CI']) {
    describe(name, fn);
    return;
  }
  console.warn(`SKIPPED (no ../shared beside this checkout): ${name}`);
  describe.skip(name, fn);
}
