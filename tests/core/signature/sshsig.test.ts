import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAuthorizedKey, type ReadKey } from '../../../src/core/signature/publicKey.js';
import type { SignatureCheck } from '../../../src/core/signature/signature.js';
import { SSHSIG_BYTES_MAX, verifySshsig } from '../../../src/core/signature/sshsig.js';
import { armorBlob, armorSshsig, sshsigToBeSigned } from '../../../src/core/signature/sshsigWrite.js';
import { describeShared, sharedPath } from '../../shared.js';
import {
  ecdsaKey,
  ed25519Key,
  highSKey,
  passkey,
  rsaKey,
  skEcdsaKey,
  skEd25519Key,
  sshsig,
  type TestKey,
} from '../../vectorgen/keys.js';

const NAMESPACE = 'approval@countersign';
const message = new TextEncoder().encode('{"what":"is signed"}');

function codesOf(check: SignatureCheck): string[] {
  return check.findings.map(({ code }) => code);
}

function verify(armored: Uint8Array, of: Uint8Array = message): SignatureCheck {
  return verifySshsig(armored, of, NAMESPACE);
}

const keys: readonly TestKey[] = [
  ed25519Key('alice'),
  ecdsaKey('alice', 'nistp256'),
  ecdsaKey('alice', 'nistp384'),
  ecdsaKey('alice', 'nistp521'),
  highSKey('alice'),
  rsaKey('erin'),
  rsaKey('erin', 'sha256'),
  skEd25519Key('alice'),
  skEcdsaKey('alice'),
  passkey('alice'),
];

interface PublishedCase {
  readonly id: string;
  readonly key: string;
  readonly armored: string;
  readonly message_b64: string;
  readonly namespace: string;
  readonly expected: 'valid' | 'invalid';
}

describeShared('published SSH signatures', () => {
  it('gives the published answer for each, by the published key', () => {
    const cases = JSON.parse(
      readFileSync(sharedPath('corpora', 'sshsig', 'cases.json'), 'utf8'),
    ) as PublishedCase[];
    expect(cases.length).toBeGreaterThanOrEqual(21);
    for (const one of cases) {
      const text = new Uint8Array(Buffer.from(one.message_b64, 'base64'));
      // Some of the published files end in an empty line, which the strict frame does not permit.
      const armored = new TextEncoder().encode(`${one.armored.trimEnd()}\n`);
      const check = verifySshsig(armored, text, one.namespace);
      expect([one.id, check.outcome]).toEqual([one.id, one.expected === 'valid' ? 'true' : 'false']);
      if (check.outcome === 'true') {
        const listed = parseAuthorizedKey(one.key) as ReadKey;
        expect(check.key?.fingerprint).toBe(listed.key.fingerprint);
      } else {
        expect(codesOf(check)).toEqual([
          one.id.endsWith('namespace') ? 'sshsig-namespace' : 'signature-false',
        ]);
      }
    }
  });
});

