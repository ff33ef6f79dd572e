import type { Finding } from '../../core/generated/report';
import { finding } from '../../core/messages/finding';
import { SignerError, type KeyCard } from '../../engine/signer';
import { StorageError } from '../../store/database';
import { openSigner, type DamagedKey, type KeyNote, type KeyStore } from '../../store/keys/store';
import { settings } from './settings.svelte';

interface KeysState {
  readonly loaded: boolean;
  readonly cards: readonly KeyCard[];
  readonly damaged: readonly DamagedKey[];
  readonly lost: readonly KeyNote[];
  readonly lasting: boolean;
  /** Whether the browser promised not to delete; null when it does not say. */
  readonly persisted: boolean | null;
  /** Why the store cannot be read at all. */
  readonly problem: Finding | null;
}

/** What came of something that the person asked for. */
export type Attempt<T> = { readonly value: T } | { readonly finding: Finding };

/** A browser may leave the answer open while its own question is shown. */
const PERSIST_ANSWER_MS = 3000;

let state = $state.raw<KeysState>({
  loaded: false,
  cards: [],
  damaged: [],
  lost: [],
  lasting: true,
  persisted: null,
  problem: null,
});
let watching = false;

export function keysState(): KeysState {
  return state;
}

/** The signer of this document; pages that sign get it here, so that a key file in use is there for all of them. */
export function keyring(): Promise<KeyStore> {
  return openSigner({ readOnly: () => settings().readOnly });
}

/** Reads the cards again. */
export async function loadKeys(): Promise<void> {
  const persisted = (await navigator.storage?.persisted?.().catch(() => null)) ?? null;
  const read = await attempt(async () => {
    const ring = await keyring();
    if (!watching) ring.onChange(() => void loadKeys());
    watching = true;
    const [cards, damaged, lost] = await Promise.all([ring.list(), ring.damaged(), ring.lost()]);
    return { cards, damaged, lost, lasting: ring.lasting };
  });
  state =
    'finding' in read
      ? { ...state, loaded: true, persisted, problem: read.finding }
      : { ...read.value, loaded: true, persisted, problem: null };
}

/** Does something with the keys, and shows the cards as they are after it. */
export async function withKeys<T>(work: (ring: KeyStore) => Promise<T>): Promise<Attempt<T>> {
  const done = await attempt(async () => work(await keyring()));
  await loadKeys();
  if ('value' in done && state.persisted === false && state.cards.some(isKept)) void askToPersist();
  return done;
}

/** Asks the browser not to delete; the answer that counts is read afterwards. */
export async function askToPersist(): Promise<void> {
  const asked = navigator.storage?.persist?.().catch(() => false);
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, PERSIST_ANSWER_MS))]);
  state = { ...state, persisted: (await navigator.storage?.persisted?.().catch(() => null)) ?? null };
}

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof SignerError || error instanceof StorageError) return { finding: error.finding };
    const reason = error instanceof Error ? error.message : String(error);
    return { finding: finding('key-engine-lacks', { reason }) };
  }
}

function isKept({ lives }: KeyCard): boolean {
  return lives !== 'session';
}
