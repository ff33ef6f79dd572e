import type { Trust } from '../../core/trust/trust';
import type { Finding } from '../../core/generated/report';
import type { NamedDocument } from '../../engine/engine';
import type { StoredTrust } from '../../store/reader';
import { readTrustDocument } from '$lib/trust-reader';
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
}

let state = $state.raw<TrustState>({ documents: [], ruleName: null, lasting: true, loaded: false });
/** Grows with every change, so that work under way can tell that it was judged by something else. */
let generation = $state(0);

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

export async function loadTrust(): Promise<void> {
  if (state.loaded) return;
  const store = await readerStore();
  const stored = await store.trust().catch(() => []);
  const documents = await Promise.all(stored.map(read));
  const ruleName = await store.get('ruleName').catch(() => undefined);
  state = {
    documents,
    ruleName: typeof ruleName === 'string' ? ruleName : null,
    lasting: store.lasting,
    loaded: true,
  };
}

/** Reads a document for the question "Use this trust list?"; nothing is used or kept yet. */
export async function previewTrust(
  document: NamedDocument,
  kind: StoredTrust['kind'],
): Promise<TrustDocument> {
  const added = new Date().toISOString();
  return read({
    id: `${kind}:${document.name}:${added}`,
    name: document.name,
    kind,
    bytes: document.bytes,
    added,
  });
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
  const rules = documents.find((each) => each.kind === 'trust')?.trust?.rules ?? [];
  const ruleName = rules.some((rule) => rule.name === state.ruleName) ? state.ruleName : null;
  state = { ...state, documents, ruleName };
  generation += 1;
  const store = await readerStore();
  for (const each of before) if (!documents.includes(each)) await store.removeTrust(each.id).catch(forget);
  for (const each of documents)
    if (!before.includes(each)) await store.putTrust(plain(each)).catch(notLasting);
  await store.set('ruleName', ruleName).catch(forget);
}

export async function chooseRule(name: string | null): Promise<void> {
  state = { ...state, ruleName: name };
  generation += 1;
  await (await readerStore()).set('ruleName', name).catch(forget);
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