describe('verifySshsig', () => {
  it('confirms every kind of key, with both digests, and names the key', () => {
    for (const key of keys) {
      for (const hash of ['sha256', 'sha512'] as const) {
        const check = verify(sshsig(key, message, { hash }));
        expect([key.algorithm, check.outcome, codesOf(check)]).toEqual([key.algorithm, 'true', []]);
        expect(check.key?.fingerprint).toBe(key.fingerprint);
        expect(check.key?.algorithm).toBe(key.algorithm);
      }
    }
  });

  it('hands back the origin of a passkey, and of nothing else', () => {
    expect(verify(sshsig(passkey('alice'), message)).origin).toBe('https://sign.example.org');
    expect(verify(sshsig(ed25519Key('alice'), message)).origin).toBeUndefined();
    expect(verify(sshsig(passkey('alice'), message), Uint8Array.of(1)).origin).toBeUndefined();
  });

  it('refuses another message by every kind of key', () => {
    for (const key of keys) expect(verify(sshsig(key, message), Uint8Array.of(1)).outcome).toBe('false');
  });

  it('refuses a signature by somebody else under the key of the first', () => {
    const [alice, mallory] = [ed25519Key('alice'), ed25519Key('mallory')];
    const check = verify(sshsig(mallory, message, { publicKey: alice.blob }));
    expect([check.outcome, codesOf(check)]).toEqual(['false', ['signature-false']]);
  });

  it.each([
    ['git', 'sshsig-namespace'],
    ['file', 'sshsig-namespace'],
    ['', 'sshsig-namespace'],
    ['approval@countersig', 'sshsig-namespace'],
    ['approval@countersign2', 'sshsig-namespace'],
    ['Approval@countersign', 'sshsig-namespace'],
    ['approval@countersign\0', 'sshsig-structure'],
  ])('refuses the namespace %j (S14)', (namespace, code) => {
    expect(codesOf(verify(sshsig(ed25519Key('alice'), message, { namespace })))).toEqual([code]);
  });

  it.each([
    ['version 2', { version: 2 }, 'sshsig-version'],
    ['version 0', { version: 0 }, 'sshsig-version'],
    ['sha1', { hashName: 'sha1' }, 'sshsig-hash'],
    ['SHA512 in capitals', { hashName: 'SHA512' }, 'sshsig-hash'],
    ['reserved bytes', { reserved: 'x' }, 'sshsig-reserved'],
    ['trailing bytes', { trailing: Uint8Array.of(0) }, 'sshsig-trailing'],
    ['another magic', { magic: 'SSHSIH' }, 'sshsig-structure'],
  ] as const)('refuses %s (S15)', (_, fields, code) => {
    const check = verify(sshsig(ed25519Key('alice'), message, fields));
    expect([check.outcome, codesOf(check)]).toEqual(['false', [code]]);
  });

  it('never verifies for an empty namespace', () => {
    const armored = sshsig(ed25519Key('alice'), message, { namespace: '' });
    expect(verifySshsig(armored, message, '').outcome).toBe('false');
  });

  it('refuses RSA with SHA-1, and other types than the key makes', () => {
    expect(codesOf(verify(sshsig(rsaKey('erin', 'sha1'), message)))).toEqual([
      'signature-algorithm-mismatch',
    ]);
    const crossed: TestKey = { ...ed25519Key('alice'), sign: ecdsaKey('alice', 'nistp256').sign };
    expect(codesOf(verify(sshsig(crossed, message)))).toEqual(['signature-algorithm-mismatch']);
    const plain: TestKey = { ...skEcdsaKey('alice'), sign: ecdsaKey('alice', 'nistp256').sign };
    expect(codesOf(verify(sshsig(plain, message)))).toEqual(['signature-algorithm-mismatch']);
  });

  it('refuses a short RSA key', () => {
    expect(codesOf(verify(sshsig(rsaKey('weak'), message)))).toEqual(['key-too-small']);
  });

  it('refuses a security key that was not touched or was made for a web site (S17)', () => {
    for (const make of [skEd25519Key, skEcdsaKey]) {
      expect(codesOf(verify(sshsig(make('alice', { flags: 0 }), message)))).toEqual([
        'sk-user-presence-missing',
      ]);
      expect(codesOf(verify(sshsig(make('alice', { application: 'example.org' }), message)))).toEqual([
        'sk-application',
      ]);
      const other: TestKey = { ...make('alice'), sign: make('alice', { application: 'ssh:other' }).sign };
      expect(codesOf(verify(sshsig(other, message)))).toEqual(['signature-false']);
    }
  });

  it('refuses a raw signature value, a cut one and an enormous one (S13)', () => {
    const key = ed25519Key('alice');
    expect(codesOf(verify(key.sign(message)))).toEqual(['sshsig-armor']);
    expect(codesOf(verify(armorBlob(key.sign(message))))).toEqual(['sshsig-structure']);
    expect(codesOf(verify(new Uint8Array(SSHSIG_BYTES_MAX + 1)))).toEqual(['signature-too-large']);
    expect(codesOf(verify(new Uint8Array(0)))).toEqual(['sshsig-armor']);
  });

  it('refuses every odd frame (S15)', () => {
    const good = new TextDecoder().decode(sshsig(ed25519Key('alice'), message));
    const lines = good.trimEnd().split('\n');
    const odd = [
      ` ${good}`,
      `\n${good}`,
      `${good}\n`,
      `${good}x`,
      good + good,
      good.replaceAll('\n', '\r\n'),
      good.replace('BEGIN', 'Begin'),
      good.replace('-----END SSH SIGNATURE-----\n', ''),
      good.replace('-----END SSH SIGNATURE-----', '-----END SSH SIGNATURE----'),
      good.replace('U1NI', 'U1N I'),
      good.replace('U1NI', 'U1N='),
      good.replace('U1NI', 'U1_I'),
      [lines[0], 'Comment: x', '', ...lines.slice(1)].join('\n'),
      [lines[0], '', ...lines.slice(1)].join('\n'),
      [lines[0], lines[1]!.slice(0, 40), lines[1]!.slice(40), ...lines.slice(2)].join('\n'),
      `\ufeff${good}`,
    ];
    for (const text of odd) {
      const check = verify(new TextEncoder().encode(text));
      expect([text, check.outcome, codesOf(check)]).toEqual([text, 'false', ['sshsig-armor']]);
    }
  });

  it('refuses every single flipped bit, without throwing', () => {
    for (const key of [ed25519Key('alice'), skEd25519Key('alice')]) {
      const blob = Buffer.from(
        new TextDecoder().decode(sshsig(key, message)).split('\n').slice(1, -2).join(''),
        'base64',
      );
      for (let bit = 0; bit < 8 * blob.length; bit += 3) {
        const flipped = new Uint8Array(blob);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect([bit, verify(armorBlob(flipped)).outcome]).not.toEqual([bit, 'true']);
      }
    }
  });

  it('refuses every truncation, without throwing', () => {
    const armored = sshsig(ecdsaKey('alice', 'nistp256'), message);
    const blob = Buffer.from(new TextDecoder().decode(armored).split('\n').slice(1, -2).join(''), 'base64');
    for (let length = 0; length < blob.length; length++) {
      expect(verify(armorBlob(new Uint8Array(blob.subarray(0, length)))).outcome).toBe('false');
    }
    for (let length = 0; length < armored.length - 1; length++) {
      expect(verify(armored.subarray(0, length)).outcome).toBe('false');
    }
  });
});

