import { defineConfig } from 'vitest/config';

/** The built application in real browsers, one test file after the other: two cores are not six. */
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    environment: 'node',
    fileParallelism: false,
    maxWorkers: 1,
    // Drivers and busy machines fail now and then where the page does not; what needed the second try is named above the totals.
    retry: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
