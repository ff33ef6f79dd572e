import { openDraftStore, type BuildDraft, type DraftStore } from '../../store/drafts';
import { draftOf } from '../view/buildDraft';
import { buildState, clock, findingOf, set, type OpenProject } from './projectState.svelte';

const WAIT_MS = 400;

let storing: Promise<DraftStore> | undefined;
let waiting: ReturnType<typeof setTimeout> | undefined;
let writing: Promise<unknown> = Promise.resolve();

/** What was chosen for this project before; null where that is nothing, or cannot be read: then nothing is offered. */
export async function earlierDraft(
  project: Pick<OpenProject, 'name' | 'keptAs'>,
): Promise<BuildDraft | null> {
  try {
    // What was chosen a moment ago may still be on its way.
    await writing;
    return await (await draftStore()).read(keyOf(project));
  } catch {
    return null;
  }
}

/** Keeps the choices a moment later. That it fails is told only when somebody asks for it, see {@link keepNow}. */
export function keepSoon(): void {
  clearTimeout(waiting);
  waiting = setTimeout(keepPending, WAIT_MS);
}

/** What still waits is kept before the project is closed. */
export function keepPending(): void {
  if (waiting === undefined) return;
  clearTimeout(waiting);
  waiting = undefined;
  void write().catch(() => undefined);
}

/** Keeps the choices at once; false, with the reason among the faults, when that is not possible. */
export async function keepNow(): Promise<boolean> {
  clearTimeout(waiting);
  try {
    await write();
    return (await draftStore()).lasting;
  } catch (error) {
    set({ faults: [findingOf(error)] });
    return false;
  }
}

/** Forgets what was chosen before; what was chosen since is kept. */
export async function forgetDraft(): Promise<void> {
  clearTimeout(waiting);
  set({ draft: null, earlier: {} });
  await write().catch(() => undefined);
}

function write(): Promise<void> {
  const { project, form, fresh, earlier } = buildState();
  if (project === null) return Promise.resolve();
  const draft = draftOf(form, fresh, earlier, clock());
  const kept = writing.then(async () => (await draftStore()).keep(keyOf(project), draft));
  writing = kept.catch(() => undefined);
  return kept;
}

function draftStore(): Promise<DraftStore> {
  storing ??= openDraftStore();
  storing.catch(() => (storing = undefined));
  return storing;
}

/** Folders are known by their names alone: a browser tells no more of them. */
function keyOf({ name, keptAs }: Pick<OpenProject, 'name' | 'keptAs'>): string {
  return keptAs === null ? `folder:${name}` : `kept:${keptAs}`;
}
