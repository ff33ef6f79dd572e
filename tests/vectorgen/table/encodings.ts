import { createHash } from 'node:crypto';
import { ed25519, ed25519ctx, ed25519ph } from '@noble/curves/ed25519.js';
import { alice } from '../cast.js';
import { seedOf, type TestKey } from '../keys.js';
import { join, utf8, type Octets } from '../raw.js';
import type { Vector } from '../vector.js';
import { string } from '../wire.js';
import { falseSignature } from './signatures.js';

/** Second spellings of a true signature, and signatures made by relatives of the right algorithm. */

const BEGIN = '-----BEGIN SSH SIGNATURE-----\n';
const END = '\n-----END SSH SIGNATURE-----\n';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The armored signature of Alice with its base64 written otherwise. */
function spelled(name: string, about: string, edit: (base64: string) => string): Vector {
  return falseSignature(name, about, 'sshsig-armor', alice, {
    signature: (armored) => {
      const text = new TextDecoder().decode(armored);
      const base64 = text.slice(BEGIN.length, text.length - END.length);
      const edited = edit(base64);
      if (edited === base64) throw new Error('the edit changed nothing');
      return utf8(BEGIN + edited + END);
    },
    checks: { windows: 'not-applicable' },
  });
}

/** The last symbol before the padding with a bit set that no byte takes up. */
function withUnusedBit(base64: string): string {
  const [, body = '', last = '', padding = ''] = /^([^]*)([^=])(==?)$/.exec(base64) ?? [];
  return `${body}${ALPHABET[ALPHABET.indexOf(last) + 1] ?? ''}${padding}`;
}

function relative(name: string, about: string, make: (data: Octets, secret: Octets) => Octets): Vector {
  const secret = seedOf('alice', 32);
  const key: TestKey = {
    ...alice.key,
    sign: (data) => join(string('ssh-ed25519'), string(make(data, secret))),
  };
  return falseSignature(name, about, 'signature-false', alice, { key });
}

function sha512(bytes: Octets): Octets {
  return new Uint8Array(createHash('sha512').update(bytes).digest());
}

export function encodingVectors(): readonly Vector[] {
  return [
    spelled(
      'base64-unused-bits',
      'The last symbol of the base64 has a bit that no byte takes up.',
      withUnusedBit,
    ),
    spelled('base64-no-padding', 'The padding of the base64 is left out.', (text) => text.replace(/=+$/, '')),
    spelled('base64-more-padding', 'The base64 has more padding than it needs.', (text) => `${text}=`),
    spelled(
      'base64-space',
      'A space stands within the base64.',
      (text) => `${text.slice(0, 10)} ${text.slice(11)}`,
    ),
    spelled('base64-empty-line', 'An empty line stands within the base64.', (text) =>
      text.replace('\n', '\n\n'),
    ),
    spelled('base64-empty', 'There is no base64 between the two lines.', () => ''),
    relative('ed25519-prehash', 'Signed with Ed25519ph instead of Ed25519.', (data, secret) =>
      ed25519ph.sign(data, secret),
    ),
    relative('ed25519-context', 'Signed with Ed25519ctx instead of Ed25519.', (data, secret) =>
      ed25519ctx.sign(data, secret, { context: utf8('approval@countersign') }),
    ),
    relative('ed25519-hash-of-hash', 'The hash of what had to be signed was signed.', (data, secret) =>
      ed25519.sign(sha512(data), secret),
    ),
    falseSignature(
      'openpgp-in-sig',
      'The SSH signature file holds an OpenPGP signature.',
      'sshsig-armor',
      alice,
      {
        signature: () => utf8('-----BEGIN PGP SIGNATURE-----\n\niHUEABYKAB0=\n-----END PGP SIGNATURE-----\n'),
        checks: { windows: 'not-applicable' },
      },
    ),
  ];
}
