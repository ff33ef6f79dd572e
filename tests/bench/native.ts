import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../src/tools/project.mjs';
import type { Absent, Contender } from './contender.js';
import { changedInput, inputOf, type Input } from './inputs.js';
import { peakOf } from './memory.js';

const cli = join(root, 'dist', 'cli', 'countersign.js');

/** The measure of all ratios: one native pass that checks nothing else. */
export function gzipReference(): Contender {
  return pipeline('gzip -dc | sha256sum', 'reference', 'gzip -dc "$1" | sha256sum');
}

/** The same with the fastest tools: what is possible, not what people have. */
export function fastReference(): Contender | Absent {
  const name = 'igzip -dc | openssl dgst';
  const missing = ['igzip', 'openssl'].filter((tool) => !isInstalled(tool));
  if (missing.length > 0) return { name, why: `${missing.join(' and ')} not installed` };
  return pipeline(name, 'other', 'igzip -dc "$1" | openssl dgst -sha256');
}

/** The released command line of the format that we read beside ours. It reads its own dialect, so only its start counts. */
export function releasedCli(): Absent {
  return {
    name: 'specular bundle verify',
    why: isInstalled('specular')
      ? 'it does not read this dialect'
      : 'its module is not offered by the Go module proxy, so it cannot be installed',
  };
}

function pipeline(name: string, role: Contender['role'], script: string): Contender {
  return {
    name,
    role,
    takes: () => true,
    async run({ path }) {
      const { ms, code } = await timed('sh', ['-c', script, 'sh', path]);
      if (code !== 0) throw new Error(`${name} ended with ${code}`);
      return ms;
    },
  };
}

/** Our command line, start and end of the process included. */
export async function nodeCli(): Promise<Contender> {
  if (!existsSync(cli)) throw new Error('dist/ is missing: run npm run build first');
  const args = (path: string): string[] => [cli, 'verify', '--quiet', '--limits', 'large', path];
  // Without a rule nothing is confirmed; but a bundle that is as listed ends otherwise than one that is not.
  const changed = await timed(process.execPath, args(await changedInput()));
  const expected = await timed(process.execPath, args((await inputOf('1mb')).path));
  if (changed.code === expected.code) throw new Error('the command line passes a changed bundle');
  const run = async ({ path }: Input): Promise<{ ms: number; peak: number | null }> => {
    const { ms, code, peak } = await timed(process.execPath, args(path));
    if (code !== expected.code) throw new Error(`the command line ended with ${code}, not ${expected.code}`);
    return { ms, peak };
  };
  return {
    name: 'ours, command line',
    role: 'ours',
    takes: () => true,
    run: async (input) => (await run(input)).ms,
    async memory(input) {
      const { peak } = await run(input);
      return peak === null || expected.peak === null ? null : peak - expected.peak;
    },
  };
}

interface Timed {
  readonly ms: number;
  readonly code: number;
  /** MiB. */
  readonly peak: number | null;
}

function timed(command: string, args: readonly string[]): Promise<Timed> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    let peak: number | null = null;
    const look = (): void => void (peak = (child.pid === undefined ? null : peakOf(child.pid)) ?? peak);
    const looking = setInterval(look, 50);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(looking);
      resolve({ ms: performance.now() - start, code: code ?? -1, peak });
    });
  });
}

export function isInstalled(tool: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0;
}
