import { carriedApprovals } from '../../core/build';
import type { Report } from '../../core/generated/report';
import { limitsProfiles } from '../../core/limits';
import { finding } from '../../core/messages/finding';
import { createBuilder, type Builder } from '../../engine/buildWorker';
import { loadBlake3 } from '../../platform/blake3';
import { sourceOfBlob, webPlatform } from '../../platform/web';
import { fileOfBlob, type WebFolder } from '../../platform/webFolder';
import { StorageError } from '../../store/database';
import { openProjectStore, type ProjectStore } from '../../store/project';
import { starterFiles } from '../../templates/starter';
import type { Template } from '../../templates/templates';
import { engine } from '../engine';
import {
  bundleName,
  emptyForm,
  identify,
  partsOf,
  readKnown,
  select,
  wishesOf,
  type BuildForm,
} from '../view/build';
import { formOfDraft, reasonsOfDraft } from '../view/buildDraft';
import { viewsOf } from '../view/projectViews';
import { earlierDraft, keepPending, keepSoon } from './projectDraft';
import {
  buildState,
  bytesOf,
  clock,
  findingOf,
  nothingOpen,
  set,
  type Built,
  type OpenProject,
  type Work,
} from './projectState.svelte';

const WAIT_MS = 250;

let builder: Builder | undefined;
let storing: Promise<ProjectStore> | undefined;
let stopper: AbortController | null = null;
let waiting: ReturnType<typeof setTimeout> | undefined;
/** Counts the choices: an answer to older ones is thrown away. */
let turn = 0;
let planning: Promise<void> = Promise.resolve();

// --- Projects -------------------------------------------------------------------------------------------------

/** Reads a folder that somebody is asked for, or dropped; null from `reading` changes nothing. */
export async function openFolder(
  reading: (options: {
    signal: AbortSignal;
    onFound: (files: number) => void;
  }) => Promise<WebFolder | null> | WebFolder | null,
): Promise<void> {
  if (buildState().work !== null) return;
  const { signal } = begin('open', 0);
  try {
    const folder = await reading({
      signal,
      onFound: (files) => tell('open', files, 0),
    });
    if (folder === null) return end();
    await show({ name: folder.name, keptAs: null, files: folder.files, special: folder.special });
  } catch (error) {
    fail(error);
  }
}

export async function openKept(id: string): Promise<void> {
  await attempt(async (store) => {
    const project = (await store.list()).find((one) => one.id === id);
    const files = project === undefined ? null : await store.read(id);
    if (project === undefined || files === null)
      throw new StorageError(finding('build-kept-damaged', { name: project?.name ?? id }));
    await show({
      name: project.name,
      keptAs: id,
      files: files.map(({ path, bytes }) => fileOfBlob(path, new Blob([new Uint8Array(bytes)]))),
      special: [],
    });
  });
}

export async function startFromTemplate({
  name,
  files,
}: Pick<Template, 'files'> & { readonly name: string }): Promise<void> {
  const product = `my/${name}-project`;
  const text = new TextEncoder();
  const all = [...starterFiles(product), ...files].map((file) => ({
    path: file.path,
    bytes: text.encode(file.text),
  }));
  await attempt(async (store) => {
    const { id } = await store.create(product, all, clock());
    await refreshKept();
    await openKept(id);
  });
}

/** Keeps a copy of the open folder in this browser and goes on with the copy. */
export async function keepOpen(): Promise<void> {
  const { project } = buildState();
  if (project === null) return;
  await attempt(async (store) => {
    const files = await Promise.all(
      project.files.map(async ({ path, blob }) => ({
        path,
        bytes: new Uint8Array(await blob.arrayBuffer()),
      })),
    );
    const { id } = await store.create(project.name, files, clock());
    set({ project: { ...project, keptAs: id } });
    await refreshKept();
  });
}

/** Puts files into the kept project that lies open. */
export async function addToKept(
  files: readonly { readonly path: string; readonly blob: Blob }[],
): Promise<void> {
  await changeKept({
    write: await Promise.all(
      files.map(async ({ path, blob }) => ({ path, bytes: new Uint8Array(await blob.arrayBuffer()) })),
    ),
  });
}

