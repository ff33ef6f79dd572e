import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../shared.js';
import { runHere } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeShared('countersign build', () => {
  const dir = sharedPath('samples', 'project');
  const build = (out: string, ...more: string[]) =>
    runHere(['build', '--dir', dir, '--out', out, '--created', '2026-11-20T10:00:00Z', ...more]);

  it('builds the sample project, and stock tools read it', async () => {
    const out = join(folder, 'a.sbundle.tgz');
    const ran = await build(out, '--require-approvals', 'pm,security');
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^Built acme\/healthcare-api 1\.3\.0: sha256:[0-9a-f]{64}\n/);
    expect(ran.out).toContain('Next: countersign approve ');
    execFileSync('gzip', ['-t', out]);
    const unpacked = join(folder, 'unpacked');
    mkdirSync(unpacked);
    execFileSync('tar', ['-xzf', out, '-C', unpacked]);
    execFileSync('sha256sum', ['-c', '--strict', '--quiet', 'checksums.txt'], { cwd: unpacked });
    expect(readdirSync(unpacked)).not.toContain('.env');
    expect(readFileSync(join(unpacked, 'plan.json'))).toEqual(readFileSync(join(dir, 'plan.json')));
  });

  it('gives the same bytes twice, and never writes over a file unless told', async () => {
    const [one, two] = [join(folder, 'one.tgz'), join(folder, 'two.tgz')];
    await build(one);
    await build(two);
    expect(Buffer.compare(readFileSync(one), readFileSync(two))).toBe(0);
    expect((await build(one)).code).toBe(2);
    expect((await build(one, '--force')).code).toBe(0);
  });

  it('is stopped by the planted secret, writes nothing, and never shows it', async () => {
    const out = join(folder, 'secret.tgz');
    const ran = await build(out, '--include', '.env');
    expect(ran.code).toBe(20);
    expect(ran.err).toContain('.env, line 1');
    expect(ran.err).not.toContain('EXAMPLE-NOT-A-KEY');
    expect(readdirSync(folder).filter((name) => name.includes('secret'))).toEqual([]);
    const allowed = await build(out, '--include', '.env', '--allow-secrets', '--reason', 'it is no key');
    expect(allowed.code).toBe(0);
    expect(allowed.out).toContain('secret_allowed_1: .env:1 api-key: it is no key');
  });
});

