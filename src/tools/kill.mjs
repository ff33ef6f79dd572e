// `npm run test:kill`: kills the page and the browser 200 times (or KILLS times) while they write, and looks whether
// the old or the new state is there. `KILL_SEED` repeats a run.
import { binary, run } from './project.mjs';

const code = await run(
  process.execPath,
  [
    binary('vitest'),
    'run',
    '--config',
    'vitest.browser.config.ts',
    '--retry=0',
    'tests/browser/kill.test.ts',
  ],
  { env: { BROWSER: 'chromium', KILLS: process.env.KILLS ?? '200' } },
);
process.exitCode = code;
