import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishApply, rollBack, undoApply, unfinishedIn } from '../../src/platform/nodeWrite.js';
import { runHere } from './run.js';

/**
 * The program dies while it applies, finishes, undoes or rolls back: afterwards finishing leads to the new folder and
 * undoing to the old one, to the byte. At named points, and at moments of chance. `npm run test:kill` does it 200 times.
 */
const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const work = mkdtempSync(join(tmpdir(), 'countersign-apply-kill-'));
const before = join(work, 'before');
const target = join(work, 'target');
const two = join(work, 'two.tgz');
const child = join(work, 'child', 'applyChild.mjs');
const text = 'x'.repeat(40_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Two runs differ in their time. */
const VARYING = /"(?:at|appliedAt)": ?"[^"]*"/g;

/** Every file with its digest, every folder; times are those of the run, not of the content. */
function contentsOf(folder: string, prefix = ''): string[] {
  return readdirSync(join(folder, prefix), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = prefix + entry.name;
      if (entry.isDirectory()) return [`${path}/`, ...contentsOf(folder, `${path}/`)];
      // It has the digest of the record, which has the time.
      if (entry.name === 'journal.json') return [path];
      const bytes = readFileSync(join(folder, path), 'latin1').replace(VARYING, '');
      return [`${path} ${createHash('sha256').update(bytes, 'latin1').digest('hex')}`];
    });
}

function reset(): void {
  rmSync(target, { recursive: true, force: true });
  cpSync(before, target, { recursive: true });
}

/** The number of points that were passed; -1 when the process was killed. */
function run(operation: string, stop: number): number {
  try {
    return Number(execFileSync(process.execPath, [child, operation, target, two, String(stop)]).toString());
  } catch (error) {
    if ((error as { signal?: string }).signal === 'SIGKILL') return -1;
    throw error;
  }
}

let old = '';
let fresh = '';
const points = new Map<string, number>();

/** The dying program as one file: what starts quickly can be killed often. */
async function buildChild(): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      ssr: join(root, 'tests', 'cli', 'applyChild.ts'),
      outDir: join(work, 'child'),
      target: 'node20',
      rollupOptions: { output: { entryFileNames: '[name].mjs' } },
    },
  });
}

beforeAll(async () => {
  await buildChild();
  const [projectOne, projectTwo] = [join(work, 'p1'), join(work, 'p2')];
  for (const [folder, files] of [
    [projectOne, { 'a.txt': 'one', 'deep/er/b.txt': 'one', 'c.txt': 'one', 'gone.txt': 'one' }],
    [
      projectTwo,
      { 'a.txt': text, 'deep/er/b.txt': 'two', 'c.txt': 'two', 'new/d/e.txt': 'two', 'new/f.txt': text },
    ],
  ] as const) {
    for (const [path, body] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), body);
    }
    const out = join(work, folder === projectOne ? 'one.tgz' : 'two.tgz');
    const given = ['--created', '2026-11-20T10:00:00Z', '--id', 'a/b', '--bundle-version', out];
    expect((await runHere(['build', '--dir', folder, '--out', out, ...given])).code).toBe(0);
  }
  mkdirSync(before);
  const first = ['apply', join(work, 'one.tgz'), '--dir', before, '--unconfirmed', 'a test'];
  expect((await runHere(first)).code).toBe(0);
  writeFileSync(join(before, 'c.txt'), 'edited by hand');
  writeFileSync(join(before, 'mine.txt'), 'not of any bundle');
  reset();
  old = contentsOf(target).join('\n');
  points.set('apply', run('apply', 0));
  fresh = contentsOf(target).join('\n');
  points.set('rollback', run('rollback', 0));
  expect(contentsOf(target).join('\n')).toBe(old);
  expect(fresh).not.toBe(old);
}, 60_000);

/** What a person does after the interruption; gives which folder has to be there. */
function goOn(finish: boolean): 'old' | 'new' | 'either' {
  const open = unfinishedIn(target);
  if (open === null) return 'either';
  if ('findings' in open) throw new Error('the journal cannot be read');
  if (!finish) {
    expect(undoApply(target, open)).toEqual([]);
    return 'old';
  }
  const { finished, findings } = finishApply(target, open);
  expect(findings).toEqual([]);
  return finished && open.state === 'writing' ? 'new' : 'old';
}

function look(finish: boolean, how: string): 'old' | 'new' {
  const wanted = goOn(finish);
  const now = contentsOf(target).join('\n');
  const found = now === old ? 'old' : now === fresh ? 'new' : `half after ${how}:\n${now}`;
  expect(['old', 'new'], how).toContain(found);
  if (wanted !== 'either') expect(found, how).toBe(wanted);
  return found as 'old' | 'new';
}

it(
  `has the old or the new folder after each of ${KILLS} kills`,
  async () => {
    const next = chance(SEED);
    const outcome = { old: 0, new: 0 };
    const named = Math.ceil(KILLS * 0.6);
    const spots = [...points].flatMap(([name, count]) =>
      Array.from({ length: count }, (_, n) => ({ name, stop: n + 1 })),
    );
    expect(spots.length).toBeGreaterThan(20);
    for (let n = 0; n < named; n += 1) {
      const { name, stop } = spots[Math.floor(((n + 0.5) * spots.length) / named)]!;
      reset();
      if (name === 'rollback') run('apply', 0);
      expect(run(name, stop)).toBe(-1);
      const finish = next() < 0.5;
      // Every third time the going on is killed as well, and gone on with once more.
      if (n % 3 === 0) run(finish ? 'finish' : 'undo', 1 + Math.floor(next() * 8));
      outcome[look(finish, `${name} at ${stop}, ${finish ? 'finished' : 'undone'}, seed ${SEED}`)] += 1;
    }
    const whole = ['apply', two, '--dir', target, '--unconfirmed', 'a test', '--yes'];
    reset();
    const began = performance.now();
    execFileSync(process.execPath, [child, 'cli', ...whole]);
    expect(contentsOf(target).join('\n')).toBe(fresh);
    const ms = performance.now() - began;
    for (let n = named; n < KILLS; n += 1) {
      const wait = next() * ms * 1.1;
      reset();
      await killed([child, 'cli', ...whole], wait);
      outcome[look(next() < 0.5, `${wait.toFixed(1)} ms, seed ${SEED}`)] += 1;
    }
    console.log(`kills of apply with seed ${SEED}: ${JSON.stringify(outcome)}`);
    expect(outcome.old).toBeGreaterThan(0);
    expect(outcome.new).toBeGreaterThan(0);
  },
  60_000 + KILLS * 10_000,
);

it('rolls back to the byte after everything', () => {
  reset();
  run('apply', 0);
  expect(rollBack(target)?.findings).toEqual([]);
  expect(contentsOf(target).join('\n')).toBe(old);
});

function killed(argv: readonly string[], ms: number): Promise<void> {
  return new Promise((resolve) => {
    const one = spawn(process.execPath, argv, { stdio: 'ignore' });
    const timer = setTimeout(() => one.kill('SIGKILL'), ms);
    one.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
