import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import {
  verifyEcdsaDer,
  verifyEcdsaP1363,
  type CurveName,
  type HashName,
} from '../../../src/core/signature/ecdsa.js';
import { ed25519PointProblem, verifyEd25519 } from '../../../src/core/signature/ed25519.js';
import { verifyLegacySsh } from '../../../src/core/signature/legacySsh.js';
import { parsePublicKeyBlob } from '../../../src/core/signature/publicKey.js';
import { rsaKeyProblem, verifyRsa } from '../../../src/core/signature/rsa.js';
import { verifySshsig } from '../../../src/core/signature/sshsig.js';
import { armorBlob } from '../../../src/core/signature/sshsigWrite.js';
import { concatBytes } from '../../../src/core/bytes/bytes.js';
import { wireString } from '../../../src/core/signature/wire.js';
import { describeShared, sharedPath } from '../../shared.js';
import { ed25519Key } from '../../vectorgen/keys.js';

interface Test {
  readonly tcId: number;
  readonly comment?: string;
  readonly msg: string;
  readonly sig: string;
  readonly tag?: string;
  readonly jws?: unknown;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

interface Group {
  readonly publicKey: {
    readonly pk?: string;
    readonly uncompressed?: string;
    readonly modulus?: string;
    readonly publicExponent?: string;
  };
  readonly sha?: string;
  readonly tests: readonly Test[];
}

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function read<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(sharedPath('corpora', 'crypto', ...path), 'utf8')) as T;
}

function wycheproof(name: string): readonly Group[] {
  return read<{ testGroups: readonly Group[] }>('wycheproof', name).testGroups;
}

/** Counts the cases whose answer is not the published one; "acceptable" is always refused: it means a second spelling. */
function wrong(
  name: string,
  answer: (group: Group, test: Test) => boolean,
): { cases: number; wrong: string[] } {
  const rows = wycheproof(name).flatMap((group) => group.tests.map((test) => ({ group, test })));
  const bad = rows.filter(({ group, test }) => answer(group, test) !== (test.result === 'valid'));
  return {
    cases: rows.length,
    wrong: bad.map(({ test }) => `${test.tcId} ${test.result} ${test.comment ?? ''}`),
  };
}

const digests = { 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 } as const;

function digest(group: Group, test: Test): Uint8Array {
  return digests[group.sha as keyof typeof digests](hex(test.msg));
}

function modulus({ publicKey }: Group): { n: bigint; e: bigint } {
  return { n: BigInt(`0x${publicKey.modulus ?? ''}`), e: BigInt(`0x${publicKey.publicExponent ?? ''}`) };
}

describeShared('Wycheproof', () => {
  it('Ed25519: no wrong answer', () => {
    const result = wrong('ed25519_test.json', ({ publicKey }, test) =>
      verifyEd25519(hex(publicKey.pk ?? ''), hex(test.msg), hex(test.sig)),
    );
    expect(result).toEqual({ cases: 151, wrong: [] });
  });

  it.each([
    ['ecdsa_secp256r1_sha256_test.json', 'nistp256', verifyEcdsaDer, 484],
    ['ecdsa_secp256r1_sha512_test.json', 'nistp256', verifyEcdsaDer, 554],
    ['ecdsa_secp256r1_sha256_p1363_test.json', 'nistp256', verifyEcdsaP1363, 262],
    ['ecdsa_secp384r1_sha384_p1363_test.json', 'nistp384', verifyEcdsaP1363, 280],
  ] as const)('%s: no wrong answer', (file, curve: CurveName, verify, cases) => {
    const result = wrong(file, (group, test) =>
      verify(curve, hex(group.publicKey.uncompressed ?? ''), digest(group, test), hex(test.sig)),
    );
    expect(result).toEqual({ cases, wrong: [] });
  });

  it.each([
    ['rsa_signature_2048_sha256_test.json', 'sha256', 259],
    ['rsa_signature_3072_sha512_test.json', 'sha512', 260],
  ] as const)(
    '%s: no wrong answer, and keys with the exponent 3 are refused',
    (file, hash: HashName, cases) => {
      let refusedKeys = 0;
      const result = wrong(file, (group, test) => {
        const answer = verifyRsa(modulus(group), hash, hex(test.msg), hex(test.sig));
        if (modulus(group).e !== 3n) return answer;
        refusedKeys++;
        expect([rsaKeyProblem(modulus(group)), answer]).toEqual(['weak', false]);
        return test.result === 'valid';
      });
      expect(result).toEqual({ cases, wrong: [] });
      expect(refusedKeys).toBe(file.includes('2048') ? 2 : 1);
    },
  );

  it('RSA-PSS is none of ours: never confirmed by the PKCS#1 v1.5 check', () => {
    const hashes = ['sha256', 'sha384', 'sha512', 'sha1'] as const;
    const rows = wycheproof('rsa_pss_2048_sha256_mgf1_32_test.json').flatMap((group) =>
      group.tests.map((test) => ({
        test,
        by: hashes.filter((hash) => verifyRsa(modulus(group), hash, hex(test.msg), hex(test.sig))),
      })),
    );
    expect(rows.length).toBe(108);
    // One case there is an honest PKCS#1 v1.5 signature, put in to see whether a PSS check takes it.
    const confirmed = rows.filter(({ by }) => by.length > 0);
    expect(confirmed.map(({ test, by }) => [test.comment, by])).toEqual([
      ['PKCS #1 v1.5 signature with SHA-256', ['sha256']],
    ]);
  });

  it('shared-secret tags and JSON web signatures are never confirmed, wherever they are put', () => {
    const values = [
      ...wycheproof('hmac_sha256_test.json').flatMap(({ tests }) => tests.map(({ tag }) => hex(tag ?? ''))),
      ...wycheproof('json_web_signature_test.json').flatMap(({ tests }) =>
        tests.map(({ jws }) => new TextEncoder().encode(typeof jws === 'string' ? jws : JSON.stringify(jws))),
      ),
    ];
    expect(values.length).toBe(174 + 401);
    const key = ed25519Key('alice');
    for (const value of values) {
      const text = new TextDecoder().decode(value);
      const base64 = Buffer.from(value).toString('base64');
      expect(verifySshsig(value, value, 'approval@countersign').outcome).toBe('false');
      expect(verifySshsig(armorBlob(value), value, 'approval@countersign').outcome).toBe('false');
      for (const signatureBase64 of [text, base64]) {
        expect(verifyLegacySsh({ publicKeyLine: key.line, signatureBase64, message: value }).outcome).toBe(
          'false',
        );
      }
    }
  });

  it.each([
    ['aes_gcm_test.json', 'AES-GCM'],
    ['hkdf_sha256_test.json', 'HKDF-SHA-256'],
    ['hmac_sha256_test.json', 'HMACSHA256'],
    ['pbkdf2_hmacsha256_test.json', 'PBKDF2-HMACSHA256'],
    ['x25519_jwk_test.json', 'XDH'],
  ])('%s: a key of that algorithm is not known here', (file, algorithm) => {
    expect(read<{ algorithm: string }>('wycheproof', file).algorithm).toBe(algorithm);
    const found = parsePublicKeyBlob(concatBytes([wireString(algorithm), wireString(new Uint8Array(32))]));
    expect('problem' in found && found.problem.code).toBe('key-type-unknown');
  });
});

