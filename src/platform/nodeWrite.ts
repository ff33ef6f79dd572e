import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  changedSince,
  INFO_BYTES_MAX,
  INFO_PATH,
  journalOfRecord,
  NOTES_FOLDER,
  progressOf,
  readJournal,
  writeJournal,
  type ApplyDecision,
  type ApplyJournal,
  type ApplyStep,
} from '../core/apply.js';
import type { ArchiveStreamInput } from '../core/archive/writeArchive.js';
import type { Finding } from '../core/generated/report.js';
import { kindOf, recordOf, stateOf } from './nodeLook.js';

/** Names of the moments between two of which a program can be killed; tests kill there. */
export type WritePoint = (name: string) => void;

export interface WriteOptions {
  readonly signal?: AbortSignal;
  /** Files staged so far. */
  readonly onProgress?: (files: number) => void;
  readonly at?: WritePoint;
}

/** A file of the bundle is not what the report said, so nothing was written. */
export class NotVerifiedError extends Error {
  override readonly name = 'NotVerifiedError';
  constructor(readonly path: string) {
    super('a file of the bundle is not what was verified');
  }
}

/** Something stands in the way that was not there when the folder was looked at. */
export class FolderChangedError extends Error {
  override readonly name = 'FolderChangedError';
  constructor(readonly path: string) {
    super('the folder changed meanwhile');
  }
}

const WORK = `${NOTES_FOLDER}/apply`;
const LAST = `${NOTES_FOLDER}/last`;
const FILE_MODE = 0o644;

/** The journal of an apply that was not brought to its end, or why it cannot be read; null where there is none. */
export function unfinishedIn(dir: string): ApplyJournal | { readonly findings: readonly Finding[] } | null {
  if (kindOf(join(dir, NOTES_FOLDER)) !== 'folder' || kindOf(join(dir, WORK)) !== 'folder') return null;
  const journal = journalIn(dir, WORK);
  if (journal === null) {
    // Without a journal nothing has been begun yet, or everything was ended: the journal is what goes first.
    discard(dir, WORK);
    return null;
  }
  if ('findings' in journal || journal.state !== 'done') return journal;
  settle(dir, journal);
  return null;
}

/**
 * Stages every file beside its place, hashing it once more, and only then moves them in, one by one, each at once.
 * What is written over is kept for {@link undoApply}. Throws before anything is touched when a file is not the one
 * that was verified. What changed meanwhile is left as it is and named.
 */
export async function writeApply(
  dir: string,
  { journal, record }: ApplyDecision,
  entries: AsyncIterable<ArchiveStreamInput>,
  options: WriteOptions = {},
): Promise<readonly Finding[]> {
  const at = options.at ?? (() => undefined);
  openNotes(dir);
  try {
    saveJournal(dir, journal);
    at('journal');
    await stage(dir, journal, record, entries, options);
    at('staged');
    options.signal?.throwIfAborted();
  } catch (error) {
    discard(dir, WORK);
    throw error;
  }
  return carryOut(dir, { ...journal, state: 'writing' }, at);
}

/** Goes on with what was interrupted: the writing, or its undoing. `false`: nothing had been begun, the notes are gone. */
export function finishApply(
  dir: string,
  journal: ApplyJournal,
  at: WritePoint = () => undefined,
): { readonly finished: boolean; readonly findings: readonly Finding[] } {
  if (journal.state === 'undoing') return { finished: true, findings: takeBack(dir, journal, at) };
  if (journal.state === 'writing') return { finished: true, findings: carryOut(dir, journal, at) };
  discard(dir, WORK);
  return { finished: false, findings: [] };
}

/** Puts back what stood there before an interrupted apply. */
export function undoApply(dir: string, journal: ApplyJournal, at?: WritePoint): readonly Finding[] {
  if (journal.state === 'staging') {
    discard(dir, WORK);
    return [];
  }
  return takeBack(dir, journal, at ?? (() => undefined));
}

