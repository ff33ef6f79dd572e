import { fromBase64 } from '../../core/bytes/base64.js';
import { parseTime } from '../../core/bytes/time.js';
import { parseAuthorizedKey } from '../../core/signature/publicKey.js';
import { fingerprintWords } from '../../core/signature/words.js';
import type { KeyCard, KeyKind } from '../../engine/signer.js';
import { sealedProblem, type Sealed } from './seal.js';

/** What lies in the database for one key. Private halves are sealed, not extractable, or elsewhere. */
export interface KeyRecord {
  readonly schema: 'countersign.key/v1';
  readonly id: string;
  readonly kind: KeyKind;
  readonly label: string;
  readonly user: string | null;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly algorithm: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly endsAt: string | null;
  readonly backedUpAt: string | null;
  readonly withdrawnAt: string | null;
  readonly secret: Secret;
}

export type Secret =
  | { readonly how: 'crypto-key'; readonly key: CryptoKey }
  | { readonly how: 'sealed'; readonly sealed: Sealed }
  | { readonly how: 'passkey'; readonly credential: string; readonly rpId: string; readonly origin: string }
  /** In the memory of the signing worker of this page; never written. */
  | { readonly how: 'session' };

export const KEY_SCHEMA = 'countersign.key/v1';

const TEXT_MAX = 200;
const PUBLIC_KEY_MAX = 256 * 1024;
const KINDS: readonly KeyKind[] = ['passkey', 'browser', 'passphrase', 'openssh', 'openpgp'];
const HOW: Readonly<Record<KeyKind, Secret['how']>> = {
  passkey: 'passkey',
  browser: 'crypto-key',
  passphrase: 'sealed',
  openssh: 'sealed',
  openpgp: 'sealed',
};

/** A record as it was read back, or what is wrong with it: other code on this origin can write there too. */
export function readRecord(id: string, value: unknown): KeyRecord | { readonly problem: string } {
  if (typeof value !== 'object' || value === null) return { problem: 'it is no record' };
  const record = value as Partial<Record<keyof KeyRecord, unknown>>;
  if (record.schema !== KEY_SCHEMA) return { problem: 'its schema is unknown' };
  if (record.id !== id) return { problem: 'it lies under the name of another' };
  if (!KINDS.includes(record.kind as KeyKind)) return { problem: 'its kind is unknown' };
  const problem =
    factsProblem(record) ??
    publicKeyProblem(record) ??
    secretProblem(record.kind as KeyKind, record.secret as Partial<Secret>);
  return problem === null ? (value as KeyRecord) : { problem };
}

type Loose = Partial<Record<keyof KeyRecord, unknown>>;

function factsProblem(record: Loose): string | null {
  const text = (field: unknown): boolean => typeof field === 'string' && field.length <= TEXT_MAX;
  const time = (field: unknown): boolean => typeof field === 'string' && parseTime(field) !== null;
  if (!text(record.label) || !text(record.algorithm) || !text(record.fingerprint)) return 'a name is missing';
  if (record.user !== null && !text(record.user)) return 'its user is no text';
  const times = [record.lastUsedAt, record.endsAt, record.backedUpAt, record.withdrawnAt];
  return time(record.createdAt) && times.every((one) => one === null || time(one))
    ? null
    : 'a time in it cannot be read';
}

/** The fingerprint is calculated again: a card never shows one key and signs with another. */
function publicKeyProblem({ kind, publicKey, fingerprint }: Loose): string | null {
  if (typeof publicKey !== 'string' || publicKey.length > PUBLIC_KEY_MAX) return 'its public key is missing';
  if (kind === 'openpgp')
    return /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(String(fingerprint)) ? null : 'its fingerprint is damaged';
  const read = parseAuthorizedKey(publicKey);
  if ('problem' in read) return 'its public key cannot be read';
  return read.key.fingerprint === fingerprint ? null : 'its fingerprint belongs to another key';
}

function secretProblem(kind: KeyKind, secret: Partial<Secret> | null | undefined): string | null {
  if (typeof secret !== 'object' || secret === null || secret.how !== HOW[kind])
    return 'its private half is missing';
  if (secret.how === 'crypto-key') {
    if (!(secret.key instanceof CryptoKey) || secret.key.type !== 'private')
      return 'its private half is damaged';
    return secret.key.extractable ? 'its private half was exchanged for one that can be copied' : null;
  }
  if (secret.how === 'passkey') {
    const { credential, rpId, origin } = secret;
    return typeof credential === 'string' &&
      fromBase64(credential) !== null &&
      typeof rpId === 'string' &&
      typeof origin === 'string'
      ? null
      : 'the name of its passkey is missing';
  }
  return sealedShapeProblem((secret as { sealed?: unknown }).sealed);
}

function sealedShapeProblem(value: unknown): string | null {
  const { derivation, nonce, text } = (value ?? {}) as Partial<Sealed>;
  const whole =
    typeof nonce === 'string' &&
    typeof text === 'string' &&
    typeof derivation === 'object' &&
    (derivation.name === 'argon2id' || derivation.name === 'pbkdf2-sha256') &&
    typeof derivation.salt === 'string';
  return whole ? sealedProblem(value as Sealed) : 'its private half is damaged';
}

/** The cards of all keys, with the gate of each: it depends on the others. `now` is RFC 3339. */
export function cardsOf(records: readonly KeyRecord[], now: string): readonly KeyCard[] {
  return records.map((record) => cardOf(record, records, now));
}

function cardOf(record: KeyRecord, all: readonly KeyRecord[], now: string): KeyCard {
  const { secret, id, kind, label, user, publicKey, fingerprint, algorithm } = record;
  const { createdAt, lastUsedAt, endsAt, backedUpAt, withdrawnAt } = record;
  return {
    ...{ id, kind, label, user, publicKey, fingerprint, algorithm },
    ...{ createdAt, lastUsedAt, endsAt, backedUpAt, withdrawnAt },
    words: fingerprintWords(record.fingerprint),
    lives: secret.how === 'session' ? 'session' : secret.how === 'passkey' ? 'authenticator' : 'device',
    ...(secret.how === 'passkey' ? { rpId: secret.rpId, origin: secret.origin } : {}),
    wrapped: secret.how === 'sealed' ? 'passphrase' : 'none',
    gate: gateOf(record, all, now),
  };
}

/** Where a key can be lost together with others. */
function placeOf({ backedUpAt, secret }: KeyRecord): 'file' | 'authenticator' | 'storage' {
  if (backedUpAt !== null || secret.how === 'session') return 'file';
  return secret.how === 'passkey' ? 'authenticator' : 'storage';
}

function gateOf(record: KeyRecord, all: readonly KeyRecord[], now: string): KeyCard['gate'] {
  const place = placeOf(record);
  if (place === 'file') return 'open';
  const helps = (other: KeyRecord): boolean =>
    other.id !== record.id &&
    other.user === record.user &&
    other.secret.how !== 'session' &&
    isActive(other, now) &&
    !(place === 'storage' && placeOf(other) === 'storage');
  return all.some(helps) ? 'open' : 'needs-second-key-or-backup';
}

export function isActive({ withdrawnAt, endsAt }: KeyRecord, now: string): boolean {
  return withdrawnAt === null && !hasEnded(endsAt, now);
}

export function hasEnded(endsAt: string | null, now: string): boolean {
  return endsAt !== null && (parseTime(endsAt) ?? 0) <= (parseTime(now) ?? 0);
}
