import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Report } from '../../src/core/generated/report.js';
import { validate } from '../../src/core/generated/report.validate.js';
import { describeShared, sharedPath } from '../shared.js';
import { runHere } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'verify-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('a policy that cannot be used stops the command before anything is judged', async () => {
  const bad = write('bad.yaml', 'execution: {alow_local: false}\n');
  const misspelled = await runHere(['verify', 'nowhere.sbundle.tgz', '--policy', bad]);
  expect(misspelled).toMatchObject({ code: 2, out: '' });
  expect(misspelled.err).toContain('"alow_local" is not a field');
  const other = write('governance.yaml', 'version: "1.0"\nenforcement: strict\n');
  const wrong = await runHere(['verify', 'nowhere.sbundle.tgz', '--policy', other]);
  expect(wrong).toMatchObject({ code: 2, out: '' });
  expect(wrong.err).toContain('--policy needs an execution policy');
});

describeShared('verify --policy on the sample bundles', () => {
  const bundle = sharedPath('samples', 'bundles', 'healthcare-api-1.4.0.sbundle.tgz');
  const hipaa = sharedPath('samples', 'project', 'policies', 'hipaa.yaml');
  const own = sharedPath('samples', 'project', '.specular', 'policy.yaml');

  test('forbidden models end in 50, with entry and line; the verdict stays as it is', async () => {
    const plain = await runHere(['verify', bundle, '--json']);
    const ran = await runHere(['verify', bundle, '--json', '--policy', hipaa]);
    expect([plain.code, ran.code]).toEqual([13, 50]);
    const report = JSON.parse(ran.out) as Report;
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    const { policy, ...rest } = report;
    expect(rest).toEqual(JSON.parse(plain.out));
    expect(policy?.inputs[0]?.findings[0]).toMatchObject({
      code: 'policy-model-forbidden',
      where: { path: 'routing.yaml', line: 8, field: '/providers/0/models/codegen' },
    });
  });

  test('violations without a forbidden model end in 20', async () => {
    const strict = write('strict.yaml', 'tests: {min_coverage: 0.99}\n');
    const ran = await runHere(['verify', bundle, '--policy', strict]);
    expect(ran.code).toBe(20);
    expect(ran.out).toContain('policies/policy_0.yaml, line 16, field /tests/min_coverage');
  });

  test('nothing against it: the verdict decides; what was not checked is said', async () => {
    const ran = await runHere(['verify', bundle, '--policy', own]);
    expect(ran.code).toBe(13);
    expect(ran.out).toContain('look at this: Nothing against the policy in 4 files');
    expect(ran.out).toContain('not checked  runs, the bundle holds no run manifest that could be judged');
    const short = await runHere(['verify', bundle, '--policy', own, '--summary']);
    expect(short.out).toContain('policy look at this');
    expect((await runHere(['verify', bundle, '--policy', own, '--quiet'])).out).toBe('');
  });

  test.each(['neg-tampered-file', 'neg-duplicate-manifest'])('%s: not applied', async (name) => {
    const path = sharedPath('samples', 'bundles', `${name}.sbundle.tgz`);
    const ran = await runHere(['verify', path, '--json', '--policy', own]);
    const { policy } = JSON.parse(ran.out) as Report;
    expect(policy?.inputs[0]).toMatchObject({ status: 'not-checked', rows: [], findings: [] });
    expect([10, 60]).toContain(ran.code);
  });

  test('standard input is judged as well', async () => {
    const ran = await runHere(['verify', '-', '--policy', hipaa, '--quiet'], readFileSync(bundle));
    expect(ran.code).toBe(50);
  });
});
