import { approvalLines } from './diff/approvals.js';
import { know, type DocumentPair, type Known } from './diff/documents.js';
import { DOCUMENT_BYTES_MAX } from './diff/documents.js';
import { isDocument, isRoutingFile, isRulesFile } from './diff/names.js';
import { bytesDiffer, pairFiles } from './diff/pair.js';
import { routingLines } from './diff/routing.js';
import { ruleLines } from './diff/rules.js';
import { saidLines } from './diff/said.js';
import { filesOf, maySpeak, sideName, type BundleSide, type Side } from './diff/side.js';
import { specLines } from './diff/spec.js';
import {
  bothTexts,
  diffText,
  TEXT_BYTES_MAX,
  type BothTexts,
  type SideBytes,
  type TextOptions,
} from './diff/texts.js';
import { whoLines } from './diff/who.js';
import type {
  Diff,
  DiffFile,
  DiffFiles,
  DiffFinding,
  DiffGroup,
  DiffLine,
  DiffSide,
  DiffState,
  DiffText,
} from './generated/diff.js';
import type { Finding, RuleSummary, ToolInfo } from './generated/report.js';
import { finding } from './messages/finding.js';

export {
  bundleSide,
  ChangedMeanwhileError,
  folderSide,
  type BundleSide,
  type FolderFile,
  type FolderSide,
  type Side,
} from './diff/side.js';
export type { BothTexts, TextOptions } from './diff/texts.js';

export interface DiffOptions {
  readonly tool: ToolInfo;
  /** RFC 3339 in UTC: when both sides were judged. */
  readonly now: string;
  /** The rule that judged both. */
  readonly rule: RuleSummary;
  readonly signal?: AbortSignal;
}

/** Bytes of all documents and texts of one side that are read at once; the rest can be read one by one. */
const READ_BYTES_MAX = 32 * 1_048_576;
/** Lines of hunks over all files; beyond them the lines of a file are only counted. */
const HUNK_LINES_MAX = 20_000;

/**
 * What differs, by consequence (docs/SPEC.md, "Comparing"): who must approve, approvals, rules, routing, what is to
 * be built, what the bundle says of itself, files, text. Nothing that changes who may say yes stands below a file.
 *
 * @throws ChangedMeanwhileError when a file changes while it is compared; the reason of an abort.
 */
export async function diffSides(before: Side, after: Side, options: DiffOptions): Promise<Diff> {
  const { tool, now, rule } = options;
  const comparable = [before, after].every(isReadable);
  const files = comparable ? pairFiles(filesOf(before), filesOf(after)) : nothing;
  const read = await readBoth(before, after, files, options.signal);
  const groups = comparable ? groupsOf(before, after, read.documents) : emptyGroups(before, after);
  const texts = textsOf(files, read);
  const equal = comparable && files.changes.length === 0 && groups.every(({ lines }) => lines.length === 0);
  return {
    schemaVersion: 'countersign.diff/v1',
    tool: { name: tool.name, version: tool.version, build: tool.build },
    now,
    rule: rule === null ? null : { name: rule.name, source: rule.source },
    before: sideOf(before, read.left),
    after: sideOf(after, read.left),
    comparable,
    equal,
    groups,
    files,
    texts,
  };
}

/** The lines of one file, which is read again for it. Throws as {@link diffSides} does. */
export async function diffOneText(
  before: Side,
  after: Side,
  file: DiffFile,
  options: TextOptions & { readonly signal?: AbortSignal } = {},
): Promise<DiffText> {
  const old = await bytesIn(before, file.before, options.signal);
  return diffText(file, old, await bytesIn(after, file.after, options.signal), options);
}

/** Both whole texts of one file, which is read again for them; null where it has none. Throws as {@link diffSides} does. */
export async function textsOfFile(
  before: Side,
  after: Side,
  file: DiffFile,
  signal?: AbortSignal,
): Promise<BothTexts | null> {
  const old = await bytesIn(before, file.before, signal);
  return bothTexts(old, await bytesIn(after, file.after, signal));
}

async function bytesIn(side: Side, state: DiffState | null, signal?: AbortSignal): Promise<SideBytes> {
  if (state === null) return null;
  if (state.size > TEXT_BYTES_MAX) return undefined;
  return (await side.read(new Map([[state.path, state]]), signal)).get(state.path);
}

function isReadable(side: Side): boolean {
  return side.kind === 'folder' || side.report.verdict.look !== 'unreadable';
}

const nothing: DiffFiles = { same: 0, added: 0, removed: 0, changed: 0, renamed: 0, changes: [] };

// --- The two sides -------------------------------------------------------------------------------------------------

function sideOf(side: Side, left: number): DiffSide {
  const more = left === 0 ? [] : [finding('compare-not-all-read', { files: left })];
  if (side.kind === 'folder') {
    const { name, files, contentRoot } = side;
    return { ...empty, kind: 'folder', name, contentRoot, files: files.length, findings: more.map(brief) };
  }
  const { report } = side;
  const { look, code, headline, sub, next } = report.verdict;
  const findings = report.findings.filter(({ severity }) => severity !== 'info');
  return {
    kind: 'bundle',
    name: report.file,
    verdict: { look, code, headline, sub, next },
    id: report.bundle?.id ?? null,
    version: report.bundle?.version ?? null,
    requiredRoles: report.bundle?.requiredRoles.slice() ?? null,
    bundleDigest: report.bundleDigest,
    archiveDigest: report.archiveDigest,
    contentRoot: report.contentRoot,
    files: filesOf(side).length,
    findings: [...more, ...findings].map(brief),
  };
}

const empty = {
  verdict: null,
  id: null,
  version: null,
  requiredRoles: null,
  bundleDigest: null,
  archiveDigest: null,
} as const;

