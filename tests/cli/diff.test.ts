import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { validate } from '../../src/core/generated/diff.validate.js';
import type { Diff } from '../../src/core/generated/diff.js';
import { cases, made } from '../core/diffCases.js';
import { describeShared, sharedPath } from '../shared.js';
import { releaseTrust } from '../vectorgen/cast.js';
import { trustText } from '../vectorgen/trustText.js';
import { runHere } from './run.js';

/** What nobody would see, but for the ends of lines and tabs. */
const HIDDEN = /(?![\n\t])\p{Cc}|[\u200b-\u200f\u202a-\u202e]/u;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-diff-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

function pair(name: string): readonly [string, string] {
  const { before, after } = cases[name]!;
  return [put('old.sbundle.tgz', before), put('new.sbundle.tgz', after)];
}

describe('countersign diff', () => {
  it('ends in 0 when nothing differs, also for one file given twice, and in 3 when something does', async () => {
    const [same, other] = pair('equal');
    expect((await runHere(['diff', same, other])).code).toBe(0);
    expect((await runHere(['diff', same, same, '-q'])).out).toBe('');
    expect((await runHere(['diff', same, same])).out).toContain('Nothing differs.');
    expect((await runHere(['diff', ...pair('files-and-names'), '-q'])).code).toBe(3);
  });

  it('names the role that is gone before any file', async () => {
    const { code, out } = await runHere(['diff', ...pair('role-removed')]);
    expect(code).toBe(3);
    const role = out.indexOf('- weaker    legal (no longer a required role)');
    expect(role).toBeGreaterThan(0);
    expect(role).toBeLessThan(out.indexOf('a.txt'));
    expect(role).toBeLessThan(out.indexOf('7 Files'));
  });

  it('gives JSON by the schema with the numbers of the text', async () => {
    const argv = ['diff', ...pair('approvals-lost'), '--rule', put('trust.yaml', trustText(releaseTrust()))];
    const { code, out } = await runHere([...argv, '--format', 'json']);
    const diff = JSON.parse(out) as Diff;
    expect(code).toBe(3);
    expect(validate(diff), JSON.stringify(validate.errors)).toBe(true);
    expect(diff.rule?.name).toBe('release');
    expect(diff.before.verdict?.code).toBe('B-OK');
    expect(diff.after.verdict?.code).toBe('B-INCOMPLETE');
    const { out: text } = await runHere(argv);
    for (const { text: line } of diff.groups.flatMap(({ lines }) => lines)) expect(text).toContain(line);
    expect(text).toContain('Lost: security by carol@example.org');
  });

  it('gives Markdown', async () => {
    const { out } = await runHere(['diff', ...pair('routing'), '--format', 'markdown']);
    expect(out).toContain('## Routing and models\n\n- **weaker** `Provider cheap: may be used`');
  });

  it('lets no hidden character of a bundle through, in any format', async () => {
    const files = pair('hostile');
    for (const format of ['text', 'json', 'markdown']) {
      const { out } = await runHere(['diff', ...files, '--format', format]);
      expect(out).not.toMatch(HIDDEN);
      expect(out).toMatch(/U\+202E|\\u202e/);
    }
  });

  it('compares with a folder what build would pack', async () => {
    const old = put('old.sbundle.tgz', made({ '.specularignore': 'notes/\n', 'spec.yaml': 'product: a\n' }));
    put('project/.specularignore', 'notes/\n');
    put('project/spec.yaml', 'product: a\n');
    put('project/notes/mine.txt', 'not packed\n');
    expect((await runHere(['diff', old, '--current', join(folder, 'project')])).code).toBe(0);
    put('project/spec.yaml', 'product: b\n');
    const { code, out } = await runHere(['diff', old, '--current', join(folder, 'project')]);
    expect(code).toBe(3);
    expect(out).toMatch(/M changed {2}spec\.yaml .*\+1 -1/);
    expect(out).toContain('A folder asks nobody');
  });

  it('ends in 60 and 10 when a side is no good, and says which', async () => {
    const [old] = pair('role-added');
    const cut = put('cut.sbundle.tgz', cases['equal']!.before.subarray(0, 100));
    const { code, out } = await runHere(['diff', old, cut]);
    expect(code).toBe(60);
    expect(out).toContain('Nothing was compared: a side cannot be read.');
    expect(out).toContain('B-UNREADABLE');
  });

  it('says how it is meant', async () => {
    const [old, now] = pair('equal');
    for (const argv of [
      [old],
      [old, now, '--current', folder],
      [old, '--current', join(folder, 'nowhere')],
      [old, join(folder, 'nowhere')],
      [old, now, '--format', 'xml'],
      ['--current', folder],
      [folder, folder],
    ])
      expect((await runHere(['diff', ...argv])).code, argv.join(' ')).toBe(2);
  });
});

describeShared('the sample bundles', () => {
  const sample = (...parts: string[]) => sharedPath('samples', ...parts);

  it('1.3.0 and 1.4.0 read the added role legal before any file', async () => {
    const bundles = ['1.3.0', '1.4.0'].map((one) => sample('bundles', `healthcare-api-${one}.sbundle.tgz`));
    const { code, out } = await runHere(['diff', ...bundles]);
    expect(code).toBe(3);
    const role = out.indexOf('+ stronger  legal (new required role)');
    expect(role).toBeGreaterThan(0);
    for (const file of ['COMPLIANCE.md', 'policies/policy_2.yaml', 'spec.yaml', 'spec.lock.json'])
      expect(role, file).toBeLessThan(out.indexOf(file));
    expect(out).toContain('2 changed, 1 added, 1 removed, 0 renamed, 4 the same.');
  });

  it('a bundle that contradicts itself ends in 10', async () => {
    const bundles = ['healthcare-api-1.3.0', 'neg-tampered-file'].map((one) =>
      sample('bundles', `${one}.sbundle.tgz`),
    );
    expect((await runHere(['diff', ...bundles])).code).toBe(10);
  });

  it('the project of the samples finds its documents again', async () => {
    const bundle = sample('bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    const { code, out } = await runHere(['diff', bundle, '--current', sample('project')]);
    expect(code).toBe(3);
    expect(out).toContain('R renamed  .specular/spec.yaml (was spec.yaml)');
  });
});
