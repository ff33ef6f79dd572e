import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { peakOf } from '../bench/memory.js';
import { buildProgram } from './program.js';

/** Large projects on the command line, in a program of their own whose memory is watched. */

const MIB = 1024 * 1024;
/** Node itself with the program and its threads takes some 130 MiB; the projects are many times this. */
const PEAK_MIB_MAX = 350;
const work = mkdtempSync(join(tmpdir(), 'countersign-build-large-'));
let program = '';
beforeAll(async () => {
  program = await buildProgram(join(work, 'program'));
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Summary {
  readonly bundleDigest: string;
  readonly files: readonly { readonly path: string; readonly size: number; readonly external: boolean }[];
}

/** Peak in MiB; null where the system does not tell. */
async function build(dir: string, ...more: string[]): Promise<{ summary: Summary; peak: number | null }> {
  const fixed = ['--id', 'a/b', '--bundle-version', '1', '--created', '2026-11-20T10:00:00Z', '--json'];
  const words = ['build', '--dir', dir, '--out', `${dir}.tgz`, '--force', ...fixed, ...more];
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  let peak: number | null = null;
  const watch = setInterval(() => (peak = peakOf(child.pid ?? 0) ?? peak), 20);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(watch);
  expect([code, err]).toEqual([0, '']);
  return { summary: JSON.parse(out) as Summary, peak };
}

function expectBounded(what: string, peak: number | null): void {
  console.log(`${what}: peak ${peak === null ? 'not told by this system' : `${Math.round(peak)} MiB`}`);
  if (peak !== null) expect(peak).toBeLessThan(PEAK_MIB_MAX);
}

it('10,000 files are built in bounded memory', async () => {
  const dir = join(work, 'many');
  for (let folder = 0; folder < 100; folder += 1) {
    mkdirSync(join(dir, `part-${folder}`), { recursive: true });
    for (let n = 0; n < 100; n += 1)
      writeFileSync(join(dir, `part-${folder}`, `file-${n}.txt`), `file ${n} of ${folder}\n`.repeat(40));
  }
  const { summary, peak } = await build(dir);
  expect(summary.files).toHaveLength(10_000);
  expectBounded('10,000 files', peak);
}, 300_000);

it('1 GiB is built in bounded memory: a long file that stays outside, and many that go in', async () => {
  const dir = join(work, 'gib');
  mkdirSync(dir);
  const long = openSync(join(dir, 'model.bin'), 'w');
  ftruncateSync(long, 712 * MIB);
  closeSync(long);
  const text = Buffer.alloc(24 * MIB, 'one line of a table that repeats itself\n');
  for (let n = 0; n < 13; n += 1) writeFileSync(join(dir, `table-${n}.csv`), text.subarray(n));
  const { summary, peak } = await build(dir, '--supplement', join(work, 'outside.tgz'));
  const bytes = summary.files.reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeGreaterThan(1023 * MIB);
  expect(summary.files.filter(({ external }) => external).map(({ path }) => path)).toEqual(['model.bin']);
  expectBounded('1 GiB', peak);
}, 600_000);
