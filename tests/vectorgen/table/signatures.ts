import { ed25519 } from '@noble/curves/ed25519.js';
import { alice, bob, carol, frank, gina, mallory, soloTrust, type Member } from '../cast.js';
import { approval, bundle, pack, type ApprovalOptions, type Item, type Made } from '../bundle.js';
import { open } from '../expect.js';
import { ecdsaKey, keyOf, passkey, rsaKey, seedOf, skEcdsaKey, skEd25519Key, type TestKey } from '../keys.js';
import { join, utf8, type Octets } from '../raw.js';
import { trustBytes, type TrustRow } from '../trustText.js';
import type { Expected, Vector } from '../vector.js';
import { armor, mpint, string, uint32 } from '../wire.js';

/** One approval, one role, one thing wrong with the signature: the role has only false approvals. */

interface Fault extends Partial<ApprovalOptions> {
  readonly trust?: TrustRow;
  readonly expect?: Partial<Expected>;
  readonly checks?: Readonly<Record<string, string>>;
  readonly evidence?: (made: Made) => readonly Item[];
}

/** Of the finding of `code`, and of the role that stays open. `known`: whether the key could be read and looked up. */
export function falseSignature(
  name: string,
  about: string,
  code: string,
  by: Member,
  fault: Fault = {},
): Vector {
  const { trust, expect, checks, evidence, ...options } = fault;
  const made = bundle({ roles: ['pm'] });
  return {
    family: 'forged',
    name: `signature-${name}`,
    about,
    input: pack(made, evidence?.(made) ?? approval(made, { role: 'pm', by, ...options })),
    manifest: made.manifestText,
    trust: trustBytes(trust ?? soloTrust(by)),
    expect: {
      ...open('B-SIGBAD', { pm: [] }, [code, 'role-missing'], {
        signatures: 'fail',
        'known-signers': 'not-applicable',
        'required-roles': 'fail',
        windows: 'pass',
        ...checks,
      }),
      ...expect,
    },
  };
}

/** The key in the signature cannot be used or was never met, so there is no window to judge. */
const noKey = { checks: { windows: 'not-applicable' } } as const;

const IDENTITY = Uint8Array.from([1, ...new Array<number>(31).fill(0)]);

/** A key of small order with R and S for which lax verifiers say yes to every text. */
function smallOrderKey(point: Octets): TestKey {
  return keyOf('ssh-ed25519', join(string('ssh-ed25519'), string(point)), () =>
    join(string('ssh-ed25519'), string(join(IDENTITY, new Uint8Array(32)))),
  );
}

/** Alice's key, and a signature that she never made: the parts come from `make`. */
function edSignature(make: (data: Octets, secret: Octets) => Octets): TestKey {
  const secret = seedOf('alice', 32);
  return { ...alice.key, sign: (data) => join(string('ssh-ed25519'), string(make(data, secret))) };
}

function ecSignature(blob: Octets): TestKey {
  return { ...carol.key, sign: () => join(string('ecdsa-sha2-nistp256'), string(blob)) };
}

function addToS(signature: Octets): Octets {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = [...signature.subarray(32)].reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) + order;
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n));
  return join(signature.subarray(0, 32), bytes);
}

export function signatureVectors(): readonly Vector[] {
  return [...textVectors(), ...envelopeVectors(), ...valueVectors(), ...keyVectors(), ...deviceVectors()];
}

