import { describe, expect, it } from 'vitest';
import { addKey } from '../../../../src/core/trust/import/addImport.js';
import { readTrust } from '../../../../src/core/trust/readTrust.js';
import { combineCertificates, readCertificate } from '../../../../src/core/signature/openpgp/import.js';
import { writeTrust } from '../../../../src/core/trust/writeTrust.js';
import {
  certificate,
  CERTIFY,
  DAY,
  framed,
  MADE,
  packet,
  pgpEd25519,
  publicKeyBlock,
  signatureBody,
  userForDigest,
} from '../../../vectorgen/openpgp.js';
import { join, utf8 } from '../../../vectorgen/raw.js';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const anna = pgpEd25519('anna');
const berta = pgpEd25519('berta');

const codes = (bytes: Uint8Array): string => {
  const read = readCertificate(bytes, NOW);
  return 'findings' in read ? read.findings.map(({ code }) => code).join(' ') : 'read';
};

function cards(bytes: Uint8Array) {
  const read = readCertificate(bytes, NOW);
  if ('findings' in read) throw new Error(read.findings[0]?.message);
  return read.certificates;
}

describe('readCertificate', () => {
  it('tells what a person is asked about', () => {
    expect(cards(certificate(anna, { keyEnds: 365 * DAY }))).toEqual([
      {
        fingerprint: anna.fingerprint,
        userIds: ['Test <test@example.org>'],
        algorithm: 'OpenPGP Ed25519',
        created: '2026-01-01T00:00:00Z',
        ends: '2027-01-01T00:00:00Z',
        revokedAt: null,
        canSign: true,
        certificate: expect.any(String) as string,
      },
    ]);
  });

  it('says when a key signs no more', () => {
    const one = (options: object) => cards(certificate(anna, options))[0]!;
    expect(one({ keyEnds: 30 * DAY }).canSign).toBe(false);
    expect(one({ flags: CERTIFY }).canSign).toBe(false);
    expect(one({ revoked: { at: MADE + DAY, reason: 2 } })).toMatchObject({
      canSign: false,
      revokedAt: '2026-01-02T00:00:00Z',
    });
    expect(one({ withoutSelf: true })).toMatchObject({ canSign: false, userIds: [] });
  });

  it('reads several keys in one file, one frame or several', () => {
    const both = join(certificate(anna), certificate(berta));
    const framedBoth = join(publicKeyBlock(certificate(anna)), publicKeyBlock(certificate(berta)));
    for (const file of [both, publicKeyBlock(both), framedBoth]) {
      expect(cards(file).map(({ fingerprint }) => fingerprint)).toEqual([
        anna.fingerprint,
        berta.fingerprint,
      ]);
    }
  });

  it('keeps nothing of what others certified', () => {
    const stranger = packet(2, signatureBody(berta, framed(anna), { type: 0x10, created: MADE }));
    const kept = (file: Uint8Array): string => cards(file)[0]!.certificate;
    expect(kept(certificate(anna, { more: [stranger] }))).toBe(kept(certificate(anna)));
    expect(cards(new Uint8Array(Buffer.from(kept(certificate(anna)), 'base64')))).toEqual(
      cards(certificate(anna)),
    );
  });

  const own = certificate(anna);
  it.each<readonly [string, Uint8Array, string]>([
    ['2 MB', new Uint8Array(2 * 1024 * 1024 + 1), 'openpgp-certificate-too-large'],
    [
      '100,000 certifications',
      join(
        own,
        new Uint8Array(200_000).map((_, i) => (i % 2 === 0 ? 0xc2 : 0)),
      ),
      'openpgp-certificate-flooded',
    ],
    ['300 self-signatures', flooded(300), 'openpgp-certificate-flooded'],
    ['a cut', own.subarray(0, -3), 'openpgp-certificate-unreadable'],
    ['nothing in it', new Uint8Array(0), 'openpgp-certificate-unreadable'],
    ['a private key', join(own, packet(7, berta.body)), 'openpgp-certificate-unreadable'],
    ['a message', packet(11, new Uint8Array(9)), 'openpgp-certificate-unreadable'],
    ['a version 3 key', packet(6, Uint8Array.of(3, 0, 0, 0, 0)), 'openpgp-certificate-unreadable'],
    [
      'a name behind a subkey',
      join(own, packet(14, berta.body), packet(13, utf8('x'))),
      'openpgp-certificate-unreadable',
    ],
    ['words around it', join(utf8('Hello\n'), publicKeyBlock(own)), 'openpgp-certificate-unreadable'],
  ])('refuses a file with %s', (_, file, code) => {
    expect(codes(file)).toBe(code);
  });
});

/** Signatures that claim to be the key's own and must each be calculated. */
function flooded(count: number): Uint8Array {
  const data = join(framed(anna), userForDigest('Test <test@example.org>'));
  const one = packet(2, signatureBody(anna, data, { type: 0x13, created: MADE }));
  return certificate(anna, { more: Array.from({ length: count }, () => one) });
}

describe('a certificate in the trust list', () => {
  const bytes = (file: Uint8Array) => new Uint8Array(Buffer.from(cards(file)[0]!.certificate, 'base64'));

  it('survives writing and reading, binary or armored', () => {
    for (const certificateBytes of [bytes(certificate(anna)), publicKeyBlock(certificate(anna))]) {
      const key = { kind: 'openpgp', fingerprint: anna.fingerprint, certificate: certificateBytes } as const;
      const list = {
        id: 'x',
        serial: 1,
        people: [{ id: 'a@b.c', also: [], keys: [key] }],
        withdrawn: [],
        rules: [],
      };
      expect(readTrust({ name: 'trust.yaml', bytes: writeTrust(list) }).trust).toEqual(list);
    }
  });

  it('is added to a binding that had none, and a fresh copy brings its end and its revocation', () => {
    const bare = { kind: 'openpgp', fingerprint: anna.fingerprint } as const;
    const first = addKey(null, { id: 'a@b.c' }, bare, { until: '2026-12-01T00:00:00Z' });
    const add = (before: typeof first, file: Uint8Array) =>
      addKey(
        before.trust,
        { id: 'a@b.c' },
        { ...bare, certificate: bytes(file) },
        { until: '2030-01-01T00:00:00Z' },
      );
    const whole = add(first, certificate(anna));
    const kept = (one: typeof first) => one.trust!.people[0]!.keys[0]!;
    expect(kept(whole).until).toBe('2026-12-01T00:00:00Z');
    expect(cards(kept(whole).certificate!)[0]!.canSign).toBe(true);
    const revoked = add(whole, certificate(anna, { revoked: { at: MADE + DAY, reason: 0 } }));
    expect(cards(kept(revoked).certificate!)[0]!.canSign).toBe(false);
    const back = add(revoked, certificate(anna));
    expect(cards(kept(back).certificate!)[0]!.canSign).toBe(false);
  });

  it('is never mixed with another key', () => {
    const own = bytes(certificate(anna));
    expect(combineCertificates(own, bytes(certificate(berta)))).toEqual(own);
    expect(combineCertificates(own, utf8('rubbish'))).toEqual(own);
    expect(combineCertificates(own, own)).toEqual(own);
  });
});
