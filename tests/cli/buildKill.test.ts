import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildProgram } from './program.js';

/**
 * The program dies while it builds, at moments of chance: afterwards there is the bundle that was there before, or the
 * whole new one, and what a dead program left beside it is in no later bundle. `npm run test:kill` does it 200 times.
 */
const KILLS = Number(process.env['KILLS'] ?? 20);
const SEED = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000);
const work = mkdtempSync(join(tmpdir(), 'countersign-build-kill-'));
const project = join(work, 'project');
let program = '';
/** Inside the project, where leftovers hurt most; with a name that no list of usual names knows. */
const out = join(project, 'release.tgz');
afterAll(() => rmSync(work, { recursive: true, force: true }));

function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const words = ['build', '--dir', project, '--out', out, '--id', 'a/b', '--bundle-version', '1', '--force'];

function whole(created: string): { readonly bytes: Buffer; readonly ms: number } {
  const began = performance.now();
  const ran = spawnSync(process.execPath, [program, ...words, '--created', created]);
  expect([ran.status, ran.stderr.toString()]).toEqual([0, '']);
  return { bytes: readFileSync(out), ms: performance.now() - began };
}

async function killed(created: string, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...words, '--created', created], { stdio: 'ignore' });
  const ended = new Promise<boolean>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal === 'SIGKILL'));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  return ended.finally(() => clearTimeout(timer));
}

beforeAll(async () => {
  program = await buildProgram(join(work, 'program'));
  mkdirSync(project);
  // Long enough that chance meets every part of the work, and that threads do it.
  const next = chance(7);
  for (let n = 0; n < 90; n += 1) {
    const bytes = Buffer.alloc(100_000);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = next() * 256;
    writeFileSync(join(project, `file-${n}.bin`), bytes);
  }
}, 120_000);

it(
  `has the old bundle or the new one after each of ${KILLS} kills`,
  async () => {
    console.log(`seed ${SEED}; KILL_SEED=${SEED} repeats this run`);
    const random = chance(SEED);
    const times = ['2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z'] as const;
    const first = whole(times[0]);
    const second = whole(times[1]);
    const bundles = [first.bytes, second.bytes];
    const usualMs = Math.min(first.ms, second.ms);
    let now = 1;
    let deaths = 0;
    for (let n = 0; n < KILLS; n += 1) {
      const next = 1 - now;
      const died = await killed(times[next] ?? '', random() * usualMs * 1.1);
      if (died) deaths += 1;
      const seen = readFileSync(out);
      const is = bundles.findIndex((bytes) => bytes.equals(seen));
      expect([n, is >= 0, died || is === next]).toEqual([n, true, true]);
      now = is;
    }
    expect(deaths).toBeGreaterThan(KILLS / 10);
    // Whatever the dead left: the same files give the same bytes as if nobody had died.
    expect(whole(times[0]).bytes.equals(first.bytes)).toBe(true);
    // The next one cleans up after them.
    expect(readdirSync(project).filter((name) => name.startsWith('.'))).toEqual([]);
  },
  120_000 + KILLS * 10_000,
);
