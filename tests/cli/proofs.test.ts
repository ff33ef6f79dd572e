import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Proof } from '../../src/core/generated/proof.js';
import { checkProof, prove } from '../../src/index.js';
import { loadVector } from '../vectors.js';
import { runHere } from './run.js';

const vector = loadVector('valid/fifty-files');
const bundle = join(vector.folder, 'input.sbundle.tgz');
const root = vector.expect.digests.contentRoot ?? '';
const otherRoot = `sha256:${'0'.repeat(64)}`;
let folder = '';
let path = '';
let proofFile = '';
let proof: Proof;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  const { out } = await runHere(['inspect', bundle, '--json']);
  const { inputs } = JSON.parse(out) as { inputs: { entries: { path: string }[] }[] };
  path =
    inputs[0]?.entries
      .map((entry) => entry.path)
      .filter((one) => one !== 'manifest.yaml' && one !== 'checksums.txt')[7] ?? '';
  proofFile = join(folder, 'proof.json');
  const made = await runHere(['prove', bundle, path, '--out', proofFile]);
  expect(made.code, made.err).toBe(0);
  proof = JSON.parse(readFileSync(proofFile, 'utf8')) as Proof;
});

afterAll(() => rmSync(folder, { recursive: true }));

async function check(document: unknown, ...options: string[]): Promise<{ code: number; out: string }> {
  const file = join(folder, 'checked.json');
  writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document));
  return runHere(['check-proof', file, ...options]);
}

describe('prove and check-proof', () => {
  test('a proof leads to the root of its bundle, with and without the file', async () => {
    expect(proof.contentRoot).toBe(root);
    expect(proof.entry.path).toBe(path);
    expect((await check(proof, '--root', root)).code).toBe(0);
    expect((await runHere(['check-proof', proofFile, '--root', root, '--json'])).out).toContain(
      '"outcome": "proven"',
    );
  });

  test('without a root it never ends in 0', async () => {
    const { code, out } = await check(proof);
    expect(code).toBe(14);
    expect(out).toContain(root);
  });

  test('every single change makes it fail', async () => {
    const flipped = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
    const changes: readonly Partial<Proof>[] = [
      { entry: { ...proof.entry, path: `${path}x` } },
      { entry: { ...proof.entry, size: proof.entry.size + 1 } },
      { entry: { ...proof.entry, sha256: flipped(proof.entry.sha256) } },
      { index: proof.index === 0 ? 1 : proof.index - 1 },
      { treeSize: proof.treeSize + 64 },
      { proof: proof.proof.slice(1) },
      { proof: [...proof.proof, proof.proof[0] ?? ''] },
      { proof: [flipped(proof.proof[0] ?? ''), ...proof.proof.slice(1)] },
      { contentRoot: otherRoot },
    ];
    for (const change of changes) {
      expect((await check({ ...proof, ...change }, '--root', root)).code, JSON.stringify(change)).toBe(10);
    }
    expect((await check(proof, '--root', otherRoot)).code).toBe(10);
    expect((await check(proof, '--root', root, '--file', bundle)).code).toBe(10);
  });

  test('what is no proof ends in 60', async () => {
    for (const document of [
      '',
      '{}',
      '[]',
      'null',
      '{"a":1,"a":2}',
      JSON.stringify({ ...proof, extra: 1 }),
    ]) {
      expect((await check(document, '--root', root)).code, document).toBe(60);
    }
    expect(
      (await check({ ...proof, entry: { ...proof.entry, path: '../../etc/passwd' } }, '--root', root)).code,
    ).toBe(60);
  });

  test('usage: a path that is not listed, a file that exists, a root that is none', async () => {
    expect((await runHere(['prove', bundle, 'not/there'])).code).toBe(2);
    expect((await runHere(['prove', bundle, path, '--out', proofFile])).err).toContain('is there already');
    expect((await runHere(['check-proof', proofFile, '--root', 'abc'])).code).toBe(2);
  });

  test('no proof is made from a bundle that contradicts itself or cannot be read', async () => {
    const garbage = join(folder, 'garbage.sbundle.tgz');
    writeFileSync(garbage, 'nothing');
    expect((await runHere(['prove', garbage, path])).code).toBe(60);
    const changed = loadVector('forged/content-byte');
    const { code, out } = await runHere(['prove', join(changed.folder, 'input.sbundle.tgz'), 'spec.yaml']);
    expect({ code, out }).toEqual({ code: 10, out: '' });
    await expect(prove(readFileSync(garbage), path)).rejects.toThrow(RangeError);
    await expect(prove(readFileSync(join(changed.folder, 'input.sbundle.tgz')), 'spec.yaml')).rejects.toThrow(
      RangeError,
    );
  });

  test('the library gives the same proof and the same answer', async () => {
    expect(await prove(readFileSync(bundle), path)).toEqual(proof);
    expect((await checkProof(JSON.stringify(proof), { contentRoot: root })).outcome).toBe('proven');
    expect((await checkProof(JSON.stringify(proof))).outcome).toBe('unconfirmed');
  });
});
