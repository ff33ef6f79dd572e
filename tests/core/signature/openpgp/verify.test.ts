import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src/core/generated/report.js';
import { CertificateBook } from '../../../../src/core/signature/openpgp/book.js';
import { readNamedBlocks } from '../../../../src/core/signature/openpgp/named.js';
import { verifyOpenPgp } from '../../../../src/core/signature/openpgp/verify.js';
import type { SignatureCheck } from '../../../../src/core/signature/signature.js';
import {
  armored,
  certificate,
  CERTIFY,
  DAY,
  detached,
  framed,
  MADE,
  packet,
  pgpDsa,
  pgpEcdsa,
  pgpEd25519,
  pgpEd25519Native,
  pgpRsa,
  seconds,
  SIGN,
  signatureBody,
  sub,
  userForDigest,
  type CertificateOptions,
  type PgpKey,
  type SignOptions,
} from '../../../vectorgen/openpgp.js';
import { join, utf8 } from '../../../vectorgen/raw.js';

const NOW = '2026-11-20T12:00:00Z';
const MESSAGE = utf8('{"exactly":"these bytes"}');
const anna = pgpEd25519('anna');
const berta = pgpEd25519('berta');

function bookOf(...files: readonly Uint8Array[]): CertificateBook {
  const book = new CertificateBook();
  for (const file of files) {
    const read = readNamedBlocks(file, 'key.asc');
    if ('findings' in read) throw new Error(read.findings[0]?.message);
    for (const block of read.blocks) book.add(block);
  }
  return book;
}

function check(file: Uint8Array, keys: readonly Uint8Array[], now = NOW, message = MESSAGE): SignatureCheck {
  return verifyOpenPgp(file, message, bookOf(...keys), Date.parse(now));
}

const told = ({ outcome, findings }: SignatureCheck): string =>
  [outcome, ...findings.map(({ code }: Finding) => code)].join(' ');

/** A signature by Anna over the message, with her certificate. */
function byAnna(options: SignOptions = {}, own: CertificateOptions = {}, now = NOW): string {
  return told(check(detached(anna, MESSAGE, options), [certificate(anna, own)], now));
}

