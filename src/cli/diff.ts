import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fromUtf8 } from '../core/bytes/text.js';
import { diffMarkdown } from '../core/diff/markdown.js';
import type { Diff } from '../core/generated/diff.js';
import { IGNORE_FILE, selectFiles } from '../core/project/ignore.js';
import { compare, CompareError, type CompareInput } from '../engine/compare.js';
import type { VerifyRequest } from '../engine/engine.js';
import { nodePlatform } from '../platform/node.js';
import { listFolder } from '../platform/nodeFolder.js';
import { valueOf, type Arguments } from './args.js';
import { diffText } from './diffText.js';
import { readUpTo } from './documents.js';
import { openEngine } from './engine.js';
import { STDIN } from './inputs.js';
import { jsonText, type Io } from './io.js';
import { openInput } from './openInput.js';
import { createProgressLine } from './progress.js';
import { orRefusal, Refused } from './signing.js';
import { UsageError } from './usage.js';
import { buildRequest } from './verify.js';
import { claim, line } from './words.js';

const NAME = 'diff';
const DIFFERENT = 3;
const CHANGED = 10;
const UNREADABLE = 60;
const IGNORE_BYTES_MAX = 1_048_576;
const FORMATS = ['text', 'json', 'markdown'];

/** `countersign diff`: exit 0 when nothing differs, 3 when something does, 60 and 10 when a side is no good. */
export function runDiff(args: Arguments, io: Io): Promise<number> {
  return orRefusal(io, async () => {
    const format = valueOf(args, 'format') ?? 'text';
    if (!FORMATS.includes(format)) throw new UsageError(`--format is text, json or markdown.`, NAME);
    const [before, after] = sidesOf(args);
    const positionals = [before, after].filter((path) => !isFolder(path));
    const request = await buildRequest({ ...args, positionals }, io);
    const { inputs, ...documents } = request;
    const progress = createProgressLine(io);
    try {
      const sides = {
        before: await openSide(before, inputs, io),
        after: await openSide(after, inputs, io),
      };
      const tools = { engine: openEngine(io), platform: nodePlatform() };
      const { diff } = await compare({ ...documents, ...sides }, tools, {
        signal: io.signal,
        onProgress: progress.show,
      });
      progress.clear();
      if (!args.flags.has('quiet')) io.out(written(diff, format, io));
      return exitOf(diff);
    } catch (error) {
      throw inWords(error);
    } finally {
      progress.clear();
    }
  });
}

function sidesOf({ positionals, values }: Arguments): readonly [string, string] {
  const folder = values.get('current')?.at(-1);
  const [before = '', after] = positionals;
  if ((folder === undefined) === (after === undefined))
    throw new UsageError('Give two bundles, or one bundle and --current with a folder.', NAME);
  if (folder !== undefined && !isFolder(folder)) throw new UsageError(`There is no folder ${folder}.`, NAME);
  return [before, folder ?? after ?? ''];
}

function isFolder(path: string): boolean {
  return path !== STDIN && existsSync(path) && statSync(path).isDirectory();
}

async function openSide(path: string, inputs: VerifyRequest['inputs'], io: Io): Promise<CompareInput> {
  if (isFolder(path)) return openFolder(path, io);
  // Standard input can be read only once.
  const opened = inputs.find(({ name }) => name === path) ?? (await openInput(path, io));
  return { kind: 'bundle', ...opened };
}

function openFolder(path: string, io: Io): CompareInput {
  const { files, special } = listFolder(path);
  const ignoreFile = join(path, IGNORE_FILE);
  const ignored = existsSync(ignoreFile) ? fromUtf8(readUpTo(ignoreFile, IGNORE_BYTES_MAX, NAME)) : null;
  if (ignored === null && existsSync(ignoreFile))
    throw new UsageError(`${ignoreFile} is not UTF-8 text.`, NAME);
  const { packed } = selectFiles(files, { ignoreFile: ignored, include: [], exclude: [] });
  if (special.length > 0)
    io.err(
      `Not compared, as no bundle holds links or devices: ${special.map((one) => claim(one)).join(', ')}\n`,
    );
  return { kind: 'folder', name: path, files: packed };
}

function written(diff: Diff, format: string, io: Io): string {
  if (format === 'json') return jsonText(diff);
  return format === 'markdown' ? diffMarkdown(diff) : diffText(diff, io.paint);
}

/** A side that is no good comes first: nobody should take such a comparison for an answer. */
function exitOf(diff: Diff): number {
  if (!diff.comparable) return UNREADABLE;
  if ([diff.before, diff.after].some(({ verdict }) => verdict?.code === 'B-CHANGED')) return CHANGED;
  return diff.equal ? 0 : DIFFERENT;
}

function inWords(error: unknown): unknown {
  if (error instanceof CompareError) return new Refused([error.finding], UNREADABLE);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^E[A-Z]+$/.test(code)) return error;
  return new UsageError(
    `The folder cannot be read: ${line(error instanceof Error ? error.message : code)}`,
    NAME,
  );
}
