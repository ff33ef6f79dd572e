import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, pack } from '../vectorgen/bundle.js';
import { trustText, type TrustRow } from '../vectorgen/trustText.js';
import { runHere, type Ran } from './run.js';

/** The life of keys as the guide tells it: a new one comes, the old one is withdrawn, and a name that is nobody's address. */

const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;
const home = mkdtempSync(join(tmpdir(), 'countersign-rotation-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const at = (name: string): string => join(home, name);
const BEFORE = '2026-11-21T00:00:00Z';
const AFTER = '2026-11-25T00:00:00Z';

describe.runIf(openssh)('a key that is replaced', () => {
  beforeAll(() => {
    for (const name of ['old', 'new'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(name), '-C', '']);
    writeFileSync(at('release.sbundle.tgz'), pack(bundle({ roles: ['pm'] })));
  });

  function list(name: string, keys: TrustRow['people'][number]['keys'], more: Partial<TrustRow> = {}): void {
    const people = [{ id: 'alice@acme.org', also: ['pm-7'], keys }];
    const rules = [{ name: 'release', roles: { pm: { people: ['alice@acme.org'] } } }];
    writeFileSync(at(name), trustText({ people, rules, defaultRule: 'release', ...more }));
  }
  const ssh = (name: string): string => readFileSync(at(`${name}.pub`), 'utf8').trim();
  const approve = (key: string, out: string, user = 'alice@acme.org'): Promise<Ran> => {
    const who = ['--role', 'pm', '--user', user, '--key', at(key), '--out', at(out)];
    return runHere(['approve', at('release.sbundle.tgz'), ...who]);
  };
  const verdict = async (approval: string, trust: string, now: string): Promise<string> => {
    const argv = ['verify', at('release.sbundle.tgz'), '--approval', at(approval), '--rule', at(trust)];
    const ran = await runHere([...argv, '--now', now, '--json']);
    const report = JSON.parse(ran.out) as { inputs: { verdict: { code: string } }[] };
    return report.inputs[0]!.verdict.code;
  };

  it('counts until it is withdrawn; the new one counts from its first day; a re-approval makes good', async () => {
    expect((await approve('old', 'by-old.tgz')).code).toBe(0);
    expect((await approve('new', 'by-new.tgz')).code).toBe(0);
    const old = { ssh: ssh('old') };
    list('one.yaml', [old]);
    expect(await verdict('by-old.tgz', 'one.yaml', BEFORE)).toBe('B-OK');
    expect(await verdict('by-new.tgz', 'one.yaml', BEFORE)).toBe('B-UNKNOWN');

    const fingerprint = execFileSync('ssh-keygen', ['-l', '-f', at('old.pub')], { encoding: 'utf8' }).split(
      ' ',
    )[1]!;
    const both = [old, { ssh: ssh('new'), from: '2026-11-22T00:00:00Z', checked: 'by telephone' }];
    list('two.yaml', both, { withdrawn: [{ fingerprint, at: '2026-11-23T00:00:00Z', reason: 'replaced' }] });
    expect(await verdict('by-old.tgz', 'two.yaml', BEFORE)).toBe('B-OK');
    expect(await verdict('by-new.tgz', 'two.yaml', BEFORE)).toBe('B-EXPIRED');
    expect(await verdict('by-old.tgz', 'two.yaml', AFTER)).toBe('B-WITHDRAWN');
    expect(await verdict('by-new.tgz', 'two.yaml', AFTER)).toBe('B-OK');
  });

  it('signs under a name that is no address: no byte of the approved bundle says more', async () => {
    expect((await approve('new', 'by-pm-7.tgz', 'pm-7')).code).toBe(0);
    list('pm.yaml', [{ ssh: ssh('new') }]);
    const attach = ['--approval', at('by-pm-7.tgz'), '--out', at('approved.sbundle.tgz')];
    expect((await runHere(['approve', 'attach', at('release.sbundle.tgz'), ...attach])).code).toBe(0);
    const ran = await runHere([
      'verify',
      at('approved.sbundle.tgz'),
      '--rule',
      at('pm.yaml'),
      '--now',
      AFTER,
    ]);
    expect(ran.code).toBe(0);
    const bytes = gunzipSync(readFileSync(at('approved.sbundle.tgz'))).toString('latin1');
    expect(bytes).toContain('"user":"pm-7"');
    expect(bytes).not.toContain('alice');
    expect(bytes).not.toContain('acme.org');
  });
});
