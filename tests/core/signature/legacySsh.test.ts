import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/bytes/bytes.js';
import { recogniseSignature } from '../../../src/core/signature/kinds.js';
import { verifyLegacySsh } from '../../../src/core/signature/legacySsh.js';
import type { SignatureCheck } from '../../../src/core/signature/signature.js';
import { verifySshsig } from '../../../src/core/signature/sshsig.js';
import { bigintOf, WireReader, wireMpint, wireString } from '../../../src/core/signature/wire.js';
import { describeShared, sharedPath } from '../../shared.js';
import { ecdsaKey, ed25519Key, rsaKey, skEd25519Key, sshsig, type TestKey } from '../../vectorgen/keys.js';

interface Approval {
  readonly role: string;
  readonly user: string;
  readonly signed_at: string;
  readonly signature: string;
  readonly public_key: string;
  readonly public_key_fingerprint: string;
  readonly comment?: string;
}

/** The text that the released command line signs. */
function messageOf(approval: Approval, archive: Uint8Array): Uint8Array {
  const digest = createHash('sha256').update(archive).digest('hex');
  const lines = [
    'SPECULAR BUNDLE APPROVAL',
    `Bundle Digest: sha256:${digest}`,
    `Role: ${approval.role}`,
    `User: ${approval.user}`,
    `Timestamp: ${approval.signed_at.replace(/\.\d+/, '')}`,
    ...(approval.comment ? [`Comment: ${approval.comment}`] : []),
  ];
  return new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
}

