import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../src/core/canon/json.js';
import { readTyped, type Validator } from '../src/core/documents/readDocument.js';
import { readRequest } from '../src/core/envelope/request.js';
import { readStatement } from '../src/core/envelope/statement.js';
import { readWithdrawal } from '../src/core/envelope/withdrawal.js';
import { validate as validateJournal } from '../src/core/generated/apply-journal.validate.js';
import { validate as validateInfo } from '../src/core/generated/bundle-info.validate.js';
import { validate as validateConfig } from '../src/core/generated/config.validate.js';
import { validate as validateDiff } from '../src/core/generated/diff.validate.js';
import { validate as validateReport } from '../src/core/generated/report.validate.js';
import type { Finding } from '../src/core/generated/report.js';
import { validate as validateRun } from '../src/core/generated/run-manifest.validate.js';
import { finding } from '../src/core/messages/finding.js';
import { limitsProfiles } from '../src/core/limits.js';
import { readManifest } from '../src/core/manifest/readManifest.js';
import { readPolicy } from '../src/core/policy/readPolicy.js';
import { checkProof } from '../src/core/prove.js';
import { readRouting } from '../src/core/routing.js';
import { readLock, readPlan, readSpec } from '../src/core/spec/readSpec.js';
import { readTrust } from '../src/core/trust/readTrust.js';
import { nodePlatform } from '../src/platform/node.js';
import { describeShared, sharedPath } from './shared.js';
import { vectorsRoot } from './vectors.js';
import type { DocumentCase } from './vectorgen/table/documents.js';

/** What stands against a document, as its own reader says it; empty where it is taken. */
type Reader = (bytes: Uint8Array) => readonly Finding[];

const errors = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ severity }) => severity === 'error');

function typed(name: string, validate: Validator): Reader {
  return (bytes) => {
    const read = readTyped<unknown>({ name, bytes }, validate);
    return 'findings' in read ? read.findings : [];
  };
}

/** Of documents that the program only writes: the validator itself, told as the readers tell it. */
function written(validate: Validator): Reader {
  return typed('written.json', validate);
}

const kindOf: Readonly<Record<string, string>> = {
  policy: 'specular-policy',
  governance: 'specular-governance',
  'atlasbridge-policy-v0': 'atlasbridge-0',
  'atlasbridge-policy-v1': 'atlasbridge-1',
};

function policy(schema: string): Reader {
  return (bytes) => {
    const { policy, findings } = readPolicy({ name: 'policy.yaml', bytes });
    if (policy === null || policy.kind === kindOf[schema]) return findings;
    return [finding('document-kind', {}, { where: { file: 'policy.yaml' } })];
  };
}

const readers: Readonly<Record<string, Reader>> = {
  spec: (bytes) => errors(readSpec({ name: 'spec.yaml', bytes }).findings),
  'spec-lock': (bytes) => readLock({ name: 'spec.lock.json', bytes }).findings,
  plan: (bytes) => readPlan({ name: 'plan.json', bytes }).findings,
  routing: (bytes) => readRouting({ name: 'routing.yaml', bytes }).findings,
  config: typed('config.yaml', validateConfig),
  policy: policy('policy'),
  governance: policy('governance'),
  'atlasbridge-policy-v0': policy('atlasbridge-policy-v0'),
  'atlasbridge-policy-v1': policy('atlasbridge-policy-v1'),
  'run-manifest': typed('run-manifest.json', validateRun),
  trust: (bytes) => errors(readTrust({ name: 'trust.yaml', bytes }).findings),
  manifest: (bytes) => errors(readManifest(bytes, limitsProfiles.default).findings),
  approval: (bytes) => {
    const read = readStatement(bytes);
    return 'findings' in read ? read.findings : [];
  },
  request: (bytes) => {
    const read = readRequest(bytes);
    return 'findings' in read ? read.findings : [];
  },
  withdrawal: (bytes) => {
    const read = readWithdrawal(bytes);
    return 'findings' in read ? read.findings : [];
  },
  proof: (bytes) => {
    const { outcome, findings } = checkProof(bytes, {}, nodePlatform());
    return outcome === 'unreadable' ? findings : [];
  },
  report: written(validateReport),
  diff: written(validateDiff),
  'apply-journal': written(validateJournal),
  'bundle-info': written(validateInfo),
};

/** Their readers share one way to name places: the pointer and the line are exact. */
const EXACT = new Set([
  ...['spec', 'spec-lock', 'plan', 'routing', 'config', 'policy', 'governance', 'run-manifest'],
  ...['atlasbridge-policy-v0', 'atlasbridge-policy-v1', 'report', 'diff', 'apply-journal', 'bundle-info'],
]);

function bytesOf({ text, base64 }: DocumentCase): Uint8Array {
  return base64 === undefined
    ? new TextEncoder().encode(text)
    : new Uint8Array(Buffer.from(base64, 'base64'));
}

