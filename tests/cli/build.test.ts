import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
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
