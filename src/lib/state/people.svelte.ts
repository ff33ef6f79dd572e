import type { Finding } from '../../core/generated/report';
import { nextList, type Candidate } from '../../core/trust/import/addImport';
import { readTrust } from '../../core/trust/readTrust';
import type { Trust } from '../../core/trust/trust';
import { StorageError } from '../../store/database';
import type { TrustChange } from '../../store/people';
import { peopleStore } from './people';

interface PeopleState {
  readonly loaded: boolean;
  /** The list in use; null for none. */
  readonly list: Trust | null;
  readonly bytes: Uint8Array | null;
  readonly name: string;
  /** Oldest first. */
  readonly history: readonly TrustChange[];
  /** Why the kept list cannot be relied on. */
  readonly damage: Finding | null;
  readonly lasting: boolean;
}

let state = $state.raw<PeopleState>({
  loaded: false,
  list: null,
  bytes: null,
  name: 'trust.yaml',
  history: [],
  damage: null,
  lasting: true,
});
let listening = false;

export function people(): PeopleState {
  return state;
}

/** Reads what is kept now, and again whenever another tab changes it. */
export async function loadPeople(): Promise<void> {
  const { store, fault } = await peopleStore();
  if (store === null) {
    state = { ...state, loaded: true, damage: fault, lasting: false };
    return;
  }
  if (!listening) {
    listening = true;
    store.onChange(() => void loadPeople());
  }
  const [kept, history, damage] = await Promise.all([store.current(), store.history(), store.damage()]);
  const list = kept === null ? null : readTrust({ name: kept.name, bytes: kept.bytes }).trust;
  const name = kept?.name ?? history.at(-1)?.name ?? 'trust.yaml';
  const bytes = kept?.bytes ?? null;
  state = { loaded: true, list, bytes, name, history, damage, lasting: store.lasting };
}

/** Keeps a changed list; the findings say why not, empty when it is kept. */
export async function keepChanged(changed: Trust, why: string): Promise<readonly Finding[]> {
  return keepCandidate(nextList(state.list, changed), why, 'edit');
}

/** Keeps a list that was looked at before. It must have been made on the list that is shown. */
export async function keepCandidate(
  candidate: Candidate,
  why: string,
  source: string,
  name?: string,
): Promise<readonly Finding[]> {
  if (candidate.bytes === null) return candidate.findings.filter(({ severity }) => severity === 'error');
  const { bytes } = candidate;
  const after = state.history.at(-1)?.id ?? null;
  return attempt(async (store) => {
    await store.commit({ document: bytes, why, source, after, ...(name === undefined ? {} : { name }) });
  });
}

export async function undoChange(id: string): Promise<readonly Finding[]> {
  return attempt(async (store) => void (await store.undo(id)));
}

/** After damage: goes on from the last change that holds. */
export async function goOn(): Promise<readonly Finding[]> {
  return attempt((store) => store.setAside());
}

type Store = NonNullable<Awaited<ReturnType<typeof peopleStore>>['store']>;

async function attempt(work: (store: Store) => Promise<void>): Promise<readonly Finding[]> {
  const { store, fault } = await peopleStore();
  if (store === null) return fault === null ? [] : [fault];
  try {
    await work(store);
    return [];
  } catch (error) {
    if (error instanceof StorageError) return [error.finding];
    throw error;
  } finally {
    await loadPeople();
  }
}

/** The list as it stood, for looking at it. */
export function listOf(change: TrustChange): Trust | null {
  return change.document === null ? null : readTrust({ name: change.name, bytes: change.document }).trust;
}
