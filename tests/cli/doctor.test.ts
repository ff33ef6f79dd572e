import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeShared, sharedPath } from '../shared.js';
import { runHere } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an empty folder ends in 14 and says what to do; a missing one in 2', async () => {
  const ran = await runHere(['doctor', '--dir', folder]);
  expect(ran.code).toBe(14);
  expect(ran.out).toContain('do: countersign lock --product-version V writes the lock.');
  expect((await runHere(['doctor', '--dir', join(folder, 'nowhere')])).code).toBe(2);
  expect((await runHere(['doctor', '--dir', folder, '--level', 'L9'])).code).toBe(2);
});

describeShared('doctor and routing on the sample project', () => {
  const project = sharedPath('samples', 'project');
  const copy = (name: string) => {
    const path = join(folder, name);
    cpSync(project, path, { recursive: true });
    return path;
  };

  test('as it is: 0; JSON holds the same', async () => {
    const ran = await runHere(['doctor', '--dir', project]);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain(
      'Level  required L4 (the governance policy asks for attestations), ready for L4',
    );
    const json = JSON.parse((await runHere(['doctor', '--dir', project, '--json'])).out) as {
      levels: object;
      exit: number;
    };
    expect(json).toMatchObject({ exit: 0, levels: { required: 'L4', readyFor: 'L4' } });
  });

  test.each([
    ['a secret', '.specularignore', '', 20],
    ['drift', '.specular/spec.lock.json', '{"version":"1.3.0","features":{}}', 30],
    ['a model', '.specular/policy.yaml', 'routing: {allow_models: [{provider: local, names: [x]}]}\n', 50],
    ['an unreadable file', 'plan.json', '{', 60],
  ])('%s', async (name, file, text, code) => {
    const dir = copy(name.replaceAll(' ', '-'));
    rmSync(join(dir, file));
    writeFileSync(join(dir, file), text);
    const ran = await runHere(['doctor', '--dir', dir]);
    expect(ran.code, ran.out).toBe(code);
    const sarif = JSON.parse((await runHere(['doctor', '--dir', dir, '--sarif'])).out) as { version: string };
    expect(sarif.version).toBe('2.1.0');
  });

  test('routing: what a run costs at most, by provider', async () => {
    const ran = await runHere(['routing', '--dir', project]);
    expect(ran.code).toBe(0);
    expect(ran.out.split('\n')[0]).toBe('Cost  a run costs at most 20 US dollars; providers share it');
    expect(ran.out).toContain('anthropic: at most 20 US dollars');
    expect((await runHere(['routing', '--dir', folder])).code).toBe(2);
  });
});