function casesOf(schema: string): readonly DocumentCase[] {
  return JSON.parse(
    readFileSync(join(vectorsRoot, 'documents', schema, 'cases.json'), 'utf8'),
  ) as DocumentCase[];
}

test('every schema has its cases', () => {
  const schemas = readdirSync(new URL('../schemas/', import.meta.url))
    .filter((name) => name.endsWith('.schema.json'))
    .map((name) => name.replace('.schema.json', ''));
  expect(Object.keys(readers).sort()).toEqual(schemas.sort());
  expect(readdirSync(join(vectorsRoot, 'documents')).sort()).toEqual(schemas.sort());
});

describe.each(Object.entries(readers))('%s', (schema, reader) => {
  const cases = casesOf(schema);

  test('takes a good document and refuses at least 20 bad ones', () => {
    const good = cases.filter(({ refused }) => refused === null);
    expect(good.length).toBeGreaterThan(0);
    for (const one of good) expect(reader(bytesOf(one)), one.name).toEqual([]);
    expect(cases.length - good.length).toBeGreaterThanOrEqual(20);
  });

  test.each(cases.filter(({ refused }) => refused !== null).map((one) => [one.name, one] as const))(
    'refuses: %s',
    (_, one) => {
      const { refused } = one;
      const found = reader(bytesOf(one));
      expect(found.length).toBeGreaterThan(0);
      if (refused === null) return;
      const [first] = found;
      for (const text of [first?.message, first?.cause, first?.action])
        expect(text?.length).toBeGreaterThan(10);
      if (EXACT.has(schema)) expectExact(refused, found);
      else expectPlace(refused, found);
    },
  );
});

function expectExact(refused: NonNullable<DocumentCase['refused']>, found: readonly Finding[]): void {
  const [first] = found;
  if (refused.kind === 'text') {
    expect(first?.code).toMatch(/^document-/);
    if (refused.line !== null) expect(first?.where.line).toBe(refused.line);
    return;
  }
  // What is no map at all is in none of the policy languages.
  if (refused.pointer === '' && first?.code === 'document-kind') return;
  expect(first?.code).toBe(refused.kind === 'form' ? 'document-field' : 'document-unknown-field');
  expect(first?.where.field).toBe(refused.pointer);
  expect(first?.where.line).toBe(refused.line);
}

/** Readers with words of their own name the field, by place or in the message, or the line. */
function expectPlace(refused: NonNullable<DocumentCase['refused']>, found: readonly Finding[]): void {
  const told = found.map((one) => JSON.stringify([one.message, one.where, one.found ?? ''])).join(' ');
  const placed = found.some(
    ({ where }) => where.line !== undefined || where.byte !== undefined || where.field !== undefined,
  );
  const names = (refused.pointer ?? '').split('/').filter((name) => name !== '' && !/^\d+$/.test(name));
  const last = names.at(-1) ?? '';
  expect(
    placed || (last !== '' && told.includes(last)) || refused.kind === 'text' || refused.pointer === '',
    told,
  ).toBe(true);
}

describeShared('the real documents', () => {
  const sample = (...parts: string[]) => new Uint8Array(readFileSync(sharedPath('samples', ...parts)));

  test.each([
    ['spec', 'project/.specular/spec.yaml'],
    ['spec-lock', 'project/.specular/spec.lock.json'],
    ['plan', 'project/plan.json'],
    ['routing', 'project/.specular/routing.yaml'],
    ['config', 'project/.specular/config.yaml'],
    ['policy', 'project/.specular/policy.yaml'],
    ['policy', 'project/policies/default.yaml'],
    ['policy', 'project/policies/hipaa.yaml'],
    ['governance', 'project/.specular/policies.yaml'],
    ['atlasbridge-policy-v0', 'atlasbridge/policy_v0.yaml'],
    ['atlasbridge-policy-v1', 'atlasbridge/policy_v1.yaml'],
    ['run-manifest', 'runs/run-manifest.json'],
  ])('%s takes %s', (schema, path) => {
    expect(readers[schema]?.(sample(...path.split('/')))).toEqual([]);
  });

  test('no kind takes the document of another', () => {
    const texts = {
      plan: 'project/plan.json',
      routing: 'project/.specular/routing.yaml',
      policy: 'project/.specular/policy.yaml',
    };
    for (const [kind, path] of Object.entries(texts)) {
      for (const [schema, reader] of Object.entries(readers)) {
        if (schema !== kind)
          expect(reader(sample(...path.split('/'))).length, `${schema} ${path}`).toBeGreaterThan(0);
      }
    }
  });
});

test('a JSON document of the vectors is what it says it is', () => {
  const bad = casesOf('plan').filter(({ refused }) => refused?.kind === 'form');
  for (const one of bad) expect('value' in parseJson(bytesOf(one)), one.name).toBe(true);
});
