import { formatTime } from '../../core/bytes/time';
import { newId } from '../../platform/newId';
import type { Finding } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import {
  openApprovingStore,
  type About,
  type ApprovingStore,
  type DamagedRecord,
  type Draft,
  type Pane,
  type Receipt,
  type Said,
} from '../../store/approving';
import { StorageError } from '../../store/database';
import { judgedBy, type LibraryItem } from '../../store/library';
import { myself, waitingFor } from '$lib/view/myRoles';
import { newDraft, next, type FlowEvent } from './approveFlow';
import { approvable, inForce, judge, type Judgement } from './approveJudge';
import { keysState } from './keys.svelte';
import { libraryStore } from './library.svelte';

/** A bundle that waits for a role that I could give. */
export interface Waiting {
  readonly item: LibraryItem;
  readonly roles: readonly string[];
}

interface ApproveState {
  readonly loaded: boolean;
  readonly items: readonly LibraryItem[];
  readonly drafts: readonly Draft[];
  readonly receipts: readonly Receipt[];
  readonly damaged: readonly DamagedRecord[];
  readonly lasting: boolean;
  /** Why the last wish was refused; nothing was changed then. */
  readonly fault: Finding | null;
}

let state = $state.raw<ApproveState>({
  loaded: false,
  items: [],
  drafts: [],
  receipts: [],
  damaged: [],
  lasting: true,
  fault: null,
});
let opened: Promise<ApprovingStore> | undefined;
/** Writes of one page in their order: the last word typed is the one that is kept. */
let writing: Promise<unknown> = Promise.resolve();

export function approveState(): ApproveState {
  return state;
}

export function approvingStore(): Promise<ApprovingStore> {
  opened ??= openApprovingStore().then((store) => {
    store.onChange(() => void refreshApproving());
    return store;
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

export async function refreshApproving(): Promise<void> {
  try {
    const store = await approvingStore();
    const [items, drafts, receipts, damaged] = await Promise.all([
      libraryStore().then((library) => library.list()),
      store.drafts(),
      store.receipts(),
      store.damaged(),
    ]);
    state = { ...state, loaded: true, items, drafts, receipts, damaged, lasting: store.lasting };
  } catch (error) {
    state = { ...state, loaded: true, fault: faultOf(error) };
  }
}

export function setFault(fault: Finding | null): void {
  state = { ...state, fault };
}

export function faultOf(error: unknown): Finding {
  if (error instanceof StorageError) return error.finding;
  const reason = error instanceof Error ? error.message : String(error);
  return finding('storage-broken', { database: 'countersign-approve', reason });
}

/** Does what was asked and shows the result, or says why not. Null when it was refused. */
export async function attemptApproving<T>(work: (store: ApprovingStore) => Promise<T>): Promise<T | null> {
  try {
    const done = await work(await approvingStore());
    await refreshApproving();
    return done;
  } catch (error) {
    setFault(faultOf(error));
    return null;
  }
}

/** Bundles of the library that lack an approval which one of my users could give. */
export function waiting(): readonly Waiting[] {
  const { trust, rule } = inForce();
  const me = myself(trust, keysState().cards);
  // What was begun already stands among the drafts.
  const begun = state.drafts
    .filter(({ step: at }) => at !== 'stopped')
    .map(({ about }) => about.archiveDigest);
  return state.items.flatMap((item) => {
    if (begun.includes(item.archiveDigest)) return [];
    const look = item.verdict?.look;
    if (look === undefined || look === 'unreadable' || look === 'rejected' || look === 'confirmed') return [];
    const given = item.approvedByMe.map(({ role }) => role);
    const roles = waitingFor(item.standing?.roles ?? [], rule, me, given);
    return roles.length === 0 ? [] : [{ item, roles }];
  });
}

/** Keeps a judged bundle in the library, so that the decision outlives this page, and begins the decision. */
export async function beginDraft(
  judged: Judgement,
  more: { readonly said?: Partial<Said>; readonly file?: About['file']; readonly request?: Uint8Array } = {},
): Promise<string | null> {
  const read = approvable(judged.input);
  const { archiveDigest } = judged.input;
  if ('findings' in read || archiveDigest === null) return null;
  const about: About = {
    ...read.subject,
    archiveDigest,
    name: judged.file.name,
    ...(more.file === undefined ? {} : { file: more.file }),
    ...(more.request === undefined ? {} : { request: more.request }),
  };
  return attemptApproving(async (store) => {
    await keepJudged(judged);
    return storeDraft(
      store,
      about,
      more.file === undefined ? ['who', 'rules', 'files'] : ['files'],
      more.said,
    );
  });
}

/** Puts a judged bundle into the library with what came beside it, but for files that the engine found to be of another. */
export async function keepJudged({ file, report, input, loose }: Judgement): Promise<void> {
  const strangers = report.loose.filter(({ inputs }) => inputs.length === 0).map((one) => one.file);
  const evidence = loose.filter(({ name }) => !strangers.includes(name));
  await (await libraryStore()).add(file.name, file, input, judgedBy(report), evidence);
}

/** A decision about a bundle that this device has not seen: what the request says is all there is. */
export async function beginFromRequest(about: About, said: Partial<Said>): Promise<string | null> {
  return attemptApproving((store) => storeDraft(store, about, ['request'], said));
}

async function storeDraft(
  store: ApprovingStore,
  about: About,
  required: readonly Pane[],
  said: Partial<Said> = {},
): Promise<string> {
  const user = said.user ?? myself(inForce().trust, keysState().cards).users[0] ?? '';
  const draft = newDraft(newId(), about, required, { ...said, user }, clock());
  await store.keepDraft(draft);
  return draft.id;
}

/** One step of a decision, kept before the next one. */
export function step(draft: Draft, event: FlowEvent): Draft {
  const after = next(draft, event);
  if (after === draft) return draft;
  const dated = { ...after, changedAt: clock() };
  writing = writing
    .then(async () => (await approvingStore()).keepDraft(dated))
    .catch((error: unknown) => setFault(faultOf(error)));
  return dated;
}

/** Everything typed so far is kept. */
export function written(): Promise<unknown> {
  return writing;
}

/** Reads the bundle of a decision again, every byte of it. `moved` when it is not the one that was reviewed. */
export async function reread(
  about: About,
  loose: Judgement['loose'] = [],
): Promise<Judgement | 'moved' | null> {
  if (about.archiveDigest === null) return null;
  const library = await libraryStore();
  const file = new File([await library.open(about.archiveDigest)], about.name);
  const kept = await library.evidence(about.archiveDigest);
  const judged = await judge(file, [...kept, ...loose]);
  if (judged === null) return 'moved';
  const { input } = judged;
  const read = approvable(input);
  const same =
    !('findings' in read) &&
    input.archiveDigest === about.archiveDigest &&
    read.subject.bundleDigest === about.bundleDigest &&
    read.subject.contentRoot === about.contentRoot &&
    read.subject.id === about.id &&
    read.subject.version === about.version;
  const { file: one } = about;
  const listed =
    one === undefined ||
    input.files.some(
      ({ path, sha256, status }) => path === one.path && sha256 === one.sha256 && status === 'matches',
    );
  return same && listed ? judged : 'moved';
}

export function clock(): string {
  const now = Date.now();
  return formatTime(now - (now % 1000));
}
