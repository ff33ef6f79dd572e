import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runHere } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-init-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(['strict', 'balanced', 'lab', 'retail'])(
  'begins a project from %s that locks, builds and hides its secrets',
  async (template) => {
    const dir = join(folder, template);
    const made = await runHere(['init', '--template', template, '--dir', dir, '--id', 'acme/api']);
    expect([made.code, made.err]).toEqual([0, '']);
    expect(made.out).toContain('.specular/spec.yaml');
    const locked = await runHere(['lock', '--dir', dir, '--product-version', '0.1.0']);
    expect(locked.code).toBe(0);
    writeFileSync(join(dir, '.env'), 'API_KEY=abcdefgh12345678');
    const out = join(folder, `${template}.tgz`);
    const built = await runHere(['build', '--dir', dir, '--out', out]);
    expect([built.code, built.err]).toEqual([0, '']);
    expect(built.out).toContain('Built acme/api 0.1.0: sha256:');
  },
);

it('writes over nothing, and leaves nothing behind when it is refused', async () => {
  const dir = join(folder, 'taken');
  expect((await runHere(['init', '--dir', dir])).code).toBe(0);
  const spec = join(dir, '.specular', 'spec.yaml');
  expect(readFileSync(spec, 'utf8')).toContain('product: "my/taken"');
  writeFileSync(spec, 'mine');
  const again = await runHere(['init', '--dir', dir, '--template', 'lab']);
  expect(again.code).toBe(2);
  expect(again.err).toContain('is there already; nothing was written');
  expect(readFileSync(spec, 'utf8')).toBe('mine');
  expect((await runHere(['init', '--dir', dir, '--force'])).code).toBe(0);
  expect((await runHere(['init', '--template', 'nothing'])).code).toBe(2);
  expect((await runHere(['init', '--list'])).out).toMatch(/^strict .*\nbalanced .*\nlab /);
});
