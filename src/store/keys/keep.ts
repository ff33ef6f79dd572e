import { toUtf8 } from '../../core/bytes/text.js';
import { SignerError, type KeyCard } from '../../engine/signer.js';
import { appendActivity } from '../log.js';
import { backupName, readBackup, writeBackup, type Backup } from './backup.js';
import type { PublicHalf } from './host.js';
import { refuseReadOnly, type NewKey } from './make.js';
import { noteOf, writeNotes } from './marker.js';
import { KEY_SCHEMA, type KeyRecord } from './record.js';
import {
  familyOf,
  keep,
  lostKeys,
  now,
  recordOf,
  refusal,
  storedRecords,
  withdrawnAt,
  write,
  type Ring,
} from './ring.js';
import { makeSignature } from './use.js';
import { inSigningWorker, valueOf } from './worker.js';

export interface BackupFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const TEST_NAMESPACE = 'restore-test@countersign';

/** The encrypted file. It counts as a backup only after {@link restoreKey} has read it. */
export async function backUpKey(ring: Ring, id: string): Promise<BackupFile> {
  const record = await recordOf(ring, id);
  const bytes = writeBackup(record, now(ring));
  if (bytes === null) throw refusal('key-not-exportable', { label: record.label });
  await appendActivity({ kind: 'key-exported', subject: record.fingerprint, at: now(ring) });
  return { name: backupName(record), bytes };
}

/**
 * Reads a backup, opens it, signs with what is inside and checks that signature under the public key of the card. Only
 * then is the key counted as backed up; one that is gone from this browser is put back.
 */
export async function restoreKey(
  ring: Ring,
  bytes: Uint8Array,
  passphrase: string,
  id?: string,
): Promise<KeyCard> {
  refuseReadOnly(ring);
  const read = readBackup(bytes);
  if ('finding' in read) throw new SignerError(read.finding);
  const { backup } = read;
  const half = await inspected(ring, backup, passphrase);
  return ring.database.exclusively(async () => {
    const wanted = id === undefined ? undefined : await recordOf(ring, id);
    if (wanted !== undefined && wanted.fingerprint !== half.fingerprint)
      throw refusal('backup-other-key', { label: wanted.label });
    const restored = restoredRecord(ring, backup, half, await withdrawnAt(ring, half.fingerprint));
    await makeSignature(ring, restored, {
      keyId: backup.id,
      namespace: TEST_NAMESPACE,
      message: toUtf8(half.fingerprint),
      passphrase,
    });
    const here = wanted ?? (await storedRecords(ring)).find((one) => one.fingerprint === half.fingerprint);
    return keep(ring, here === undefined ? restored : { ...here, backedUpAt: now(ring) }, 'key-restored');
  });
}

export async function changeKey(ring: Ring, id: string, change: Partial<NewKey>): Promise<KeyCard> {
  return ring.database.exclusively(async () => {
    const record = await recordOf(ring, id);
    return keep(ring, { ...record, ...change }, 'key-changed');
  });
}

/** Removes a card with what it holds; a damaged record too. */
export async function removeKey(ring: Ring, id: string): Promise<void> {
  const inUse = ring.session.get(id);
  if (inUse !== undefined) {
    inUse.worker.stop();
    ring.session.delete(id);
    return;
  }
  await ring.database.exclusively(async () => {
    const value = (await ring.database.get('keys', id)) as Partial<KeyRecord> | undefined;
    const fingerprint = typeof value?.fingerprint === 'string' ? value.fingerprint : id;
    await appendActivity({ kind: 'key-removed', subject: fingerprint, at: now(ring) });
    await write(ring, [{ table: 'keys', key: id, remove: true }], [fingerprint]);
  });
}

/** The person has read which keys are gone. */
export async function forgetLostKeys(ring: Ring): Promise<void> {
  for (const { fingerprint } of await lostKeys(ring))
    await appendActivity({ kind: 'key-lost', subject: fingerprint, at: now(ring) });
  const here = await storedRecords(ring);
  writeNotes(here.map(noteOf));
}

async function inspected(ring: Ring, backup: Backup, passphrase: string): Promise<PublicHalf> {
  const { id, kind, publicKey, sealed, label } = backup;
  const about = { id, kind, publicKey };
  const answer = await inSigningWorker(ring.start, familyOf(backup), (host) =>
    host.inspect(sealed, about, passphrase, label),
  );
  return valueOf(answer);
}

function restoredRecord(ring: Ring, backup: Backup, half: PublicHalf, withdrawn: string | null): KeyRecord {
  const { id, kind, label, user, publicKey, createdAt, endsAt, sealed } = backup;
  return {
    schema: KEY_SCHEMA,
    id,
    kind,
    label,
    user,
    publicKey,
    fingerprint: half.fingerprint,
    algorithm: half.algorithm,
    createdAt,
    lastUsedAt: null,
    endsAt,
    backedUpAt: now(ring),
    withdrawnAt: withdrawn,
    secret: { how: 'sealed', sealed },
  };
}
