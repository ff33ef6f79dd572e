import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../src/tools/project.mjs';
import { peakOf } from './memory.js';

/**
 * Building against `tar | gzip -6`, which hashes nothing, looks for no secrets and reads nothing back:
 * `node src/tools/run.mjs tests/bench/build.ts [--rounds 3] [--sizes small,many,middle,large]`. Round by round, each
 * time from another first one. The ratio is what decides: machines differ.
 */
interface Size {
  readonly name: string;
  readonly files: number;
  readonly fileBytes: number;
}

const sizes: readonly Size[] = [
  { name: 'small', files: 20, fileBytes: 2_000 },
  { name: 'many', files: 10_000, fileBytes: 4_000 },
  { name: 'middle', files: 2_000, fileBytes: 50_000 },
  { name: 'large', files: 25, fileBytes: 20_000_000 },
];

interface Run {
  readonly ms: number;
  /** Peak resident memory, in MiB; null where the system does not tell. */
  readonly peak: number | null;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: 'small,many,middle,large' },
  },
});
const cli = join(root, 'dist', 'cli', 'countersign.js');
if (!existsSync(cli)) throw new Error('dist/ is missing: run npm run build first');
for (const size of sizes.filter(({ name }) => values.sizes.split(',').includes(name))) await race(size);

async function race(size: Size): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'countersign-bench-build-'));
  try {
    const dir = join(work, 'project');
    const bytes = fill(dir, size);
    const [ours, theirs] = [join(work, 'ours.tgz'), join(work, 'theirs.tgz')];
    const fixed = [
      '--id',
      'a/b',
      '--bundle-version',
      '1',
      '--created',
      '2026-11-20T10:00:00Z',
      '--force',
      '--quiet',
    ];
    const contenders = [
      {
        name: 'tar | gzip -6',
        run: () => timed('sh', ['-c', 'tar -C "$1" -cf - . | gzip -6 > "$2"', 'sh', dir, theirs]),
      },
      {
        name: 'countersign build',
        run: () => timed(process.execPath, [cli, 'build', '--dir', dir, '--out', ours, ...fixed]),
      },
    ];
    const runs = contenders.map((): Run[] => []);
    for (let round = 0; round < Number(values.rounds); round += 1)
      for (let turn = 0; turn < contenders.length; turn += 1) {
        const i = (turn + round) % contenders.length;
        runs[i]!.push(await contenders[i]!.run());
      }
    const medians = runs.map((all) => median(all.map(({ ms }) => ms)));
    console.log(`\n${size.name}: ${size.files} files, ${mb(bytes)}`);
    contenders.forEach(({ name }, i) => {
      const peaks = runs[i]!.flatMap(({ peak }) => peak ?? []);
      const ratio = (medians[0]! / medians[i]!).toFixed(2);
      const memory = i === 0 || peaks.length === 0 ? '' : `, peak ${Math.round(Math.max(...peaks))} MiB`;
      console.log(
        `  ${name.padEnd(18)} ${medians[i]!.toFixed(0).padStart(7)} ms  ratio ${ratio}  ${mb((bytes / medians[i]!) * 1000)}/s${memory}`,
      );
    });
    console.log(`  sizes: ${mb(statSync(theirs).size)} and ${mb(statSync(ours).size)}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Half text that repeats itself as text does, half noise. The bytes written. */
function fill(dir: string, { files, fileBytes }: Size): number {
  mkdirSync(dir, { recursive: true });
  let state = 1;
  const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const words =
    'specification lock routing policy approval evidence bundle digest release token account'.split(' ');
  for (let n = 0; n < files; n += 1) {
    const folder = join(dir, `part-${n % 100}`);
    mkdirSync(folder, { recursive: true });
    const bytes = Buffer.alloc(fileBytes);
    if (n % 2 === 0)
      for (let at = 0; at < bytes.length;)
        at +=
          bytes.write(
            `${words[Math.floor(next() * words.length)] ?? ''} ${Math.floor(next() * 1000)}\n`,
            at,
          ) || 1;
    else for (let at = 0; at < bytes.length; at += 1) bytes[at] = next() * 256;
    writeFileSync(join(folder, `file-${n}`), bytes);
  }
  return files * fileBytes;
}

async function timed(program: string, args: readonly string[]): Promise<Run> {
  const began = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peak: number | null = null;
  const watch = setInterval(() => (peak = peakOf(child.pid ?? 0) ?? peak), 20);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return { ms: performance.now() - began, peak };
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`;
}
