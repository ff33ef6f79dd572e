// `npm run check`: generated files, types of each world, lint, format, unused code. Every step runs,
// also after one has failed. `npm run check types lint` runs the steps whose names hold one of the words.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { binary, requireNode, root, run } from './project.mjs';
import { runSteps } from './steps.mjs';

const node = process.execPath;
const worlds = ['core', 'node', 'web', 'service-worker', 'tests'];

/** @returns {readonly import('./steps.mjs').Step[]} */
export function checkSteps() {
  const tool = (name, packageName, args, program) => ({
    name,
    program: node,
    args: [binary(packageName, program ?? packageName), ...args],
  });
  return [
    {
      name: 'generated files are current',
      program: node,
      args: [join(root, 'src/tools/codegen.mjs'), '--check'],
    },
    {
      name: 'compiled WebAssembly is current',
      program: node,
      args: [join(root, 'src/tools/wasm.mjs'), '--check'],
    },
    tool('lint (eslint)', 'eslint', ['--max-warnings', '0', '.']),
    ...worlds
      .filter((world) => world !== 'service-worker' || existsSync(join(root, 'src/service-worker.ts')))
      .map((world) => tool(`types: ${world}`, 'typescript', ['-p', `tsconfig.${world}.json`], 'tsc')),
    tool('types: svelte', 'svelte-check', [
      '--tsconfig',
      './tsconfig.json',
      '--fail-on-warnings',
      '--output',
      'human',
    ]),
    tool('format (prettier)', 'prettier', ['--check', '--log-level', 'warn', '.']),
    tool('unused code (knip)', 'knip', []),
  ];
}

if (process.argv[1] === join(root, 'src/tools/check.mjs')) {
  requireNode();
  const wanted = process.argv.slice(2);
  await run(node, [binary('@sveltejs/kit', 'svelte-kit'), 'sync']);
  const steps = checkSteps().filter(
    ({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)),
  );
  const { passed, failed } = await runSteps(steps);
  console.log(`check: ${passed} passed, ${failed.length} failed`);
  if (failed.length > 0) process.exitCode = 1;
}
