// The licences of the packages whose code ends up in build/ and dist/, as their terms ask.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';

/** @returns {string} */
export function notices() {
  const names = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies);
  const parts = [...names, 'svelte', '@sveltejs/kit'].sort().map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const text =
      file !== undefined && existsSync(join(folder, file))
        ? readFileSync(join(folder, file), 'utf8').trim()
        : '';
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `Countersign contains code of these packages.\n\n${parts.join(`\n${'-'.repeat(78)}\n\n`)}`;
}
