import type { Trust } from '../../core/trust/trust';
import type { Difference } from '../../core/trust/difference';
import type { Finding } from '../../core/generated/report';
import type { NamedDocument } from '../../engine/engine';
import type { StoredTrust } from '../../store/reader';
import { readTrustDocument, serialFindings, whatChanges } from '$lib/trust-reader';
import { peopleStore } from './people';
import { readerStore } from './store';

/** A trust document with what it says. */
export interface TrustDocument extends StoredTrust {
  readonly trust: Trust | null;
  readonly findings: readonly Finding[];
}

interface TrustState {
  readonly documents: readonly TrustDocument[];
  /** Null: the file's own default rule. */
  readonly ruleName: string | null;
  readonly lasting: boolean;
  readonly loaded: boolean;
  /** Why the kept list is not used: a damaged history, a storage that does not open. */
  readonly fault: Finding | null;
}

const empty: TrustState = { documents: [], ruleName: null, lasting: true, loaded: false, fault: null };
let state = $state.raw<TrustState>(empty);
/** Grows with every change, so that work under way can tell that it was judged by something else. */
let generation = $state(0);
let loading: Promise<void> | undefined;
/** Ends when every choice made so far is kept. */
let writing: Promise<void> = Promise.resolve();

export function trustState(): TrustState {
  return state;
}

export function trustGeneration(): number {
  return generation;
}

/** The trust file in use; there is at most one, and any number of allowed_signers files. */
export function trustFile(): TrustDocument | undefined {
  return state.documents.find((each) => each.kind === 'trust');
}

export function loadTrust(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const reader = await readerStore();
  const people = await peopleStore();
  const ruleName = await reader.get('ruleName').catch(() => undefined);
  state = {
    documents: await keptDocuments(),
    ruleName: typeof ruleName === 'string' ? ruleName : null,
    lasting: reader.lasting && (people.store?.lasting ?? false),
    loaded: true,
    fault: await faultNow(),
  };
  // Another tab, or the page of people, changed the list.
  people.store?.onChange(() => void refreshTrust());
}

/**
 * Takes up what is kept now; verdicts are made again when it differs. A choice made here that is still
 * being written stands: what is kept without it is older than the choice.
 */
export async function refreshTrust(): Promise<void> {
  if (!state.loaded) return;
  await writing;
  const asked = generation;
  const [documents, fault] = [await keptDocuments(), await faultNow()];
  if (generation !== asked) return refreshTrust();
  const same = identity(documents) === identity(state.documents);
  state = { ...state, documents, ruleName: ruleStill(documents), fault };
  if (!same) generation += 1;
}

async function keptDocuments(): Promise<TrustDocument[]> {
  const { store } = await peopleStore();
  const signers = await (await readerStore()).trust().catch(() => []);
  const list = (await store?.current().catch(() => null)) ?? null;
  const last = list === null ? undefined : (await store?.history())?.at(-1);
  const kept: StoredTrust[] =
    list === null || last === undefined
      ? []
      : [{ id: last.id, name: list.name, kind: 'trust', bytes: list.bytes, added: last.at }];
  const others = signers.filter(({ kind }) => kind === 'allowed-signers' || store === null);
  return Promise.all([...kept, ...others].map(read));
}

async function faultNow(): Promise<Finding | null> {
  const { store, fault } = await peopleStore();
  return store === null ? fault : store.damage().catch(() => null);
}

function identity(documents: readonly TrustDocument[]): string {
  return JSON.stringify(documents.map(({ kind, name, bytes }) => [kind, name, [...bytes]]));
}

/** Reads a document for the question "Use this trust list?"; nothing is used or kept yet. */
export async function previewTrust(
  document: NamedDocument,
  kind: StoredTrust['kind'],
): Promise<TrustDocument> {
  const added = new Date().toISOString();
  const preview = await read({
    id: `${kind}:${document.name}:${added}`,
    name: document.name,
    kind,
    bytes: document.bytes,
    added,
  });
  const present = trustFile()?.trust ?? null;
  if (kind !== 'trust' || preview.trust === null || present === null) return preview;
  const back = await serialFindings(preview.trust, present);
  return back.length === 0 ? preview : { ...preview, trust: null, findings: [...back, ...preview.findings] };
}

