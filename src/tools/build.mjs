// `npm run build`: the site into build/, the command line and the library into dist/.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { notices } from './notices.mjs';
import { binary, buildFingerprint, requireNode, root, run } from './project.mjs';

requireNode();
const vite = binary('vite');
// The build names itself by what it was made from, so that two builds of the same sources say the same. It is the
// one for users also where a test starts it, whose NODE_ENV would leave development code in.
const env = { COUNTERSIGN_BUILD: buildFingerprint().slice(0, 12), NODE_ENV: 'production' };
await step('site', [vite, 'build'], env);
if (!existsSync(join(root, 'build', 'verify.html'))) fail('the site has no verify.html');
await step('command line and library', [vite, 'build', '--config', 'vite.node.config.ts'], env);
await step('types of the library', [binary('typescript', 'tsc'), '-p', 'tsconfig.types.json'], env);
const cli = join(root, 'dist', 'cli', 'countersign.js');
const text = readFileSync(cli, 'utf8');
if (!text.startsWith('#!')) writeFileSync(cli, `#!/usr/bin/env node\n${text}`);
chmodSync(cli, 0o755);
for (const folder of ['build', 'dist']) writeFileSync(join(root, folder, 'THIRD-PARTY.txt'), notices());
console.log('Built build/ (any static host) and dist/cli/countersign.js.');

/**
 * @param {string} what
 * @param {readonly string[]} args
 * @param {Record<string, string>} variables
 */
async function step(what, args, variables) {
  const code = await run(process.execPath, args, { env: variables });
  if (code !== 0) fail(`building the ${what} ended with code ${code}`);
}

/** @param {string} why */
function fail(why) {
  console.error(`Build failed: ${why}.`);
  process.exit(1);
}
