import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GrowingFile } from '../../src/cli/growing.js';
import { concatBytes } from '../../src/core/bytes/bytes.js';

let dir = '';
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'countersign-growing-'))));
afterEach(() => rmSync(dir, { recursive: true }));

async function readAll(growing: GrowingFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of growing.source.open()) chunks.push(chunk);
  return new TextDecoder().decode(concatBytes(chunks));
}

it('reads a file that got its name before anybody began to read', async () => {
  const growing = new GrowingFile();
  writeFileSync(join(dir, 'part'), 'whole');
  growing.grown(join(dir, 'part'), 5);
  renameSync(join(dir, 'part'), join(dir, 'named'));
  growing.end();
  expect(await readAll(growing)).toBe('whole');
  growing.close();
});

it('waits for what is still to come, and gives no more than was said', async () => {
  const growing = new GrowingFile();
  const reading = readAll(growing);
  writeFileSync(join(dir, 'part'), 'one two');
  growing.grown(join(dir, 'part'), 3);
  await new Promise((resolve) => setImmediate(resolve));
  growing.grown(join(dir, 'part'), 7);
  growing.end();
  expect(await reading).toBe('one two');
  growing.close();
});

it('ends with what ended the writing, and without a byte where none was written', async () => {
  const failed = new GrowingFile();
  const reading = readAll(failed);
  failed.end(new Error('the disk is full'));
  await expect(reading).rejects.toThrow('the disk is full');
  const empty = new GrowingFile();
  empty.end();
  expect(await readAll(empty)).toBe('');
});