/** What a list would change against the one in use, what weakens it first; nothing without one. */
export async function changesBy({ trust, kind }: TrustDocument): Promise<readonly Difference[]> {
  const present = trustFile()?.trust ?? null;
  return kind !== 'trust' || trust === null || present === null ? [] : whatChanges(present, trust);
}

/** Takes a document into use. A trust file replaces the one before; the replaced one is returned for undo. */
export async function useTrust(document: TrustDocument): Promise<readonly TrustDocument[]> {
  const replaced = state.documents.filter((each) =>
    document.kind === 'trust'
      ? each.kind === 'trust'
      : each.kind === document.kind && each.name === document.name,
  );
  await replaceDocuments([...state.documents.filter((each) => !replaced.includes(each)), document]);
  return replaced;
}

export async function removeTrust(id: string): Promise<void> {
  await replaceDocuments(state.documents.filter((each) => each.id !== id));
}

/** Makes exactly these the documents in use; also how a change is undone. */
export async function replaceDocuments(documents: readonly TrustDocument[]): Promise<void> {
  const before = state.documents;
  state = { ...state, documents, ruleName: ruleStill(documents) };
  generation += 1;
  // One after the other, in the order of the choices.
  const { ruleName } = state;
  writing = writing.then(() => keepDocuments(before, documents, ruleName)).catch(notLasting);
  await writing;
}

async function keepDocuments(
  before: readonly TrustDocument[],
  documents: readonly TrustDocument[],
  ruleName: string | null,
): Promise<void> {
  const list = documents.find(({ kind }) => kind === 'trust');
  const listBefore = before.find(({ kind }) => kind === 'trust');
  if (list?.id !== listBefore?.id) await keepList(list).catch(notLasting);
  const store = await readerStore();
  const signers = documents.filter(({ kind }) => kind === 'allowed-signers');
  for (const each of before) if (!documents.includes(each)) await store.removeTrust(each.id).catch(forget);
  for (const each of signers) if (!before.includes(each)) await store.putTrust(plain(each)).catch(notLasting);
  await store.set('ruleName', ruleName).catch(forget);
}

/** A list that stood before is brought back by undoing what came after it; any other is a new change. */
async function keepList(list: TrustDocument | undefined): Promise<void> {
  const { store } = await peopleStore();
  if (store === null) return notLasting();
  const history = await store.history();
  const at = history.findIndex(({ id }) => id === list?.id);
  const after = at < 0 ? undefined : history[at + 1];
  if (list !== undefined && after !== undefined) await store.undo(after.id);
  else if (list === undefined) await store.commit({ document: null, why: 'Removed', source: 'remove' });
  else {
    const { bytes, name } = list;
    await store.commit({ document: bytes, why: `Imported ${name}`, source: 'import', name });
  }
}

function ruleStill(documents: readonly TrustDocument[]): string | null {
  const rules = documents.find((each) => each.kind === 'trust')?.trust?.rules ?? [];
  return rules.some((rule) => rule.name === state.ruleName) ? state.ruleName : null;
}

export async function chooseRule(name: string | null): Promise<void> {
  state = { ...state, ruleName: name };
  generation += 1;
  await (await readerStore()).set('ruleName', name).catch(forget);
}

/** Forgets every list and what they were before. */
export async function eraseTrust(): Promise<void> {
  await replaceDocuments([]);
  await (await peopleStore()).store?.erase().catch(forget);
}

async function read(stored: StoredTrust): Promise<TrustDocument> {
  const { trust, findings } = await readTrustDocument(stored);
  return { ...stored, trust, findings };
}

function plain({ id, name, kind, bytes, added }: StoredTrust): StoredTrust {
  return { id, name, kind, bytes, added };
}

function notLasting(): void {
  state = { ...state, lasting: false };
}

function forget(): void {
  // The choice holds for this page; the store was told to be absent already.
}
