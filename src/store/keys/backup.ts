import { parseTime } from '../../core/bytes/time.js';
import { parseJson, type JsonObject, type JsonValue } from '../../core/canon/json.js';
import { toUtf8 } from '../../core/bytes/text.js';
import { finding } from '../../core/messages/finding.js';
import type { Finding } from '../../core/generated/report.js';
import type { KeyKind } from '../../engine/signer.js';
import type { KeyRecord } from './record.js';
import { sealedProblem, type Derivation, type Sealed } from './seal.js';

const SCHEMA = 'countersign.backup/v1';
const BYTES_MAX = 512 * 1024;
const TEXT_MAX = 200;
const PUBLIC_KEY_MAX = 256 * 1024;

/** What a backup says of its key, and the sealed private half. Only the public key is bound to the seal. */
export interface Backup {
  readonly id: string;
  readonly kind: KeyKind;
  readonly label: string;
  readonly user: string | null;
  readonly publicKey: string;
  readonly createdAt: string;
  readonly endsAt: string | null;
  readonly sealed: Sealed;
}

/** Kinds whose private half can be carried away. */
export function canBackUp({ kind }: { readonly kind: KeyKind }): boolean {
  return kind !== 'passkey' && kind !== 'browser';
}

/** The backup of a sealed key as one JSON document; it opens with the passphrase of the key. Null for other keys. */
export function writeBackup(record: KeyRecord, madeAt: string): Uint8Array<ArrayBuffer> | null {
  const { secret, id, kind, label, user, publicKey, createdAt, endsAt } = record;
  if (secret.how !== 'sealed') return null;
  const key = { id, kind, label, user, publicKey, createdAt, endsAt };
  const document = { schema: SCHEMA, madeAt, key, sealed: secret.sealed };
  return toUtf8(`${JSON.stringify(document, null, 2)}\n`);
}

/** A name that the person finds again. */
export function backupName({
  label,
  createdAt,
}: {
  readonly label: string;
  readonly createdAt: string;
}): string {
  const plain = label
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .toLowerCase();
  return `${plain === '' ? 'key' : plain}-${createdAt.slice(0, 10)}.countersign-key.json`;
}

/** Reads a backup that anybody may have written (hostile input D09). Nothing is calculated; never throws. */
export function readBackup(bytes: Uint8Array): { readonly backup: Backup } | { readonly finding: Finding } {
  const refused = (problem: string) => ({ finding: finding('backup-unreadable', { problem }) });
  const read = parseJson(bytes, { bytesMax: BYTES_MAX, depthMax: 4, plainText: true });
  if ('problem' in read) return refused(read.problem.message);
  const document = objectOf(read.value);
  if (document === null || typeof document['schema'] !== 'string')
    return refused('it does not say that it is one');
  if (document['schema'] !== SCHEMA)
    return { finding: finding('backup-newer', { schema: document['schema'] }) };
  if (!hasExactly(document, ['key', 'madeAt', 'schema', 'sealed']))
    return refused('its fields are not those of a backup');
  const key = readKey(objectOf(document['key']));
  if (key === null) return refused('what it says of the key is damaged');
  const sealed = readSealed(objectOf(document['sealed']));
  if (sealed === null) return refused('its encrypted part is damaged');
  const problem = sealedProblem(sealed);
  if (problem !== null) return { finding: finding('backup-cost', { problem }) };
  return { backup: { ...key, sealed } };
}

function readKey(key: JsonObject | null): Omit<Backup, 'sealed'> | null {
  const fields = ['createdAt', 'endsAt', 'id', 'kind', 'label', 'publicKey', 'user'];
  if (key === null || !hasExactly(key, fields)) return null;
  const { id, kind, label, user, publicKey, createdAt, endsAt } = key;
  const text = (value: JsonValue | undefined, max = TEXT_MAX): value is string =>
    typeof value === 'string' && value.length <= max;
  const time = (value: JsonValue | undefined): value is string => text(value) && parseTime(value) !== null;
  if (!text(id) || !/^[0-9a-f]{32}$/.test(id) || !text(label) || !text(publicKey, PUBLIC_KEY_MAX))
    return null;
  if (kind !== 'passphrase' && kind !== 'openssh' && kind !== 'openpgp') return null;
  if (!time(createdAt)) return null;
  const userRead = user === null || text(user) ? user : undefined;
  const endRead = endsAt === null || time(endsAt) ? endsAt : undefined;
  if (userRead === undefined || endRead === undefined) return null;
  return { id, kind, label, user: userRead, publicKey, createdAt, endsAt: endRead };
}

function readSealed(sealed: JsonObject | null): Sealed | null {
  if (sealed === null || !hasExactly(sealed, ['derivation', 'nonce', 'text'])) return null;
  const derivation = readDerivation(objectOf(sealed['derivation']));
  const { nonce, text } = sealed;
  return derivation !== null && typeof nonce === 'string' && typeof text === 'string'
    ? { derivation, nonce, text }
    : null;
}

function readDerivation(from: JsonObject | null): Derivation | null {
  if (from === null || typeof from['salt'] !== 'string') return null;
  const { name, salt, memoryKiB, passes, lanes, count } = from;
  if (name === 'pbkdf2-sha256' && hasExactly(from, ['count', 'name', 'salt']) && typeof count === 'number')
    return { name, count, salt };
  const whole = hasExactly(from, ['lanes', 'memoryKiB', 'name', 'passes', 'salt']);
  return name === 'argon2id' &&
    whole &&
    typeof memoryKiB === 'number' &&
    typeof passes === 'number' &&
    typeof lanes === 'number'
    ? { name, memoryKiB, passes, lanes, salt }
    : null;
}

function objectOf(value: JsonValue | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

function hasExactly(object: JsonObject, sortedNames: readonly string[]): boolean {
  return Object.keys(object).sort().join() === sortedNames.join();
}
