import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vectorsRoot } from '../../vectors.js';

/**
 * The hostile inputs about trust, row by row, each with the vectors that hold it; the vectors themselves are judged by every
 * engine in `tests/vectors.test.ts`. T14 and T18 in a list that comes, not in a bundle, are in `pack.test.ts` and `diff.test.ts`.
 */
const rows: Readonly<Record<string, readonly string[]>> = {
  'T01 a key that nobody has': ['unknown-signer', 'all-unknown', 'unknown-signer-as-alice'],
  'T02 a claimed fingerprint': ['unknown-signer-claims-key', 'legacy-claimed-fingerprint'],
  'T03 one key for three roles': ['one-key-three-roles', 'threshold-one-person-twice'],
  'T04 one key in two listings': ['trust-key-of-two-people', 'trust-key-terms'],
  'T05 thresholds that are none': [
    'trust-threshold-zero',
    'trust-threshold-text',
    'trust-threshold-too-high',
  ],
  'T06 a role that is not theirs': ['role-not-allowed'],
  'T07 signed with a withdrawn key': ['key-withdrawn', 'key-withdrawn-long-ago'],
  'T08 a key out of its dates': ['key-not-yet', 'key-expired', 'key-expires-now'],
  'T09 an approval of another bundle': ['replay-other-bundle', 'replay-same-version'],
  'T10 an approval taken away': ['one-unknown', 'threshold-one-of-two', 'signature-alone'],
  'T11 roles emptied in the bundle': ['roles-emptied'],
  'T12 a role that looks alike': ['statement-role-look-alike', 'manifest-role-look-alike'],
  'T13 times that cannot be': ['signed-in-future', 'signed-before-created', 'statement-time-no-zone'],
  'T15 wildcards': ['trust-wildcard'],
  'T16 nothing but garbage': ['garbage-only'],
  'T17 one person with two keys': ['threshold-two-keys-one-person'],
  'T20 a clock that was set': ['clock-at-1970', 'clock-far-ahead'],
};

describe('hostile trust', () => {
  it.each(Object.entries(rows))('%s confirms nothing', (_row, vectors) => {
    for (const vector of vectors) {
      const text = readFileSync(join(vectorsRoot, 'forged', vector, 'expect.json'), 'utf8');
      const { code } = JSON.parse(text) as { readonly code: string };
      expect(code, vector).toMatch(/^B-/);
      expect(code, vector).not.toBe('B-OK');
    }
  });
});
