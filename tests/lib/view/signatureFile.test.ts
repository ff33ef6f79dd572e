import { describe, expect, it } from 'vitest';
import { signatureGiven } from '../../../src/lib/view/signatureFile.js';
import { alice } from '../../vectorgen/cast.js';
import { sshsig } from '../../vectorgen/keys.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const begin = (what: string): Uint8Array => text(`-----BEGIN ${what}-----\nAAAA\n-----END ${what}-----\n`);
const said = (bytes: Uint8Array): string => {
  const given = signatureGiven(bytes);
  return 'kind' in given ? given.kind : `${given.finding.code}: ${given.finding.message}`;
};

describe('what is given for a signature', () => {
  it('takes both kinds, armored and, for OpenPGP, binary', () => {
    expect(said(sshsig(alice.key, text('x')))).toBe('sshsig');
    expect(said(begin('PGP SIGNATURE'))).toBe('openpgp');
    expect(said(Uint8Array.of(0x88, 0x75, 4, 0, 0xff))).toBe('openpgp');
  });

  it.each([
    'OPENSSH PRIVATE KEY',
    'PRIVATE KEY',
    'EC PRIVATE KEY',
    'RSA PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
  ])('never keeps a private key: %s', (what) =>
    expect(said(begin(what))).toContain('signature-is-private-key'),
  );

  it('nor one of GPG', () => {
    expect(said(begin('PGP PRIVATE KEY BLOCK'))).toContain('signature-is-private-key');
  });

  it.each([
    [text('ssh-ed25519 AAAAC3Nza pat@example.org\n'), 'an SSH public key'],
    [text('sk-ecdsa-sha2-nistp256@openssh.com AAAAInNr\n'), 'an SSH public key'],
    [begin('PGP PUBLIC KEY BLOCK'), 'a GPG public key'],
    [begin('PGP SIGNED MESSAGE'), 'a GPG message'],
    [begin('PGP MESSAGE'), 'a GPG message'],
    [text('{"_type":"https://in-toto.io/Statement/v1"}'), 'the text that is to be signed'],
    [text(' \n'), 'empty'],
    [text('hello'), 'something else'],
    [new Uint8Array(), 'empty'],
  ])('says what else it is: %#', (bytes, what) => {
    expect(said(bytes)).toMatch(new RegExp(`^signature-not-one: .*${what}`));
  });
});
