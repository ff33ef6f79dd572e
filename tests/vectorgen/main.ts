import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateModules } from './modules.js';
import { generateVectors } from './generate.js';

/** Writes test-vectors/, the controls and the built-in samples: `npm run vectors`. */

const root = process.cwd();

function write(path: string, bytes: Uint8Array): boolean {
  const target = join(root, path);
  if (existsSync(target) && Buffer.compare(readFileSync(target), bytes) === 0) return false;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, bytes);
  return true;
}

function filesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** The file, and the folders that it leaves empty. */
function remove(path: string): void {
  rmSync(join(root, path));
  for (let folder = dirname(path); readdirSync(join(root, folder)).length === 0; folder = dirname(folder)) {
    rmdirSync(join(root, folder));
  }
}

const vectors = generateVectors();
const wanted = new Map([...vectors].map(([path, bytes]) => [`test-vectors/${path}`, bytes]));
for (const path of filesUnder('test-vectors')) if (!wanted.has(path)) remove(path);
const all = new Map([...wanted, ...(await generateModules())]);
const changed = [...all].filter(([path, bytes]) => write(path, bytes));
console.log(`${all.size} files, ${changed.length} written.`);