function textVectors(): Vector[] {
  const edited = (name: string, about: string, from: string, to: string): Vector =>
    falseSignature(`after-edit-${name}`, about, 'signature-false', alice, {
      evidence: (made) => {
        const [statement, signature] = approval(made, {
          role: 'pm',
          by: alice,
          predicate: { comment: 'checked by hand' },
        });
        const text = new TextDecoder().decode(statement!.bytes);
        if (!text.includes(from)) throw new Error(`nothing to edit: ${from}`);
        return [{ path: statement!.path, bytes: utf8(text.replace(from, to)) }, signature!];
      },
    });
  return [
    edited('comment', 'The comment was changed after signing.', 'checked by hand', 'checked by hanc'),
    edited('time', 'The time of signing was changed after signing.', '2026-11-10T', '2026-11-11T'),
    edited('user', 'The user was changed after signing.', '"user":"alice@', '"user":"alicf@'),
    falseSignature(
      'after-edit-role',
      'The role was changed after signing: a lead becomes pm.',
      'signature-false',
      alice,
      {
        evidence: (made) => {
          const [statement, signature] = approval(made, {
            role: 'lead',
            by: alice,
            file: 'approvals/pm-1.json',
          });
          const text = new TextDecoder().decode(statement!.bytes).replace('"role":"lead"', '"role":"pm"');
          return [{ path: statement!.path, bytes: utf8(text) }, signature!];
        },
      },
    ),
    falseSignature(
      'of-other-statement',
      'The signature belongs to an approval of another bundle.',
      'signature-false',
      alice,
      {
        evidence: (made) => {
          const other = approval(bundle({ roles: ['pm'], manifest: { version: '1.2.0' } }), {
            role: 'pm',
            by: alice,
          });
          return [approval(made, { role: 'pm', by: alice })[0]!, other[1]!];
        },
      },
    ),
    falseSignature(
      'key-named-differs',
      'The statement names another key than the one that signed.',
      'statement-key-differs',
      alice,
      {
        predicate: { key: bob.key.fingerprint },
      },
    ),
  ];
}

function envelopeVectors(): Vector[] {
  const sig = (name: string, about: string, code: string, fault: Fault, known = false): Vector =>
    falseSignature(name, about, code, alice, known ? fault : { ...fault, ...noKey });
  const text = (edit: (armored: string) => string): Fault => ({
    signature: (armored) => utf8(edit(new TextDecoder().decode(armored))),
  });
  return [
    sig(
      'namespace-git',
      'The signature was made for git.',
      'sshsig-namespace',
      { sshsig: { namespace: 'git' } },
      true,
    ),
    sig(
      'namespace-file',
      'The signature was made for ordinary files.',
      'sshsig-namespace',
      { sshsig: { namespace: 'file' } },
      true,
    ),
    sig(
      'namespace-longer',
      'The namespace only begins with the right one.',
      'sshsig-namespace',
      { sshsig: { namespace: 'approval@countersign.example' } },
      true,
    ),
    sig(
      'namespace-request',
      'The signature was made for a request, not for an approval.',
      'sshsig-namespace',
      { sshsig: { namespace: 'request@countersign' } },
      true,
    ),
    sig(
      'namespace-empty',
      'The namespace is empty.',
      'sshsig-namespace',
      { sshsig: { namespace: '' } },
      true,
    ),
    sig('hash-sha1', 'The signature names the hash sha1.', 'sshsig-hash', { sshsig: { hashName: 'sha1' } }),
    sig('version-2', 'The signature says that it has version 2.', 'sshsig-version', {
      sshsig: { version: 2 },
    }),
    sig('reserved', 'The reserved field of the signature is not empty.', 'sshsig-reserved', {
      sshsig: { reserved: 'x' },
    }),
    sig('trailing', 'A byte follows after the signature.', 'sshsig-trailing', {
      sshsig: { trailing: new Uint8Array(1) },
    }),
    sig('magic', 'The signature begins with another word.', 'sshsig-structure', {
      sshsig: { magic: 'SSHSIH' },
    }),
    sig(
      'armor-missing',
      'The signature file holds bare base64.',
      'sshsig-armor',
      text((whole) => whole.split('\n').slice(1, -2).join('\n')),
    ),
    sig(
      'armor-text-before',
      'Text stands before the signature.',
      'sshsig-armor',
      text((whole) => `signed by me\n${whole}`),
    ),
    sig(
      'armor-text-after',
      'Text stands after the signature.',
      'sshsig-armor',
      text((whole) => `${whole}signed by me\n`),
    ),
    sig(
      'armor-pgp-label',
      'The frame says PGP.',
      'sshsig-armor',
      text((whole) => whole.replaceAll('SSH SIGNATURE', 'PGP SIGNATURE')),
    ),
    sig(
      'base64-url',
      'The base64 uses another alphabet.',
      'sshsig-armor',
      text((whole) => whole.replace(/\n([A-Za-z0-9]{9})./, '\n$1_')),
    ),
    sig('cut', 'The signature ends in the middle.', 'sshsig-structure', {
      signature: (whole) => {
        const body = new TextDecoder().decode(whole).split('\n').slice(1, -2).join('');
        return armor(new Uint8Array(Buffer.from(body, 'base64').subarray(0, 100)));
      },
    }),
    sig('key-of-other', 'The envelope names the key of somebody else.', 'signature-algorithm-mismatch', {
      sshsig: { publicKey: bob.key.blob },
    }),
    sig('key-of-other-same-kind', 'The envelope names another key of the same kind.', 'signature-false', {
      sshsig: { publicKey: mallory.key.blob },
    }),
  ];
}

