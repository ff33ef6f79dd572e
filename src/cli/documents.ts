import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedLimits } from '../core/limits.js';
import type { NamedDocument } from '../engine/engine.js';
import type { Io } from './io.js';
import { UsageError } from './usage.js';

/** Largest approval, signature or supplement that is given beside a bundle, in bytes. */
const LOOSE_BYTES_MAX = 256 * 1024 * 1024;

export function readTrust(path: string, command: string): NamedDocument {
  // One byte more than the core accepts, so that the core itself refuses a longer one and says why.
  return { name: path, bytes: readUpTo(path, fixedLimits.trustBytesMax + 1, command) };
}

export function readCertificate(path: string, command: string): NamedDocument {
  return { name: path, bytes: readUpTo(path, fixedLimits.openPgpCertificateBytesMax + 1, command) };
}

export function readLoose(path: string, command: string): NamedDocument {
  const bytes = readUpTo(path, LOOSE_BYTES_MAX + 1, command);
  if (bytes.length > LOOSE_BYTES_MAX) throw new UsageError(`${path} is too large for an approval.`, command);
  return { name: path, bytes };
}

/** `FILE#NAME`; a file whose own name holds a `#` is found first. */
export function splitRule(value: string): { readonly path: string; readonly name: string | null } {
  const at = value.lastIndexOf('#');
  if (at <= 0 || existsSync(value)) return { path: value, name: null };
  return { path: value.slice(0, at), name: value.slice(at + 1) };
}

/** At most `bytesMax` bytes of a file. Throws {@link UsageError} when it cannot be read. */
export function readUpTo(path: string, bytesMax: number, command: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reason(error)}.`, command);
  }
  try {
    return readAll(file, bytesMax);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${reason(error)}.`, command);
  } finally {
    closeSync(file);
  }
}

function readAll(file: number, bytesMax: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total < bytesMax) {
    const chunk = new Uint8Array(Math.min(1_048_576, bytesMax - total));
    const read = readSync(file, chunk, 0, chunk.length, null);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    total += read;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Writes standard input to a file of this user alone and returns its path, so that a stream of any length never
 * sits in memory. The file goes at the end, also after an interruption.
 */
export async function spoolStdin(io: Io): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  io.atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'stdin');
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of io.stdin()) {
      io.signal.throwIfAborted();
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return path;
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'you may not read it',
    EISDIR: 'it is a folder',
  };
  return words[code] ?? (code === '' ? String(error) : code);
}