export async function changeKept(change: Parameters<ProjectStore['change']>[1]): Promise<void> {
  const { project, form, draft, earlier } = buildState();
  const id = project?.keptAs;
  if (id === undefined || id === null) return;
  await attempt(async (store) => {
    await store.change(id, change, clock());
    await refreshKept();
    await openKept(id);
    // What was typed before stays; what only the project says follows it.
    set({
      form: {
        ...form,
        id: form.id || buildState().form.id,
        version: form.version || buildState().form.version,
      },
      draft,
      earlier,
    });
    planSoon();
  });
}

export async function removeKept(id: string): Promise<void> {
  await attempt(async (store) => {
    await store.remove(id);
    await refreshKept();
  });
}

export async function refreshKept(): Promise<void> {
  try {
    const store = await projectStore();
    set({ kept: await store.list(), lasting: store.lasting });
  } catch (error) {
    fail(error);
  }
}

export function closeProject(): void {
  stopper?.abort();
  clearTimeout(waiting);
  keepPending();
  turn += 1;
  set(nothingOpen);
}

function projectStore(): Promise<ProjectStore> {
  storing ??= openProjectStore().then((store) => {
    store.onChange(() => void refreshKept());
    return store;
  });
  storing.catch(() => (storing = undefined));
  return storing;
}

async function attempt(work: (store: ProjectStore) => Promise<void>): Promise<void> {
  set({ faults: [] });
  try {
    await work(await projectStore());
  } catch (error) {
    fail(error);
  }
}

async function show(opened: Pick<OpenProject, 'name' | 'keptAs' | 'files' | 'special'>): Promise<void> {
  const known = await readKnown(opened.files);
  const packed = select(opened.files, known, emptyForm).packed;
  const identity = identify(packed, known);
  const form = { ...emptyForm, id: identity.id ?? '', version: identity.version ?? '', created: clock() };
  const blake3 = await loadBlake3();
  const parts = partsOf(known.documents, blake3);
  const views = viewsOf(known.documents, blake3);
  const faults = known.ignoreUnread ? [finding('build-ignore-unread', {})] : [];
  const draft = await earlierDraft(opened);
  const opens = { project: { ...opened, known, identity }, form, fresh: form, parts, views, faults, draft };
  set({ ...nothingOpen, ...opens });
  builder ??= createBuilder();
  builder.open(opened.files.map(({ path, blob }) => ({ path, blob })));
  take({});
}

// --- Choices --------------------------------------------------------------------------------------------------

/** Takes a choice; what it comes to is worked out a moment later. */
export function choose(change: Partial<BuildForm>): void {
  take(change);
  keepSoon();
}

/** Takes what was chosen for a project of this name before. Reasons are only put into their fields. */
export function useDraft(): void {
  const { draft } = buildState();
  if (draft === null) return;
  set({ draft: null, earlier: reasonsOfDraft(draft) });
  choose(formOfDraft(draft));
}

function take(change: Partial<BuildForm>): void {
  const { project } = buildState();
  if (project === null) return;
  const form = { ...buildState().form, ...change };
  set({ form, selection: select(project.files, project.known, form) });
  planSoon();
}

/** Puts a file in that is left out, or the other way round. */
export function toggle(path: string, goesIn: boolean): void {
  const without = (list: readonly string[]): string[] => list.filter((one) => one !== path);
  const { project, form } = buildState();
  if (project === null) return;
  const bare = { ...form, putIn: without(form.putIn), leftOut: without(form.leftOut) };
  const now = select(project.files, project.known, bare).packed.some((file) => file.path === path);
  if (now === goesIn) choose(bare);
  else if (goesIn) choose({ ...bare, putIn: [...bare.putIn, path] });
  else choose({ ...bare, leftOut: [...bare.leftOut, path] });
}

/** The choices and the files that they pick, as one text: equal texts give equal bytes. */
export function choiceKey(): string {
  const { form, selection, carried } = buildState();
  const { reasons, ...wishes } = wishesOf(form);
  const seed = wishes.seed === null ? null : [...wishes.seed];
  const paths = selection?.packed.map(({ path }) => path) ?? [];
  return JSON.stringify([{ ...wishes, seed }, Object.entries(reasons).sort(), paths, carried?.digest]);
}

function planSoon(): void {
  turn += 1;
  clearTimeout(waiting);
  set({ planned: null, stopped: false });
  waiting = setTimeout(() => void planNow(), WAIT_MS);
}

