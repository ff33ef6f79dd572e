import { toHex } from '../../core/bytes/hex.js';
import { parsePublicKeyBlob } from '../../core/signature/publicKey.js';
import type { KeyCard, KeyKind } from '../../engine/signer.js';
import type { OpenedFile, PublicHalf } from './host.js';
import { createPasskey, findPasskey } from './passkey.js';
import { KEY_SCHEMA, type KeyRecord, type Secret } from './record.js';
import { cardFor, keep, now, refusal, refuseDouble, storedRecords, withdrawnAt, type Ring } from './ring.js';
import { PASSPHRASE_LENGTH_MIN, random } from './seal.js';
import { publicKeyBlob, publicKeyLine, type OwnAlgorithm } from './wire.js';
import { inSigningWorker, valueOf, type SigningFamily } from './worker.js';

/** What a person says of a new key. */
export interface NewKey {
  readonly label: string;
  /** Their name in trust lists, usually an e-mail address. */
  readonly user: string | null;
  /** RFC 3339. */
  readonly endsAt: string | null;
}

export interface KeyFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly passphrase?: string;
  readonly user: string | null;
}

/** A key whose private half no code can read: not this page, not a copy of the storage. */
export async function makeBrowserKey(ring: Ring, wanted: NewKey): Promise<KeyCard> {
  refuseReadOnly(ring);
  const { algorithm, pair } = await generate();
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const half = halfOf(algorithm, publicKeyBlob(algorithm, point));
  const secret: Secret = { how: 'crypto-key', key: pair.privateKey };
  return keep(ring, recordOf(ring, newId(), 'browser', wanted, half, secret), 'key-made');
}

export async function makePassphraseKey(ring: Ring, wanted: NewKey, passphrase: string): Promise<KeyCard> {
  refuseReadOnly(ring);
  refuseShort(passphrase);
  const id = newId();
  const made = await inSigningWorker(ring.start, 'ssh', (host) => host.make(passphrase, id));
  const secret: Secret = { how: 'sealed', sealed: made.sealed };
  return keep(ring, recordOf(ring, id, 'passphrase', wanted, made.half, secret), 'key-made');
}

export async function makePasskey(ring: Ring, wanted: NewKey, signal?: AbortSignal): Promise<KeyCard> {
  refuseReadOnly(ring);
  const others = (await storedRecords(ring)).flatMap(({ secret }) =>
    secret.how === 'passkey' ? [secret] : [],
  );
  const { credential, rpId, origin, half } = await createPasskey(wanted, others, signal);
  const secret: Secret = { how: 'passkey', credential, rpId, origin };
  return keep(ring, recordOf(ring, newId(), 'passkey', wanted, half, secret), 'key-made');
}

/** Gives a passkey that is still in its device its card back. */
export async function bringBackPasskey(
  ring: Ring,
  wanted: NewKey,
  publicKey: string,
  signal?: AbortSignal,
): Promise<KeyCard> {
  refuseReadOnly(ring);
  const { credential, rpId, origin, half } = await findPasskey(publicKey, signal);
  await refuseDouble(ring, half.fingerprint);
  const secret: Secret = { how: 'passkey', credential, rpId, origin };
  const record = recordOf(ring, newId(), 'passkey', wanted, half, secret);
  const withdrawn = await withdrawnAt(ring, half.fingerprint);
  return keep(ring, { ...record, withdrawnAt: withdrawn }, 'key-restored');
}

