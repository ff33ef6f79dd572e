import type { Finding } from '../../core/generated/report.js';
import { finding } from '../../core/messages/finding.js';
import type { KeyCard, MadeSignature, Signer } from '../../engine/signer.js';
import { openDatabase } from '../database.js';
import { backUpKey, changeKey, forgetLostKeys, removeKey, restoreKey, type BackupFile } from './keep.js';
import {
  bringBackPasskey,
  keepFile,
  makeBrowserKey,
  makePasskey,
  makePassphraseKey,
  useFile,
  type NewKey,
} from './make.js';
import type { KeyNote } from './marker.js';
import { cardsOf, readRecord, type KeyRecord } from './record.js';
import { allRecords, keysDatabase, lostKeys, now, type KeptWithdrawal, type Ring } from './ring.js';
import { signWith, withdrawKey } from './use.js';
import { startSigningWorker, type StartSigning } from './worker.js';

export type { NewKey } from './make.js';
export type { KeyNote } from './marker.js';

/** A record that is not what was written there; it is neither used nor deleted. */
export interface DamagedKey {
  readonly id: string;
  readonly finding: Finding;
}

/** Everything that the page Keys does. What goes wrong rejects with SignerError or StorageError and changes nothing. */
export interface KeyStore extends Signer {
  /** False when nothing survives this page. */
  readonly lasting: boolean;
  damaged(): Promise<readonly DamagedKey[]>;
  /** Keys that were here and that nobody removed: the browser deleted them. */
  lost(): Promise<readonly KeyNote[]>;
  /** The person has read what was lost. */
  forgetLost(): Promise<void>;
  makeBrowserKey(key: NewKey): Promise<KeyCard>;
  makePassphraseKey(key: NewKey, passphrase: string): Promise<KeyCard>;
  makePasskey(key: NewKey, signal?: AbortSignal): Promise<KeyCard>;
  /** Finds a passkey again in its device by the line of its public key, when its card is gone. */
  findPasskey(key: NewKey, publicKey: string, signal?: AbortSignal): Promise<KeyCard>;
  /** Keeps a key file that is in use, encrypted under a passphrase of its own. */
  keepFile(id: string, passphrase: string): Promise<KeyCard>;
  /** An encrypted file that opens with the passphrase of the key. */
  backUp(id: string): Promise<BackupFile>;
  /** Opens a backup and signs with it. With `id` it must be that key's. A key that is gone from here is put back. */
  restore(bytes: Uint8Array, passphrase: string, id?: string): Promise<KeyCard>;
  change(id: string, change: Partial<NewKey>): Promise<KeyCard>;
  /** Signs the withdrawal of a key by itself, whatever its state; it signs nothing after that. */
  withdraw(
    id: string,
    withdrawal: { readonly statement: Uint8Array; readonly at: string; readonly passphrase?: string },
  ): Promise<MadeSignature>;
  /** The withdrawal that was signed here, to be sent again. */
  withdrawalOf(fingerprint: string): Promise<KeptWithdrawal | null>;
  remove(id: string): Promise<void>;
  /** Another tab changed something. Returns how to stop. */
  onChange(listener: () => void): () => void;
}

export interface KeyStoreOptions {
  readonly start?: StartSigning;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** "Read only" in the settings. */
  readonly readOnly?: () => boolean;
}

/** The keys of this browser. @throws StorageError */
export async function openKeyStore(options: KeyStoreOptions = {}): Promise<KeyStore> {
  const { start = startSigningWorker, clock = Date.now, readOnly = () => false } = options;
  const database = await openDatabase(keysDatabase);
  const ring: Ring = { database, start, clock, readOnly, session: new Map() };
  return {
    lasting: database.lasting,
    list: async () => cardsOf([...(await allRecords(ring))].sort(byAge), now(ring)),
    sign: (request) => signWith(ring, request),
    useFile: (file) => useFile(ring, file),
    damaged: () => damagedKeys(ring),
    lost: () => lostKeys(ring),
    forgetLost: () => forgetLostKeys(ring),
    makeBrowserKey: (key) => makeBrowserKey(ring, key),
    makePassphraseKey: (key, passphrase) => makePassphraseKey(ring, key, passphrase),
    makePasskey: (key, signal) => makePasskey(ring, key, signal),
    findPasskey: (key, publicKey, signal) => bringBackPasskey(ring, key, publicKey, signal),
    keepFile: (id, passphrase) => keepFile(ring, id, passphrase),
    backUp: (id) => backUpKey(ring, id),
    restore: (bytes, passphrase, id) => restoreKey(ring, bytes, passphrase, id),
    change: (id, change) => changeKey(ring, id, change),
    withdraw: (id, withdrawal) => withdrawKey(ring, id, withdrawal),
    withdrawalOf: (fingerprint) => withdrawalOf(ring, fingerprint),
    remove: (id) => removeKey(ring, id),
    onChange: (listener) => database.onChange(listener),
  };
}

function byAge(a: KeyRecord, b: KeyRecord): number {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id) ? -1 : 1;
}

let shared: Promise<KeyStore> | undefined;

/** The one signer of this document, so that a key file in use serves every page that lives in it. */
export function openSigner(options: KeyStoreOptions = {}): Promise<KeyStore> {
  shared ??= openKeyStore(options).catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

async function damagedKeys({ database }: Ring): Promise<readonly DamagedKey[]> {
  return [...(await database.all('keys'))].flatMap(([id, value]) => {
    const read = readRecord(id, value);
    return 'problem' in read
      ? [{ id, finding: finding('key-record-damaged', { problem: read.problem }) }]
      : [];
  });
}

async function withdrawalOf(ring: Ring, fingerprint: string): Promise<KeptWithdrawal | null> {
  const kept = (await ring.database.get('withdrawn', fingerprint)) as Partial<KeptWithdrawal> | undefined;
  const whole = kept?.statement instanceof Uint8Array && kept.signature instanceof Uint8Array;
  return whole ? (kept as KeptWithdrawal) : null;
}