describe('countersign build, on a project of its own', () => {
  const created = ['--created', '2026-11-20T10:00:00Z'];
  const named = ['--id', 'acme/api', '--bundle-version', '1.0.0'];
  let count = 0;

  function project(files: Readonly<Record<string, string>>): string {
    const dir = join(folder, `project-${(count += 1)}`);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return dir;
  }

  async function run(dir: string, name: string, ...more: string[]) {
    const out = join(folder, name);
    const ran = await runHere(['build', '--dir', dir, '--out', out, ...named, '--json', ...more]);
    const json = ran.code === 0 ? (JSON.parse(ran.out) as Record<string, unknown>) : null;
    return { ...ran, out, json };
  }

  const paths = (json: Record<string, unknown> | null): string[] =>
    (json?.['files'] as { path: string }[]).map(({ path }) => path);

  const epoch = process.env['SOURCE_DATE_EPOCH'];
  afterEach(() => {
    if (epoch === undefined) delete process.env['SOURCE_DATE_EPOCH'];
    else process.env['SOURCE_DATE_EPOCH'] = epoch;
  });

  it('takes the time from SOURCE_DATE_EPOCH, and --created before it', async () => {
    const dir = project({ 'a.txt': 'a' });
    process.env['SOURCE_DATE_EPOCH'] = '1763632800';
    const one = await run(dir, 'epoch-1.tgz');
    expect(one.json?.['created']).toBe('2025-11-20T10:00:00Z');
    const two = await run(dir, 'epoch-2.tgz', '--created', '2025-11-20T11:00:00+01:00');
    expect(two.json?.['bundleDigest']).toBe(one.json?.['bundleDigest']);
    expect(readFileSync(one.out).equals(readFileSync(two.out))).toBe(true);
    process.env['SOURCE_DATE_EPOCH'] = 'yesterday';
    expect(await run(dir, 'epoch-3.tgz')).toMatchObject({ code: 2 });
    expect(existsSync(join(folder, 'epoch-3.tgz'))).toBe(false);
  });

  it('packs no link, names it, and enters no .git', async () => {
    const dir = project({ 'a.txt': 'a', '.git/config': '[core]', 'x/.git/hooks/run': 'no' });
    symlinkSync('/etc/passwd', join(dir, 'passwd'));
    symlinkSync('.', join(dir, 'loop'));
    const { json } = await run(dir, 'links.tgz', ...created);
    expect(paths(json)).toEqual(['a.txt']);
    expect(json?.['notPackable']).toEqual(['loop', 'passwd']);
  });

  it.each(['manifest.yaml', 'checksums.txt', 'approvals/pm-1.json', 'attestations/x.json', 'Approvals/a'])(
    'refuses %s, which every bundle keeps for itself, and goes on without it',
    async (path) => {
      const dir = project({ 'a.txt': 'a', [path]: 'x' });
      const refused = await run(dir, `reserved-${count}.tgz`, ...created);
      expect(refused.code).toBe(2);
      expect(refused.err).toContain('keeps for itself');
      expect(existsSync(refused.out)).toBe(false);
      const { json } = await run(dir, `reserved-${count}.tgz`, ...created, '--exclude', `/${path}`);
      expect(paths(json)).toEqual(['a.txt']);
    },
  );

  it('leaves what --external names outside, and the supplement makes the verdict whole', async () => {
    const dir = project({ 'a.txt': 'a', 'big/model.bin': 'weights', 'big/again.bin': 'weights' });
    const supplement = join(folder, 'outside.tgz');
    const { json, out } = await run(
      dir,
      'external.tgz',
      ...created,
      '--external',
      'big/',
      '--supplement',
      supplement,
    );
    expect(json?.['supplement']).toBe(supplement);
    const listed = execFileSync('tar', ['-tzf', out]).toString();
    expect(listed).not.toContain('big/');
    // Equal bytes are there once.
    expect(execFileSync('tar', ['-tzf', supplement]).toString().trim().split('\n')).toHaveLength(1);
    const external = async (...more: string[]): Promise<string | undefined> => {
      const { out: text } = await runHere(['verify', out, ...more, '--json']);
      const report = JSON.parse(text) as { inputs: { checks: { id: string; status: string }[] }[] };
      return report.inputs[0]?.checks.find(({ id }) => id === 'external-files')?.status;
    };
    expect(await external()).toBe('could-not-check');
    // Nothing is absent any more, so the question does not arise.
    expect(await external(supplement)).toBe('not-applicable');
  });

  it('gives every file a salt with --redactable, the same for the same seed', async () => {
    const dir = project({ 'a.txt': 'a', 'b.txt': 'b' });
    const seed = join(folder, 'seed');
    writeFileSync(seed, 'x'.repeat(16));
    const salted = ['--redactable', '--seed-file', seed];
    const one = await run(dir, 'salt-1.tgz', ...created, ...salted);
    const two = await run(dir, 'salt-2.tgz', ...created, ...salted);
    const bare = await run(dir, 'salt-3.tgz', ...created);
    const salts = (one.json?.['files'] as { salt: string }[]).map(({ salt }) => salt);
    expect(new Set(salts).size).toBe(2);
    for (const salt of salts) expect(salt).toMatch(/^[0-9a-f]{32}$/);
    expect(one.json?.['bundleDigest']).toBe(two.json?.['bundleDigest']);
    expect(one.json?.['contentRoot']).not.toBe(bare.json?.['contentRoot']);
    expect(await run(dir, 'salt-4.tgz', ...created, '--redactable')).toMatchObject({ code: 2 });
    writeFileSync(seed, 'too short');
    expect(await run(dir, 'salt-5.tgz', ...created, ...salted)).toMatchObject({ code: 2 });
  });

  it('takes the reason for one place, and stops at the next', async () => {
    const dir = project({
      'a.txt': 'x\nghp_abcdefghijklmnopqrstuvwxyz0123456789\npassword: correct-horse\n',
    });
    const one = await run(dir, 'place-1.tgz', ...created, '--allow-secret', 'a.txt:2=revoked last year');
    expect(one.code).toBe(20);
    expect(one.err).toContain('a.txt, line 3');
    expect(one.err).not.toContain('line 2');
    const both = ['--allow-secret', 'a.txt:2=revoked last year', '--allow-secret', 'a.txt:3=an example'];
    const two = await run(dir, 'place-2.tgz', ...created, ...both);
    expect(two.json?.['metadata']).toEqual({
      secret_allowed_1: 'a.txt:2 github-token: revoked last year',
      secret_allowed_2: 'a.txt:3 password: an example',
    });
  });

  it('carries approvals over when the digest is the same, and says so when it is not', async () => {
    const dir = project({ 'a.txt': 'a' });
    const first = await run(dir, 'first.tgz', ...created, '--require-approvals', 'pm');
    const key = join(folder, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'alice', '-f', key]);
    const approved = join(folder, 'approved.tgz');
    const asked = ['--role', 'pm', '--user', 'alice@acme.org', '--key', key];
    const loose = join(folder, 'loose.tgz');
    const given = await runHere(['approve', first.out, ...asked, '--out', loose]);
    expect(given.code).toBe(0);
    const attach = ['approve', 'attach', first.out, '--approval', loose, '--out', approved];
    expect((await runHere(attach)).code).toBe(0);
    const again = await run(
      dir,
      'again.tgz',
      ...created,
      '--require-approvals',
      'pm',
      '--approvals-from',
      approved,
    );
    expect(again.json?.['carried']).toEqual(['approvals/pm-1.json', 'approvals/pm-1.json.sig']);
    expect(readFileSync(again.out).equals(readFileSync(approved))).toBe(true);
    writeFileSync(join(dir, 'a.txt'), 'b');
    const other = await run(
      dir,
      'other.tgz',
      ...created,
      '--require-approvals',
      'pm',
      '--approvals-from',
      approved,
    );
    expect(other.code).toBe(0);
    expect(other.json?.['carried']).toEqual([]);
    expect(other.err).toContain('Not carried over: 2 files with approvals of sha256:');
    writeFileSync(join(folder, 'no-bundle'), 'x');
    const none = await run(dir, 'none.tgz', ...created, '--approvals-from', join(folder, 'no-bundle'));
    expect(none.code).toBe(60);
    expect(existsSync(none.out)).toBe(false);
  });
});
