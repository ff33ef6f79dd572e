import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProjectFile } from '../../../src/core/build.js';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { examineProject } from '../../../src/core/doctor/doctor.js';
import { judgeBundle } from '../../../src/core/policy/judgeBundle.js';
import { readPolicy } from '../../../src/core/policy/readPolicy.js';
import { loadBlake3 } from '../../../src/platform/blake3.js';
import { vectorsRoot } from '../../vectors.js';
import type { DocumentCase } from '../../vectorgen/table/documents.js';

/** Every bad document of the vectors, under every name that means something. */

const PLACES: Readonly<Record<string, string>> = {
  spec: '.specular/spec.yaml',
  'spec-lock': '.specular/spec.lock.json',
  plan: 'plan.json',
  routing: '.specular/routing.yaml',
  config: '.specular/config.yaml',
  policy: '.specular/policy.yaml',
  governance: '.specular/policies.yaml',
  'run-manifest': 'runs/run-manifest.json',
};

function casesOf(schema: string): readonly DocumentCase[] {
  return JSON.parse(
    readFileSync(join(vectorsRoot, 'documents', schema, 'cases.json'), 'utf8'),
  ) as DocumentCase[];
}

function bytesOf({ text, base64 }: DocumentCase): Uint8Array {
  return base64 === undefined ? toUtf8(text ?? '') : new Uint8Array(Buffer.from(base64, 'base64'));
}

function fileOf(path: string, bytes: Uint8Array): ProjectFile {
  return {
    path,
    size: bytes.length,
    async *open() {
      yield await Promise.resolve(bytes);
    },
  };
}

const bad = (schema: string): readonly DocumentCase[] =>
  casesOf(schema).filter(({ refused }) => refused !== null);
const TOPICS: Readonly<Record<string, string>> = {
  spec: 'spec',
  'spec-lock': 'lock',
  plan: 'plan',
  routing: 'routing',
  config: 'config',
  policy: 'execution-policy',
  governance: 'governance-policy',
};

test.each(Object.keys(TOPICS))('doctor passes no bad %s', async (schema) => {
  const blake3 = await loadBlake3();
  for (const one of bad(schema)) {
    const file = fileOf(PLACES[schema] ?? '', bytesOf(one));
    const { rows, levels } = await examineProject([file], { blake3, level: null });
    const row = rows.find(({ topic }) => topic === TOPICS[schema]);
    expect(['fail', 'warn'], `${one.name}: ${row?.status ?? ''}`).toContain(row?.status);
    expect(levels.readyFor).toBeNull();
  }
});

test.each(['policy', 'routing', 'plan', 'run-manifest'])(
  'a bundle with a bad %s is never passed',
  (schema) => {
    const read = readPolicy({
      name: 'mine.yaml',
      bytes: toUtf8('routing: {allow_models: [{provider: local, names: [m]}], deny_tools: [shell]}\n'),
    });
    if (read.policy?.kind !== 'specular-policy') throw new Error('no policy');
    for (const one of bad(schema)) {
      const documents = [{ path: PLACES[schema] ?? '', bytes: bytesOf(one) }];
      const { status, notJudged } = judgeBundle('b.sbundle.tgz', read.policy, documents);
      expect(['could-not-check', 'fail'], `${one.name}: ${status}`).toContain(status);
      if (status !== 'fail') expect(notJudged.length, one.name).toBe(1);
    }
  },
);

test('nothing throws, whatever lies under whatever name', async () => {
  const blake3 = await loadBlake3();
  for (const schema of readdirSync(join(vectorsRoot, 'documents'))) {
    const files = casesOf(schema).map((one, at) =>
      fileOf(`policies/${at}.${at % 2 === 0 ? 'yaml' : 'json'}`, bytesOf(one)),
    );
    expect((await examineProject(files, { blake3, level: 'L3' })).levels.required).toBe('L3');
  }
});
