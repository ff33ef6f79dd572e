import { toHex } from '../bytes/hex.js';
import type { Platform } from '../bytes/platform.js';
import { toUtf8 } from '../bytes/text.js';
import { parseJson } from '../canon/json.js';
import { checkPath } from '../archive/path.js';
import type { ApplyJournal, ApplyStep } from '../generated/apply-journal.js';
import { validate } from '../generated/apply-journal.validate.js';
import type { BundleInfo } from '../generated/bundle-info.js';
import type { Finding, InputReport, RuleSummary, ToolInfo } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { foldersToMake, refusedPath, type FileState, type FolderView } from './folder.js';
import { INFO_BYTES_MAX, INFO_PATH, writeInfo } from './info.js';
import { sameState, type ApplyPlan, type PlannedFile } from './plan.js';

export type { ApplyJournal, ApplyStep } from '../generated/apply-journal.js';

/** What a person decided, and what the record will say. */
export interface ApplyChoices {
  readonly input: InputReport;
  readonly rule: RuleSummary;
  readonly tool: ToolInfo;
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** Why a bundle that is not confirmed is applied. */
  readonly reason: string | null;
  /** False for a file that stays as it is in the folder. Asked for every file that would be written. */
  readonly writes: (file: PlannedFile) => boolean;
  readonly previous: BundleInfo | null;
}

export interface ApplyDecision {
  readonly journal: ApplyJournal;
  /** Bytes of the record, which is the last step. */
  readonly record: Uint8Array<ArrayBuffer>;
  /** Files of the bundle that stay unwritten by choice. */
  readonly kept: readonly string[];
}

/**
 * The plan with every file decided: what is written, in which order, and what stood there before. null when nothing
 * is to be written and the folder already has the record of this bundle.
 */
export function decideApply(
  plan: ApplyPlan,
  view: FolderView,
  choices: ApplyChoices,
  platform: Pick<Platform, 'sha256Sync'>,
): ApplyDecision | null {
  const kept: string[] = [];
  const steps: ApplyStep[] = [];
  const rows: BundleInfo['files'] = [];
  for (const file of plan.files) {
    const { path, size, sha256, action, now } = file;
    const same = action === 'unchanged';
    if (!same && !choices.writes(file)) {
      kept.push(path);
      continue;
    }
    rows.push({ path, size, sha256, was: same ? 'same' : now === null ? 'absent' : 'other' });
    if (!same) steps.push({ path, before: now, after: { size, sha256 } });
  }
  const { input, at, previous } = choices;
  if (steps.length === 0 && previous?.bundleDigest === input.bundleDigest) return null;
  const folders = foldersToMake([...steps.map(({ path }) => path), INFO_PATH], view);
  const info = infoOf(choices, rows, kept, folders);
  const record = writeInfo(info);
  const after = { size: record.length, sha256: toHex(platform.sha256Sync(record)) };
  const { id, version, bundleDigest } = info;
  const journal: ApplyJournal = {
    schema: 'countersign.apply/v1',
    state: 'staging',
    at,
    id,
    version,
    bundleDigest,
    steps: [...steps, { path: INFO_PATH, before: plan.record, after }],
    folders,
  };
  return { journal, record, kept };
}

function infoOf(
  { input, rule, tool, at, reason, previous }: ApplyChoices,
  files: BundleInfo['files'],
  kept: readonly string[],
  folders: readonly string[],
): BundleInfo {
  const { bundle, bundleDigest, contentRoot, archiveDigest, dialect, verdict } = input;
  const { look, code } = verdict;
  if (!bundle || !bundleDigest || !contentRoot || !archiveDigest || !dialect)
    throw new Error('a bundle without digests cannot be applied');
  if (look === 'rejected' || look === 'unreadable') throw new Error('a refused bundle cannot be applied');
  const why = look === 'confirmed' ? '' : (reason ?? '').trim();
  return {
    schema: 'countersign.bundle-info/v1',
    id: bundle.id,
    version: bundle.version,
    bundleDigest,
    contentRoot,
    archiveDigest,
    dialect,
    verdict: { code, look, rule: rule?.name ?? null, ...(why === '' ? {} : { reason: why }) },
    appliedAt: at,
    tool: { name: tool.name, version: tool.version, build: tool.build },
    previous: previous?.bundleDigest ?? null,
    files,
    kept: [...kept],
    folders: [...folders],
  };
}

/** How far a step has come, by what stands at its path now. `other`: somebody changed it meanwhile. */
export function progressOf(step: ApplyStep, now: FileState | null): 'before' | 'after' | 'other' {
  if (sameState(now, step.after)) return 'after';
  return sameState(now, step.before) ? 'before' : 'other';
}

export function changedSince(path: string): Finding {
  return finding('apply-changed-since', { path }, { where: { path } });
}

export function writeJournal(journal: ApplyJournal): Uint8Array<ArrayBuffer> {
  return toUtf8(JSON.stringify(journal));
}

/** Reads what may have been edited: paths are held to the same rules as those of a bundle. Never throws. */
export function readJournal(bytes: Uint8Array): ApplyJournal | { readonly findings: readonly Finding[] } {
  const read = parseJson(bytes, { bytesMax: INFO_BYTES_MAX });
  if ('problem' in read) return damaged(read.problem.message);
  if (!validate(read.value)) return damaged('it is not a journal of this program');
  const journal = read.value as unknown as ApplyJournal;
  const bad = [...journal.steps.map(({ path }) => path), ...journal.folders].find(
    (path) => checkPath(path) !== null || refusedPath(path).length > 0,
  );
  return bad === undefined ? journal : damaged('it names a path outside of the folder');
}

function damaged(problem: string): { readonly findings: readonly Finding[] } {
  return { findings: [finding('apply-journal-damaged', { problem })] };
}

/**
 * The journal of an apply that wrote over nothing, from its record alone: nothing had to be kept for it. null where
 * the record says that something stood there before.
 */
export function journalOfRecord(info: BundleInfo, record: FileState): ApplyJournal | null {
  if (info.previous !== null || info.files.some(({ was }) => was === 'other')) return null;
  const steps = info.files
    .filter(({ was }) => was === 'absent')
    .map(({ path, size, sha256 }): ApplyStep => ({ path, before: null, after: { size, sha256 } }));
  const { appliedAt: at, id, version, bundleDigest, folders } = info;
  const journal = { schema: 'countersign.apply/v1', state: 'done', at, id, version, bundleDigest } as const;
  const all: ApplyJournal = {
    ...journal,
    steps: [...steps, { path: INFO_PATH, before: null, after: record }],
    folders,
  };
  return 'findings' in readJournal(writeJournal(all)) ? null : all;
}
