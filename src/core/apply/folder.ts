import { collisionKey } from '../archive/namespace.js';
import { pathFindings } from '../archive/path.js';
import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';

/** Length in bytes and SHA-256 (lower-case hex) of a file. */
export interface FileState {
  readonly size: number;
  readonly sha256: string;
}

/** One name in the folder, links not followed. */
export interface FolderEntry {
  /** From the folder, with "/". */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** Only for files at paths that the bundle or the last apply names. */
  readonly state?: FileState;
}

/** Where this program keeps its notes about a folder, inside of it. */
export const NOTES_FOLDER = '.countersign';

const OWN: Readonly<Record<string, string>> = {
  '.git': 'it lies in a folder of git, which can run programs',
  [NOTES_FOLDER]: 'this program keeps its own notes there',
};
/** Short names that Windows makes for `.git`. */
const GIT_SHORT = /^git~[0-9]+$/;

/** Why a path of a bundle is not written, whoever asks. Attacker-controlled. */
export function refusedPath(path: string): readonly Finding[] {
  const unsafe = pathFindings(path).filter(({ severity }) => severity === 'error');
  if (unsafe.length > 0) return unsafe;
  const components = path.split('/').map(collisionKey);
  const name = components.find(
    (one, at) => one === '.git' || GIT_SHORT.test(one) || (at === 0 && one in OWN),
  );
  if (name === undefined) return [];
  const reason = OWN[GIT_SHORT.test(name) ? '.git' : name] ?? '';
  return [finding('apply-refused-path', { path, reason }, { where: { path } })];
}

/** The folders whose names have to be known before anything is written: '' is the folder itself. */
export function foldersToLook(paths: Iterable<string>): readonly string[] {
  const folders = new Set(['']);
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (folders.has(path.slice(0, end))) break;
      folders.add(path.slice(0, end));
    }
  }
  return [...folders];
}

/** What a look into a folder found. */
export class FolderView {
  private readonly entries = new Map<string, FolderEntry>();
  private readonly keys = new Map<string, string>();

  constructor(entries: Iterable<FolderEntry>) {
    for (const entry of entries) {
      this.entries.set(entry.path, entry);
      this.keys.set(collisionKey(entry.path), entry.path);
    }
  }

  kindAt(path: string): FolderEntry['kind'] | null {
    return this.entries.get(path)?.kind ?? null;
  }

  fileAt(path: string): FileState | null {
    const entry = this.entries.get(path);
    if (entry?.kind !== 'file') return null;
    if (entry.state === undefined) throw new Error('a file was looked at without its digest');
    return entry.state;
  }

  /** Another name that is the same one on some systems, or null. */
  alias(path: string): string | null {
    const other = this.keys.get(collisionKey(path));
    return other === undefined || this.entries.has(path) ? null : other;
  }
}

/** What in the folder stands in the way of these files. */
export function folderFindings(paths: readonly string[], view: FolderView): readonly Finding[] {
  const findings: Finding[] = [];
  const looked = new Set<string>();
  for (const path of paths) {
    const reason = parentProblem(path, view, looked) ?? leafProblem(path, view);
    if (reason !== null) findings.push(finding('apply-blocked', { path, reason }, { where: { path } }));
  }
  return findings;
}

function parentProblem(path: string, view: FolderView, fine: Set<string>): string | null {
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    const parent = path.slice(0, end);
    if (fine.has(parent)) continue;
    const kind = view.kindAt(parent);
    if (kind === 'file') return `a file stands where the folder "${parent}" has to be`;
    if (kind === 'other') return `"${parent}" is a link or no folder`;
    const alias = view.alias(parent);
    if (alias !== null) return `the folder has "${alias}", which some systems take for the same name`;
    fine.add(parent);
  }
  return null;
}

function leafProblem(path: string, view: FolderView): string | null {
  const kind = view.kindAt(path);
  if (kind === 'folder') return 'a folder stands there';
  if (kind === 'other') return 'a link or something that is no file stands there';
  const alias = view.alias(path);
  return alias === null ? null : `the folder has "${alias}", which some systems take for the same name`;
}

/** Parents of these paths that the folder does not have yet, outermost first. */
export function foldersToMake(paths: Iterable<string>, view: FolderView): string[] {
  return foldersToLook(paths)
    .filter((folder) => folder !== '' && view.kindAt(folder) === null)
    .sort((a, b) => a.length - b.length);
}
