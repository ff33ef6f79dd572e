import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trustText } from '../vectorgen/trustText.js';
import { runHere } from './run.js';

/** Lists that `ssh-keygen -Y sign` signed, as somebody gets them by mail: the file, and its signature beside it. */

const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;
const home = mkdtempSync(join(tmpdir(), 'countersign-signed-list-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const at = (name: string): string => join(home, name);
const PAT = 'pat@example.org';

describe.runIf(openssh)('a signed list', () => {
  beforeAll(() => {
    for (const name of ['pat', 'mallory'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name), '-C', '']);
    write('mine.yaml', 3);
  });

  const keyOf = (name: string): string => readFileSync(at(`${name}.pub`), 'utf8').trim();
  function write(name: string, serial: number): void {
    const people = [
      { id: PAT, keys: [{ ssh: keyOf('pat') }] },
      ...(serial > 3 ? [{ id: 'sam@example.org', keys: [{ ssh: keyOf('mallory') }] }] : []),
    ];
    writeFileSync(at(name), trustText({ people }).replace('serial: 1', `serial: ${serial}`));
  }
  function sign(name: string, key: string, namespace = 'trust@countersign'): void {
    rmSync(at(`${name}.sig`), { force: true });
    execFileSync('ssh-keygen', ['-Y', 'sign', '-n', namespace, '-f', at(key), at(name)], { stdio: 'ignore' });
  }
  const check = (name: string, ...more: string[]) => runHere(['trust', 'check', at(name), ...more]);
  const by = ['--by', at('mine.yaml')];

  it('by somebody on my list is checked, and taken over with its signer named', async () => {
    write('next.yaml', 4);
    sign('next.yaml', 'pat');
    const alone = await check('next.yaml');
    expect([alone.code, alone.out.includes('signed with SHA256:')]).toEqual([0, true]);
    expect(alone.out).not.toContain('pack-signer-unknown');
    const known = await check('next.yaml', ...by);
    expect([known.code, known.out]).toEqual([0, expect.stringContaining(`signed by ${PAT} with SHA256:`)]);
    const taken = await runHere([
      'trust',
      'import',
      at('next.yaml'),
      '--into',
      at('mine.yaml'),
      '--out',
      at('new.yaml'),
    ]);
    expect(taken.code).toBe(0);
    expect(taken.err).toContain(`signed by ${PAT}`);
    expect(taken.err).toContain('sam@example.org is new, with 1 key.');
  });

  it('by a stranger, or by nobody, does not pass where a signature of somebody known is asked for', async () => {
    write('strange.yaml', 5);
    expect((await check('strange.yaml')).code).toBe(0);
    const unsigned = await check('strange.yaml', ...by);
    expect([unsigned.code, unsigned.out]).toEqual([60, expect.stringContaining('not signed')]);
    sign('strange.yaml', 'mallory');
    const stranger = await check('strange.yaml', ...by);
    expect([stranger.code, stranger.out]).toEqual([60, expect.stringContaining('pack-signer-unknown')]);
  });

  it.each([
    ['changed after it was signed', 'pat', 'trust@countersign', '# one line more\n'],
    ['signed as an approval', 'pat', 'approval@countersign', ''],
  ])('%s is refused by check and by import', async (_, key, namespace, more) => {
    write('false.yaml', 6);
    sign('false.yaml', key, namespace);
    writeFileSync(at('false.yaml'), readFileSync(at('false.yaml'), 'utf8') + more);
    for (const ran of [
      await check('false.yaml'),
      await runHere(['trust', 'import', at('false.yaml'), '--into', at('mine.yaml')]),
    ]) {
      expect([ran.code, ran.out + ran.err]).toEqual([60, expect.stringContaining('pack-signature-false')]);
    }
  });

  it('is signed by nobody known when only a file that comes along says who the signer is', async () => {
    write('brings.yaml', 7);
    write('follows.yaml', 8);
    sign('follows.yaml', 'mallory');
    const both = [at('brings.yaml'), at('follows.yaml')];
    const taken = await runHere(['trust', 'import', ...both, '--into', at('mine.yaml')]);
    expect([taken.code, taken.err]).toEqual([0, expect.stringContaining('pack-signer-unknown')]);
    expect(taken.err).not.toContain('signed by sam@example.org');
  });

  it('with a serial that goes back is refused, whoever signed it', async () => {
    write('old.yaml', 2);
    sign('old.yaml', 'pat');
    const checked = await check('old.yaml', ...by);
    expect([checked.code, checked.out]).toEqual([60, expect.stringContaining('trust-serial-back')]);
    const taken = await runHere(['trust', 'import', at('old.yaml'), '--into', at('mine.yaml')]);
    expect([taken.code, taken.out]).toEqual([60, '']);
  });
});
