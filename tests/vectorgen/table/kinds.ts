import { alice, bob, carol, dan, erin, frank, gina, hugo, soloTrust, type Member } from '../cast.js';
import { approval, bundle, pack, type ApprovalOptions } from '../bundle.js';
import { confirmed } from '../expect.js';
import { highSKey, rsaKey } from '../keys.js';
import { trustBytes } from '../trustText.js';
import type { Vector } from '../vector.js';

/** Every kind of key that may approve, alone in the one role that is asked for. */

function kind(name: string, about: string, by: Member, over: Partial<ApprovalOptions> = {}): Vector {
  const made = bundle({ roles: ['pm'] });
  return {
    family: 'valid',
    name: `kind-${name}`,
    about,
    input: pack(made, approval(made, { role: 'pm', by, ...over })),
    manifest: made.manifestText,
    trust: trustBytes(soloTrust(by)),
    expect: confirmed({ pm: [by.id] }),
  };
}

export function kindVectors(): readonly Vector[] {
  return [
    kind('ed25519', 'The approval is signed with an Ed25519 key.', alice),
    kind('ecdsa-p256', 'The approval is signed with an ECDSA key on P-256.', carol),
    kind('ecdsa-p384', 'The approval is signed with an ECDSA key on P-384.', bob),
    kind('ecdsa-p521', 'The approval is signed with an ECDSA key on P-521.', dan),
    kind('rsa-sha2-512', 'The approval is signed with RSA and SHA-512.', erin),
    kind('rsa-sha2-256', 'The approval is signed with RSA and SHA-256.', erin, {
      key: rsaKey('erin', 'sha256'),
    }),
    kind(
      'passkey',
      'The approval is signed with a passkey: user present and verified, the expected origin.',
      frank,
    ),
    kind('sk-ed25519', 'The approval is signed with an Ed25519 security key that was touched.', gina),
    kind('sk-ecdsa', 'The approval is signed with an ECDSA security key that was touched.', hugo),
    kind(
      'ecdsa-high-s',
      'The ECDSA signature carries the larger of the two values of s, as browsers write it.',
      carol,
      {
        key: highSKey('carol'),
      },
    ),
    kind('sshsig-sha256', 'The SSH signature is taken over the SHA-256 of the statement.', alice, {
      sshsig: { hash: 'sha256' },
    }),
  ];
}
