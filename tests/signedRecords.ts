import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64 } from '../src/core/bytes/base64.js';
import { toHex } from '../src/core/bytes/hex.js';
import { canonicalJson } from '../src/core/canon/jcs.js';
import type { JsonObject } from '../src/core/canon/json.js';

/** Signed records of our own, in each form that is read. A test key: nobody may rely on it. */
const secret = sha256(new TextEncoder().encode('test key of signed records'));
export const recordKey = ed25519.getPublicKey(secret);

const content: JsonObject = {
  schema_id: 'example.trace',
  created_at: '2026-11-01T10:00:00Z',
  verdict: 'deny',
  receipts: [{ decision: 'allow' }, { decision: 'block', confidence: 0.95 }],
};

type Form = (digest: string, sig: string) => JsonObject;
const forms: Readonly<Record<string, Form>> = {
  gait: (signed_digest, sig) => ({
    alg: 'ed25519',
    key_id: toHex(sha256(recordKey)),
    sig,
    signed_digest,
  }),
  pef: (_, value) => ({ algorithm: 'Ed25519', key_id: 'key-1', value }),
  'pef-stub': (_, signature) => ({ algorithm: 'Ed25519', key_id: 'key-1', signature }),
  'pef-counted': (digest, signature) => ({
    algo: 'Ed25519',
    key_id: 'key-1',
    signature,
    seq_no: 7,
    event_count: 2,
    digest,
  }),
};

export const recordForms = Object.keys(forms);

export function signedRecord(form: string, of: JsonObject = content): JsonObject {
  const digest = sha256(canonicalJson(of));
  const signature = forms[form]!(toHex(digest), toBase64(ed25519.sign(digest, secret)));
  return { ...of, signature };
}