describe('a detached OpenPGP signature', () => {
  const kinds: readonly (readonly [string, PgpKey])[] = [
    ['Ed25519 as GnuPG writes it', anna],
    ['Ed25519 as RFC 9580 writes it', pgpEd25519Native('anna')],
    ['Ed25519 of version 6', pgpEd25519Native('anna', { version: 6 })],
    ['ECDSA P-256', pgpEcdsa('anna', 'nistp256')],
    ['ECDSA P-384', pgpEcdsa('anna', 'nistp384')],
    ['ECDSA P-521', pgpEcdsa('anna', 'nistp521')],
    ['RSA 3072', pgpRsa('erin')],
  ];
  it.each(kinds)('holds by %s with each permitted digest', (_, key) => {
    for (const hash of [8, 9, 10]) {
      const result = check(detached(key, MESSAGE, { hash }), [certificate(key)]);
      expect(told(result)).toBe('true');
      expect(result.key?.fingerprint).toBe(key.fingerprint);
    }
  });

  it.each(kinds)('does not hold by %s over other bytes, with another value or another key', (_, key) => {
    const file = signatureBody(key, MESSAGE);
    const keys = [certificate(key)];
    for (const other of ['{"exactly":"these bytes"}\n', '{"exactly":"these byteS"}', '']) {
      expect(told(check(armored('SIGNATURE', packet(2, file)), keys, NOW, utf8(other)))).toBe(
        'false signature-false',
      );
    }
    const bent = Uint8Array.from(file);
    bent[bent.length - 1]! ^= 1;
    expect(told(check(armored('SIGNATURE', packet(2, bent)), keys))).toBe('false signature-false');
    const claimed = detached(berta, MESSAGE, { claims: key });
    expect(told(check(claimed, keys))).toBe('false signature-false');
  });

  it('cannot be checked without the public key, and says which one it needs', () => {
    const result = check(detached(anna, MESSAGE), [certificate(berta)]);
    expect(told(result)).toBe('could-not-check openpgp-certificate-missing');
    expect(result.findings[0]?.action).toContain(`gpg --export --armor ${anna.fingerprint}`);
    expect(result.key).toBeNull();
  });

  const refusals: readonly (readonly [string, SignOptions, string])[] = [
    ['MD5', { hash: 1 }, 'openpgp-digest'],
    ['SHA-1', { hash: 2 }, 'openpgp-digest'],
    ['RIPEMD-160', { hash: 3 }, 'openpgp-digest'],
    ['text mode', { type: 0x01 }, 'openpgp-class'],
    ['standalone', { type: 0x02 }, 'openpgp-class'],
    ['a certification', { type: 0x10 }, 'openpgp-class'],
    ['a subkey binding', { type: 0x18 }, 'openpgp-class'],
    ['a timestamp', { type: 0x40 }, 'openpgp-class'],
    ['version 3', { version: 3 }, 'openpgp-version'],
    ['version 5', { version: 5 }, 'openpgp-version'],
    ['an unknown critical notation', { hashed: [sub(20, new Uint8Array(10), true)] }, 'openpgp-critical'],
    ['an unknown critical field', { hashed: [sub(100, Uint8Array.of(1), true)] }, 'openpgp-critical'],
    [
      'an unknown critical field in the open part',
      { unhashed: [sub(100, Uint8Array.of(1), true)] },
      'openpgp-critical',
    ],
    ['no time', { created: null }, 'openpgp-structure'],
    ['two times', { hashed: [sub(2, Uint8Array.of(0, 0, 0, 9))] }, 'openpgp-structure'],
    ['no word on its key', { anonymous: true }, 'openpgp-structure'],
    ['a time before its key', { created: MADE - 1 }, 'openpgp-signature-time'],
    ['a time in the future', { created: seconds(NOW) + 301 }, 'openpgp-signature-time'],
    ['an end that has come', { hashed: [sub(3, Uint8Array.of(0, 0, 0, 60))] }, 'openpgp-signature-time'],
  ];
  it.each(refusals)('is refused with %s', (_, options, code) => {
    expect(byAnna(options)).toBe(`false ${code}`);
  });

  it.each<readonly [string, SignOptions]>([
    ['a notation that is not critical', { hashed: [sub(20, new Uint8Array(10))] }],
    ['an unknown field that is not critical', { hashed: [sub(100, Uint8Array.of(1))] }],
    ['a time a little ahead', { created: seconds(NOW) + 299 }],
    ['an end to come', { hashed: [sub(3, Uint8Array.of(0, 255, 0, 0))] }],
  ])('holds with %s', (_, options) => {
    expect(byAnna(options)).toBe('true');
  });
});

