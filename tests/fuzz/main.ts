import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { parseArgs, type FuzzArgs } from './args.js';
import { fuzz, replay, type LoopResult } from './loop.js';
import { INPUT_BYTES_MAX } from './mutate.js';
import { addResult, writeReport } from './report.js';
import { targets } from './targets.js';

/**
 * Two threads: one fuzzes, the other watches. Before each input the first copies it where the second sees it, so
 * that an input that never ends is saved, too.
 */

const HANG_MS = 20_000;
const MEMORY = { beats: 0, length: 4, seed: 8, bytes: 12 } as const;
/** One target's part of the arguments, and where the watched input lies. */
interface Job {
  readonly target: string;
  readonly args: FuzzArgs;
  readonly memory: SharedArrayBuffer;
}

const folder = join(process.cwd(), 'tests', '.artefacts', 'fuzz');

function targetNamed(name: string): (typeof targets)[number] {
  return targets.find((one) => one.name === name)!;
}

/** Writes a failing input and says where. `index` of the seed is in the name: its context is needed again. */
function save(target: string, bytes: Uint8Array, seed: number): string {
  mkdirSync(folder, { recursive: true });
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const path = join(folder, `${target}.${seed}.${digest}.bin`);
  writeFileSync(path, bytes);
  return path;
}

// --- The thread that fuzzes ------------------------------------------------------------------------------------

async function work({ target, args, memory }: Job): Promise<void> {
  // Most inputs end in an error that is caught: its stack would be written for nobody.
  Error.stackTraceLimit = 0;
  const words = new Int32Array(memory, 0, 3);
  const copy = new Uint8Array(memory, MEMORY.bytes);
  const result = await fuzz(targetNamed(target), {
    ...args,
    watch: (bytes, seed) => {
      const length = Math.min(bytes.length, copy.length);
      copy.set(length === bytes.length ? bytes : bytes.subarray(0, length));
      words[1] = length;
      words[2] = seed;
      Atomics.add(words, 0, 1);
    },
  });
  parentPort!.postMessage(result);
}

// --- The thread that watches -----------------------------------------------------------------------------------

interface Watched {
  readonly result: LoopResult | null;
  /** What went wrong with the thread itself. */
  readonly problem: string | null;
}

function watch(target: string, args: FuzzArgs): Promise<Watched> {
  const memory = new SharedArrayBuffer(MEMORY.bytes + INPUT_BYTES_MAX);
  const words = new Int32Array(memory, 0, 3);
  const current = (): string =>
    save(target, new Uint8Array(memory, MEMORY.bytes, words[1]).slice(), words[2]!);
  const worker = new Worker(process.argv[1]!, {
    workerData: { target, args, memory },
    // Nearly everything is thrown away at once: a larger nursery saves most of the collector's work.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
  });
  return new Promise((resolve) => {
    let beats = 0;
    let since = Date.now();
    const end = (watched: Watched): void => {
      clearInterval(timer);
      void worker.terminate();
      resolve(watched);
    };
    const timer = setInterval(() => {
      const now = Atomics.load(words, 0);
      if (now !== beats) since = Date.now();
      else if (now > 0 && Date.now() - since > HANG_MS)
        end({ result: null, problem: `one input takes longer than ${HANG_MS} ms: ${current()}` });
      beats = now;
    }, 500);
    worker.once('message', (result: LoopResult) => end({ result, problem: null }));
    worker.once('error', (error) =>
      end({ result: null, problem: `${error.stack ?? error.message}: ${current()}` }),
    );
  });
}

function print(target: string, seed: number, result: LoopResult, rssMiB: number, cpuSeconds: number): void {
  const { executions, accepted, seconds, maxMs, seeds, failures } = result;
  const rate = Math.round(executions / Math.max(seconds, 0.001));
  console.log(
    `${target}: ${executions} executions (seed ${seed}, ${seeds} seeds) in ${seconds.toFixed(1)} s = ${rate}/s ` +
      `(${Math.round(executions / cpuSeconds)} per second of CPU), ` +
      `accepted ${accepted}, longest ${maxMs.toFixed(1)} ms, peak memory ${rssMiB} MiB, failures ${failures.length}`,
  );
  const refused = Object.entries(result.refused).sort(([, a], [, b]) => b - a);
  for (const [why, count] of refused) console.log(`  ${String(count).padStart(10)}  ${why}`);
}

async function fuzzOne(target: string, args: FuzzArgs): Promise<boolean> {
  const before = process.cpuUsage();
  const { result, problem } = await watch(target, args);
  const { user, system } = process.cpuUsage(before);
  if (result === null) {
    console.log(`FAILED ${target} (seed ${args.seed}): ${problem}`);
    return false;
  }
  const rssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  print(target, args.seed, result, rssMiB, (user + system) / 1e6);
  for (const { message, bytes, seed } of result.failures)
    console.log(`FAILED ${target}: ${message}: ${save(target, Uint8Array.from(bytes), seed)}`);
  if (args.report) {
    addResult({ target, seed: args.seed, rssMiB, result });
    writeReport();
  }
  return result.failures.length === 0;
}

async function replayFile(target: string, path: string): Promise<boolean> {
  const open = targetNamed(target).open();
  const named = /\.(\d+)\.[0-9a-f]{12}\.bin$/.exec(path)?.[1];
  const seeds = named === undefined ? [...open.seeds.keys()] : [Number(named)];
  const broken = await replay(open, new Uint8Array(readFileSync(path)), seeds);
  console.log(broken === null ? `${target}: ${path} breaks nothing` : `FAILED ${target}: ${broken}`);
  return broken === null;
}

async function main(): Promise<void> {
  let args: FuzzArgs;
  try {
    args = parseArgs(
      process.argv.slice(2),
      targets.map(({ name }) => name),
    );
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
    return;
  }
  for (const target of args.targets) {
    const right = args.input === null ? await fuzzOne(target, args) : await replayFile(target, args.input);
    if (!right) process.exitCode = 1;
  }
}

if (isMainThread) await main();
else await work(workerData as Job);
