import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { ProjectFile } from '../../../src/core/build.js';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { examineProject, type Doctor, type DoctorTopic } from '../../../src/core/doctor/doctor.js';
import { loadBlake3 } from '../../../src/platform/blake3.js';
import { listFolder } from '../../../src/platform/nodeFolder.js';
import { describeShared, sharedPath } from '../../shared.js';

let blake3: Awaited<ReturnType<typeof loadBlake3>>;
beforeAll(async () => {
  blake3 = await loadBlake3();
});

function fileOf(path: string, text: string): ProjectFile {
  const bytes = toUtf8(text);
  return {
    path,
    size: bytes.length,
    async *open() {
      yield await Promise.resolve(bytes);
    },
  };
}

function examine(files: readonly ProjectFile[]): Promise<Doctor> {
  return examineProject(files, { blake3, level: null });
}

const row = (doctor: Doctor, topic: DoctorTopic) => {
  const found = doctor.rows.find((one) => one.topic === topic);
  if (found === undefined) throw new Error(`no row ${topic}`);
  return found;
};

test('an empty folder: everything needed is named, nothing is passed for being absent', async () => {
  const doctor = await examine([]);
  const statuses = Object.fromEntries(doctor.rows.map(({ topic, status }) => [topic, status]));
  expect(statuses).toEqual({
    files: 'fail',
    ignore: 'warn',
    secrets: 'not-applicable',
    spec: 'fail',
    lock: 'fail',
    plan: 'not-applicable',
    routing: 'warn',
    'execution-policy': 'fail',
    'governance-policy': 'fail',
    'autonomy-policy': 'not-applicable',
    config: 'warn',
  });
  expect(doctor.levels).toMatchObject({ required: 'L1', readyFor: null });
  for (const { status, action } of doctor.rows)
    expect(action === null, status).toBe(status === 'not-applicable');
});

test('two specifications, an unreadable lock, a key in the routing file', async () => {
  const doctor = await examine([
    fileOf('spec.yaml', 'product: a\nfeatures: []\n'),
    fileOf('.specular/spec.yaml', 'product: b\nfeatures: []\n'),
    fileOf('spec.lock.json', '{"version": "1", "features": {}, "features": {}}'),
    fileOf(
      'routing.yaml',
      'providers:\n  - {name: p, enabled: true, api_key: abcdefgh12345678, models: {fast: m}}\nbudget_usd: 1\n',
    ),
  ]);
  expect(row(doctor, 'spec').detail).toContain('it is not clear which counts');
  expect(row(doctor, 'lock')).toMatchObject({ status: 'fail', where: { file: 'spec.lock.json' } });
  expect(row(doctor, 'routing').findings.map(({ code, where }) => [code, where.line])).toEqual([
    ['policy-literal-key', 2],
  ]);
  expect(row(doctor, 'secrets').findings[0]).toMatchObject({ where: { path: 'routing.yaml', line: 2 } });
});

test('names that no bundle may have, and an ignore file that is no text', async () => {
  const ignore = {
    ...fileOf('.specularignore', ''),
    async *open() {
      yield await Promise.resolve(new Uint8Array([0xff, 0xfe]));
    },
  };
  const doctor = await examine([
    ignore,
    fileOf('manifest.yaml', 'a: 1\n'),
    fileOf('A.txt', ''),
    fileOf('a.txt', ''),
  ]);
  expect(row(doctor, 'files').findings.map(({ code }) => code)).toEqual([
    'build-reserved-path',
    'build-name-clash',
  ]);
  expect(row(doctor, 'ignore').status).toBe('fail');
});

test('a policy that only tells, and one that is misspelled', async () => {
  const lax = await examine([fileOf('policies.yaml', 'version: "1"\nenforcement: monitor\n')]);
  expect(row(lax, 'governance-policy')).toMatchObject({ status: 'warn', where: { line: 2 } });
  const bad = await examine([fileOf('policy.yaml', 'execution: {alow_local: true}\n')]);
  expect(row(bad, 'execution-policy')).toMatchObject({
    status: 'fail',
    where: { file: 'policy.yaml', line: 1 },
  });
});

describeShared('doctor on the sample project', () => {
  const listed = () => listFolder(sharedPath('samples', 'project')).files;
  const text = (path: string) => readFileSync(sharedPath('samples', 'project', path), 'utf8');
  const without = (path: string) => listed().filter((file) => file.path !== path);
  const replaced = (path: string, change: (text: string) => string) => [
    ...without(path),
    fileOf(path, change(text(path))),
  ];

  test('as it is: ready, with the fields that no lock covers', async () => {
    const doctor = await examine(listed());
    expect(doctor.rows.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(row(doctor, 'spec').detail).toContain('/non_functional');
    expect(doctor.levels).toMatchObject({ required: 'L4', readyFor: 'L4' });
    expect(doctor.routing?.atMostUsd).toBe(20);
    expect([doctor.packed, doctor.leftOut]).toEqual([16, 1]);
  });

  test('without the lock: one finding more, and no level', async () => {
    const doctor = await examine(without('.specular/spec.lock.json'));
    expect(doctor.rows.filter(({ status }) => status === 'fail').map(({ topic }) => topic)).toEqual(['lock']);
    expect(doctor.levels.readyFor).toBeNull();
  });

  test('without the ignore file the planted secret is found', async () => {
    const doctor = await examine(without('.specularignore'));
    expect(row(doctor, 'secrets').findings[0]?.where).toMatchObject({ path: '.env' });
    expect(doctor.levels.readyFor).toBeNull();
  });

  test('an edited feature: drift and a plan for another state', async () => {
    const doctor = await examine(
      replaced('.specular/spec.yaml', (spec) => spec.replace('desc: ', 'desc: New. ')),
    );
    expect(row(doctor, 'lock').findings.map(({ code }) => code)).toEqual(['drift-changed']);
    expect(row(doctor, 'plan').status).toBe('fail');
  });

  test('a model that the policy does not allow', async () => {
    const doctor = await examine(
      replaced('.specular/routing.yaml', (routing) => routing.replace('qwen2.5-coder', 'other')),
    );
    expect(row(doctor, 'routing').findings).toMatchObject([
      { code: 'policy-model-forbidden', where: { file: '.specular/routing.yaml', line: 8 } },
    ]);
  });

  test('one approver for two roles is not ready for L3', async () => {
    const doctor = await examine(
      replaced('.specular/config.yaml', (config) => config.replace(/(bob|carol)@/g, 'alice@')),
    );
    expect(doctor.levels).toMatchObject({ required: 'L4', readyFor: 'L2' });
  });
});
