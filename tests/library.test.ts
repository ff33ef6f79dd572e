import { openAsBlob, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, describe } from 'vitest';
import { validate } from '../src/core/generated/report.validate.js';
import { verify, verifyPack } from '../src/index.js';
import { sourceOfFile } from '../src/platform/node.js';
import { isBuilt } from './cli/run.js';
import { describeShared, sharedPath } from './shared.js';

const NOW = '2026-11-20T10:00:00Z';

describe('library', () => {
  test('what cannot be read is a report, not an exception', async () => {
    const report = await verify(new TextEncoder().encode('no archive'), { now: NOW });
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true);
    expect(report.inputs[0]?.verdict.code).toBe('B-UNREADABLE');
    expect(report.inputs[0]?.file).toBe('bundle-1');
    expect(report.now).toBe(NOW);
  });

  test('misuse is an exception', async () => {
    await expect(verify('text' as never)).rejects.toThrow(TypeError);
    await expect(verify(42 as never)).rejects.toThrow(TypeError);
    await expect(verify(null as never)).rejects.toThrow(TypeError);
    await expect(verify(new Uint8Array(1), { now: 'yesterday' })).rejects.toThrow(RangeError);
    await expect(verify(new Uint8Array(1), { now: new Date(Number.NaN) })).rejects.toThrow(RangeError);
  });

  test('an aborted signal stops it with its reason', async () => {
    const reason = new Error('enough');
    await expect(verify(new Uint8Array(1), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('a pack without a rule is never verified', async () => {
    const result = await verifyPack(new Uint8Array([1, 2, 3]), undefined, { now: NOW });
    expect(result.verified).toBe(false);
    expect(result.checks).toBe(result.report.inputs[0]?.checks);
  });

  test('importing it touches no global', async () => {
    const before = Object.getOwnPropertyNames(globalThis);
    await import('../src/index.js');
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  });
});

describe.skipIf(!isBuilt())('the built library', () => {
  test('loads in a page: no module of Node but behind the choice of platform', () => {
    const imports = (path: string): string[] =>
      [...readFileSync(path, 'utf8').matchAll(/^import .* from "(.*)";$/gm)].map(([, from = '']) => from);
    const queue = ['dist/index.js'];
    const seen = new Set<string>();
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      for (const from of imports(path)) {
        expect(from, path).toMatch(/^\.\.?\//);
        queue.push(join(dirname(path), from));
      }
    }
  });

  test('offers its functions and nothing else', async () => {
    const library = (await import(pathToFileURL('dist/index.js').href)) as object;
    expect(Object.keys(library).sort()).toEqual(['checkProof', 'prove', 'verify', 'verifyPack']);
  });
});

describeShared('library on a sample', () => {
  const path = sharedPath('samples', 'bundles', 'healthcare-api-1.3.0.sbundle.tgz');
  const approvals = ['pm-20251106-101522', 'lead-20251106-124500'].map((name) => {
    const file = `healthcare-api-1.3.0-${name}-approval.json`;
    return { name: file, bytes: new Uint8Array(readFileSync(sharedPath('samples', 'bundles', file))) };
  });
  const trust = readFileSync('tests/fixtures/samples-trust.yaml', 'utf8');
  const settings = { now: NOW, trust, approvals };

  test('bytes, ArrayBuffer, Blob, stream and source give one report', async () => {
    const bytes = new Uint8Array(readFileSync(path));
    const blob = await openAsBlob(path);
    const name = 'release.sbundle.tgz';
    const wanted = await verify({ name, data: bytes }, settings);
    expect(wanted.inputs[0]?.verdict.code).toBe('B-INCOMPLETE');
    for (const data of [
      bytes.buffer,
      blob,
      blob.stream() as ReadableStream<Uint8Array>,
      sourceOfFile(path),
    ]) {
      expect(await verify({ name, data }, settings)).toEqual(wanted);
    }
    expect((await verify(new File([bytes], name), settings)).inputs[0]?.file).toBe(name);
  });

  test('verifyPack gives the digest of the pack and the checks; a changed pack is not verified', async () => {
    const bytes = new Uint8Array(readFileSync(path));
    const result = await verifyPack(bytes, approvals, { now: NOW, trust });
    expect(result.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(result.checks.length).toBeGreaterThan(5);
    expect(result.verified).toBe(false);
    const changed = sharedPath('samples', 'bundles', 'neg-tampered-file.sbundle.tgz');
    const other = await verifyPack(new Uint8Array(readFileSync(changed)), approvals, { now: NOW, trust });
    expect(other.verified).toBe(false);
    expect(other.report.inputs[0]?.verdict.code).toBe('B-CHANGED');
  });
});
