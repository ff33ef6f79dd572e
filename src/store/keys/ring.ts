import { formatTime } from '../../core/bytes/time.js';
import type { FindingCode, FindingParams } from '../../core/generated/messages.js';
import { finding } from '../../core/messages/finding.js';
import { SignerError, type KeyCard } from '../../engine/signer.js';
import type { Change, Database, DatabaseSpec } from '../database.js';
import { appendActivity, type ActivityKind } from '../log.js';
import { noteOf, readNotes, writeNotes, type KeyNote } from './marker.js';
import { cardsOf, readRecord, type KeyRecord } from './record.js';
import type { SignHostClient, SigningFamily, StartSigning } from './worker.js';

export const keysDatabase: DatabaseSpec = { name: 'countersign-keys', versions: [['keys', 'withdrawn']] };

/** A withdrawal that this browser signed, by fingerprint: it outlives the key, also when that is restored from a backup. */
export interface KeptWithdrawal {
  readonly at: string;
  readonly statement: Uint8Array;
  readonly signature: Uint8Array;
  readonly kind: 'sshsig' | 'openpgp';
}

/** A key file in use, and the worker that holds it. */
export interface InSession {
  readonly record: KeyRecord;
  readonly worker: SignHostClient;
}

/** What all operations on keys share. */
export interface Ring {
  readonly database: Database;
  readonly start: StartSigning;
  readonly clock: () => number;
  readonly readOnly: () => boolean;
  readonly session: Map<string, InSession>;
}

export function now({ clock }: Ring): string {
  return formatTime(clock());
}

export function refusal<C extends FindingCode>(code: C, params: FindingParams[C]): SignerError {
  return new SignerError(finding(code, params));
}

/** OpenPGP needs a large library, so its keys have a worker of their own. */
export function familyOf({ kind }: { readonly kind: KeyRecord['kind'] }): SigningFamily {
  return kind === 'openpgp' ? 'openpgp' : 'ssh';
}

/** Records that are what they should be; the damaged ones are listed apart. */
export async function storedRecords({ database }: Ring): Promise<readonly KeyRecord[]> {
  return [...(await database.all('keys'))].flatMap(([id, value]) => {
    const read = readRecord(id, value);
    return 'problem' in read ? [] : [read];
  });
}

export async function allRecords(ring: Ring): Promise<readonly KeyRecord[]> {
  const inUse = [...ring.session.values()].map(({ record }) => record);
  return [...(await storedRecords(ring)), ...inUse];
}

/** @throws SignerError when there is none, or only a damaged one. */
export async function recordOf(ring: Ring, id: string): Promise<KeyRecord> {
  const inUse = ring.session.get(id);
  if (inUse !== undefined) return inUse.record;
  const value = await ring.database.get('keys', id);
  if (value === undefined) throw refusal('key-missing', {});
  const read = readRecord(id, value);
  if ('problem' in read) throw refusal('key-record-damaged', { problem: read.problem });
  return read;
}

export async function cardFor(ring: Ring, id: string): Promise<KeyCard> {
  const card = cardsOf(await allRecords(ring), now(ring)).find((one) => one.id === id);
  if (card === undefined) throw refusal('key-missing', {});
  return card;
}

/** Writes a record, its note and its line in the log; all or, when storage refuses, nothing of the first. */
export async function keep(ring: Ring, record: KeyRecord, activity: ActivityKind): Promise<KeyCard> {
  const session = ring.session.get(record.id);
  if (record.secret.how === 'session') {
    if (session !== undefined) ring.session.set(record.id, { ...session, record });
  } else {
    await write(ring, [{ table: 'keys', key: record.id, value: record }]);
  }
  await appendActivity({ kind: activity, subject: record.fingerprint, at: now(ring) });
  return cardFor(ring, record.id);
}

/** Writes, and notes outside the database which keys there are now. Lost ones stay noted until they were read about. */
export async function write(
  ring: Ring,
  changes: readonly Change[],
  forget: readonly string[] = [],
): Promise<void> {
  const missing = (await lostKeys(ring)).filter(({ fingerprint }) => !forget.includes(fingerprint));
  await ring.database.write(changes);
  const here = (await storedRecords(ring)).map(noteOf);
  const names = new Set(here.map(({ fingerprint }) => fingerprint));
  writeNotes([...here, ...missing.filter(({ fingerprint }) => !names.has(fingerprint))]);
}

/** Keys that were noted and are gone, though nobody removed them: the browser did. */
export async function lostKeys({ database }: Ring): Promise<readonly KeyNote[]> {
  const stored = [...(await database.all('keys')).values()] as readonly Partial<KeyRecord>[];
  const names = new Set(stored.map((one) => one?.fingerprint));
  return readNotes().filter(({ fingerprint }) => !names.has(fingerprint));
}

/** Refuses a second card for a key that is kept already. */
export async function refuseDouble(ring: Ring, fingerprint: string, except?: string): Promise<void> {
  const twin = (await storedRecords(ring)).find(
    (one) => one.fingerprint === fingerprint && one.id !== except,
  );
  if (twin !== undefined) throw refusal('key-already-here', { label: twin.label });
}

/** When the key was withdrawn here, also if it was removed and came back. */
export async function withdrawnAt({ database }: Ring, fingerprint: string): Promise<string | null> {
  const kept = (await database.get('withdrawn', fingerprint)) as Partial<KeptWithdrawal> | undefined;
  return typeof kept?.at === 'string' ? kept.at : null;
}