/** Works out what the choices come to. One at a time; the last choice wins. */
export function planNow(): Promise<void> {
  clearTimeout(waiting);
  planning = planning.then(plan);
  return planning;
}

async function plan(): Promise<void> {
  const mine = turn;
  const { project, selection, form } = buildState();
  if (project === null || selection === null || builder === undefined || buildState().planned !== null)
    return;
  // Without the ignore file nobody knows what has to stay out.
  if (project.known.ignoreUnread) return;
  const total = bytesOf(selection.packed);
  const { signal } = begin('plan', total);
  set({ stopped: false });
  try {
    const planned = await builder.plan(
      selection.packed.map(({ path }) => path),
      wishesOf(form),
      { signal, onBytes: (done) => tell('plan', done, total) },
    );
    end();
    if (mine === turn) set({ planned });
  } catch (error) {
    if (mine === turn) fail(error);
    else end();
  }
}

/** Takes the approvals of an earlier bundle along; they count only when the digest is the same. */
export async function carryFrom(file: File | null): Promise<void> {
  if (file === null) return set({ carried: null });
  set({ faults: [] });
  try {
    const carried = await carriedApprovals(sourceOfBlob(file), {
      platform: await webPlatform(),
      limits: limitsProfiles.large,
    });
    if ('findings' in carried) set({ carried: null, faults: carried.findings });
    else set({ carried: { ...carried, name: file.name } });
  } catch (error) {
    fail(error);
  }
}

// --- Building -------------------------------------------------------------------------------------------------

/** Packs what was planned and reads it back by the code that verifies. */
export async function build(): Promise<Built | null> {
  await planNow();
  const { project, planned, selection, form, carried } = buildState();
  if (project === null || builder === undefined || selection === null) return null;
  if (planned === null || planned.plan === null) return null;
  const from = choiceKey();
  const total = bytesOf(selection.packed);
  const { signal } = begin('pack', total);
  set({ built: null, faults: [], stopped: false });
  const { bundleDigest } = planned.plan;
  const name = bundleName(form.id.trim(), form.version.trim());
  try {
    const taken = carried?.digest === bundleDigest ? carried.files : [];
    const packed = await builder.pack(taken, {
      signal,
      onBytes: (done) => tell('pack', done, total),
    });
    if ('findings' in packed) {
      set({ work: null, faults: packed.findings });
      return null;
    }
    set({ work: { kind: 'check', done: 0, total: packed.bundle.size } });
    const report = await readBack(name, packed.bundle, signal);
    const [input] = report.inputs;
    // A name that looks like another one is told, and is no reason to pack nothing.
    const readable = input?.axes.readable === 'pass' || input?.axes.readable === 'warn';
    if (
      input === undefined ||
      !readable ||
      input.axes.unchanged === 'fail' ||
      input.bundleDigest !== bundleDigest
    )
      throw new Error(
        `the bundle does not read back as it was meant: ${input?.verdict.code ?? 'no verdict'}`,
      );
    const built = { name, ...packed, report, input, from };
    set({ work: null, built });
    return built;
  } catch (error) {
    fail(error);
    return null;
  }
}

async function readBack(name: string, source: Blob, signal: AbortSignal): Promise<Report> {
  const reader = await engine();
  return reader.verify(
    { inputs: [{ name, source }], loose: [], now: clock(), limitsProfile: 'large' },
    {
      signal,
      onProgress: ({ readBytes }) => tell('check', readBytes, source.size),
    },
  );
}

/** Ends what is under way. Nothing is left behind. */
export function stop(): void {
  stopper?.abort(new DOMException('Stopped.', 'AbortError'));
}

export function dismissFaults(): void {
  set({ faults: [] });
}

function begin(kind: Work['kind'], total: number): AbortController {
  stopper = new AbortController();
  set({ work: { kind, done: 0, total } });
  return stopper;
}

/** Progress comes over a port of its own and may come late: what has ended does not begin again by it. */
function tell(kind: Work['kind'], done: number, total: number): void {
  if (buildState().work?.kind === kind) set({ work: { kind, done, total } });
}

function end(): void {
  set({ work: null });
}

function fail(error: unknown): void {
  const stopped = error instanceof DOMException && error.name === 'AbortError';
  set({
    work: null,
    ...(stopped ? { stopped: true } : { faults: [findingOf(error)] }),
  });
}
