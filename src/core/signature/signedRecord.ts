import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64 } from '../bytes/base64.js';
import { toHex } from '../bytes/hex.js';
import { canonicalJson } from '../canon/jcs.js';
import { parseJson, type JsonObject, type JsonValue } from '../canon/json.js';
import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { verifyEd25519 } from './ed25519.js';

/** How a family of records writes its `signature` object (docs/SPEC.md, "Signed records"). */
interface Shape {
  readonly name: 'gait' | 'pef' | 'pef-stub' | 'pef-counted';
  /** The field of the algorithm, of the base64 signature, of the hex digest of what was signed, of the number of receipts. */
  readonly algorithm: string;
  readonly value: string;
  readonly digest?: string;
  readonly count?: string;
  readonly others?: readonly string[];
  /** True: `key_id` is the hex SHA-256 of the 32 bytes of the public key. Otherwise it is a name that anybody may write. */
  readonly keyIdIsDigest: boolean;
}

const shapes: readonly Shape[] = [
  { name: 'gait', algorithm: 'alg', value: 'sig', digest: 'signed_digest', keyIdIsDigest: true },
  { name: 'pef', algorithm: 'algorithm', value: 'value', keyIdIsDigest: false },
  { name: 'pef-stub', algorithm: 'algorithm', value: 'signature', keyIdIsDigest: false },
  {
    name: 'pef-counted',
    algorithm: 'algo',
    value: 'signature',
    digest: 'digest',
    count: 'event_count',
    others: ['seq_no'],
    keyIdIsDigest: false,
  },
];

/** Bytes of a document that is read. */
export const RECORD_BYTES_MAX = 4 * 1024 * 1024;

/** What a record says of its signature; hostile text. */
export interface SignedRecord {
  readonly shape: Shape['name'];
  readonly algorithm: string;
  readonly keyId: string;
  /** SHA-256, in hex, of the canonical form without the signature: what was signed. */
  readonly digest: string;
}

export interface RecordCheck {
  /**
   * `signed`: the key that the reader gave signed exactly this. `unchecked`: no key was given, or the algorithm is
   * none of ours. `other-key`: the record names another key. `false`: changed, cut, or signed by nobody who has the key.
   */
  readonly outcome: 'signed' | 'unchecked' | 'other-key' | 'false' | 'unreadable';
  /** null when it could not be read. */
  readonly record: SignedRecord | null;
  readonly findings: readonly Finding[];
}

/**
 * Checks the signature that a program put on a record of what it did. All bytes are attacker-controlled; never throws.
 *
 * @param publicKey - the 32 bytes of an Ed25519 key from a source that the reader relies on; null when there is none.
 */
export function checkSignedRecord(bytes: Uint8Array, publicKey: Uint8Array | null): RecordCheck {
  const read = parseJson(bytes, { bytesMax: RECORD_BYTES_MAX });
  if ('problem' in read) return unreadable(`${read.problem.message} (line ${read.problem.line})`);
  if (!isObject(read.value)) return unreadable('it is not a JSON object');
  if ('signatures' in read.value) return unreadable('it has "signatures", which nothing here would cover');
  const { signature, ...signed } = read.value;
  const shape = isObject(signature) ? shapes.find((one) => fits(signature, one)) : undefined;
  if (!isObject(signature) || shape === undefined)
    return unreadable('it has no "signature" of a form that this program knows');
  const message = sha256(canonicalJson(signed));
  const record: SignedRecord = {
    shape: shape.name,
    algorithm: signature[shape.algorithm] as string,
    keyId: signature['key_id'] as string,
    digest: toHex(message),
  };
  const contradictions = [...contradict(shape, signature, signed, record)];
  if (contradictions.length > 0) return { outcome: 'false', record, findings: contradictions };
  return judge(shape, record, { message, signature: signature[shape.value] as string, publicKey });
}

function judge(
  { keyIdIsDigest }: Shape,
  record: SignedRecord,
  given: { readonly message: Uint8Array; readonly signature: string; readonly publicKey: Uint8Array | null },
): RecordCheck {
  const { algorithm, keyId } = record;
  if (algorithm.toLowerCase() !== 'ed25519')
    return { outcome: 'unchecked', record, findings: [finding('record-algorithm', { algorithm })] };
  if (given.publicKey === null)
    return { outcome: 'unchecked', record, findings: [finding('record-key-missing', {}, { found: keyId })] };
  const expected = toHex(sha256(given.publicKey));
  if (keyIdIsDigest && keyId !== expected) {
    const findings = [finding('record-key-other', {}, { expected, found: keyId })];
    return { outcome: 'other-key', record, findings };
  }
  const signature = fromBase64(given.signature);
  return signature !== null && verifyEd25519(given.publicKey, given.message, signature)
    ? { outcome: 'signed', record, findings: [] }
    : { outcome: 'false', record, findings: [finding('record-signature-false', {})] };
}

/** What the record says of itself and is not so; needs no key. */
function* contradict(
  { digest, count }: Shape,
  signature: JsonObject,
  signed: JsonObject,
  record: SignedRecord,
): Iterable<Finding> {
  const said = digest === undefined ? record.digest : (signature[digest] as string);
  if (said !== record.digest) yield finding('record-changed', {}, { expected: record.digest, found: said });
  const receipts = signed['receipts'];
  if (count === undefined || !Array.isArray(receipts)) return;
  const counted = signature[count] as number;
  if (counted !== receipts.length)
    yield finding('record-cut', {}, { expected: String(counted), found: String(receipts.length) });
}

/** Exactly the fields of the shape: one that is passed over could mean anything. */
function fits(signature: JsonObject, { algorithm, value, digest, count, others = [] }: Shape): boolean {
  const texts = ['key_id', algorithm, value, ...(digest === undefined ? [] : [digest])];
  const numbers = [...(count === undefined ? [] : [count]), ...others];
  return (
    Object.keys(signature).length === texts.length + numbers.length &&
    texts.every((name) => typeof signature[name] === 'string') &&
    numbers.every((name) => typeof signature[name] === 'number')
  );
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(reason: string): RecordCheck {
  return { outcome: 'unreadable', record: null, findings: [finding('record-unreadable', { reason })] };
}
