import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { concatBytes } from '../core/bytes/bytes.js';
import type { NamedBytes } from '../core/envelope/approval.js';
import type { Io } from './io.js';
import { UsageError } from './usage.js';

interface SaveOptions {
  readonly command: string;
  /** Write over what is there. */
  readonly force: boolean;
  /** So many bytes are in the file, which is at `path` for now. */
  readonly onWritten?: (path: string, bytes: number) => void;
}

/** Small chunks are written together, in bytes. */
const GATHERED_BYTES = 256 * 1024;

/** Writes small files: all of them are looked for first, so that a name that is taken leaves nothing behind. */
export function saveFiles(files: readonly NamedBytes[], { command, force }: SaveOptions): void {
  for (const { name } of files) if (!force && existsSync(name)) throw taken(name, command);
  for (const { name, bytes } of files) {
    try {
      writeFileSync(name, bytes, { flag: force ? 'w' : 'wx' });
    } catch (error) {
      throw hasCode(error, 'EEXIST') ? taken(name, command) : cannot(name, error, command);
    }
  }
}

/**
 * Writes a long file beside its place and moves it there when it is whole: a failure in between leaves what was
 * there. What `chunks` throws is thrown on.
 */
export async function saveStream(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  io: Io,
  options: SaveOptions,
): Promise<void> {
  if (!options.force && existsSync(path)) throw taken(path, options.command);
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  io.atEnd(() => rmSync(part, { force: true }));
  let failure: unknown = null;
  const file = await open(part, 'wx', 0o644).catch((error: unknown) => {
    throw cannot(path, error, options.command);
  });
  try {
    let bytes = 0;
    for await (const chunk of gathered(chunks)) {
      io.signal.throwIfAborted();
      await file.writeFile(chunk);
      options.onWritten?.(part, (bytes += chunk.length));
    }
    await file.sync();
  } catch (error) {
    failure = error;
  } finally {
    await file.close();
  }
  if (failure !== null) {
    rmSync(part, { force: true });
    throw failure instanceof Error ? failure : new Error('writing failed');
  }
  putInPlace(part, path, options);
}

async function* gathered(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < GATHERED_BYTES) continue;
    yield concatBytes(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield concatBytes(waiting);
}

/** A hard link fails where the name is taken, a rename would write over it; file systems without links get a look. */
export function putInPlace(part: string, path: string, { command, force }: SaveOptions): void {
  try {
    if (force) {
      renameSync(part, path);
      return;
    }
    try {
      linkSync(part, path);
    } catch (error) {
      if (hasCode(error, 'EEXIST') || existsSync(path)) throw taken(path, command);
      renameSync(part, path);
    }
  } catch (error) {
    throw error instanceof UsageError ? error : cannot(path, error, command);
  } finally {
    rmSync(part, { force: true });
  }
}

function taken(path: string, command: string): UsageError {
  return new UsageError(`${path} is there already; nothing was written. --force writes over it.`, command);
}

function cannot(path: string, error: unknown, command: string): UsageError {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new UsageError(`${path} cannot be written${code}.`, command);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
