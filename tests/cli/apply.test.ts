import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { BundleInfo } from '../../src/core/generated/bundle-info.js';
import { validate } from '../../src/core/generated/bundle-info.validate.js';
import { describeShared, sharedPath } from '../shared.js';
import { runHere, type Ran } from './run.js';

const work = mkdtempSync(join(tmpdir(), 'countersign-apply-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

let made = 0;
function folder(files: Readonly<Record<string, string>> = {}): string {
  const dir = join(work, `f${(made += 1)}`);
  mkdirSync(dir);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

async function bundleOf(dir: string, version = '1'): Promise<string> {
  const out = join(work, `b${(made += 1)}.tgz`);
  const fixed = ['--created', '2026-11-20T10:00:00Z', '--id', 'a/b', '--bundle-version', version];
  expect((await runHere(['build', '--dir', dir, '--out', out, ...fixed])).err).toBe('');
  return out;
}

const apply = (file: string, dir: string, ...more: string[]): Promise<Ran> =>
  runHere(['apply', file, '--dir', dir, '--unconfirmed', 'a test', ...more]);

const recordIn = (dir: string): BundleInfo =>
  JSON.parse(readFileSync(join(dir, '.specular', 'bundle.info'), 'utf8')) as BundleInfo;

const read = (dir: string, path: string): string => readFileSync(join(dir, path), 'utf8');

describeShared('countersign apply, on the sample project', () => {
  const project = sharedPath('samples', 'project');

  it('writes what was packed, to the byte, and a record; nothing else', async () => {
    const out = join(work, 'sample.tgz');
    await runHere(['build', '--dir', project, '--out', out, '--created', '2026-11-20T10:00:00Z']);
    const dir = folder();
    const ran = await apply(out, dir);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('16 to create, 0 to update, 0 unchanged, 0 conflicts');
    execFileSync('diff', ['-r', '-x', '.env', '-x', 'bundle.info', project, dir]);
    const record = recordIn(dir);
    expect(validate(record)).toBe(true);
    const hash = JSON.parse((await runHere(['hash', out, '--json'])).out) as unknown;
    expect(JSON.stringify(hash)).toContain(record.bundleDigest);
    expect(record).toMatchObject({ id: 'acme/healthcare-api', version: '1.3.0', previous: null });
    expect(record.verdict).toEqual({ code: 'B-NOSIG', look: 'unknown', rule: null, reason: 'a test' });
    expect(existsSync(join(dir, '.countersign'))).toBe(false);
  });

  it.each([
    ['neg-tampered-file', 10],
    ['neg-extra-unlisted-file', 10],
    ['neg-missing-file', 10],
    ['neg-path-traversal', 60],
    ['neg-symlink', 60],
    ['neg-truncated', 60],
    ['planned-layout-seed000', 13],
  ])('writes nothing of %s, whatever is asked', async (name, exit) => {
    const dir = folder();
    const file = sharedPath('samples', 'bundles', `${name}.sbundle.tgz`);
    const ran = await apply(file, dir, '--yes');
    expect(ran.code).toBe(exit);
    expect(ran.err).toMatch(/apply-refused-verdict|apply-no-digests/);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('applies a bundle of the released tool', async () => {
    const dir = folder();
    const file = sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz');
    expect((await apply(file, dir)).code).toBe(0);
    expect(read(dir, 'spec.yaml')).toContain('healthcare');
  });
});

describe('what the rule says', () => {
  it('writes nothing of a bundle that is not confirmed, and says what it needs', async () => {
    const bundle = await bundleOf(folder({ 'a.txt': 'one' }));
    const dir = folder();
    const ran = await runHere(['apply', bundle, '--dir', dir]);
    expect(ran.code).toBe(13);
    expect(ran.err).toContain('apply-not-confirmed');
    expect(ran.err).toContain('--unconfirmed');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('takes no empty reason', async () => {
    const bundle = await bundleOf(folder({ 'a.txt': 'one' }));
    const dir = folder();
    expect((await runHere(['apply', bundle, '--dir', dir, '--unconfirmed', '  '])).code).toBe(13);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('a bundle that the rule confirms', () => {
  const vector = (name: string, file: string): string =>
    fileURLToPath(new URL(`../../test-vectors/valid/${name}/${file}`, import.meta.url));
  const confirmed = (name: string, dir: string, ...more: string[]): Promise<Ran> => {
    const rule = ['--rule', vector(name, 'trust.yaml'), '--now', '2026-11-20T12:00:00Z'];
    return runHere(['apply', vector(name, 'input.sbundle.tgz'), '--dir', dir, ...rule, ...more]);
  };

  it('is applied as it is, and no reason is put on record', async () => {
    const dir = folder();
    const ran = await confirmed('fifty-files', dir);
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(recordIn(dir).verdict).toMatchObject({ code: 'B-OK', look: 'confirmed' });
    expect(recordIn(dir).verdict.reason).toBeUndefined();
    expect(recordIn(dir).files).toHaveLength(50);
    expect(readdirSync(dir)).not.toContain('approvals');
  });

  it('gets the files that it keeps outside from the supplement that was given with it', async () => {
    const name = 'external-supplied';
    const dir = folder();
    const ran = await confirmed(name, dir, '--approval', vector(name, 'loose/more.sbundle.tgz'));
    expect([ran.code, ran.err]).toEqual([0, '']);
    for (const { path, sha256 } of recordIn(dir).files)
      expect(
        createHash('sha256')
          .update(readFileSync(join(dir, path)))
          .digest('hex'),
      ).toBe(sha256);
    const bare = await confirmed(name, folder());
    expect(bare.code).toBe(14);
  });
});

describe('what stands in the folder', () => {
  it('lists everything as create on an empty folder, and a dry run writes 0 bytes', async () => {
    const bundle = await bundleOf(folder({ 'a.txt': 'one', 'b/c.txt': 'two' }));
    const dir = folder();
    const ran = await apply(bundle, dir, '--dry-run');
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('2 to create, 0 to update, 0 unchanged, 0 conflicts');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('leaves an existing changed file alone until it is told', async () => {
    const bundle = await bundleOf(folder({ 'a.txt': 'one', 'b.txt': 'two', 'new.txt': 'new' }));
    const dir = folder({ 'a.txt': 'mine', 'b.txt': 'also mine' });
    const stopped = await apply(bundle, dir);
    expect(stopped.code).toBe(3);
    expect(readdirSync(dir).toSorted()).toEqual(['a.txt', 'b.txt']);
    const ran = await apply(bundle, dir, '--overwrite', 'a.txt', '--keep', 'b.txt');
    expect(ran.code).toBe(0);
    expect([read(dir, 'a.txt'), read(dir, 'b.txt'), read(dir, 'new.txt')]).toEqual([
      'one',
      'also mine',
      'new',
    ]);
    expect(recordIn(dir).kept).toEqual(['b.txt']);
  });

  it('updates what the last bundle wrote and nobody edited, and names what is left over', async () => {
    const dir = folder();
    await apply(await bundleOf(folder({ 'a.txt': 'one', 'b.txt': 'one', 'gone.txt': 'one' })), dir);
    writeFileSync(join(dir, 'b.txt'), 'edited');
    const next = await bundleOf(folder({ 'a.txt': 'two', 'b.txt': 'two' }), '2');
    const ran = await apply(next, dir, '--dry-run');
    expect(ran.code).toBe(3);
    expect(ran.out).toContain('0 to create, 1 to update, 0 unchanged, 1 conflict');
    expect(ran.out).toMatch(/update\s+a\.txt/);
    expect(ran.out).toMatch(/conflict\s+b\.txt/);
    expect(ran.out).toContain('    gone.txt');
    expect((await apply(next, dir, '--yes')).code).toBe(0);
    expect([read(dir, 'b.txt'), read(dir, 'gone.txt')]).toEqual(['two', 'one']);
  });

  it('never writes an executable bit, also where one stood', async () => {
    const source = folder({ 'run.sh': 'echo two' });
    chmodSync(join(source, 'run.sh'), 0o755);
    const dir = folder({ 'run.sh': 'echo one' });
    chmodSync(join(dir, 'run.sh'), 0o755);
    expect((await apply(await bundleOf(source), dir, '--yes')).code).toBe(0);
    expect(statSync(join(dir, 'run.sh')).mode & 0o111).toBe(0);
    expect((await runHere(['apply', '--dir', dir, '--undo'])).code).toBe(0);
    expect(read(dir, 'run.sh')).toBe('echo one');
    expect(statSync(join(dir, 'run.sh')).mode & 0o777).toBe(0o755);
  });

  it.each([
    ['a link to a folder outside', (dir: string, out: string) => symlinkSync(out, join(dir, 'sub'))],
    [
      'a link where the file goes',
      (dir: string, out: string) => (mkdirSync(join(dir, 'sub')), symlinkSync(out, join(dir, 'sub', 'x'))),
    ],
    ['a file where a folder goes', (dir: string) => writeFileSync(join(dir, 'sub'), '')],
    ['a folder where the file goes', (dir: string) => mkdirSync(join(dir, 'sub', 'x'), { recursive: true })],
    ['a name that differs in case', (dir: string) => mkdirSync(join(dir, 'Sub'))],
    [
      'a link in the place of the record',
      (dir: string, out: string) => (
        mkdirSync(join(dir, '.specular')),
        symlinkSync(join(out, 'bundle.info'), join(dir, '.specular', 'bundle.info'))
      ),
    ],
    ['notes that lead elsewhere', (dir: string, out: string) => symlinkSync(out, join(dir, '.countersign'))],
  ])('writes nothing when there is %s', async (_, prepare) => {
    const bundle = await bundleOf(folder({ 'sub/x': 'one', 'first.txt': 'one' }));
    const [dir, outside] = [folder(), folder()];
    prepare(dir, outside);
    const before = readdirSync(dir);
    const ran = await apply(bundle, dir, '--yes');
    expect(ran.code).toBe(2);
    expect(readdirSync(dir)).toEqual(before);
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('taking back', () => {
  it('undoes the last apply to the byte, and only that one', async () => {
    const dir = folder({ 'mine.txt': 'mine' });
    await apply(await bundleOf(folder({ 'a/b.txt': 'one' })), dir);
    await apply(await bundleOf(folder({ 'a/b.txt': 'two', 'c/d.txt': 'two' }), '2'), dir);
    const undone = await runHere(['apply', '--dir', dir, '--undo']);
    expect(undone.code).toBe(0);
    expect(undone.out).toContain('a/b 2 was taken back: 2 files.');
    expect(read(dir, 'a/b.txt')).toBe('one');
    expect(recordIn(dir).version).toBe('1');
    expect(readdirSync(dir).toSorted()).toEqual(['.specular', 'a', 'mine.txt']);
    expect((await runHere(['apply', '--dir', dir, '--undo'])).code).toBe(0);
    expect(readdirSync(dir)).toEqual(['mine.txt']);
    const none = await runHere(['apply', '--dir', dir, '--undo']);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('apply-nothing-to-undo')]);
  });

  it('leaves what was edited since', async () => {
    const dir = folder();
    await apply(await bundleOf(folder({ 'a.txt': 'one', 'b.txt': 'one' })), dir);
    writeFileSync(join(dir, 'a.txt'), 'edited');
    const undone = await runHere(['apply', '--dir', dir, '--undo']);
    expect(undone.code).toBe(3);
    expect(undone.err).toContain('apply-changed-since');
    expect(readdirSync(dir)).toEqual(['a.txt']);
    expect(read(dir, 'a.txt')).toBe('edited');
  });

  it('believes no journal that leads out of the folder', async () => {
    const [dir, outside] = [folder(), folder({ 'victim.txt': 'precious' })];
    mkdirSync(join(dir, '.countersign', 'apply'), { recursive: true });
    const state = { size: 8, sha256: '0'.repeat(64) };
    const journal = {
      schema: 'countersign.apply/v1',
      state: 'undoing',
      at: '2026-11-20T10:00:00Z',
      id: 'a/b',
      version: '1',
      bundleDigest: `sha256:${'0'.repeat(64)}`,
      steps: [{ path: `../${outside.split('/').at(-1)}/victim.txt`, before: null, after: state }],
      folders: [],
    };
    writeFileSync(join(dir, '.countersign', 'apply', 'journal.json'), JSON.stringify(journal));
    const ran = await runHere(['apply', '--dir', dir, '--undo']);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('apply-journal-damaged')]);
    expect(read(outside, 'victim.txt')).toBe('precious');
  });
});

it('refuses what would be written into .git, in any spelling', async () => {
  const { planApply, FolderView } = await import('../../src/core/apply.js');
  const view = new FolderView([]);
  for (const path of [
    '.git/config',
    'a/.GIT/hooks/x',
    '.g\u200cit/config',
    'git~1/config',
    '.countersign/x',
  ]) {
    const plan = planApply(
      { files: [{ path, size: 1, sha256: '0'.repeat(64) }], notWritten: [] },
      { view, info: null },
    );
    expect(plan.refusals.length, path).toBeGreaterThan(0);
  }
});
