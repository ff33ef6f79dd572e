import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifySshsig } from '../../src/core/signature/sshsig.js';
import { secondOpinion } from '../../src/platform/secondPath.js';
import { alice, bob, carol, dan, erin, frank, gina } from '../vectorgen/cast.js';
import { sshsig } from '../vectorgen/keys.js';
import { utf8 } from '../vectorgen/raw.js';

const NAMESPACE = 'approval@countersign';
const message = utf8('{"a":1}');
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'countersign-second-'))));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the second opinion', () => {
  it('agrees with the code that judges, for every kind of key that WebCrypto knows', async () => {
    for (const { key, id } of [alice, bob, carol, dan, erin, frank]) {
      const made = sshsig(key, message);
      expect([id, verifySshsig(made, message, NAMESPACE).outcome]).toEqual([id, 'true']);
      expect([id, await secondOpinion(made, message, NAMESPACE)]).toEqual([id, 'agrees']);
      expect([id, await secondOpinion(made, utf8('{"a":2}'), NAMESPACE)]).toEqual([id, 'differs']);
      expect(await secondOpinion(made, message, 'trust@countersign')).toBe('differs');
    }
    expect(await secondOpinion(sshsig(gina.key, message), message, NAMESPACE)).toBe('lacks');
  });

  it('reads what ssh-keygen writes', async () => {
    const path = join(folder, 'message');
    writeFileSync(path, message);
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const key = join(folder, type);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', key]);
      execFileSync('ssh-keygen', ['-Y', 'sign', '-f', key, '-n', NAMESPACE, path], { stdio: 'ignore' });
      expect([type, await secondOpinion(readFileSync(`${path}.sig`), message, NAMESPACE)]).toEqual([
        type,
        'agrees',
      ]);
      rmSync(`${path}.sig`);
    }
  });

  it('never throws on anything else', async () => {
    const made = sshsig(alice.key, message);
    expect(await secondOpinion(utf8('-----BEGIN PGP SIGNATURE-----'), message, NAMESPACE)).toBe('lacks');
    for (let cut = 30; cut < made.length - 30; cut += 7)
      expect(await secondOpinion(made.subarray(0, cut), message, NAMESPACE)).not.toBe('agrees');
  });
});
