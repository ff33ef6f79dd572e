import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validate } from '../../src/core/generated/report.validate.js';
import type { InputReport, Report } from '../../src/core/generated/report.js';
import { exitOfVerdict, worstExit } from '../../src/core/report/exitCodes.js';
import { describeShared, sharedPath } from '../shared.js';
import { runHere } from './run.js';

const bundles = sharedPath('samples', 'bundles');
const release = join(bundles, 'healthcare-api-1.3.0.sbundle.tgz');
const rule = ['--rule', 'tests/fixtures/samples-trust.yaml'];
const approvals = ['--approval', join(bundles, 'healthcare-api-1.3.0-*-approval.json')];

async function json(...argv: string[]): Promise<{ code: number; report: Report; first: InputReport }> {
  const { code, out } = await runHere(['verify', ...argv, '--json']);
  const report = JSON.parse(out) as Report;
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
  const [first] = report.inputs;
  if (first === undefined) throw new Error('no input in the report');
  return { code, report, first };
}

describeShared('the sample release with its three approvals', () => {
  test('unchanged; pm and lead known; security weak and why; what to do next', async () => {
    const { code, first } = await json(release, ...approvals, ...rule);
    expect(code).toBe(40);
    expect(first.verdict).toMatchObject({ code: 'B-INCOMPLETE', look: 'incomplete' });
    expect(first.axes).toMatchObject({ readable: 'pass', unchanged: 'pass' });
    const states = Object.fromEntries(first.roles.map(({ role, state }) => [role, state]));
    expect(states).toMatchObject({ pm: 'met', lead: 'met', security: 'weak' });
    const known = first.approvals
      .map(({ claims, known: who, signature }) => [claims.role, who?.person, signature])
      .sort();
    expect(known).toEqual([
      ['lead', 'bob@acme.org', 'true'],
      ['pm', 'alice@acme.org', 'true'],
      ['security', 'carol@acme.org', 'weak'],
    ]);
  });

  test('as text: the four labelled lines and the next step', async () => {
    const { code, out, err } = await runHere(['verify', release, ...approvals, ...rule]);
    expect({ code, err }).toEqual({ code: 40, err: '' });
    expect(out.split('\n')[0]).toBe('Still needs 1 approval (2 of 3 given)');
    expect(out).toMatch(/^Bundle says it is {2}"acme\/healthcare-api"$/m);
    expect(out).toMatch(/^Version {12}"1\.3\.0"$/m);
    expect(out).toMatch(/^Level {14}claims /m);
    expect(out).toMatch(/^Created {12}"2025-/m);
    expect(out).toMatch(/^What to do: .*carol@acme\.org.*security/m);
    expect(out).toMatch(/SHA-1/);
  });

  test('standard input and file give the same report but for the name', async () => {
    const { readFileSync } = await import('node:fs');
    const here = await runHere(['verify', '-', ...approvals, ...rule, '--json'], readFileSync(release));
    const there = await runHere(['verify', release, ...approvals, ...rule, '--json']);
    expect(here.code).toBe(there.code);
    const strip = (text: string): unknown => {
      const report = JSON.parse(text) as Report;
      return { ...report, inputs: report.inputs.map((input) => ({ ...input, file: '', commands: [] })) };
    };
    expect(strip(here.out)).toEqual(strip(there.out));
  });

  test('without rule, and without approvals', async () => {
    expect((await json(release, ...rule)).first.verdict.code).toBe('B-NOSIG');
    expect((await json(release)).code).toBe(13);
    expect((await json(release, ...approvals)).first.verdict.code).toBe('B-UNKNOWN');
  });

  test('forged, foreign and unknown approvals never count', async () => {
    for (const name of readdirSync(bundles).filter((one) => one.startsWith('neg-approval-'))) {
      const { code, first } = await json(release, '--approval', join(bundles, name), ...rule);
      expect(code, name).not.toBe(0);
      expect(
        first.roles.filter(({ state }) => state === 'met'),
        name,
      ).toEqual([]);
    }
  });
});

describeShared('all sample bundles at once', () => {
  test('sorted, none stops the rest, the worst decides, twice the same', async () => {
    const { code, report } = await json(bundles, ...rule);
    const files = report.inputs.map(({ file }) => file);
    const expected = readdirSync(bundles)
      .filter((name) => name.endsWith('.sbundle.tgz'))
      .sort();
    expect(files).toEqual(expected.map((name) => join(bundles, name)));
    expect(code).toBe(worstExit(report.inputs.map(({ verdict }) => exitOfVerdict(verdict.code))));
    for (const { file, verdict } of report.inputs) {
      if (/neg-/.test(file)) expect(['rejected', 'unreadable'], file).toContain(verdict.look);
    }
    expect((await json(bundles, ...rule)).report).toEqual(report);
  });

  test('--summary is one line a bundle and a count', async () => {
    const { out } = await runHere(['verify', join(bundles, '*.sbundle.tgz'), ...rule, '--summary']);
    const count = readdirSync(bundles).filter((name) => name.endsWith('.sbundle.tgz')).length;
    expect(out.trimEnd().split('\n')).toHaveLength(count + 1);
    expect(out).toContain(`${count} bundles: `);
  });

  test('hash and inspect agree with verify', async () => {
    const { first } = await json(release);
    const hashed = await runHere(['hash', release, '--json']);
    expect(JSON.parse(hashed.out)).toEqual([
      {
        file: release,
        sha256: first.archiveDigest,
        bundleDigest: first.bundleDigest,
        contentRoot: first.contentRoot,
      },
    ]);
    const inspected = await runHere(['inspect', release, '--json']);
    expect(inspected.code).toBe(0);
    expect(JSON.parse(inspected.out)).toMatchObject({
      inputs: [{ bundleDigest: first.bundleDigest, bundle: { id: 'acme/healthcare-api' } }],
    });
  });

  test('after a contradiction nothing that the bundle says of itself is shown', async () => {
    const changed = join(bundles, 'neg-tampered-file.sbundle.tgz');
    for (const command of ['verify', 'inspect']) {
      const { out } = await runHere([command, changed]);
      expect(out).not.toMatch(/acme\/healthcare-api/);
    }
  });
});

describeShared('hostile bundles', () => {
  test('none is confirmed and nothing of them reaches the terminal', async () => {
    const hostile = sharedPath('corpora', 'bundles', 'hostile');
    expect(existsSync(hostile)).toBe(true);
    const { code, out } = await runHere(['verify', hostile, ...rule, '--limits', 'unpackedBytesMax=64MiB']);
    expect(code).not.toBe(0);
    expect(out).not.toMatch(/B-OK|Unchanged and fully approved/);
    // eslint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });
});
