import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { NotCarried, ToRenew } from '../../src/core/migrate.js';
import { describeShared, sharedPath } from '../shared.js';
import { runHere } from './run.js';

const work = mkdtempSync(join(tmpdir(), 'countersign-migrate-test-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Migrated {
  readonly bundleDigest: string;
  readonly original: string | null;
  readonly created: string;
  readonly requiredApprovals: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly notCarried: readonly NotCarried[];
  readonly renew: readonly ToRenew[];
}

let made = 0;
async function migrate(name: string, ...more: string[]): Promise<{ out: string; answer: Migrated }> {
  const out = join(work, `m${(made += 1)}.tgz`);
  const file = sharedPath('samples', 'bundles', `${name}.sbundle.tgz`);
  const ran = await runHere(['migrate', file, '--out', out, '--json', ...more]);
  expect(ran.err).toBe('');
  expect(ran.code).toBe(0);
  return { out, answer: JSON.parse(ran.out) as Migrated };
}

describeShared('countersign migrate', () => {
  it.each([
    'healthcare-api-1.3.0',
    'healthcare-api-1.4.0',
    'legacy-embedded-approvals',
    'legacy-with-attestation',
    'planned-layout-seed000',
  ])('makes of %s a bundle of ours that verifies', async (name) => {
    const { out, answer } = await migrate(name);
    const report = JSON.parse((await runHere(['verify', out, '--json'])).out) as {
      inputs: [{ dialect: string; verdict: { code: string }; axes: { unchanged: string } }];
    };
    expect(report.inputs[0].dialect).toBe('countersign');
    expect(report.inputs[0].verdict.code).toBe('B-NOSIG');
    expect(report.inputs[0].axes.unchanged).toBe('pass');
    expect(answer.requiredApprovals.slice(0, 3)).toEqual(['pm', 'lead', 'security']);
    expect(answer.renew.length).toBeGreaterThan(2);
  });

  it('carries no approval, and lists the three that have to be given again', async () => {
    const { answer } = await migrate('legacy-embedded-approvals');
    expect(answer.notCarried.map(({ what, name }) => `${what} ${name}`).toSorted()).toEqual([
      'approval approvals/lead.json',
      'approval approvals/pm.json',
      'approval approvals/security.json',
    ]);
    expect(answer.renew.map(({ role, user }) => `${role} ${user}`)).toEqual([
      'pm alice@acme.org',
      'lead bob@acme.org',
      'security carol@acme.org',
    ]);
  });

  it('names the attestation, and the approvals that stood inside a manifest', async () => {
    const attested = await migrate('legacy-with-attestation');
    expect(attested.answer.notCarried.map(({ name }) => name)).toEqual(['attestations/attestation.yaml']);
    const planned = await migrate('planned-layout-seed000', '--created', '2026-01-01T00:00:00Z');
    expect(planned.answer.notCarried.map(({ name }) => name)).toContain(
      'manifest.yaml: approvals.signatures',
    );
    expect(planned.answer.created).toBe('2026-01-01T00:00:00Z');
  });

  it('keeps the content to the byte and the older bundle as evidence; the same every time', async () => {
    const { out, answer } = await migrate('healthcare-api-1.3.0');
    const again = await migrate('healthcare-api-1.3.0');
    expect(readFileSync(again.out).equals(readFileSync(out))).toBe(true);
    const dir = mkdtempSync(join(work, 'applied-'));
    const old = mkdtempSync(join(work, 'old-'));
    const source = sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    for (const [file, into] of [
      [out, dir],
      [source, old],
    ] as const)
      expect((await runHere(['apply', file, '--dir', into, '--unconfirmed', 'a test'])).code).toBe(0);
    for (const path of readdirSync(old, { recursive: true, withFileTypes: true }))
      if (path.isFile() && path.name !== 'bundle.info') {
        const name = join(path.parentPath, path.name).slice(old.length);
        expect(readFileSync(dir + name).equals(readFileSync(old + name)), name).toBe(true);
      }
    expect(readFileSync(join(dir, answer.original ?? '')).equals(readFileSync(source))).toBe(true);
    expect(answer.metadata).toMatchObject({ project: 'healthcare-api', migrated_dialect: 'specular-cli' });
  });

  it('refuses what is ours already, what was changed, and roles that have no place', async () => {
    const { out } = await migrate('healthcare-api-1.3.0', '--without-original');
    const twice = await runHere(['migrate', out, '--out', join(work, 'twice.tgz')]);
    expect([twice.code, twice.err]).toEqual([2, expect.stringContaining('migrate-refused')]);
    const bad = sharedPath('samples', 'bundles', 'neg-tampered-file.sbundle.tgz');
    const changed = await runHere(['migrate', bad, '--out', join(work, 'changed.tgz')]);
    expect([changed.code, changed.err]).toEqual([10, expect.stringContaining('apply-refused-verdict')]);
    const file = sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    const role = ['--require-approvals', 'pm,Head of QA'];
    const roles = await runHere(['migrate', file, '--out', join(work, 'roles.tgz'), ...role]);
    expect([roles.code, roles.err]).toEqual([2, expect.stringContaining('Head of QA')]);
    expect(readdirSync(work).filter((name) => /^(?:twice|changed|roles)/.test(name))).toEqual([]);
  });
});
