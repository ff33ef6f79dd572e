import { describe, expect, it } from 'vitest';
import { writeArchive } from '../../src/core/archive/writeArchive.js';
import {
  EXTERNAL_BYTES_MIN,
  packBundle,
  planBundle,
  ProjectChangedError,
  type BuildChoices,
  type BuildPlan,
  type ProjectFile,
} from '../../src/core/build.js';
import { concatBytes } from '../../src/core/bytes/bytes.js';
import { toUtf8 } from '../../src/core/bytes/text.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { nodePlatform } from '../../src/platform/node.js';
import { webPlatform } from '../../src/platform/web.js';

const platform = nodePlatform();
const choices: BuildChoices = {
  id: 'acme/api',
  version: '1.10',
  created: '2026-11-20T10:00:00Z',
  requiredApprovals: ['pm'],
  metadata: { job_id: '42' },
};

function file(path: string, text: string, chunk = 3): ProjectFile {
  const bytes = toUtf8(text);
  return {
    path,
    size: bytes.length,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    },
  };
}

const files = [file('z/ü.txt', 'last'), file('a.txt', 'hello'), file('empty', '')];

async function plan(list: readonly ProjectFile[], more: Partial<BuildChoices> = {}): Promise<BuildPlan> {
  const made = await planBundle(list, { ...choices, ...more }, { platform });
  if ('findings' in made) throw new Error(made.findings.map(({ code }) => code).join());
  return made;
}

async function codes(list: readonly ProjectFile[], more: Partial<BuildChoices> = {}): Promise<string[]> {
  const made = await planBundle(list, { ...choices, ...more }, { platform });
  return 'findings' in made ? made.findings.map(({ code }) => code) : [];
}

function bytesOf(made: BuildPlan, carried: { name: string; bytes: Uint8Array }[] = []): Promise<Uint8Array> {
  return gather(packBundle(made, carried, { platform }));
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concatBytes(parts);
}

