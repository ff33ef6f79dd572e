import type { ByteSource } from '../core/bytes/source.js';
import { sourceOfFile } from '../platform/node.js';
import { spoolStdin } from './documents.js';
import { STDIN } from './inputs.js';
import type { Io } from './io.js';

export interface OpenedInput {
  readonly name: string;
  readonly source: ByteSource;
}

/** A file by its path, or standard input by way of a file. */
export async function openInput(path: string, io: Io): Promise<OpenedInput> {
  return { name: path, source: sourceOfFile(path === STDIN ? await spoolStdin(io) : path) };
}