function brief({ code, severity, message, cause, action, where }: Finding): DiffFinding {
  const path = where.path ?? where.file;
  return { code, severity, ...(path === undefined ? {} : { path }), message, cause, action };
}

// --- Groups --------------------------------------------------------------------------------------------------------

function groupsOf(before: Side, after: Side, documents: readonly DocumentPair[]): Diff['groups'] {
  const notes = silence(before, after);
  const both = notes === null ? ([before, after] as [BundleSide, BundleSide]) : null;
  const group = (id: DiffGroup['id'], lines: DiffLine[], note: string | null): DiffGroup => ({
    id,
    note,
    lines,
  });
  return [
    group('who', both === null ? [] : whoLines(both[0].report, both[1].report), notes?.who ?? null),
    group('approvals', both === null ? [] : approvalLines(...both), notes?.approvals ?? null),
    group('rules', ruleLines(documents), null),
    group('routing', routingLines(documents), null),
    group('spec', specLines(documents), null),
    group('said', both === null ? [] : saidLines(both[0].report, both[1].report), notes?.said ?? null),
  ];
}

function emptyGroups(before: Side, after: Side): Diff['groups'] {
  const bad = [before, after].filter((side) => !isReadable(side)).map(sideName);
  const note = `Not compared: ${bad.join(' and ')} cannot be read.`;
  const group = (id: DiffGroup['id']): DiffGroup => ({ id, note, lines: [] });
  return [group('who'), group('approvals'), group('rules'), group('routing'), group('spec'), group('said')];
}

interface Notes {
  readonly who: string;
  readonly approvals: string;
  readonly said: string;
}

/** Why who must approve is not compared; null when both sides may speak of it. */
function silence(before: Side, after: Side): Notes | null {
  const rejected = [before, after].filter((side) => side.kind === 'bundle' && !maySpeak(side)).map(sideName);
  if (rejected.length > 0) {
    const note = `Not compared: ${rejected.join(' and ')} contradicts its own file list, so nothing that it says counts.`;
    return { who: note, approvals: note, said: note };
  }
  const bundles = [before, after].filter((side) => side.kind === 'bundle');
  if (bundles.length === 2) return null;
  const roles = bundles[0]?.report.bundle?.requiredRoles ?? [];
  const asks =
    roles.length === 0 ? 'The bundle asks for no role.' : `The bundle asks for ${roles.join(', ')}.`;
  return {
    who: `A folder asks nobody: who must approve is chosen when it is built. ${asks}`,
    approvals: 'Not compared: a folder has no approvals.',
    said: 'Not compared: a folder says nothing of itself.',
  };
}

// --- What is read of the files that differ -----------------------------------------------------------------------------

interface ReadBoth {
  readonly before: ReadonlyMap<string, Uint8Array>;
  readonly after: ReadonlyMap<string, Uint8Array>;
  readonly documents: readonly DocumentPair[];
  /** Files that were not looked into. */
  readonly left: number;
}

async function readBoth(
  before: Side,
  after: Side,
  files: DiffFiles,
  signal?: AbortSignal,
): Promise<ReadBoth> {
  const wanted = chooseWanted(files.changes);
  const olds = await before.read(wanted.before, signal);
  const news = await after.read(wanted.after, signal);
  // What a side that contradicts itself says is not explained; its files are told by their digests.
  const explained = [before, after].every((side) => side.kind === 'folder' || maySpeak(side));
  const documents = files.changes.map((file): DocumentPair => {
    const pick = (state: DiffState | null, read: ReadonlyMap<string, Uint8Array>): Known | null => {
      const bytes = state === null || !explained ? undefined : read.get(state.path);
      return bytes === undefined || state === null ? null : know(state.path, bytes);
    };
    return { file, before: pick(file.before, olds), after: pick(file.after, news) };
  });
  return { before: olds, after: news, documents, left: wanted.left };
}

/** Which bytes are read: those first whose names speak of rules, so that others cannot crowd them out. */
function chooseWanted(changes: readonly DiffFile[]): {
  readonly before: Map<string, DiffState>;
  readonly after: Map<string, DiffState>;
  readonly left: number;
} {
  const before = new Map<string, DiffState>();
  const after = new Map<string, DiffState>();
  let [room, left] = [READ_BYTES_MAX, 0];
  for (const file of changes.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    const states = [file.before, file.after].filter((state) => state !== null);
    const size = states.reduce((sum, state) => sum + state.size, 0);
    if (states.some((state) => state.size > TEXT_BYTES_MAX)) {
      if (states.some(({ path, size: bytes }) => isDocument(path) && bytes > DOCUMENT_BYTES_MAX)) left++;
      continue;
    }
    if (size > room) {
      left++;
      continue;
    }
    room -= size;
    if (file.before !== null) before.set(file.before.path, file.before);
    if (file.after !== null) after.set(file.after.path, file.after);
  }
  return { before, after, left };
}

function rankOf({ before, after }: DiffFile): number {
  const paths = [before?.path, after?.path].filter((path) => path !== undefined);
  if (!paths.some(isDocument)) return 2;
  return paths.some((path) => isRulesFile(path) || isRoutingFile(path)) ? 0 : 1;
}

function textsOf(files: DiffFiles, read: ReadBoth): DiffText[] {
  let room = HUNK_LINES_MAX;
  return files.changes.filter(bytesDiffer).map((file) => {
    const bytes = (state: DiffState | null, from: ReadonlyMap<string, Uint8Array>): SideBytes =>
      state === null ? null : from.get(state.path);
    const text = diffText(file, bytes(file.before, read.before), bytes(file.after, read.after));
    const lines = text.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
    if (lines <= room) {
      room -= lines;
      return text;
    }
    return { ...text, shown: 'count' as const, hunks: [] };
  });
}
