import type { NamedText } from '../../core/author/compare';
import type { Situation } from '../../core/author/risk';
import type { Finding } from '../../core/generated/report';
import { createAuthor, type Author } from '../../engine/author/client';
import type { Look } from '../../engine/author/host';
import { newId } from '../../platform/newId';
import { StorageError } from '../../store/database';
import { openPolicyStore, type PolicyStore, type PolicyVersion } from '../../store/policies';

/** What the document is measured by. */
export type BaselineChoice = 'opened' | 'version' | 'file';

interface Good {
  readonly look: Look;
  /** When the text was checked, RFC 3339. */
  readonly at: string;
}

interface PoliciesState {
  readonly loaded: boolean;
  /** Null: nothing is open. */
  readonly document: NamedText | null;
  readonly opened: NamedText | null;
  /** Of the text as it stands, or as it stood a moment ago. */
  readonly look: Look | null;
  /** The last one without an error. */
  readonly good: Good | null;
  readonly checking: boolean;
  readonly versions: readonly PolicyVersion[];
  readonly damaged: number;
  readonly lasting: boolean;
  readonly choice: BaselineChoice;
  readonly file: NamedText | null;
  readonly situation: Situation;
  readonly problem: Finding | null;
}

const CHECK_AFTER_MS = 120;
const KEEP_AFTER_MS = 400;

let state = $state.raw<PoliciesState>({
  loaded: false,
  document: null,
  opened: null,
  look: null,
  good: null,
  checking: false,
  versions: [],
  damaged: 0,
  lasting: true,
  choice: 'opened',
  file: null,
  situation: { branch: 'main', ciStatus: 'failing', sessionTags: [] },
  problem: null,
});

let theAuthor: Author | undefined;
let store: Promise<PolicyStore> | undefined;
let checkTimer: ReturnType<typeof setTimeout> | undefined;
let keepTimer: ReturnType<typeof setTimeout> | undefined;
let asking = false;
let again = false;

export function policies(): PoliciesState {
  return state;
}

export function author(): Author {
  theAuthor ??= createAuthor();
  return theAuthor;
}

function kept(): Promise<PolicyStore> {
  store ??= openPolicyStore();
  return store;
}

function change(part: Partial<PoliciesState>): void {
  state = { ...state, ...part };
}

/** Does something with the storage; what goes wrong is shown and loses nothing. */
async function withStore<T>(work: (store: PolicyStore) => Promise<T>): Promise<T | null> {
  try {
    const value = await work(await kept());
    if (state.problem !== null) change({ problem: null });
    return value;
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    change({ problem: error.finding });
    return null;
  }
}

/** Reads what was kept: the text under way, and the versions. */
export async function loadPolicies(): Promise<void> {
  if (state.loaded) return;
  await withStore(async (one) => {
    one.onChange(() => void readVersions());
    change({ lasting: one.lasting });
    const draft = await one.draft();
    // Somebody who was quicker than the storage has begun already.
    if (draft === null || state.document !== null) return;
    change({ document: { name: draft.name, text: draft.text }, opened: draft.opened });
    check();
  });
  await readVersions();
  change({ loaded: true });
}

async function readVersions(): Promise<void> {
  const read = await withStore((one) => one.versions());
  if (read === null) return;
  change({ versions: read.versions, damaged: read.damaged });
  check();
}

/** Opens a document; `opened` is what it is compared with from then on. */
export function openDocument(document: NamedText, opened: NamedText | null = document): void {
  change({ document, opened, look: null, good: null, choice: 'opened', file: null });
  check();
  keepSoon();
}

export function closeDocument(): void {
  change({ document: null, opened: null, look: null, good: null, checking: false });
  clearTimeout(keepTimer);
  void withStore((one) => one.keepDraft(null));
}

export function edit(text: string): void {
  if (state.document === null || state.document.text === text) return;
  change({ document: { ...state.document, text } });
  check();
  keepSoon();
}

export function rename(name: string): void {
  if (state.document === null) return;
  change({ document: { ...state.document, name } });
  check();
  keepSoon();
}

export function choose(choice: BaselineChoice, file: NamedText | null = state.file): void {
  change({ choice, file });
  check();
}

export function situate(part: Partial<Situation>): void {
  change({ situation: { ...state.situation, ...part } });
  check();
}

/** The document that changes are counted from; null where there is none. */
export function baseline(): NamedText | null {
  if (state.choice === 'file') return state.file;
  if (state.choice === 'opened') return state.opened;
  const { document } = state;
  return state.versions.find(({ name }) => name === document?.name) ?? null;
}

function keepSoon(): void {
  clearTimeout(keepTimer);
  keepTimer = setTimeout(() => void keepNow(), KEEP_AFTER_MS);
}

/** Writes the text under way; called when the page is left, too. */
export async function keepNow(): Promise<void> {
  clearTimeout(keepTimer);
  const { document, opened } = state;
  await withStore((one) => one.keepDraft(document === null ? null : { ...document, opened }));
}

function check(): void {
  if (state.document === null) return;
  change({ checking: true });
  clearTimeout(checkTimer);
  checkTimer = setTimeout(() => void ask(), CHECK_AFTER_MS);
}

/** One question at a time: what was typed meanwhile is asked about next. */
async function ask(): Promise<void> {
  if (asking) {
    again = true;
    return;
  }
  const { document, situation, opened } = state;
  if (document === null) return;
  asking = true;
  again = false;
  const measured = baseline();
  try {
    const look = await author().look({
      ...document,
      baseline: measured === null ? null : { name: measured.name, text: measured.text },
      situation,
    });
    // What is looked at now is another document: nothing of the old one is shown for it.
    if (state.document !== null && state.opened === opened) take(look, state.document.text === document.text);
  } finally {
    asking = false;
  }
  if (again || state.document !== document) void ask();
}

function take(look: Look, latest: boolean): void {
  const good = look.readable ? { look, at: new Date().toISOString() } : state.good;
  change({ look, good, checking: !latest });
}

/** Keeps the text as it stands, with a note. False: nothing was kept, the reason is shown. */
export async function keepVersion(note: string): Promise<boolean> {
  const { document } = state;
  if (document === null) return false;
  const { kind, hash } = await author().look({ ...document, baseline: null, situation: state.situation });
  const version: PolicyVersion = {
    ...document,
    id: newId(),
    note,
    kind,
    sha256: hash.raw,
    at: new Date().toISOString(),
  };
  const done = await withStore(async (one) => {
    await one.keepVersion(version);
    return true;
  });
  await readVersions();
  return done === true;
}

export async function dropVersion(version: PolicyVersion): Promise<void> {
  await withStore((one) => one.dropVersion(version.id));
  await readVersions();
}

/** Keeps one again that was dropped. */
export async function restoreVersion(version: PolicyVersion): Promise<void> {
  await withStore((one) => one.keepVersion(version));
  await readVersions();
}
