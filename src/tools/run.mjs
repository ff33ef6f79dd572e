// Runs a TypeScript file of this project in Node: `node src/tools/run.mjs FILE.ts [arguments]`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runnerImport } from 'vite';
import { binary, root } from './project.mjs';

const file = process.argv[2];
if (file === undefined) {
  console.error('Usage: node src/tools/run.mjs FILE.ts [arguments]');
  process.exit(2);
}
// tsconfig.json extends a file that the kit writes; a fresh clone does not have it yet.
if (!existsSync(join(root, '.svelte-kit', 'tsconfig.json'))) {
  spawnSync(process.execPath, [binary('@sveltejs/kit', 'svelte-kit'), 'sync'], {
    cwd: root,
    stdio: 'inherit',
  });
}
const path = resolve(file);
process.argv = [process.argv[0] ?? 'node', path, ...process.argv.slice(3)];
await runnerImport(pathToFileURL(path).href, { configFile: false, logLevel: 'warn' });
