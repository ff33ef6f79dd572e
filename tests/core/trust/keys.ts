import { ed25519 } from '@noble/curves/ed25519.js';
import { toBase64 } from '../../../src/core/bytes/base64.js';
import { concatBytes } from '../../../src/core/bytes/bytes.js';
import { wireString } from '../../../src/core/signature/wire.js';

/** Test keys from fixed seeds; they protect nothing. */
export function keyLine(seed: number): string {
  return lineOf(ed25519.getPublicKey(new Uint8Array(32).fill(seed)));
}

function lineOf(point: Uint8Array): string {
  return `ssh-ed25519 ${toBase64(concatBytes([wireString('ssh-ed25519'), wireString(point)]))}`;
}

export const aliceKey = keyLine(1);
export const bobKey = keyLine(2);
export const carolKey = keyLine(3);
/** The identity point: with it, one signature fits every text. */
export const smallOrderLine = lineOf(Uint8Array.of(1, ...new Array<number>(31).fill(0)));
