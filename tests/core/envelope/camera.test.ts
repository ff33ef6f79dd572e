import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { encodeQR } from 'qr';
import { decodeQR } from 'qr/decode.js';
import { describe, expect, it } from 'vitest';
import { prepareApproval, sealApproval } from '../../../src/core/approve.js';
import { fromUtf8 } from '../../../src/core/bytes/text.js';
import { CAMERA_BYTES_MAX, readCamera, writeAnswer } from '../../../src/core/envelope/camera.js';
import { prepareRequest } from '../../../src/core/envelope/request.js';
import { carol, mallory } from '../../vectorgen/cast.js';
import { sshsig } from '../../vectorgen/keys.js';

const subject = {
  bundleDigest: `sha256:${'1a'.repeat(32)}`,
  id: 'acme/healthcare-api',
  version: '1.3.0',
  contentRoot: `sha256:${'2b'.repeat(32)}`,
};
const said = {
  role: 'security',
  user: 'carol@example.org',
  decision: 'approved',
  signedAt: '2026-11-20T10:00:00Z',
} as const;

function statementOf(more: object = {}): Uint8Array {
  const made = prepareApproval(subject, { ...said, ...more });
  if ('findings' in made) throw new Error(made.findings[0]!.message);
  return made.statement;
}

function coded(statement: Uint8Array, signature: Uint8Array): Uint8Array {
  const made = writeAnswer(statement, { kind: 'sshsig', bytes: signature });
  if ('findings' in made) throw new Error(made.findings[0]!.message);
  return made.bytes;
}

function refusal(bytes: Uint8Array): string {
  const read = readCamera(bytes);
  return 'findings' in read ? read.findings.map(({ message }) => message).join(' ') : 'accepted';
}

const signed = (statement: Uint8Array): Uint8Array => sshsig(carol.key, statement);
const answer = coded(statementOf(), signed(statementOf()));

describe('an answer in a code', () => {
  it('gives back statement and signature, byte for byte', () => {
    for (const more of [
      {},
      { decision: 'declined', comment: 'Zürich, 東京' },
      { expires: '2027-01-01T00:00:00Z', key: `SHA256:${'A'.repeat(43)}` },
      { file: { path: 'policies/ai.yaml', sha256: '3c'.repeat(32) } },
    ]) {
      const statement = statementOf(more);
      const signature = signed(statement);
      const read = readCamera(coded(statement, signature));
      if (!('answer' in read)) throw new Error(JSON.stringify(read));
      expect(read.answer.statement.bytes).toEqual(statement);
      expect(fromUtf8(read.answer.signature.bytes)).toBe(fromUtf8(signature));
    }
  });

  it('is small, and what comes out of it passes the check of any approval', () => {
    expect(answer.length).toBeLessThan(427);
    const read = readCamera(answer);
    if (!('answer' in read)) throw new Error('not read');
    const { statement, signature } = read.answer;
    expect(sealApproval(statement.bytes, signature).files.map(({ name }) => name)).toEqual([
      'security-1.json',
      'security-1.json.sig',
    ]);
    const other = coded(statementOf({ role: 'pm' }), sshsig(mallory.key, statementOf()));
    const forged = readCamera(other);
    if (!('answer' in forged)) throw new Error('not read');
    expect(sealApproval(forged.answer.statement.bytes, forged.answer.signature).files).toEqual([]);
  });

  it('carries what gpg and ssh-keygen with RSA make', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-camera-'));
    try {
      const key = join(folder, 'key');
      execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '3072', '-N', '', '-f', key]);
      const statement = statementOf();
      const path = join(folder, 'statement.json');
      writeFileSync(path, statement);
      execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', key, '-n', 'approval@countersign', path], {
        stdio: 'ignore',
      });
      const made = coded(statement, readFileSync(`${path}.sig`));
      expect(made.length).toBeLessThan(CAMERA_BYTES_MAX);
      const read = readCamera(made);
      expect('answer' in read && sealApproval(statement, read.answer.signature).files).toHaveLength(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses everything else without throwing', () => {
    expect(refusal(new Uint8Array())).toContain('does not begin like one');
    expect(refusal(new Uint8Array(CAMERA_BYTES_MAX + 1))).toContain('longer than one code');
    for (let length = 1; length < answer.length; length++)
      expect(refusal(answer.subarray(0, length))).not.toBe('accepted');
    expect(refusal(Uint8Array.of(...answer, 0))).toContain('something follows its end');
    const kind = Uint8Array.from(answer);
    kind[5] = 9;
    expect(refusal(kind)).toContain('does not know');
    const flags = Uint8Array.from(answer);
    flags[4] = 32;
    expect(refusal(flags)).toContain('does not know');
  });

  it('never gives two meanings to one code: what is read writes the same bytes', () => {
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Uint8Array.from(answer);
        changed[at] = changed[at]! ^ by;
        const read = readCamera(changed);
        if (!('answer' in read)) return;
        expect(writeAnswer(read.answer.statement.bytes, read.answer.signature)).toEqual({ bytes: changed });
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void readCamera(bytes)));
  });

  it('is refused when it does not fit one code', () => {
    const made = writeAnswer(statementOf({ comment: 'x'.repeat(2900) }), {
      kind: 'sshsig',
      bytes: signed(statementOf()),
    });
    expect('findings' in made && made.findings[0]?.code).toMatch(
      /^(camera-answer-too-large|statement-field)$/,
    );
  });
});

describe('codes as pictures', () => {
  const latin = {
    write: (bytes: Uint8Array) =>
      encodeQR(String.fromCharCode(...bytes), 'raw', {
        encoding: 'byte',
        ecc: 'low',
        border: 4,
        textEncoder: (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)),
      }),
    read: (image: { width: number; height: number; data: Uint8Array }) =>
      Uint8Array.from(
        decodeQR(image, { textDecoder: (bytes) => String.fromCharCode(...bytes), timeLimit: 2000 }),
        (letter) => letter.charCodeAt(0),
      ),
  };

  /** Grey pixels with noise, as a camera sees them. */
  function picture(grid: boolean[][], scale: number): { width: number; height: number; data: Uint8Array } {
    const size = grid.length * scale;
    const data = new Uint8Array(size * size * 4);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const dark = grid[Math.floor(y / scale)]![Math.floor(x / scale)]!;
        const grey = (dark ? 40 : 215) + ((x * 7 + y * 13) % 23);
        data.set([grey, grey, grey, 255], (y * size + x) * 4);
      }
    return { width: size, height: size, data };
  }

  it('survive being drawn and read: request and answer', () => {
    const request = prepareRequest({
      bundle: { digest: subject.bundleDigest, contentRoot: subject.contentRoot, id: 'a/b', version: '1.0.0' },
      roles: ['security'],
      from: 'pm@example.org',
      requestedAt: '2026-11-20T10:00:00Z',
    });
    if ('findings' in request) throw new Error('no request');
    for (const bytes of [request.bytes, answer])
      expect(latin.read(picture(latin.write(bytes), 4))).toEqual(Uint8Array.from(bytes));
    expect(readCamera(latin.read(picture(latin.write(request.bytes), 3)))).toMatchObject({ kind: 'request' });
  });
});
