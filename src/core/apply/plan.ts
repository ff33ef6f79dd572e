import { folderFindings, refusedPath, type FileState, type FolderView } from './folder.js';
import { INFO_PATH, previousOf } from './info.js';
import { compareUtf8 } from '../bytes/text.js';
import type { BundleInfo } from '../generated/bundle-info.js';
import type { Finding, InputReport } from '../generated/report.js';
import { finding } from '../messages/finding.js';

/** One file of a verified bundle. */
export interface ApplyFile extends FileState {
  /** Attacker-controlled. */
  readonly path: string;
}

/**
 * `create`: nothing stands there. `update`: what stands there is exactly what the last apply wrote. `unchanged`: it is
 * the same file. `conflict`: it is somebody's own work, so it is written over only when asked for.
 */
export type ApplyAction = 'create' | 'update' | 'unchanged' | 'conflict';

export interface PlannedFile extends ApplyFile {
  readonly action: ApplyAction;
  /** What stands there now; null where nothing does. */
  readonly now: FileState | null;
}

export interface ApplyPlan {
  /** In UTF-8 byte order of path. */
  readonly files: readonly PlannedFile[];
  readonly counts: Readonly<Record<ApplyAction, number>>;
  /** Listed by the bundle, but its bytes are kept outside, or it is the record of another folder. */
  readonly notWritten: readonly string[];
  /** Written by the last apply, still there, and no part of this bundle. They are left as they are. */
  readonly leftOver: readonly string[];
  /** The record of the folder as it is; null where there is none. */
  readonly record: FileState | null;
  /** Why nothing may be written; empty when everything may. */
  readonly refusals: readonly Finding[];
}

/** What a verified bundle would put into a folder, from its report alone. */
export interface ApplyContent {
  readonly files: readonly ApplyFile[];
  readonly notWritten: readonly string[];
}

const NEVER_APPLIED: ReadonlySet<string> = new Set(['rejected', 'unreadable']);

/**
 * Why this bundle is not applied (docs/SPEC.md, "Applying"): empty when it may be. Only a confirmed bundle is applied
 * as it is; an unknown or incomplete one needs `reason`; anything that contradicts itself is never applied.
 */
export function refusals(input: InputReport, reason: string | null): readonly Finding[] {
  const { verdict, dialect, axes, archiveDigest, bundleDigest, contentRoot } = input;
  const { code } = verdict;
  const unsound = axes.readable === 'fail' || axes.unchanged === 'fail';
  if (NEVER_APPLIED.has(verdict.look) || code === 'B-WITHDRAWN' || unsound)
    return [finding('apply-refused-verdict', { code })];
  if (dialect === 'specular-planned') return [finding('apply-no-digests', {})];
  if (archiveDigest === null || bundleDigest === null || contentRoot === null || input.bundle === null)
    return [finding('apply-refused-verdict', { code })];
  if (verdict.look !== 'confirmed' && (reason ?? '').trim() === '')
    return [finding('apply-not-confirmed', { code })];
  return [];
}

/** The files whose bytes the reading compared with the list: nothing else is ever written. */
export function contentOf({ files }: Pick<InputReport, 'files'>): ApplyContent {
  const content: ApplyFile[] = [];
  const notWritten: string[] = [];
  for (const { path, size, sha256, status } of files) {
    if (path === INFO_PATH || status === 'absent-external') notWritten.push(path);
    else if (status === 'matches' && sha256 !== null) content.push({ path, size, sha256 });
  }
  return { files: content.sort((a, b) => compareUtf8(a.path, b.path)), notWritten };
}

/** What is in the folder, as far as the bundle concerns it. */
export interface ApplyTarget {
  /** Everything in the folders of {@link foldersToLook}, and the digests of files that stand at paths of the bundle. */
  readonly view: FolderView;
  /** What the record of the folder says, if there is one that can be read. */
  readonly info: BundleInfo | null;
}

/** Compares a verified bundle with a folder, file by file. Nothing is written before every file may be. */
export function planApply(content: ApplyContent, { view, info }: ApplyTarget): ApplyPlan {
  const paths = content.files.map(({ path }) => path);
  const refused = [
    ...paths.flatMap((path) => refusedPath(path)),
    ...folderFindings([...paths, INFO_PATH], view),
  ];
  const counts = { create: 0, update: 0, unchanged: 0, conflict: 0 };
  const written = previousOf(info);
  const files = content.files.map((file): PlannedFile => {
    const now = view.fileAt(file.path);
    const action = actionOf(file, now, written.get(file.path));
    counts[action] += 1;
    return { ...file, action, now };
  });
  const ours = new Set(paths);
  const leftOver = [...written.keys()].filter((path) => !ours.has(path) && view.kindAt(path) === 'file');
  const record = view.fileAt(INFO_PATH);
  return { files, counts, notWritten: content.notWritten, leftOver, record, refusals: refused };
}

function actionOf(file: ApplyFile, now: FileState | null, wrote: FileState | undefined): ApplyAction {
  if (now === null) return 'create';
  if (sameState(now, file)) return 'unchanged';
  return wrote !== undefined && sameState(now, wrote) ? 'update' : 'conflict';
}

export function sameState(a: FileState | null, b: FileState | null): boolean {
  return a === null || b === null ? a === b : a.size === b.size && a.sha256 === b.sha256;
}
