// Runs a TypeScript file of this project in Node: `node src/tools/run.mjs FILE.ts [arguments]`.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runnerImport } from 'vite';

const file = process.argv[2];
if (file === undefined) {
  console.error('Usage: node src/tools/run.mjs FILE.ts [arguments]');
  process.exit(2);
}
const path = resolve(file);
process.argv = [process.argv[0] ?? 'node', path, ...process.argv.slice(3)];
await runnerImport(pathToFileURL(path).href, { configFile: false, logLevel: 'warn' });