function codesOf(check: SignatureCheck): string[] {
  return check.findings.map(({ code }) => code);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

describeShared('sample approvals of the released command line', () => {
  const check = (name: string): SignatureCheck & { declared: string } => {
    const approval = JSON.parse(readFileSync(sharedPath('samples', 'bundles', name), 'utf8')) as Approval;
    const archive = readFileSync(sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz'));
    const message = messageOf(approval, archive);
    const result = verifyLegacySsh({
      publicKeyLine: approval.public_key,
      signatureBase64: approval.signature,
      message,
    });
    return { ...result, declared: approval.public_key_fingerprint };
  };

  it.each([
    ['healthcare-api-1.3.0-pm-20251106-101522-approval.json', 'true', []],
    ['healthcare-api-1.3.0-lead-20251106-124500-approval.json', 'true', []],
    ['healthcare-api-1.3.0-security-20251106-120109-approval.json', 'weak', ['rsa-sha1']],
    ['neg-approval-role-swapped.json', 'false', ['signature-false']],
    ['neg-approval-other-bundle.json', 'false', ['signature-false']],
    ['neg-approval-truncated-signature.json', 'false', ['signature-encoding']],
  ])('%s: %s', (name, outcome, codes) => {
    const result = check(name);
    expect([result.outcome, codesOf(result)]).toEqual([outcome, codes]);
    expect(result.key?.fingerprint).toBe(result.declared);
  });

  it('calculates the fingerprint from the key, whatever the approval declares', () => {
    const spoofed = check('neg-approval-fingerprint-spoof.json');
    expect(spoofed.outcome).toBe('true');
    expect(spoofed.key?.fingerprint).toBe('SHA256:r5sim2NsTDTtAd/k5snTQecHLX/rugI08VJ1+TNIddc');
    expect(spoofed.key?.fingerprint).not.toBe(spoofed.declared);
  });

  it('says only that the key signed: a foreign key and injected lines are for others to refuse', () => {
    expect(check('neg-approval-untrusted-key.json').outcome).toBe('true');
    expect(check('neg-approval-newline-injection.json').outcome).toBe('true');
  });
});

/** The bare value inside an SSH signature blob, as the released command line stores it. */
function bare(key: TestKey, message: Uint8Array<ArrayBuffer>): Uint8Array {
  const reader = new WireReader(key.sign(message));
  reader.string();
  return reader.string();
}

describe('verifyLegacySsh', () => {
  const message = new TextEncoder().encode('SPECULAR BUNDLE APPROVAL\n');
  const run = (key: TestKey, signatureBase64: string, of: Uint8Array = message): SignatureCheck =>
    verifyLegacySsh({ publicKeyLine: `${key.line}\n`, signatureBase64, message: of });

  it('confirms Ed25519 and ECDSA on all three curves, and nothing over another text', () => {
    const keys = [
      ed25519Key('alice'),
      ecdsaKey('alice', 'nistp256'),
      ecdsaKey('alice', 'nistp384'),
      ecdsaKey('alice', 'nistp521'),
    ];
    for (const key of keys) {
      const signature = base64(bare(key, message));
      expect([key.algorithm, run(key, signature).outcome]).toEqual([key.algorithm, 'true']);
      expect(codesOf(run(key, signature, Uint8Array.of(1)))).toEqual(['signature-false']);
    }
  });

  it('calls RSA with SHA-1 weak when it fits, false when it does not or is made with SHA-2', () => {
    const key = rsaKey('erin', 'sha1');
    const signature = base64(bare(key, message));
    expect([run(key, signature).outcome, codesOf(run(key, signature))]).toEqual(['weak', ['rsa-sha1']]);
    expect(run(key, signature, Uint8Array.of(1)).outcome).toBe('false');
    expect(run(key, base64(bare(rsaKey('erin'), message))).outcome).toBe('false');
  });

  it('refuses a short RSA key although its signature fits', () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const { n = '' } = publicKey.export({ format: 'jwk' });
    const modulus = bigintOf(new Uint8Array(Buffer.from(n, 'base64url')));
    const blob = concatBytes([wireString('ssh-rsa'), wireMpint(65_537n), wireMpint(modulus)]);
    const check = verifyLegacySsh({
      publicKeyLine: `ssh-rsa ${base64(blob)}`,
      signatureBase64: base64(sign('sha1', message, privateKey)),
      message,
    });
    expect([check.outcome, codesOf(check)]).toEqual(['false', ['key-too-small']]);
  });

  it('cannot check security keys, whose flags and counter were lost', () => {
    const key = skEd25519Key('alice');
    const check = run(key, base64(bare(key, message)));
    expect([check.outcome, codesOf(check)]).toEqual(['could-not-check', ['sk-not-checkable']]);
  });

  it('refuses SSH signature files and whole SSH signature blobs (S13)', () => {
    const key = ed25519Key('alice');
    const armored = new TextDecoder().decode(sshsig(key, message));
    expect(codesOf(run(key, armored))).toEqual(['legacy-signature-armored']);
    expect(codesOf(run(key, base64(key.sign(message))))).toEqual(['signature-encoding']);
  });

  it('refuses every other base64, a PGP block and an enormous value (S12, S30)', () => {
    const key = ed25519Key('alice');
    const good = base64(bare(key, message));
    const odd = [
      '',
      '====',
      good.slice(0, -2),
      `${good}\n`,
      ` ${good}`,
      `${good}AAAA`,
      good.replace(/=+$/, ''),
      good.replace(/.==$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}==`),
      good.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
      '-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n',
      'A'.repeat(8196),
    ];
    for (const signature of odd) {
      expect([signature, codesOf(run(key, signature))]).toEqual([signature, ['signature-encoding']]);
    }
    const ecdsa = ecdsaKey('alice', 'nistp256');
    const longer = concatBytes([bare(ecdsa, message), Uint8Array.of(0)]);
    expect(run(ecdsa, base64(longer)).outcome).toBe('false');
  });

  it('refuses r or s that is zero or the order (S05)', () => {
    const key = ecdsaKey('alice', 'nistp256');
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    for (const [r, s] of [
      [order, 1n],
      [1n, order],
      [order, order],
    ] as const) {
      expect(run(key, base64(concatBytes([wireMpint(r), wireMpint(s)]))).outcome).toBe('false');
    }
    const zero = wireString(Uint8Array.of(0));
    const empty = wireString('');
    expect(run(key, base64(concatBytes([zero, zero]))).outcome).toBe('false');
    expect(run(key, base64(concatBytes([empty, empty]))).outcome).toBe('false');
  });
});

describe('recogniseSignature', () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);

  it.each([
    ['an SSH signature file', sshsig(ed25519Key('alice'), text('x') as Uint8Array<ArrayBuffer>), 'sshsig'],
    ['an armored OpenPGP signature', text('-----BEGIN PGP SIGNATURE-----\n'), 'openpgp'],
    ['a binary OpenPGP signature', Uint8Array.of(0x89, 0x01, 0x33, 0x04), 'openpgp'],
    ['a signed OpenPGP message', text('-----BEGIN PGP SIGNED MESSAGE-----\n'), 'openpgp-inline'],
    ['a binary OpenPGP message', Uint8Array.of(0xa3, 0x01, 0xff), 'openpgp-inline'],
    ['a Sigstore bundle', text('{"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}'), 'sigstore'],
    [
      'a time stamp token',
      Uint8Array.of(0x30, 0x80 | 2, 1, 0, 6, 9, 42, 134, 72, 134, 247, 13, 1, 7, 2),
      'timestamp',
    ],
    ['a time stamp answer', Uint8Array.of(0x30, 0x82, 1, 0, 0x30, 3, 2, 1, 0, 0x30), 'timestamp'],
    ['other JSON', text('{"mediaType":"text/plain"}'), 'unknown'],
    ['text', text('hello'), 'unknown'],
    ['nothing', new Uint8Array(0), 'unknown'],
    ['other bytes', Uint8Array.of(0xff, 0xff), 'unknown'],
  ] as const)('names %s', (_, bytes, kind) => {
    expect(recogniseSignature(bytes)).toBe(kind);
  });

  it('never takes an inline OpenPGP message for a signature (S18)', () => {
    expect(recogniseSignature(text('-----BEGIN PGP MESSAGE-----\n'))).toBe('openpgp-inline');
  });
});

describeShared('published signatures of other kinds', () => {
  const files = (...folder: readonly string[]): readonly string[] =>
    readdirSync(sharedPath('corpora', ...folder), { recursive: true, encoding: 'utf8' });

  it('are named, so that a reader sees what was not checked', () => {
    const kindOf = (...path: readonly string[]): string =>
      recogniseSignature(new Uint8Array(readFileSync(sharedPath('corpora', ...path))));
    const bundles = files('sigstore', 'bundle-verify').filter((name) =>
      name.endsWith('bundle.sigstore.json'),
    );
    expect(bundles.length).toBeGreaterThan(40);
    const kinds = bundles.map((name) => kindOf('sigstore', 'bundle-verify', name));
    expect(new Set(kinds)).toEqual(new Set(['sigstore']));
    for (const name of ['hello_world.txt.asc.sig', 'hello_world.txt.asc.v3.sig']) {
      expect([name, kindOf('openpgp', 'files', name)]).toEqual([name, 'openpgp']);
    }
    const clear = files('openpgp', 'not-detached-must-reject').filter((name) => name.includes('clear'));
    expect(clear.map((name) => kindOf('openpgp', 'not-detached-must-reject', name))).toEqual(
      clear.map(() => 'openpgp-inline'),
    );
    expect(clear.length).toBeGreaterThan(2);
  });

  it('are never confirmed as SSH signatures', () => {
    const message = new TextEncoder().encode('x');
    const names = files('openpgp', 'not-detached-must-reject');
    for (const name of names) {
      const bytes = new Uint8Array(
        readFileSync(sharedPath('corpora', 'openpgp', 'not-detached-must-reject', name)),
      );
      expect(verifySshsig(bytes, message, 'approval@countersign').outcome).toBe('false');
    }
    expect(names.length).toBe(27);
  });
});