describe('the file of a signature', () => {
  const keys = [certificate(anna)];
  const body = packet(2, signatureBody(anna, MESSAGE));
  const file = (bytes: Uint8Array): string => told(check(bytes, keys));
  const edited = (edit: (text: string) => string): string =>
    file(utf8(edit(new TextDecoder().decode(armored('SIGNATURE', body)))));

  it('may have headers, Windows line ends and no checksum', () => {
    expect(file(armored('SIGNATURE', body, ['Version: GnuPG v2', 'Comment: für Anna']))).toBe('true');
    expect(edited((text) => text.replaceAll('\n', '\r\n'))).toBe('true');
    expect(edited((text) => text.replace(/\n=.{4}\n/, '\n'))).toBe('true');
    expect(edited((text) => text.trimEnd())).toBe('true');
  });

  it.each<readonly [string, (text: string) => string]>([
    ['text before it', (text) => `I approve.\n${text}`],
    ['text behind it', (text) => `${text}I approve.\n`],
    ['a second frame', (text) => text + text],
    ['a form feed', (text) => text.replace('\n\n', '\n\f\n')],
    ['an escape in a header', (text) => text.replace('\n\n', '\nComment: \u001b[2J\n\n')],
    ['no empty line', (text) => text.replace('\n\n', '\n')],
    ['a wrong checksum', (text) => text.replace(/\n=.{4}\n/, '\n=AAAA\n')],
    ['mixed line ends', (text) => text.replace('\n\n', '\r\r\n')],
    ['another end line', (text) => text.replace('END PGP SIGNATURE', 'END PGP MESSAGE')],
    ['a public key frame', (text) => text.replaceAll('SIGNATURE', 'PUBLIC KEY BLOCK')],
    ['the frame of SSH', (text) => text.replaceAll('PGP', 'SSH')],
    ['base64 that is cut', (text) => text.replace(/.\n=/, '\n=')],
  ])('is refused with %s', (_, edit) => {
    expect(edited(edit)).toBe('false openpgp-armor');
  });

  it('is refused when it holds something else than one signature', () => {
    const literal = packet(11, join(Uint8Array.of(0x62, 0, 0, 0, 0, 0), MESSAGE));
    const onePass = packet(4, new Uint8Array(13));
    expect(file(armored('SIGNATURE', join(body, body)))).toBe('false openpgp-several-signatures');
    expect(file(armored('SIGNATURE', join(literal, body)))).toBe('false openpgp-inline');
    expect(file(armored('SIGNATURE', join(body, literal)))).toBe('false openpgp-inline');
    expect(file(armored('SIGNATURE', join(onePass, literal, body)))).toBe('false openpgp-inline');
    expect(file(utf8(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nhi\n`))).toBe(
      'false openpgp-inline',
    );
    expect(file(body)).toMatch(/^false openpgp-(armor|inline)$/);
    expect(file(armored('SIGNATURE', Uint8Array.of(0xff)))).toBe('false openpgp-structure');
    expect(file(armored('SIGNATURE', body.subarray(0, 40)))).toBe('false openpgp-structure');
    expect(file(new Uint8Array(64 * 1024 + 1))).toBe('false signature-too-large');
    const partial = join(Uint8Array.of(0xc2, 0xe1), body.subarray(2));
    expect(file(armored('SIGNATURE', partial))).toBe('false openpgp-structure');
  });

  it('has one spelling of its numbers', () => {
    const value = signatureBody(anna, MESSAGE);
    const at = value.length - 34 - 34;
    for (const shift of [0, 34]) {
      const bent = Uint8Array.from(value);
      bent[at + shift]! += 1;
      expect(file(armored('SIGNATURE', packet(2, bent)))).toMatch(/^false/);
    }
    expect(file(armored('SIGNATURE', packet(2, join(value, Uint8Array.of(0)))))).toBe(
      'false signature-false',
    );
  });
});

describe('the key of a signature', () => {
  it.each<readonly [string, CertificateOptions, string]>([
    ['without self-signature', { withoutSelf: true }, 'false openpgp-self-signature-missing'],
    ['with a self-signature by SHA-1 alone', { hash: 2 }, 'false openpgp-self-signature-missing'],
    [
      'with a self-signature in the future',
      { created: seconds(NOW) + DAY },
      'false openpgp-self-signature-missing',
    ],
    ['for certifying alone', { flags: CERTIFY }, 'false openpgp-key-not-for-signing'],
    ['that does not state its purpose', { flags: null }, 'true'],
    ['that ends later', { keyEnds: 365 * DAY }, 'true'],
    ['that has ended', { keyEnds: 300 * DAY }, 'true openpgp-key-ended'],
    [
      'that was revoked as compromised',
      { revoked: { at: MADE + DAY, reason: 2 } },
      'true openpgp-key-revoked',
    ],
    [
      'that was revoked without a reason',
      { revoked: { at: MADE + DAY, reason: 0 } },
      'true openpgp-key-revoked',
    ],
    ['that was superseded', { revoked: { at: MADE + DAY, reason: 1 } }, 'true openpgp-key-revoked'],
    ['that was revoked by SHA-1', { revoked: { at: MADE, reason: 2, hash: 2 } }, 'true openpgp-key-revoked'],
    ["with a stranger's revocation", { revoked: { at: MADE, reason: 2, by: berta } }, 'true'],
  ])('%s', (_, own, expected) => {
    expect(byAnna({}, own)).toBe(expected);
  });

  it('is judged at the time given, and only a reason that speaks of the past counts before its time', () => {
    const revoked = (reason: number): CertificateOptions => ({
      revoked: { at: seconds(NOW) + 30 * DAY, reason },
    });
    expect(byAnna({}, revoked(1))).toBe('true');
    expect(byAnna({}, revoked(3))).toBe('true');
    expect(byAnna({}, revoked(2))).toBe('true openpgp-key-revoked');
    expect(byAnna({}, { keyEnds: 300 * DAY }, '2026-10-01T00:00:00Z')).toMatch(/openpgp-signature-time/);
    expect(byAnna({ created: MADE + DAY }, { keyEnds: 300 * DAY }, '2026-10-01T00:00:00Z')).toBe('true');
    expect(check(detached(anna, MESSAGE), [certificate(anna, { keyEnds: 365 * DAY })]).terms).toEqual({
      until: '2027-01-01T00:00:00Z',
    });
  });

  it('cannot have its end taken away by a weaker or a direct statement', () => {
    const data = join(framed(anna), userForDigest('Test <test@example.org>'));
    const weak = packet(2, signatureBody(anna, data, { type: 0x13, hash: 2, created: MADE + 2 * DAY }));
    expect(byAnna({}, { keyEnds: 300 * DAY, more: [weak] })).toBe('true openpgp-key-ended');
    const direct = packet(2, signatureBody(anna, framed(anna), { type: 0x1f, created: MADE + 2 * DAY }));
    expect(byAnna({}, { keyEnds: 300 * DAY, direct: [direct] })).toBe('true openpgp-key-ended');
    const strong = packet(2, signatureBody(anna, data, { type: 0x13, created: MADE + 2 * DAY }));
    expect(byAnna({}, { keyEnds: 300 * DAY, more: [strong] })).toBe('true');
  });

  it('adds up from several copies, so that a revocation in any of them counts', () => {
    const file = detached(anna, MESSAGE);
    const clean = certificate(anna);
    const revoked = certificate(anna, { revoked: { at: MADE + DAY, reason: 0 } });
    expect(told(check(file, [clean, revoked]))).toBe('true openpgp-key-revoked');
    expect(told(check(file, [revoked, clean]))).toBe('true openpgp-key-revoked');
  });

  it('is believed to be revoked by whom its owner named', () => {
    const revoker = sub(
      12,
      join(Uint8Array.of(0x80, 22), new Uint8Array(Buffer.from(berta.fingerprint, 'hex'))),
    );
    const names = packet(
      2,
      signatureBody(anna, framed(anna), { type: 0x1f, created: MADE, hashed: [revoker] }),
    );
    const own = { direct: [names], revoked: { at: MADE + DAY, reason: 2, by: berta } };
    expect(byAnna({}, own)).toBe('true openpgp-key-revoked');
  });

  it('must be of a kind that can sign approvals', () => {
    for (const key of [pgpDsa('anna'), pgpRsa('weak')]) {
      expect(told(check(detached(key, MESSAGE), [certificate(key)]))).toBe('false openpgp-key-material');
    }
    const future = pgpEd25519('future', { created: seconds(NOW) + DAY });
    expect(told(check(detached(future, MESSAGE), [certificate(future)]))).toBe('false openpgp-key-material');
  });
});

describe('a signing subkey', () => {
  const subkey = pgpEd25519('anna subkey', { created: MADE + DAY });
  const by = (options: object, own: CertificateOptions = {}): string =>
    told(
      check(detached(subkey, MESSAGE), [
        certificate(anna, { flags: CERTIFY, subkeys: [{ key: subkey, ...options }], ...own }),
      ]),
    );

  it('signs for the primary key', () => {
    const keys = [certificate(anna, { flags: CERTIFY, subkeys: [{ key: subkey }] })];
    const result = check(detached(subkey, MESSAGE), keys);
    expect(told(result)).toBe('true');
    expect(result.key?.fingerprint).toBe(anna.fingerprint);
  });

  it.each<readonly [string, object, string]>([
    ['no answer from the subkey', { back: null }, 'false openpgp-subkey-unbound'],
    ["a stranger's answer", { back: berta }, 'false openpgp-subkey-unbound'],
    ['an answer by SHA-1', { backHash: 2 }, 'false openpgp-subkey-unbound'],
    ['a binding by SHA-1', { hash: 2 }, 'false openpgp-subkey-unbound'],
    ['another purpose', { flags: 0x0c }, 'false openpgp-key-not-for-signing'],
    ['no purpose', { flags: null }, 'false openpgp-key-not-for-signing'],
    ['an end that has come', { keyEnds: 30 * DAY }, 'true openpgp-key-ended'],
    ['a revocation', { revoked: { at: MADE + 2 * DAY, reason: 0 } }, 'true openpgp-key-revoked'],
  ])('is judged with %s', (_, options, expected) => {
    expect(by(options)).toBe(expected);
  });

  it('ends and is revoked with its primary key', () => {
    expect(by({}, { keyEnds: 300 * DAY })).toBe('true openpgp-key-ended');
    expect(by({}, { revoked: { at: MADE + DAY, reason: 1 } })).toBe('true openpgp-key-revoked');
    expect(by({}, { withoutSelf: true })).toBe('false openpgp-self-signature-missing');
  });

  it('cannot be claimed by somebody who attaches it to another key', () => {
    const stolen = certificate(berta, { subkeys: [{ key: subkey, back: berta }] });
    expect(told(check(detached(subkey, MESSAGE), [stolen]))).toBe('false openpgp-subkey-unbound');
    const unbound = join(certificate(berta), packet(14, subkey.body));
    expect(told(check(detached(subkey, MESSAGE), [unbound]))).toBe('false openpgp-subkey-unbound');
    const own = certificate(anna, { subkeys: [{ key: subkey }] });
    expect(check(detached(subkey, MESSAGE), [stolen, own]).key?.fingerprint).toBe(anna.fingerprint);
  });
});

describe('copies that lie beside the bundle', () => {
  const data = join(framed(anna), userForDigest('Test <test@example.org>'));
  const junk = (round: number): Uint8Array =>
    certificate(anna, {
      more: Array.from({ length: 200 }, (_, i) =>
        packet(2, signatureBody(anna, data, { type: 0x13, created: MADE + 1000 * round + i })),
      ),
    });
  const blocksOf = (file: Uint8Array) => {
    const read = readNamedBlocks(file, 'key.asc');
    return 'blocks' in read ? read.blocks : [];
  };

  it("share one bound on what they cost, and never take the reader's own copy with them", () => {
    const book = bookOf(certificate(anna));
    for (let round = 0; round < 20; round++) for (const block of blocksOf(junk(round))) book.add(block, true);
    expect(told(verifyOpenPgp(detached(anna, MESSAGE), MESSAGE, book, Date.parse(NOW)))).toBe('true');
    const { findings } = book.candidates({ fingerprints: [anna.fingerprint], keyIds: [] });
    // Five copies fit into 1,024 calculations of 201 each; the others are named.
    expect(findings.map(({ code }) => code)).toEqual(
      Array.from({ length: 15 }, () => 'openpgp-certificate-flooded'),
    );
  });
});

describe('purposes', () => {
  it('are those of the newest self-signature', () => {
    const data = join(framed(anna), userForDigest('Test <test@example.org>'));
    const flags = (value: number): Uint8Array =>
      packet(
        2,
        signatureBody(anna, data, {
          type: 0x13,
          created: MADE + DAY,
          hashed: [sub(27, Uint8Array.of(value))],
        }),
      );
    expect(byAnna({}, { flags: CERTIFY, more: [flags(CERTIFY | SIGN)] })).toBe('true');
    expect(byAnna({}, { flags: CERTIFY | SIGN, more: [flags(CERTIFY)] })).toBe(
      'false openpgp-key-not-for-signing',
    );
  });
});
