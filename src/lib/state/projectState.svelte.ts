import { formatTime } from '../../core/bytes/time';
import type { Carried } from '../../core/build';
import type { Finding } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import type { Selection } from '../../core/project/ignore';
import type { Identity } from '../../core/project/recognise';
import type { Planned } from '../../engine/builder';
import { FolderError, type WebFile } from '../../platform/webFolder';
import { StorageError } from '../../store/database';
import type { BuildDraft } from '../../store/drafts';
import type { KeptProject } from '../../store/project';
import { emptyForm, type BuildForm, type Known, type Part } from '../view/build';
import type { NewBundle } from '../view/newBundle';
import { noViews, type ProjectViews } from '../view/projectViews';

/** A project as it lies open. */
export interface OpenProject {
  readonly name: string;
  /** Where it is kept in this browser; null for a folder. */
  readonly keptAs: string | null;
  readonly files: readonly WebFile[];
  readonly special: readonly string[];
  readonly known: Known;
  /** Id and version as the project itself says them. */
  readonly identity: Identity;
}

/** Work under way. Bytes of `total`. */
export interface Work {
  readonly kind: 'open' | 'plan' | 'pack' | 'check';
  readonly done: number;
  readonly total: number;
}

export interface Built extends NewBundle {
  /** What it was made from: when this is not what the form says any more, the page says so. */
  readonly from: string;
}

interface State {
  readonly project: OpenProject | null;
  readonly parts: readonly Part[];
  /** Plan and routing as the pictures show them. */
  readonly views: ProjectViews;
  readonly form: BuildForm;
  /** The form as it was when the project was opened. */
  readonly fresh: BuildForm;
  /** What was chosen for a project of this name before, while nobody has said what to do with it. */
  readonly draft: BuildDraft | null;
  /** Reasons of an earlier visit, by place: they stand in their fields and count when they are given again. */
  readonly earlier: Readonly<Record<string, string>>;
  readonly selection: Selection<WebFile> | null;
  /** What the choices as they stand come to; null while that is not known. */
  readonly planned: Planned | null;
  /** Somebody ended the reading: nothing is known until it is asked for again. */
  readonly stopped: boolean;
  readonly work: Work | null;
  readonly carried: (Carried & { readonly name: string }) | null;
  readonly built: Built | null;
  readonly faults: readonly Finding[];
  readonly kept: readonly KeptProject[];
  readonly lasting: boolean;
}

export const nothingOpen = {
  project: null,
  parts: [],
  views: noViews,
  form: emptyForm,
  fresh: emptyForm,
  draft: null,
  earlier: {},
  selection: null,
  planned: null,
  stopped: false,
  work: null,
  carried: null,
  built: null,
  faults: [],
} as const satisfies Partial<State>;

let state = $state.raw<State>({ ...nothingOpen, kept: [], lasting: true });

/** What the build page shows. */
export function buildState(): State {
  return state;
}

export function set(change: Partial<State>): void {
  state = { ...state, ...change };
}

export function findingOf(error: unknown): Finding {
  if (error instanceof StorageError) return error.finding;
  if (error instanceof FolderError)
    return finding('build-unreadable', { path: error.path || 'the folder', reason: error.message });
  const reason = error instanceof Error ? error.message : String(error);
  return finding('build-fault', { reason });
}

export function bytesOf(files: readonly { readonly size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** Now, in whole seconds. */
export function clock(): string {
  const now = Date.now();
  return formatTime(now - (now % 1000));
}
