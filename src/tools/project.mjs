// What the commands of this project share: where it lies, how to run a program, how to see that
// the installed packages and the build are fresh.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const artefacts = join(root, 'tests', '.artefacts');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const minimumNode = [20, 19];

/** What decides the built site; a newer one of these makes the build stale. */
const buildInputs = [
  'src',
  'workers',
  'static',
  'schemas',
  'test-vectors',
  'package-lock.json',
  'svelte.config.js',
  'vite.config.ts',
  'vite.node.config.ts',
];

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])) return;
  console.error(
    `Countersign needs Node ${minimumNode.join('.')} or newer; this is ${process.versions.node}.`,
  );
  process.exit(1);
}

/**
 * Runs a program with its output on this terminal; answers its exit code.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string> }} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...options.env },
      shell: process.platform === 'win32' && command === npm,
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/**
 * Runs a program and keeps its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
export function capture(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Path of the program that an installed package brings.
 * @param {string} packageName
 * @param {string} [program]
 */
export function binary(packageName, program = packageName) {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[program]);
}

/** Installs the packages of the lock file unless they are there already. */
export async function ensureInstalled() {
  const stamp = join(root, 'node_modules', '.countersign-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const hidden = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  if (existsSync(hidden) && sameVersions(hidden)) {
    writeFileSync(stamp, lock);
    return;
  }
  console.log('Installing packages (npm ci) …');
  const code = await run(npm, ['ci', '--no-audit', '--no-fund']);
  if (code !== 0) {
    console.error('npm ci failed: the packages of package-lock.json could not be installed.');
    process.exit(code);
  }
  writeFileSync(stamp, lock);
}

/**
 * True when every package that the lock file asks of this platform is installed in that version.
 * @param {string} hiddenLock
 */
function sameVersions(hiddenLock) {
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(hiddenLock, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, one]) => path === '' || one.optional === true || installed[path]?.version === one.version,
  );
}

/** Digest over names, sizes and bytes of everything that the build reads. */
export function buildFingerprint() {
  const hash = createHash('sha256');
  for (const input of buildInputs) addToHash(hash, input);
  return hash.digest('hex');
}

/**
 * @param {import('node:crypto').Hash} hash
 * @param {string} path
 */
function addToHash(hash, path) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (statSync(full).isDirectory()) {
    for (const name of readdirSync(full).sort()) addToHash(hash, `${path}/${name}`);
    return;
  }
  hash.update(`${path}\0`).update(readFileSync(full)).update('\0');
}

/** Builds unless `build/` and `dist/` come from exactly these sources. */
export async function ensureBuilt() {
  const stamp = join(root, '.svelte-kit', 'countersign-build');
  const fingerprint = buildFingerprint();
  const present =
    existsSync(join(root, 'build', 'index.html')) && existsSync(join(root, 'dist', 'cli', 'countersign.js'));
  if (present && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return;
  console.log('Building …');
  const code = await run(process.execPath, [join(root, 'src', 'tools', 'build.mjs')]);
  if (code !== 0) throw new Error('the build failed');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint);
}