interface Edge {
  readonly number: number;
  readonly key: string;
  readonly sig: string;
  readonly msg: string;
  readonly policy: 'must_reject' | 'must_accept' | 'same_in_every_browser';
  readonly observed: Readonly<Record<string, boolean>>;
}

interface SpecCheck {
  readonly message: string;
  readonly pub_key: string;
  readonly signature: string;
  readonly observed: Readonly<Record<string, boolean>>;
}

const browsers = ['node_openssl', 'chromium156', 'firefox153'];

describeShared('Ed25519 at the edges', () => {
  it('C2SP CCTV: refuses what must be refused, accepts what must be accepted', () => {
    const cases = read<Edge[]>('ed25519-edge', 'cctv.json');
    expect(cases.length).toBe(643);
    for (const one of cases) {
      const answer = verifyEd25519(hex(one.key), new TextEncoder().encode(one.msg), hex(one.sig));
      if (one.policy === 'must_reject') expect([one.number, answer]).toEqual([one.number, false]);
      if (one.policy === 'must_accept') expect([one.number, answer]).toEqual([one.number, true]);
      // What is confirmed here must be confirmed by every browser, so that nobody else sees another verdict.
      if (answer) expect(browsers.every((name) => one.observed[name])).toBe(true);
    }
  });

  it('speccheck: confirms nothing that one of the browsers refuses', () => {
    const cases = read<SpecCheck[]>('ed25519-edge', 'speccheck.json');
    const answers = cases.map((one) => verifyEd25519(hex(one.pub_key), hex(one.message), hex(one.signature)));
    expect(answers.map((answer) => (answer ? 'V' : 'x')).join('')).toBe('x'.repeat(12));
    expect(cases.length).toBe(12);
  });
});

describe('ed25519PointProblem', () => {
  /** y of the eight points of small order, and the second spellings of some of them. */
  const small = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  ];
  const secondSpelling = [
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ];

  it('refuses all points of small order and their second spellings (S01, S02)', () => {
    expect(small.map((point) => ed25519PointProblem(hex(point)))).toEqual(small.map(() => 'small-order'));
    expect(secondSpelling.map((point) => ed25519PointProblem(hex(point)))).toEqual(
      secondSpelling.map(() => 'malformed'),
    );
  });

  it('never confirms the signature that fits any message: A and R the identity, S zero (S01)', () => {
    const identity = hex(small[0]!);
    const signature = new Uint8Array(64);
    signature.set(identity);
    for (const point of [...small, ...secondSpelling]) {
      expect(verifyEd25519(hex(point), Uint8Array.of(1), signature)).toBe(false);
      signature.set(hex(point));
      expect(verifyEd25519(identity, Uint8Array.of(1), signature)).toBe(false);
    }
  });
});
