import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateBook } from '../../src/core/signature/openpgp/book.js';
import { readCertificate } from '../../src/core/signature/openpgp/import.js';
import { readNamedBlocks } from '../../src/core/signature/openpgp/named.js';
import { verifyOpenPgp } from '../../src/core/signature/openpgp/verify.js';
import { OpenPgpKeyError, readOpenPgpKey, signOpenPgp } from '../../src/engine/openpgpSign.js';
import { hasGnupg, openGnupg, type Gnupg } from './gnupg.js';

const MESSAGE = new TextEncoder().encode('{"exactly":"these bytes"}');
const PASSPHRASE = 'correct horse';

const KINDS: readonly (readonly [name: string, algorithm: string, shown: string])[] = [
  ['ed', 'ed25519', 'OpenPGP Ed25519'],
  ['rsa', 'rsa3072', 'OpenPGP RSA 3072'],
  ['p256', 'nistp256', 'OpenPGP ECDSA P-256'],
  ['p384', 'nistp384', 'OpenPGP ECDSA P-384'],
  ['p521', 'nistp521', 'OpenPGP ECDSA P-521'],
];

describe.skipIf(!hasGnupg)('GnuPG both ways', () => {
  let gpg: Gnupg;
  const fingerprints = new Map<string, string>();

  beforeAll(() => {
    gpg = openGnupg();
    for (const [name, algorithm] of KINDS) {
      const user = `${name} <${name}@example.org>`;
      fingerprints.set(name, gpg.makeKey(user, algorithm, 'sign,cert', '2y', PASSPHRASE));
    }
    const split = gpg.makeKey('split <split@example.org>', 'ed25519', 'cert', 'never');
    gpg.addSubkey(split, 'ed25519', 'sign', '1y');
    fingerprints.set('split', split);
  }, 120_000);
  afterAll(() => gpg.close());

  const exported = (name: string, more: readonly string[] = []): Uint8Array =>
    gpg.run([...more, '--armor', '--export', fingerprints.get(name)!]);

  function judge(file: Uint8Array, keys: Uint8Array, message = MESSAGE, now = Date.now()): string {
    const book = new CertificateBook();
    const read = readNamedBlocks(keys, 'key.asc');
    if ('findings' in read) return read.findings.map(({ code }) => code).join(' ');
    for (const block of read.blocks) book.add(block);
    const { outcome, key, findings } = verifyOpenPgp(file, message, book, now);
    return [outcome, key?.fingerprint ?? 'nobody', ...findings.map(({ code }) => code)].join(' ');
  }

  it.each([...KINDS.map(([name]) => [name, PASSPHRASE] as const), ['split', ''] as const])(
    'what gpg signs with %s holds here, and over other bytes it does not',
    (name, passphrase) => {
      const own = fingerprints.get(name)!;
      for (const more of [[], ['--digest-algo', 'SHA512'], ['--digest-algo', 'SHA384']]) {
        if (name === 'p521' && more.includes('SHA384')) continue;
        const file = gpg.sign(own, MESSAGE, more, passphrase);
        expect(judge(file, exported(name))).toBe(`true ${own}`);
        expect(judge(file, gpg.run(['--export', own])), 'binary export').toBe(`true ${own}`);
        expect(judge(file, exported(name), new Uint8Array([...MESSAGE, 10]))).toBe(
          `false ${own} signature-false`,
        );
      }
    },
    60_000,
  );

  it.each([...KINDS.map(([name]) => [name, PASSPHRASE] as const), ['split', null] as const])(
    'what is signed here with %s holds for gpg',
    async (name, passphrase) => {
      const own = fingerprints.get(name)!;
      const secret = gpg.run(['--passphrase', passphrase ?? '', '--armor', '--export-secret-keys', own]);
      const told = await readOpenPgpKey(secret);
      expect(told).toMatchObject({ fingerprint: own, needsPassphrase: passphrase !== null, canSign: true });
      expect(told.userIds).toEqual([`${name} <${name}@example.org>`]);
      const file = await signOpenPgp(secret, passphrase, MESSAGE);
      const status = gpg.verify(file, MESSAGE);
      expect(status).toContain('GOODSIG');
      // Digest 10 is SHA-512, class 00 is binary; the last word is the primary key.
      expect(status).toMatch(new RegExp(`VALIDSIG .* 10 00 ${own}`));
      expect(gpg.verify(file, new Uint8Array([...MESSAGE, 10]))).toContain('BADSIG');
      expect(judge(file, exported(name))).toBe(`true ${own}`);
    },
    60_000,
  );

  it('signs with a subkey alone, when the primary key stayed at home', async () => {
    const own = fingerprints.get('split')!;
    const secret = gpg.run(['--armor', '--export-secret-subkeys', own]);
    expect(await readOpenPgpKey(secret)).toMatchObject({ fingerprint: own, canSign: true });
    expect(gpg.verify(await signOpenPgp(secret, null, MESSAGE), MESSAGE)).toMatch(
      new RegExp(`VALIDSIG .* ${own}`),
    );
  });

  it('refuses text mode, SHA-1, clear-signed and inline signatures of gpg', () => {
    const own = fingerprints.get('rsa')!;
    const keys = exported('rsa');
    const by = (args: readonly string[]): string =>
      judge(gpg.run(['--passphrase', PASSPHRASE, '-u', own, '--armor', ...args], MESSAGE), keys);
    expect(by(['--textmode', '--detach-sign'])).toBe('false nobody openpgp-class');
    expect(by(['--digest-algo', 'SHA1', '--detach-sign'])).toBe('false nobody openpgp-digest');
    expect(by(['--digest-algo', 'RIPEMD160', '--detach-sign'])).toBe('false nobody openpgp-digest');
    expect(by(['--clear-sign'])).toBe('false nobody openpgp-inline');
    expect(by(['--sign'])).toBe('false nobody openpgp-inline');
    expect(by(['-u', fingerprints.get('ed')!, '--detach-sign'])).toBe(
      'false nobody openpgp-several-signatures',
    );
    expect(
      by(['--cert-notation', 'x@example.org=y', '--sig-notation', '!x@example.org=y', '--detach-sign']),
    ).toBe('false nobody openpgp-critical');
  }, 60_000);

  it('sees that a key ended or was revoked, as gpg wrote it', () => {
    const own = gpg.makeKey('gone <gone@example.org>', 'ed25519', 'sign,cert', '1y');
    const file = gpg.sign(own, MESSAGE);
    const before = gpg.run(['--armor', '--export', own]);
    const later = Date.now() + 400 * 86_400_000;
    expect(judge(file, before)).toBe(`true ${own}`);
    expect(judge(file, before, MESSAGE, later)).toBe(`true ${own} openpgp-key-ended`);
    const revocation = new TextDecoder().decode(
      gpg.run(
        ['--no-batch', '--command-fd', '0', '--gen-revoke', own],
        new TextEncoder().encode('y\n1\n\ny\n'),
      ),
    );
    gpg.run(['--import'], new TextEncoder().encode(revocation.replace(/^:/m, '')));
    expect(judge(file, gpg.run(['--armor', '--export', own]))).toBe(`true ${own} openpgp-key-revoked`);
  }, 60_000);

  it('keeps of a certificate what gpg needs to check with', () => {
    const own = fingerprints.get('split')!;
    const read = readCertificate(exported('split'), Date.now());
    if ('findings' in read) throw new Error(read.findings[0]?.message);
    const [card] = read.certificates;
    expect(card).toMatchObject({ fingerprint: own, canSign: true, userIds: ['split <split@example.org>'] });
    const other = openGnupg();
    try {
      other.run(['--import'], new Uint8Array(Buffer.from(card!.certificate, 'base64')));
      expect(other.verify(gpg.sign(own, MESSAGE), MESSAGE)).toMatch(new RegExp(`VALIDSIG .* ${own}`));
    } finally {
      other.close();
    }
  }, 60_000);

  it('says what is wrong with a private key file or a passphrase', async () => {
    const own = fingerprints.get('ed')!;
    const secret = gpg.run(['--passphrase', PASSPHRASE, '--armor', '--export-secret-keys', own]);
    const code = async (run: Promise<unknown>): Promise<string> =>
      run.then(
        () => 'signed',
        (error: unknown) => (error instanceof OpenPgpKeyError ? error.finding.code : String(error)),
      );
    expect(await code(signOpenPgp(secret, 'wrong', MESSAGE))).toBe('openpgp-passphrase-wrong');
    expect(await code(signOpenPgp(secret, null, MESSAGE))).toBe('openpgp-passphrase-needed');
    expect(await code(signOpenPgp(exported('ed'), null, MESSAGE))).toBe('openpgp-key-unreadable');
    expect(await code(signOpenPgp(gpg.run(['--export', own]), null, MESSAGE))).toBe('openpgp-key-public');
    expect(await code(readOpenPgpKey(new TextEncoder().encode('hello')))).toBe('openpgp-key-unreadable');
    expect(await code(readOpenPgpKey(new Uint8Array(2 * 1024 * 1024 + 1)))).toBe(
      'openpgp-certificate-too-large',
    );
    expect(
      await code(signOpenPgp(secret, PASSPHRASE, MESSAGE, new Date(Date.now() + 900 * 86_400_000))),
    ).toBe('openpgp-key-cannot-sign');
  }, 60_000);
});