describe('armorSshsig', () => {
  it('writes what an independent writer writes', () => {
    for (const key of keys.filter(({ algorithm }) => !algorithm.startsWith('ssh-rsa'))) {
      for (const hash of ['sha256', 'sha512'] as const) {
        const signature = key.sign(sshsigToBeSigned(message, NAMESPACE, hash));
        expect(armorSshsig(key.blob, NAMESPACE, hash, signature)).toEqual(sshsig(key, message, { hash }));
      }
    }
  });
});

const haveSshKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined;
if (!haveSshKeygen) console.warn('NOT RUN (no ssh-keygen here): round trips with OpenSSH');

describe.skipIf(!haveSshKeygen)('together with OpenSSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['ed25519', []],
    ['ecdsa', ['-b', '256']],
    ['ecdsa', ['-b', '384']],
    ['ecdsa', ['-b', '521']],
    ['rsa', ['-b', '2048']],
  ] as const)('confirms what ssh-keygen signs: %s %j', (type, size) => {
    const file = join(folder, `${type}${size.at(1) ?? ''}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-f', file]);
    for (const hash of ['sha256', 'sha512']) {
      const armored = execFileSync(
        'ssh-keygen',
        ['-Y', 'sign', '-q', '-n', NAMESPACE, '-O', `hashalg=${hash}`, '-f', file],
        {
          input: message,
        },
      );
      const check = verify(new Uint8Array(armored));
      const listed = parseAuthorizedKey(readFileSync(`${file}.pub`, 'utf8')) as ReadKey;
      const shown = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' });
      expect([check.outcome, check.key?.fingerprint]).toEqual(['true', listed.key.fingerprint]);
      expect(shown).toContain(` ${listed.key.fingerprint} `);
      expect(verify(new Uint8Array(armored), Uint8Array.of(1)).outcome).toBe('false');
    }
  });

  it('agrees with ssh-keygen on what we frame, for every kind of key', () => {
    for (const key of keys) {
      const signature = key.sign(sshsigToBeSigned(message, NAMESPACE, 'sha512'));
      writeFileSync(join(folder, 'sig'), armorSshsig(key.blob, NAMESPACE, 'sha512', signature));
      writeFileSync(join(folder, 'signers'), `alice@example.org ${key.line}\n`);
      const verifyBy = (namespace: string): number | null =>
        spawnSync(
          'ssh-keygen',
          [
            '-Y',
            'verify',
            '-f',
            join(folder, 'signers'),
            '-I',
            'alice@example.org',
            '-n',
            namespace,
            '-s',
            join(folder, 'sig'),
          ],
          { input: message },
        ).status;
      expect([key.algorithm, verifyBy(NAMESPACE)]).toEqual([key.algorithm, 0]);
      expect(verifyBy('git')).not.toBe(0);
    }
  });
});