/** Opens a private key file in a worker that keeps it until the page ends. */
export async function useFile(ring: Ring, file: KeyFile): Promise<KeyCard> {
  refuseReadOnly(ring);
  const family = familyOfFile(file.bytes);
  const id = newId();
  const worker = await ring.start(family);
  let opened: OpenedFile;
  try {
    const passphrase = file.passphrase === undefined || file.passphrase === '' ? null : file.passphrase;
    opened = valueOf(await worker.run((host) => host.useFile(id, file.bytes, passphrase)));
    await refuseDouble(ring, opened.fingerprint);
  } catch (error) {
    worker.stop();
    throw error;
  }
  for (const [other, { record, worker: old }] of ring.session) {
    if (record.fingerprint !== opened.fingerprint) continue;
    old.stop();
    ring.session.delete(other);
  }
  const label = opened.comment === '' ? file.name : opened.comment;
  const wanted = { label: label.slice(0, 100), user: file.user, endsAt: null };
  const kind = family === 'ssh' ? 'openssh' : 'openpgp';
  const record = recordOf(ring, id, kind, wanted, opened, { how: 'session' });
  ring.session.set(id, {
    record: {
      ...record,
      backedUpAt: record.createdAt,
      withdrawnAt: await withdrawnAt(ring, opened.fingerprint),
    },
    worker,
  });
  return cardFor(ring, id);
}

/** Keeps a file that is in use, sealed under a passphrase. Its gate stays open: the file itself is elsewhere. */
export async function keepFile(ring: Ring, id: string, passphrase: string): Promise<KeyCard> {
  refuseReadOnly(ring);
  refuseShort(passphrase);
  const inUse = ring.session.get(id);
  if (inUse === undefined) throw refusal('key-missing', {});
  const { record, worker } = inUse;
  await refuseDouble(ring, record.fingerprint);
  const about = { id, kind: record.kind, publicKey: record.publicKey };
  const sealed = await worker.run((host) => host.sealFile(id, about, passphrase));
  ring.session.delete(id);
  try {
    const kept = await keep(ring, { ...record, secret: { how: 'sealed', sealed } }, 'key-added');
    worker.stop();
    return kept;
  } catch (error) {
    ring.session.set(id, inUse);
    throw error;
  }
}

export function refuseShort(passphrase: string): void {
  const length = [...passphrase].length;
  if (length < PASSPHRASE_LENGTH_MIN)
    throw refusal('key-passphrase-short', { length, lengthMin: PASSPHRASE_LENGTH_MIN });
}

export function refuseReadOnly({ readOnly }: Ring): void {
  if (readOnly()) throw refusal('key-store-read-only', {});
}

export function newId(): string {
  return toHex(random(16));
}

function recordOf(
  ring: Ring,
  id: string,
  kind: KeyKind,
  { label, user, endsAt }: NewKey,
  { publicKey, fingerprint, algorithm }: PublicHalf,
  secret: Secret,
): KeyRecord {
  const createdAt = now(ring);
  const never = { lastUsedAt: null, backedUpAt: null, withdrawnAt: null };
  const said = { id, kind, label, user, endsAt, createdAt };
  return { schema: KEY_SCHEMA, ...said, publicKey, fingerprint, algorithm, ...never, secret };
}

/** Ed25519 where the engine has it, P-256 everywhere else. */
async function generate(): Promise<{ readonly algorithm: OwnAlgorithm; readonly pair: CryptoKeyPair }> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined)
    throw refusal('key-engine-lacks', {
      reason: 'keys of the browser need an address that begins with https://',
    });
  const uses = ['sign', 'verify'] as const;
  try {
    const pair = await subtle.generateKey({ name: 'Ed25519' }, false, uses);
    return { algorithm: 'ssh-ed25519', pair };
  } catch {
    const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, uses);
    return { algorithm: 'ecdsa-sha2-nistp256', pair };
  }
}

function halfOf(algorithm: OwnAlgorithm, blob: Uint8Array): PublicHalf {
  const read = parsePublicKeyBlob(blob);
  if ('problem' in read) throw refusal('key-self-check-failed', { problem: read.problem.message });
  return { publicKey: publicKeyLine(algorithm, blob), fingerprint: read.key.fingerprint, algorithm };
}

/** By its first bytes: armor of OpenPGP, or a binary packet of it; everything else is for the SSH reader to name. */
function familyOfFile(bytes: Uint8Array): SigningFamily {
  const start = String.fromCharCode(...bytes.subarray(0, 15));
  return start === '-----BEGIN PGP ' || ((bytes[0] ?? 0) & 0x80) !== 0 ? 'openpgp' : 'ssh';
}