function valueVectors(): Vector[] {
  return [
    falseSignature(
      'ed25519-s-plus-order',
      'S is written with the order of the group added to it.',
      'signature-false',
      alice,
      {
        key: edSignature((data, secret) => addToS(ed25519.sign(data, secret))),
      },
    ),
    falseSignature('ed25519-zero', 'The signature is all zeros.', 'signature-false', alice, {
      key: edSignature(() => new Uint8Array(64)),
    }),
    falseSignature('ed25519-r-identity', 'R is the identity and S is zero.', 'signature-false', alice, {
      key: edSignature(() => join(IDENTITY, new Uint8Array(32))),
    }),
    falseSignature('ed25519-short', 'The signature has 63 bytes.', 'signature-false', alice, {
      key: edSignature((data, secret) => ed25519.sign(data, secret).subarray(0, 63)),
    }),
    falseSignature('ecdsa-zero', 'r and s are zero.', 'signature-false', carol, {
      key: ecSignature(join(mpint0(), mpint0())),
    }),
    falseSignature('ecdsa-leading-zero', 'r is written with a zero too many.', 'signature-false', carol, {
      key: ecSignature(join(string(Uint8Array.of(0, 1)), mpint(1n))),
    }),
    falseSignature('ecdsa-negative', 'r is written as a negative number.', 'signature-false', carol, {
      key: ecSignature(join(string(Uint8Array.of(255)), mpint(1n))),
    }),
    falseSignature('ecdsa-der', 'The value is in DER form.', 'signature-false', carol, {
      key: ecSignature(Uint8Array.from([0x30, 6, 2, 1, 1, 2, 1, 1])),
    }),
    falseSignature('rsa-sha1-name', 'An RSA signature names SHA-1.', 'signature-algorithm-mismatch', {
      ...carol,
      key: rsaKey('erin', 'sha1'),
    }),
    falseSignature(
      'blob-trailing',
      'A byte follows inside the signature value.',
      'signature-encoding',
      alice,
      {
        key: { ...alice.key, sign: (data) => join(alice.key.sign(data), new Uint8Array(1)) },
      },
    ),
  ];
}

const mpint0 = (): Octets => string(new Uint8Array(0));

function keyVectors(): Vector[] {
  const byKey = (name: string, about: string, code: string, key: TestKey): Vector =>
    falseSignature(`key-${name}`, about, code, alice, {
      key,
      predicate: { key: alice.key.fingerprint },
      ...noKey,
    });
  const p256 = (point: Octets): TestKey =>
    keyOf('ecdsa-sha2-nistp256', join(string('ecdsa-sha2-nistp256'), string('nistp256'), string(point)), () =>
      join(string('ecdsa-sha2-nistp256'), string(join(mpint(1n), mpint(1n)))),
    );
  const y = Uint8Array.from([0xec, ...new Array<number>(30).fill(0xff), 0x7f]);
  const dsa = keyOf('ssh-dss', join(string('ssh-dss'), mpint(23n), mpint(11n), mpint(1n), mpint(1n)), () =>
    join(string('ssh-dss'), string(new Uint8Array(40))),
  );
  const certificate = keyOf(
    'cert',
    join(string('ssh-ed25519-cert-v01@openssh.com'), string(new Uint8Array(32))),
    alice.key.sign,
  );
  return [
    byKey(
      'identity',
      'The key is the identity: lax verifiers accept any text.',
      'key-small-order',
      smallOrderKey(IDENTITY),
    ),
    byKey('zero', 'The key is a point of order four.', 'key-small-order', smallOrderKey(new Uint8Array(32))),
    byKey('order-two', 'The key is the point of order two.', 'key-small-order', smallOrderKey(y)),
    byKey(
      'not-canonical',
      'The key is a second spelling of the identity.',
      'key-not-canonical',
      smallOrderKey(Uint8Array.from([0xee, ...y.subarray(1)])),
    ),
    byKey(
      'off-curve',
      'The key is a point beside the curve.',
      'key-not-canonical',
      p256(join(Uint8Array.of(4), new Uint8Array(64).fill(7))),
    ),
    byKey(
      'compressed',
      'The key is written in compressed form.',
      'key-not-canonical',
      p256(join(Uint8Array.of(2), new Uint8Array(32).fill(7))),
    ),
    byKey('dsa', 'The key is a DSA key for which every text passes.', 'key-type-refused', dsa),
    byKey('certificate', 'The key is a certificate.', 'key-type-refused', certificate),
    byKey('rsa-1024', 'The RSA key has 1,024 bits.', 'key-too-small', rsaKey('weak')),
    byKey('truncated', 'The key ends in the middle.', 'key-unreadable', {
      ...alice.key,
      blob: alice.key.blob.subarray(0, 40),
    }),
  ];
}

