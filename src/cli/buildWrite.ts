import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  packBundle,
  packExternal,
  ProjectChangedError,
  type BuildOptions,
  type BuildPlan,
  type Carried,
  type ProjectFile,
} from '../core/build.js';
import { createInlineEngine } from '../engine/inline.js';
import { nodePlatform } from '../platform/node.js';
import { PackerLostError } from '../platform/packer.js';
import type { Threads } from '../platform/nodeThreads.js';
import { startPacker } from '../platform/wasmDeflater.js';
import { GrowingFile } from './growing.js';
import type { Io } from './io.js';
import { putInPlace, saveStream } from './save.js';
import { UsageError } from './usage.js';
import { claim } from './words.js';

const NAME = 'build';
/** Below both, the threads of a build take longer to start than they save. */
const THREAD_BYTES_MIN = 8 * 1024 * 1024;
const THREAD_FILES_MIN = 2000;

export interface Saving {
  readonly force: boolean;
  readonly io: Io;
  readonly threads: Threads | null;
}

/** Threads for a project that is worth them. They go with the program. */
export function threadsFor(files: readonly ProjectFile[], io: Io): Threads | null {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes < THREAD_BYTES_MIN && files.length < THREAD_FILES_MIN) return null;
  const threads = io.startThreads?.() ?? null;
  if (threads !== null) io.atEnd(() => threads.close());
  return threads;
}

/** Beside its place first, through the verifying code, then to its name: killed in between, nothing is there. */
export async function writeChecked(
  plan: BuildPlan,
  carried: Carried['files'],
  out: string,
  saving: Saving,
): Promise<void> {
  try {
    await writeOnce(plan, carried, out, saving);
  } catch (error) {
    if (!(error instanceof PackerLostError)) throw error;
    // A thread died, of too little memory perhaps: then without any.
    await writeOnce(plan, carried, out, { ...saving, threads: null });
  }
}

async function writeOnce(
  plan: BuildPlan,
  carried: Carried['files'],
  out: string,
  { force, io, threads }: Saving,
): Promise<void> {
  clearLeftovers(out);
  const fresh = join(dirname(out), `.${basename(out)}.${process.pid}.new`);
  io.atEnd(() => rmSync(fresh, { force: true }));
  const growing = new GrowingFile();
  // Read back from the file while it is written: what takes longest waits for nothing.
  const reading = readBack(plan, growing, basename(out), io);
  reading.catch(() => undefined);
  try {
    const bytes = packBundle(plan, carried, optionsOf(threads, io));
    const onWritten = (path: string, written: number): void => growing.grown(path, written);
    await saveStream(fresh, bytes, io, { command: NAME, force: true, onWritten });
    growing.end();
    await reading;
    putInPlace(fresh, out, { command: NAME, force });
  } catch (error) {
    growing.end(error instanceof Error ? error : new Error('writing failed'));
    throw changed(error);
  } finally {
    await reading.catch(() => undefined);
    growing.close();
    rmSync(fresh, { force: true });
  }
}

/** What a reader finds must be what was meant. Nobody is judged here, so the self-test before verdicts is left out. */
async function readBack(
  { bundleDigest }: BuildPlan,
  { source }: GrowingFile,
  name: string,
  io: Io,
): Promise<void> {
  const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
  const inputs = [{ name, source }];
  const report = await engine.verify(
    { inputs, loose: [], now: io.clock(), limitsProfile: 'large' },
    { signal: io.signal },
  );
  const [read] = report.inputs;
  // A name that looks like another one is told, and is no reason to pack nothing.
  const readable = read?.axes.readable === 'pass' || read?.axes.readable === 'warn';
  if (!readable || read?.axes.unchanged === 'fail' || read?.bundleDigest !== bundleDigest)
    throw new Error(`the bundle does not read back as it was meant: ${read?.verdict.code ?? 'no verdict'}`);
}

/** The files that stay outside, beside the bundle; null when there are none. */
export async function writeSupplement(
  plan: BuildPlan,
  path: string,
  { force, io, threads }: Saving,
): Promise<string | null> {
  const bytes = packExternal(plan, optionsOf(threads, io));
  if (bytes === null) return null;
  try {
    await saveStream(path, bytes, io, { command: NAME, force });
    return path;
  } catch (error) {
    if (error instanceof PackerLostError) return writeSupplement(plan, path, { force, io, threads: null });
    throw changed(error);
  }
}

function optionsOf(threads: Threads | null, io: Io): BuildOptions {
  return { platform: nodePlatform(), signal: io.signal, packer: threads?.packer ?? startPacker() };
}

/** What changed while it was read, said as a mistake of use; everything else as it is. */
export function changed(error: unknown): unknown {
  if (!(error instanceof ProjectChangedError)) return error;
  return new UsageError(`${claim(error.path, 400)} changed while it was packed; nothing was written.`, NAME);
}

/** The process that wrote `.name.123.new` or `..name.123.new.123.part` on the way to `name`; null for other files. */
export function leftBy(file: string, name: string): number | null {
  const [, pid] = /\.([0-9]+)\.(?:new|part)$/.exec(file) ?? [];
  return pid !== undefined && file.replace(/^\.+/, '').startsWith(`${name}.`) ? Number(pid) : null;
}

/** Removes what dead runs left beside `out`. */
function clearLeftovers(out: string): void {
  if (!existsSync(dirname(out))) return;
  for (const file of readdirSync(dirname(out))) {
    const pid = leftBy(file, basename(out));
    if (pid !== null && pid !== process.pid && !isAlive(pid))
      rmSync(join(dirname(out), file), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