describe('building', () => {
  it('gives a bundle that reads back unchanged, signed by nobody', async () => {
    const made = await plan(files);
    const report = await createInlineEngine(platform).verify({
      inputs: [{ name: 'a.sbundle.tgz', source: await bytesOf(made) }],
      loose: [],
      now: '2026-11-21T00:00:00Z',
    });
    const [input] = report.inputs;
    expect(input?.verdict.code).toBe('B-NOSIG');
    expect(input?.axes.unchanged).toBe('pass');
    expect(input?.bundleDigest).toBe(made.bundleDigest);
    expect(input?.contentRoot).toBe(made.manifest.integrityDigest);
    expect(input?.dialect).toBe('countersign');
  });

  it('gives the same bytes whatever the order, the pieces and the platform', async () => {
    const once = await bytesOf(await plan(files));
    const again = await bytesOf(
      await plan([file('empty', ''), file('a.txt', 'hello', 1), file('z/ü.txt', 'last', 99)]),
    );
    expect(Buffer.compare(once, again)).toBe(0);
    const web = await webPlatform();
    const other = await planBundle(files, choices, { platform: web });
    if ('findings' in other) throw new Error('refused');
    const there = await gather(packBundle(other, [], { platform: web }));
    expect(Buffer.compare(once, there)).toBe(0);
  });

  it('is the archive that its parts make', async () => {
    const made = await plan([file('a', 'x')]);
    const digest = (bytes: Uint8Array): string => Buffer.from(platform.sha256Sync(bytes)).toString('hex');
    const checksums = `${digest(toUtf8('x'))}  a\n${digest(made.manifestBytes)}  manifest.yaml\n`;
    const expected = writeArchive([
      { path: 'manifest.yaml', bytes: made.manifestBytes },
      { path: 'a', bytes: toUtf8('x') },
      { path: 'checksums.txt', bytes: toUtf8(checksums) },
    ]);
    expect(Buffer.compare(await bytesOf(made), expected)).toBe(0);
  });

  it('carries approvals without a change of the digest', async () => {
    const made = await plan(files);
    const carried = [{ name: 'approvals/pm-1.json', bytes: toUtf8('{}') }];
    const report = await createInlineEngine(platform).verify({
      inputs: [{ name: 'a.sbundle.tgz', source: await bytesOf(made, carried) }],
      loose: [],
      now: '2026-11-21T00:00:00Z',
    });
    expect(report.inputs[0]?.bundleDigest).toBe(made.bundleDigest);
    expect(report.inputs[0]?.axes.unchanged).toBe('pass');
  });

  it.each([
    ['build-reserved-path', [file('manifest.yaml', 'x')]],
    ['build-reserved-path', [file('Approvals/x.json', 'x')]],
    ['build-no-files', []],
    ['build-name-clash', [file('README', 'x'), file('readme', 'y')]],
    ['entry-unsafe-path', [file('../x', 'x')]],
    ['build-secret', [file('.env', 'API_KEY=abcdefgh12345678')]],
  ] as const)('refuses: %s', async (code, list) => expect(await codes(list)).toEqual([code]));

  it('refuses fields that mean nothing, and levels without their roles', async () => {
    expect(await codes(files, { created: 'today' })).toEqual(['build-field']);
    expect(await codes(files, { requiredApprovals: ['PM'] })).toEqual(['build-field']);
    expect(await codes(files, { requiredApprovals: ['pm', 'pm'] })).toEqual(['build-field']);
    expect(await codes(files, { seed: new Uint8Array(15) })).toEqual(['build-field']);
    expect(await codes(files, { level: 'L3' })).toEqual(['build-level-roles']);
    expect(await codes(files, { level: 'L2' })).toEqual([]);
  });

  it('writes the reason for a secret into the metadata, and an empty reason is none', async () => {
    const secret = [file('.env', 'API_KEY=abcdefgh12345678')];
    const made = await plan(secret, { allowSecret: () => 'a test value' });
    expect(made.manifest.metadata).toEqual({
      job_id: '42',
      secret_allowed_1: '.env:1 api-key: a test value',
    });
    expect(await codes(secret, { allowSecret: () => '  ' })).toEqual(['build-secret']);
  });

  it('gives salts from the seed and the path alone', async () => {
    const seed = new Uint8Array(16).fill(7);
    const salts = (made: BuildPlan): unknown => made.manifest.files.map(({ salt }) => salt);
    const made = await plan(files, { seed });
    expect(salts(made)).toEqual(salts(await plan(files, { seed })));
    expect(new Set(made.manifest.files.map(({ salt }) => salt)).size).toBe(3);
    for (const { salt } of made.manifest.files) expect(salt).toMatch(/^[0-9a-f]{32}$/);
    expect(salts(await plan(files, { seed: new Uint8Array(16) }))).not.toEqual(salts(made));
  });

  it('leaves the bytes of external files outside, by choice or by size', async () => {
    const made = await plan(files, { isExternal: (path) => path === 'a.txt' });
    expect(made.manifest.files.filter(({ external }) => external).map(({ path }) => path)).toEqual(['a.txt']);
    const large = (path: string, size: number): ProjectFile => ({
      path,
      size,
      async *open() {
        for (let left = size; left > 0; left -= 1_048_576) yield new Uint8Array(Math.min(left, 1_048_576));
      },
    });
    const two = await plan([large('at', EXTERNAL_BYTES_MIN), large('over', EXTERNAL_BYTES_MIN + 1)]);
    expect(two.manifest.files.map(({ external }) => external)).toEqual([false, true]);
  });

  it('refuses a file that changes between the two readings, and stops when told', async () => {
    let opened = 0;
    const moving: ProjectFile = {
      path: 'a',
      size: 1,
      async *open() {
        yield toUtf8(String(opened++));
      },
    };
    await expect(bytesOf(await plan([moving]))).rejects.toThrow(ProjectChangedError);
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(planBundle(files, choices, { platform, signal })).rejects.toThrow('stopped');
  });
});