function deviceVectors(): Vector[] {
  const pass = (name: string, about: string, code: string, fields: Parameters<typeof passkey>[1]): Vector =>
    falseSignature(`passkey-${name}`, about, code, frank, { key: passkey('frank', fields) });
  const origin = open('B-UNKNOWN', { pm: [] }, ['passkey-origin', 'role-missing'], {
    'known-signers': 'warn',
    'required-roles': 'fail',
  });
  return [
    pass('type-create', 'The passkey was being registered.', 'passkey-type', { type: 'webauthn.create' }),
    pass('challenge', 'The passkey signed another challenge.', 'passkey-challenge', {
      challenge: utf8('login'),
    }),
    pass('cross-origin', 'The passkey was used inside a page of another site.', 'passkey-framed', {
      rest: ',"crossOrigin":true}',
    }),
    pass('top-origin', 'The record names the site around the page.', 'passkey-framed', {
      rest: ',"crossOrigin":false,"topOrigin":"https://evil.example"}',
    }),
    pass('no-presence', 'Nobody confirmed at the device.', 'passkey-user-presence-missing', { flags: 4 }),
    pass(
      'no-verification',
      'The device did not check who was using it.',
      'passkey-user-verification-missing',
      { flags: 1 },
    ),
    pass('flags-extension', 'The flags promise more data, which is not there.', 'passkey-flags', {
      flags: 0x85,
    }),
    pass('duplicate-member', 'The record holds its type twice.', 'passkey-client-data', {
      rest: ',"type":"webauthn.get"}',
    }),
    pass('origin-differs', 'The envelope names another origin than the record.', 'passkey-client-data', {
      saidOrigin: 'https://evil.example',
    }),
    {
      ...falseSignature(
        'passkey-origin',
        'The passkey signed for a site that the reader did not pin.',
        'passkey-origin',
        frank,
        {
          key: passkey('frank', { origin: 'https://sign.example.org.evil.example' }),
        },
      ),
      expect: { ...origin, code: 'B-INCOMPLETE' },
    },
    falseSignature(
      'sk-no-touch',
      'A security key signed without being touched.',
      'sk-user-presence-missing',
      gina,
      {
        key: skEd25519Key('gina', { flags: 0 }),
      },
    ),
    falseSignature(
      'sk-ecdsa-no-touch',
      'An ECDSA security key signed without being touched.',
      'sk-user-presence-missing',
      { ...gina, key: skEcdsaKey('hugo') },
      {
        key: skEcdsaKey('hugo', { flags: 0 }),
      },
    ),
    falseSignature(
      'sk-application',
      'A key that was made for a site signed as an SSH key.',
      'sk-application',
      {
        ...gina,
        key: skEd25519Key('gina', { application: 'sign.example.org' }),
      },
    ),
    falseSignature('sk-counter', 'The counter in the signature was changed.', 'signature-false', gina, {
      key: { ...gina.key, sign: (data) => join(gina.key.sign(data).subarray(0, -4), uint32(8)) },
    }),
    falseSignature(
      'algorithm-swapped',
      'An ECDSA key, and a signature that says Ed25519.',
      'signature-algorithm-mismatch',
      carol,
      {
        key: { ...carol.key, sign: alice.key.sign },
      },
    ),
    falseSignature(
      'curve-swapped',
      'A P-256 key, and a signature that says P-384.',
      'signature-algorithm-mismatch',
      carol,
      {
        key: { ...carol.key, sign: ecdsaKey('bob', 'nistp384').sign },
      },
    ),
  ];
}
