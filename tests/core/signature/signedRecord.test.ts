import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/core/bytes/hex.js';
import type { JsonObject, JsonValue } from '../../../src/core/canon/json.js';
import { checkSignedRecord } from '../../../src/core/signature/signedRecord.js';
import { describeShared, sharedPath } from '../../shared.js';
import { recordForms, recordKey, signedRecord } from '../../signedRecords.js';

const bytesOf = (value: JsonValue): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 2));

function judged(record: JsonValue, key: Uint8Array | null = recordKey): string {
  const { outcome, findings } = checkSignedRecord(bytesOf(record), key);
  return [outcome, ...findings.map(({ code }) => code)].join(' ');
}

function withSignature(form: string, changes: JsonObject): JsonObject {
  const record = signedRecord(form);
  return { ...record, signature: { ...(record['signature'] as JsonObject), ...changes } };
}

describe.each(recordForms)('a signed record in the form %s', (form) => {
  it('is signed by the key that is given, in any order of its fields', () => {
    expect(judged(signedRecord(form))).toBe('signed');
    const turned = Object.fromEntries(Object.entries(signedRecord(form)).reverse());
    expect(judged(turned)).toBe('signed');
    expect(checkSignedRecord(bytesOf(signedRecord(form)), recordKey).record?.shape).toBe(form);
  });

  it('is not checked without a key, and passes under no other key', () => {
    expect(judged(signedRecord(form), null)).toBe('unchecked record-key-missing');
    const other = recordKey.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
    expect(judged(signedRecord(form), other)).not.toMatch(/^(signed|unchecked)/);
    expect(judged(signedRecord(form), new Uint8Array(32))).not.toMatch(/^(signed|unchecked)/);
  });

  it('does not pass with any one character changed', () => {
    const text = JSON.stringify(signedRecord(form));
    for (let at = 0; at < text.length; at += 1) {
      const changed = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
      const { outcome } = checkSignedRecord(new TextEncoder().encode(changed), recordKey);
      // The name of a key that is no digest, and a sequence number, are not signed and prove nothing.
      const unsigned = /"key_id":"[^"]*7[^"]*"|"seq_no":[0-9]+/.test(changed) && form !== 'gait';
      if (!unsigned) expect(outcome, changed).not.toBe('signed');
    }
  });

  it('is not checked in an algorithm that is none of ours', () => {
    const name = form === 'gait' ? 'alg' : form === 'pef-counted' ? 'algo' : 'algorithm';
    for (const algorithm of ['ES256', 'RSA-2048', 'none', ''])
      expect(judged(withSignature(form, { [name]: algorithm }))).toBe('unchecked record-algorithm');
  });

  it('is not read with a field that nobody knows, or one missing', () => {
    expect(judged(withSignature(form, { more: 'x' }))).toBe('unreadable record-unreadable');
    expect(judged(withSignature(form, { key_id: 7 }))).toBe('unreadable record-unreadable');
    expect(judged({ ...signedRecord(form), signatures: [] })).toBe('unreadable record-unreadable');
    expect(judged({ ...signedRecord(form), signature: null })).toBe('unreadable record-unreadable');
  });
});

describe('what a record says of itself', () => {
  it('a digest that is not its own needs no key to be seen', () => {
    expect(judged({ ...signedRecord('gait'), verdict: 'allow' }, null)).toBe('false record-changed');
    expect(judged({ ...signedRecord('pef'), verdict: 'allow' })).toBe('false record-signature-false');
  });

  it('a count of receipts that is not theirs is a cut', () => {
    expect(judged(withSignature('pef-counted', { event_count: 3 }))).toBe('false record-cut');
  });

  it('the id of another key is told apart from a false signature', () => {
    const other = recordKey.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
    expect(judged(signedRecord('gait'), other)).toBe('other-key record-key-other');
  });

  it('a key that is written twice is no record', () => {
    const text = JSON.stringify(signedRecord('gait')).replace('{', '{"verdict":"allow",');
    expect(checkSignedRecord(new TextEncoder().encode(text), recordKey).outcome).toBe('unreadable');
  });
});

describeShared('records that other programs signed', () => {
  const read = (name: string): Uint8Array =>
    new Uint8Array(readFileSync(sharedPath('samples', 'clyra', name)));
  const key = (name: string): Uint8Array | null => fromHex(new TextDecoder().decode(read(name)).trim());
  it.each([
    ['gait_trace_signed.json', 'gait_public_key.hex', 'signed'],
    ['gait_approval_token_signed.json', 'gait_public_key.hex', 'signed'],
    ['neg-gait_trace_forged.json', 'gait_public_key.hex', 'false'],
    ['pef_v0_valid.json', 'pef_signer.pub.hex', 'signed'],
    ['pef_v0_forged.json', 'pef_signer.pub.hex', 'false'],
    ['pef_v0_truncated.json', 'pef_signer.pub.hex', 'unreadable'],
    ['proof_chain.json', 'gait_public_key.hex', 'unreadable'],
  ])('%s under %s: %s', (file, keyFile, outcome) => {
    expect(checkSignedRecord(read(file), key(keyFile)).outcome).toBe(outcome);
  });
});
