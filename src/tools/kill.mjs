// `npm run test:kill`: kills the page, the browser and the command line 200 times each (or KILLS times) while they
// write, and looks whether the old or the new state is there. `KILL_SEED` repeats a run.
import { binary, run } from './project.mjs';

const KILLS = process.env.KILLS ?? '200';
const shell = await run(
  process.execPath,
  [binary('vitest'), 'run', '--retry=0', 'tests/cli/applyKill.test.ts', 'tests/cli/buildKill.test.ts'],
  { env: { KILLS } },
);
const pages = await run(
  process.execPath,
  [
    binary('vitest'),
    'run',
    '--config',
    'vitest.browser.config.ts',
    '--retry=0',
    'tests/browser/kill.test.ts',
  ],
  { env: { BROWSER: 'chromium', KILLS } },
);
process.exitCode = shell || pages;
