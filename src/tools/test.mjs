// `npm test`: checks, unit tests, build, browser tests, then what failed and one line with the totals.
// `REQUIRE_BROWSERS=chromium,firefox,webkit` makes an absent browser a failure; without it only
// Chromium is required.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { artefacts, binary, capture, ensureBuilt, ensureInstalled, requireNode, run } from './project.mjs';

requireNode();
await ensureInstalled();
const total = { passed: 0, failed: 0, skipped: 0 };
/** Said again before the totals: the middle of a long output is what gets lost. @type {string[]} */
const remembered = [];

await checks();
console.log('\n== build ==');
await guarded('build', ensureBuilt);
await guarded('shape of the package (publint)', async () => {
  const { code, output } = await capture(process.execPath, [
    binary('publint'),
    '--strict',
    '--pack',
    'false',
  ]);
  if (code !== 0) throw new Error(output);
});
await vitest('unit tests', 'vitest.config.ts');
await browsers();
finish();

async function checks() {
  console.log('== checks ==');
  const { checkSteps } = await import('./check.mjs');
  const { runSteps } = await import('./steps.mjs');
  await run(process.execPath, [binary('@sveltejs/kit', 'svelte-kit'), 'sync']);
  const { passed, failed } = await runSteps(checkSteps());
  total.passed += passed;
  total.failed += failed.length;
  remembered.push(...failed.map((name) => `FAIL  ${name}`));
}

async function browsers() {
  const { engines, findBrowsers } = await import('./browsers.mjs');
  const required = new Set((process.env.REQUIRE_BROWSERS ?? 'chromium').split(',').filter(Boolean));
  const found = await findBrowsers();
  for (const engine of engines) {
    const one = found[engine];
    if (one.path !== null) continue;
    console.log(`NOT RUN: ${engine} (${one.advice})`);
    if (required.has(engine)) total.failed += 1;
    else total.skipped += 1;
  }
  for (const engine of engines) {
    const { path } = found[engine];
    if (path === null) continue;
    await vitest(`browser tests in ${engine}`, 'vitest.browser.config.ts', {
      BROWSER: engine,
      BROWSER_PATH: path,
    });
  }
}

/**
 * @param {string} what
 * @param {string} config
 * @param {Record<string, string>} [env]
 */
async function vitest(what, config, env = {}) {
  console.log(`\n== ${what} ==`);
  mkdirSync(artefacts, { recursive: true });
  const result = join(artefacts, `${what.replaceAll(' ', '-')}.json`);
  rmSync(result, { force: true });
  const args = [
    'run',
    '--config',
    config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${result}`,
  ];
  const code = await run(process.execPath, [binary('vitest'), ...args], { env });
  count(what, code, result);
}

/**
 * @param {string} what
 * @param {number} code
 * @param {string} result
 */
function count(what, code, result) {
  let failed = 0;
  try {
    const report = JSON.parse(readFileSync(result, 'utf8'));
    failed = report.numFailedTests;
    total.passed += report.numPassedTests;
    total.skipped += report.numPendingTests + report.numTodoTests;
    for (const file of report.testResults) failed += remember(what, file);
  } catch {
    fail(what, 'no result was written');
  }
  if (code !== 0 && failed === 0) {
    fail(what, `ended with ${code}, though no test failed`);
    failed = 1;
  }
  total.failed += failed;
}

/**
 * Remembers what of a file failed and what passed only when it was repeated. A file that does not
 * load, or whose preparation fails, has no failed test to count: it is one.
 * @param {string} what
 * @param {{
 *   name: string, status: string, message: string,
 *   assertionResults: { fullName: string, status: string, failureMessages: string[] }[],
 * }} file
 */
function remember(what, { name, status, message, assertionResults }) {
  for (const { fullName, status: end, failureMessages } of assertionResults) {
    const reason = failureMessages[0]?.split('\n', 1)[0] ?? '';
    if (end === 'failed') remembered.push(`FAIL  ${what}: ${fullName}: ${reason}`);
    else if (end === 'passed' && reason !== '')
      remembered.push(`PASSED ONLY WHEN REPEATED  ${what}: ${fullName}: ${reason}`);
  }
  if (status !== 'failed' || assertionResults.some((one) => one.status === 'failed')) return 0;
  remembered.push(`FAIL  ${what}: ${name}: ${message.split('\n', 1)[0]}`);
  return 1;
}

/**
 * @param {string} what
 * @param {string} reason
 */
function fail(what, reason) {
  const line = `FAIL  ${what}: ${reason}`;
  console.log(line);
  remembered.push(line);
}

/**
 * @param {string} what
 * @param {() => Promise<void>} work
 */
async function guarded(what, work) {
  try {
    await work();
    total.passed += 1;
  } catch (error) {
    fail(what, error instanceof Error ? error.message : String(error));
    total.failed += 1;
  }
}

function finish() {
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  process.exitCode = total.failed > 0 ? 1 : 0;
  for (const line of remembered) console.log(line);
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  // Nothing may follow the totals, whatever a browser has left open.
  process.exit();
}