/** Takes back the last apply that was brought to its end. null where none is known. */
export function rollBack(
  dir: string,
  at: WritePoint = () => undefined,
): { readonly journal: ApplyJournal; readonly findings: readonly Finding[] } | null {
  const kept = kindOf(join(dir, NOTES_FOLDER)) === 'folder' ? journalIn(dir, LAST) : null;
  if (kept !== null && 'findings' in kept) return { journal: noJournal, findings: kept.findings };
  const last = kept?.steps.at(-1);
  // Another program may have applied since: what was kept is then not what the last apply wrote over.
  if (kept !== null && last !== undefined && progressIn(dir, last) === 'after') {
    renameSync(join(dir, LAST), join(dir, WORK));
    at('reopened');
    return { journal: kept, findings: takeBack(dir, kept, at) };
  }
  const { info } = recordOf(dir);
  const record = info === null ? null : stateOf(join(dir, INFO_PATH));
  const journal = info === null || record === null ? null : journalOfRecord(info, record);
  if (journal === null) return null;
  openNotes(dir);
  return { journal, findings: takeBack(dir, journal, at) };
}

const noJournal: ApplyJournal = {
  schema: 'countersign.apply/v1',
  state: 'done',
  at: '',
  id: '',
  version: '',
  bundleDigest: '',
  steps: [],
  folders: [],
};

async function stage(
  dir: string,
  journal: ApplyJournal,
  record: Uint8Array,
  entries: AsyncIterable<ArchiveStreamInput>,
  { signal, onProgress }: WriteOptions,
): Promise<void> {
  const waiting = new Map(journal.steps.map((step, at) => [step.path, { step, at }]));
  const staged = (index: number): string => join(dir, WORK, 'new', String(index));
  waiting.delete(INFO_PATH);
  for await (const { path, chunks } of entries) {
    signal?.throwIfAborted();
    const wanted = waiting.get(path);
    if (wanted === undefined) continue;
    await writeHashed(staged(wanted.at), chunks, wanted.step);
    waiting.delete(path);
    onProgress?.(journal.steps.length - 1 - waiting.size);
  }
  const [missing] = waiting.keys();
  if (missing !== undefined) throw new NotVerifiedError(missing);
  await writeHashed(staged(journal.steps.length - 1), [record], journal.steps.at(-1)!);
}

/** Writes a new file and throws {@link NotVerifiedError} when it is not what it should be. */
export async function writeHashed(
  file: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { path, after }: Pick<ApplyStep, 'path' | 'after'>,
): Promise<void> {
  const hash = createHash('sha256');
  const handle = openSync(file, 'wx', FILE_MODE);
  let left = after.size;
  try {
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) break;
      hash.update(chunk);
      for (let done = 0; done < chunk.length;) done += writeSync(handle, chunk, done);
    }
  } finally {
    closeSync(handle);
  }
  if (left !== 0 || hash.digest('hex') !== after.sha256) throw new NotVerifiedError(path);
}

function carryOut(dir: string, journal: ApplyJournal, at: WritePoint): readonly Finding[] {
  saveJournal(dir, journal);
  at('writing');
  const findings: Finding[] = [];
  for (const [index, step] of journal.steps.entries()) {
    const now = progressIn(dir, step);
    if (now === 'other') findings.push(changedSince(step.path));
    if (now === 'before') place(dir, step, index, at);
  }
  saveJournal(dir, { ...journal, state: 'done' });
  at('done');
  settle(dir, journal);
  return findings;
}

function place(dir: string, { path, before }: ApplyStep, index: number, at: WritePoint): void {
  const target = join(dir, path);
  const staged = join(dir, WORK, 'new', String(index));
  makeParents(dir, path);
  if (before === null) {
    linkOrMove(staged, target);
    at(`created ${index}`);
    return;
  }
  const kept = join(dir, WORK, 'old', String(index));
  rmSync(kept, { force: true });
  try {
    linkSync(target, kept);
  } catch {
    copyFileSync(target, kept, constants.COPYFILE_EXCL);
  }
  at(`kept ${index}`);
  renameSync(staged, target);
  at(`replaced ${index}`);
}

