import { WITHDRAWAL_NAMESPACE } from '../../core/envelope/withdrawal.js';
import { parseAuthorizedKey } from '../../core/signature/publicKey.js';
import { toUtf8 } from '../../core/bytes/text.js';
import { CertificateBook } from '../../core/signature/openpgp/book.js';
import { readNamedBlocks } from '../../core/signature/openpgp/named.js';
import { verifyOpenPgp } from '../../core/signature/openpgp/verify.js';
import type { SignatureCheck } from '../../core/signature/signature.js';
import { verifySshsig } from '../../core/signature/sshsig.js';
import type { MadeSignature, SignRequest } from '../../engine/signer.js';
import type { PrivateHalf } from './host.js';
import { refuseReadOnly } from './make.js';
import { signWithPasskey } from './passkey.js';
import { hasEnded, type KeyRecord } from './record.js';
import { appendActivity } from '../log.js';
import { cardFor, familyOf, now, recordOf, refusal, type KeptWithdrawal, type Ring, write } from './ring.js';
import type { OwnAlgorithm } from './wire.js';
import { inSigningWorker, valueOf } from './worker.js';

/** Signs with a key that may: {@link Signer.sign}. */
export async function signWith(ring: Ring, request: SignRequest): Promise<MadeSignature> {
  refuseReadOnly(ring);
  requireGesture();
  const record = await recordOf(ring, request.keyId);
  const { label } = record;
  if (record.withdrawnAt !== null) throw refusal('key-withdrawn-here', { label, at: record.withdrawnAt });
  if (record.endsAt !== null && hasEnded(record.endsAt, now(ring)))
    throw refusal('key-ended', { label, at: record.endsAt });
  if ((await cardFor(ring, record.id)).gate !== 'open') throw refusal('key-gate-closed', { label });
  const made = await makeSignature(ring, record, request);
  await noteUse(ring, record);
  return made;
}

/** Signs the withdrawal of a key by itself, in whatever state it is, and takes it out of use. */
export async function withdrawKey(
  ring: Ring,
  id: string,
  {
    statement,
    at,
    passphrase,
  }: { readonly statement: Uint8Array; readonly at: string; readonly passphrase?: string },
): Promise<MadeSignature> {
  refuseReadOnly(ring);
  requireGesture();
  const record = await recordOf(ring, id);
  if (record.withdrawnAt !== null)
    throw refusal('key-withdrawn-here', { label: record.label, at: record.withdrawnAt });
  const request = { keyId: id, namespace: WITHDRAWAL_NAMESPACE, message: statement };
  const made = await makeSignature(
    ring,
    record,
    passphrase === undefined ? request : { ...request, passphrase },
  );
  const kept: KeptWithdrawal = { at, statement, signature: made.bytes, kind: made.kind };
  const withdrawn = { ...record, withdrawnAt: at };
  const inUse = ring.session.get(id);
  if (inUse !== undefined) ring.session.set(id, { ...inUse, record: withdrawn });
  await write(ring, [
    { table: 'withdrawn', key: record.fingerprint, value: kept },
    ...(inUse === undefined ? [{ table: 'keys', key: id, value: withdrawn }] : []),
  ]);
  await appendActivity({ kind: 'key-withdrawn', subject: record.fingerprint, at: now(ring) });
  return made;
}

/** Signs and checks by the code that verifies, which knows nothing of how it was made. */
export async function makeSignature(
  ring: Ring,
  record: KeyRecord,
  request: SignRequest,
): Promise<MadeSignature> {
  const { signal } = request;
  try {
    const made = await signedBy(ring, record, request);
    refuseFalse(ring, record, made, request);
    return made;
  } catch (error) {
    if (signal?.aborted === true) throw refusal('key-cancelled', {});
    throw error;
  }
}

async function signedBy(ring: Ring, record: KeyRecord, request: SignRequest): Promise<MadeSignature> {
  const { namespace, message, signal, passphrase = '' } = request;
  const { secret, id, kind, publicKey, label } = record;
  if (secret.how === 'passkey') {
    const bytes = await signWithPasskey(secret, blobOf(record), {
      namespace,
      message,
      ...(signal && { signal }),
    });
    return { kind: 'sshsig', bytes };
  }
  if (secret.how === 'session') {
    const worker = ring.session.get(id)?.worker;
    if (worker === undefined) throw refusal('key-missing', {});
    return valueOf(await worker.run((host) => host.sign({ how: 'session', id }, namespace, message)));
  }
  if (secret.how === 'sealed' && passphrase === '') throw refusal('key-passphrase-needed', { label });
  const half: PrivateHalf =
    secret.how === 'crypto-key'
      ? {
          how: 'crypto-key',
          key: secret.key,
          blob: blobOf(record),
          algorithm: record.algorithm as OwnAlgorithm,
        }
      : { how: 'sealed', sealed: secret.sealed, about: { id, kind, publicKey }, passphrase, label };
  const sign = inSigningWorker(
    ring.start,
    familyOf(record),
    (host) => host.sign(half, namespace, message),
    signal,
  );
  return valueOf(await sign);
}

/** @throws SignerError for a signature that others would refuse, or that another key made. */
function refuseFalse(ring: Ring, record: KeyRecord, made: MadeSignature, request: SignRequest): void {
  const { outcome, key, findings } = checked(ring, record, made, request);
  if (outcome !== 'true')
    throw refusal('key-self-check-failed', { problem: findings[0]?.message ?? 'it is not right' });
  if (key?.fingerprint !== record.fingerprint)
    throw refusal('key-self-check-failed', { problem: 'another key made it' });
}

function checked(
  ring: Ring,
  { publicKey }: KeyRecord,
  { kind, bytes }: MadeSignature,
  { namespace, message }: SignRequest,
): SignatureCheck {
  if (kind === 'sshsig') return verifySshsig(bytes, message, namespace);
  const book = new CertificateBook();
  const read = readNamedBlocks(toUtf8(publicKey), 'certificate');
  if ('blocks' in read) for (const block of read.blocks) book.add(block);
  return verifyOpenPgp(bytes, message, book, ring.clock());
}

/** A use that cannot be noted is not handed out. */
async function noteUse(ring: Ring, record: KeyRecord): Promise<void> {
  await appendActivity({ kind: 'key-used', subject: record.fingerprint, at: now(ring) });
  const used = { lastUsedAt: now(ring) };
  const inUse = ring.session.get(record.id);
  if (inUse !== undefined) ring.session.set(record.id, { ...inUse, record: { ...inUse.record, ...used } });
  else
    await ring.database.exclusively(async () => {
      const latest = await recordOf(ring, record.id);
      await write(ring, [{ table: 'keys', key: record.id, value: { ...latest, ...used } }]);
    });
}

/** Where the engine can tell whether somebody pressed something just now, nobody else gets a signature. */
function requireGesture(): void {
  const { userActivation } = (globalThis.navigator ?? {}) as {
    readonly userActivation?: { isActive: boolean };
  };
  if (userActivation !== undefined && !userActivation.isActive) throw refusal('key-needs-gesture', {});
}

function blobOf({ publicKey }: KeyRecord): Uint8Array {
  const read = parseAuthorizedKey(publicKey);
  if ('problem' in read) throw refusal('key-record-damaged', { problem: 'its public key cannot be read' });
  return read.key.blob;
}
