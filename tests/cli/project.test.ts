import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeShared, sharedPath } from '../shared.js';
import { runHere } from './run.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-project-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const sample = (...parts: string[]) => sharedPath('samples', ...parts);

describeShared('the command line on the sample project', () => {
  it('locks to the published bytes, checks, and finds drift', async () => {
    const text = readFileSync(sample('project', '.specular', 'spec.yaml'), 'utf8');
    writeFileSync(join(folder, 'spec.yaml'), text);
    const locked = await runHere(['lock', '--dir', folder, '--product-version', '1.3.0']);
    expect(locked.code).toBe(0);
    expect(locked.err).toContain('/non_functional is not covered by the lock');
    expect(readFileSync(join(folder, 'spec.lock.json'), 'utf8')).toBe(
      readFileSync(sample('project', '.specular', 'spec.lock.json'), 'utf8'),
    );
    expect((await runHere(['lock', '--dir', folder, '--check'])).code).toBe(0);
    expect((await runHere(['lock', '--dir', folder])).code).toBe(2);
    writeFileSync(join(folder, 'spec.yaml'), text.replace('title: Consent ledger', 'title: Other'));
    expect((await runHere(['lock', '--dir', folder, '--check'])).code).toBe(30);
    const { code, out } = await runHere(['drift', '--dir', folder, '--sarif']);
    expect(code).toBe(30);
    expect(out).toContain('"ruleId": "drift-changed"');
  });

  it('finds no drift and no problem of the plan', async () => {
    const { code, out } = await runHere(['drift', '--dir', sample('project')]);
    expect(out).toContain('4 of 4 features as locked');
    expect(out).toContain('Plan: 4 tasks in 3 steps\n  1      task-001 for patient-records\n');
    expect(out).toContain('  2      task-003 for break-glass; waits for task-001, task-002\n');
    expect(code).toBe(0);
  });

  it('hashes, compares, checks and replays policies', async () => {
    const [one, other] = [
      sample('project', 'policies', 'default.yaml'),
      sample('project', 'policies', 'hipaa.yaml'),
    ];
    // The value that the sample's own approval record names.
    const approved = sample('project', '.specular', 'policies.yaml');
    expect((await runHere(['policy', 'hash', approved])).out).toContain(
      'aee64630384f6e7c33830017b62d5378bf39f50628c393a043d8ac95052797e7',
    );
    expect((await runHere(['policy', 'diff', one, one])).code).toBe(0);
    const diff = await runHere(['policy', 'diff', other, one]);
    expect(diff.code).toBe(3);
    expect(diff.out).toMatch(/^weaker .*deny_tools/m);
    const routing = sample('project', '.specular', 'routing.yaml');
    expect((await runHere(['policy', 'check', one, '--against', routing])).code).toBe(0);
    expect((await runHere(['policy', 'check', other, '--against', routing])).code).toBe(50);
    const run = sample('runs', 'run-manifest.json');
    expect((await runHere(['policy', 'check', other, '--against', run])).code).toBe(20);
    expect((await runHere(['policy', 'check', routing])).code).toBe(60);
    const trace = sample('atlasbridge', 'autopilot_decisions.jsonl');
    const replayed = await runHere(['policy', 'replay', sample('atlasbridge', 'policy_v0.yaml'), trace]);
    expect(replayed.code).toBe(14);
    expect(replayed.out).toContain('could not be told');
  });
});
