import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import type { SeenFile } from '../core/build.js';
import { toHex } from '../core/bytes/hex.js';
import { SecretScanner } from '../core/project/secrets.js';
import { nodePlatform } from './node.js';
import { PackerLostError, servePacker, SharedPacker, type PackPort } from './packer.js';

/** More do not help: of what is packed, each has to look at all bytes. */
const THREADS_MAX = 4;
const PIECE_BYTES = 256 * 1024;
/** Files go over in batches of so many, or so many bytes. */
const BATCH_FILES = 64;
const BATCH_BYTES = 4 * 1024 * 1024;

/** What a thread of ours is told as its `workerData`. */
export const BUILDS = 'countersign-build';

/** A file on disk that is to be looked at. */
export interface FileToSee {
  /** In the project. */
  readonly path: string;
  readonly full: string;
  /** Bytes. */
  readonly size: number;
}

interface See {
  readonly see: readonly FileToSee[];
}

interface Seen {
  /** null for a file that cannot be read, or is not as long as it was. */
  readonly seen: readonly (SeenFile | null)[];
}

/** Threads that do the work of a build beside the main one. The bytes do not depend on them. */
export interface Threads {
  readonly packer: SharedPacker;
  /**
   * Looks at the files and puts what was found into `found`. What is missing there afterwards could not be read, or
   * its thread died: whoever needs it looks again.
   */
  see(files: readonly FileToSee[], found: Map<string, SeenFile>): Promise<void>;
  close(): void;
}

/** Threads that run `script` with {@link BUILDS}; null where there is one core alone, or sources that are not built. */
export function startThreads(script: URL): Threads | null {
  const count = Math.min(THREADS_MAX, availableParallelism());
  if (count < 2 || !/\.m?js$/.test(script.pathname)) return null;
  const workers: Worker[] = [];
  try {
    for (let n = 0; n < count; n++) workers.push(new Worker(script, { workerData: BUILDS }));
  } catch {
    // Not allowed (Node's permission model): everything is done in this thread.
    return null;
  }
  return {
    packer: new SharedPacker(workers.map(portOf)),
    async see(files, found) {
      const batches = batchesOf(files);
      await Promise.allSettled(workers.map((worker) => seeIn(worker, batches, found)));
    },
    close: () => workers.forEach((worker) => void worker.terminate()),
  };
}

/** Within such a thread. */
export function serveBuild(): void {
  const port = parentPort;
  if (port === null) throw new Error('no thread of ours');
  const buffer = new Uint8Array(PIECE_BYTES);
  port.on('message', (data: unknown) => {
    if (isSee(data)) port.postMessage({ seen: data.see.map((file) => seeFile(file, buffer)) } satisfies Seen);
  });
  servePacker({
    post: (message, transfer) => port.postMessage(message, transfer),
    listen: (onMessage) => void port.on('message', (data) => !isSee(data) && onMessage(data)),
  });
}

function seeFile({ path, full, size }: FileToSee, buffer: Uint8Array): SeenFile | null {
  const hash = nodePlatform().createSha256();
  const scanner = new SecretScanner(path);
  let bytes = 0;
  try {
    const file = openSync(full, 'r');
    try {
      for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
        const piece = buffer.subarray(0, read);
        hash.update(piece);
        scanner.push(piece);
        if ((bytes += read) > size) return null;
      }
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
  const sha256 = hash.digest();
  return bytes === size && sha256 instanceof Uint8Array
    ? { sha256: toHex(sha256), secrets: scanner.finish() }
    : null;
}

async function seeIn(
  worker: Worker,
  batches: Iterator<readonly FileToSee[]>,
  found: Map<string, SeenFile>,
): Promise<void> {
  for (let next = batches.next(); next.done !== true; next = batches.next()) {
    const batch = next.value;
    const { seen } = await answered(worker, { see: batch });
    batch.forEach(({ path }, index) => {
      const one = seen[index];
      if (one !== null && one !== undefined) found.set(path, one);
    });
  }
}

function answered(worker: Worker, question: See): Promise<Seen> {
  return new Promise((resolve, reject) => {
    // A thread that has ended has no number any more, and tells nothing.
    if (worker.threadId < 0) return reject(new PackerLostError());
    const settle = (then: () => void): void => {
      worker.off('message', onMessage).off('error', onLost).off('exit', onLost);
      then();
    };
    const onMessage = (data: unknown): void => settle(() => resolve(data as Seen));
    const onLost = (): void => settle(() => reject(new PackerLostError()));
    worker.on('message', onMessage).on('error', onLost).on('exit', onLost);
    worker.postMessage(question);
  });
}

function* batchesOf(files: readonly FileToSee[]): Generator<readonly FileToSee[]> {
  let batch: FileToSee[] = [];
  let bytes = 0;
  for (const file of files) {
    // Named one by one: not everything about a file can go to another thread.
    batch.push({ path: file.path, full: file.full, size: file.size });
    bytes += file.size;
    if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function portOf(worker: Worker): PackPort {
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen(onMessage, onLost) {
      worker.on('message', (data: unknown) => !isSeen(data) && onMessage(data));
      worker.on('error', onLost);
      worker.on('exit', onLost);
    },
  };
}

function isSee(data: unknown): data is See {
  return typeof data === 'object' && data !== null && 'see' in data;
}

function isSeen(data: unknown): data is Seen {
  return typeof data === 'object' && data !== null && 'seen' in data;
}