/** Links and folders in the way count as somebody's own. */
function progressIn(dir: string, step: ApplyStep): ReturnType<typeof progressOf> {
  const { path } = step;
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    const kind = kindOf(join(dir, path.slice(0, end)));
    if (kind === null) return progressOf(step, null);
    if (kind !== 'folder') return 'other';
  }
  const kind = kindOf(join(dir, path));
  return kind === null || kind === 'file' ? progressOf(step, stateOf(join(dir, path))) : 'other';
}

/** A link fails where something has appeared meanwhile, a rename would write over it. */
function linkOrMove(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (kindOf(to) !== null) throw error;
    renameSync(from, to);
  }
}

function takeBack(dir: string, journal: ApplyJournal, at: WritePoint): readonly Finding[] {
  saveJournal(dir, { ...journal, state: 'undoing' });
  at('undoing');
  const findings: Finding[] = [];
  for (const [index, step] of [...journal.steps.entries()].reverse()) {
    const now = progressIn(dir, step);
    if (now === 'other') findings.push(changedSince(step.path));
    if (now !== 'after') continue;
    if (!putBack(dir, step, index)) findings.push(changedSince(step.path));
    at(`put back ${index}`);
  }
  for (const folder of [...journal.folders].reverse()) removeEmpty(join(dir, folder));
  at('put back');
  discard(dir, WORK);
  return findings;
}

function putBack(dir: string, { path, before }: ApplyStep, index: number): boolean {
  if (before === null) {
    unlinkSync(join(dir, path));
    return true;
  }
  const kept = join(dir, WORK, 'old', String(index));
  if (kindOf(kept) !== 'file') return false;
  renameSync(kept, join(dir, path));
  return true;
}

/** The apply is done: what it wrote over stays for a rollback, and takes the place of what the one before kept. */
function settle(dir: string, journal: ApplyJournal): void {
  discardFolder(join(dir, LAST));
  if (journal.steps.some(({ before }) => before !== null)) {
    rmSync(join(dir, WORK, 'new'), { recursive: true, force: true });
    renameSync(join(dir, WORK), join(dir, LAST));
  } else discard(dir, WORK);
}

function openNotes(dir: string): void {
  const notes = join(dir, NOTES_FOLDER);
  if (kindOf(notes) === null) mkdirSync(notes);
  if (kindOf(notes) !== 'folder') throw new FolderChangedError(NOTES_FOLDER);
  // Not recursive: whoever comes second finds the folder taken.
  mkdirSync(join(dir, WORK));
  mkdirSync(join(dir, WORK, 'new'));
  mkdirSync(join(dir, WORK, 'old'));
}

function discard(dir: string, folder: string): void {
  discardFolder(join(dir, folder));
  removeEmpty(join(dir, NOTES_FOLDER));
}

/** The journal goes first: what is left without one means nothing. */
function discardFolder(folder: string): void {
  if (kindOf(folder) !== 'folder') return;
  rmSync(join(folder, 'journal.json'), { force: true });
  rmSync(folder, { recursive: true, force: true });
}

function saveJournal(dir: string, journal: ApplyJournal): void {
  const path = join(dir, WORK, 'journal.json');
  const fresh = `${path}.new`;
  writeFileSync(fresh, writeJournal(journal), { flag: 'w' });
  const handle = openSync(fresh, 'r');
  fsyncSync(handle);
  closeSync(handle);
  renameSync(fresh, path);
}

function journalIn(
  dir: string,
  folder: string,
): ApplyJournal | { readonly findings: readonly Finding[] } | null {
  const path = join(dir, folder, 'journal.json');
  if (kindOf(join(dir, folder)) !== 'folder' || kindOf(path) !== 'file') return null;
  return readJournal(readFileSync(path).subarray(0, INFO_BYTES_MAX + 1));
}

function makeParents(dir: string, path: string): void {
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    const parent = join(dir, path.slice(0, end));
    const kind = kindOf(parent);
    if (kind === null) mkdirSync(parent);
    else if (kind !== 'folder') throw new FolderChangedError(path);
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not empty, or not there: both are as they should be.
  }
}
