import { p256 } from '@noble/curves/nist.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { forgetAnswers, keptAnswers } from '../../src/core/bytes/answers.js';
import { verifyEcdsaP1363 } from '../../src/core/signature/ecdsa.js';
import { verifyEd25519 } from '../../src/core/signature/ed25519.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';

describe('answers that are kept', () => {
  it('are calculated once for each key, false ones too', () => {
    const answers = keptAnswers<boolean>(4);
    let asked = 0;
    const no = (): boolean => (asked++, false);
    expect([answers.of('a', no), answers.of('a', no), answers.of('b', no)]).toEqual([false, false, false]);
    expect(asked).toBe(2);
  });

  it('are never more than was said', () => {
    const answers = keptAnswers<number>(4);
    let asked = 0;
    const next = (): number => asked++;
    for (let key = 0; key < 5; key++) answers.of(`${key}`, next);
    answers.of('0', next);
    expect(asked).toBe(6);
  });

  it('are not kept where they are not worth it', () => {
    const answers = keptAnswers<number>(4);
    let asked = 0;
    const next = (): number => asked++;
    const first = (answer: number): boolean => answer === 0;
    for (const key of ['a', 'a', 'b', 'b']) answers.of(key, next, first);
    expect(asked).toBe(3);
  });

  it('are forgotten when the self-test is run', async () => {
    const answers = keptAnswers<number>(4);
    let asked = 0;
    const next = (): number => asked++;
    answers.of('a', next);
    await createInlineEngine(nodePlatform()).runControls();
    answers.of('a', next);
    expect(asked).toBe(2);
    forgetAnswers();
    answers.of('a', next);
    expect(asked).toBe(3);
  });
});

/** The arguments with one bit changed in one of them, for each of them. */
function changedOnce(given: readonly Uint8Array[]): Uint8Array[][] {
  const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(-1, bytes.at(-1)! ^ 1);
  return given.map((_, at) => given.map((bytes, i) => (i === at ? flipped(bytes) : bytes)));
}

describe('whether a signature verifies', () => {
  it('is asked anew for each key, message and signature of Ed25519', () => {
    const { secretKey, publicKey } = ed25519.keygen(new Uint8Array(32).fill(7));
    for (const length of [40, 5000]) {
      const message = new Uint8Array(length).fill(1);
      const given = [publicKey, message, ed25519.sign(message, secretKey)] as const;
      for (let round = 0; round < 2; round++) {
        expect(verifyEd25519(...given)).toBe(true);
        for (const [key, text, signature] of changedOnce(given))
          expect(verifyEd25519(key!, text!, signature!)).toBe(false);
      }
    }
  });

  it('is asked anew for each key, digest and signature of ECDSA', () => {
    const { secretKey, publicKey } = p256.keygen(new Uint8Array(48).fill(9));
    const point = p256.Point.fromBytes(publicKey).toBytes(false);
    const digest = sha256(new Uint8Array(40));
    const given = [point, digest, p256.sign(digest, secretKey, { prehash: false })] as const;
    for (let round = 0; round < 2; round++) {
      expect(verifyEcdsaP1363('nistp256', ...given)).toBe(true);
      for (const [key, text, signature] of changedOnce(given))
        expect(verifyEcdsaP1363('nistp256', key!, text!, signature!)).toBe(false);
      expect(verifyEcdsaP1363('nistp384', ...given)).toBe(false);
    }
  });
});
