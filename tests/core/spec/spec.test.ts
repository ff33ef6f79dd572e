import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromUtf8, toUtf8 } from '../../../src/core/bytes/text.js';
import { compareWithLock, driftFindings } from '../../../src/core/spec/drift.js';
import { lockedBytes, makeLock, writeLock, type Blake3 } from '../../../src/core/spec/lock.js';
import { viewPlan } from '../../../src/core/spec/plan.js';
import { readLock, readPlan, readSpec } from '../../../src/core/spec/readSpec.js';
import { loadBlake3 } from '../../../src/platform/blake3.js';
import { describeShared, sharedPath } from '../../shared.js';

let blake3: Blake3;
beforeAll(async () => {
  blake3 = await loadBlake3();
});

const SPEC = `product: acme/demo
goals: [one]
features:
  - {id: a, title: A, desc: "a<b & c>d", priority: P0, success: [fine]}
  - {id: b, title: B, desc: second, priority: P2, success: [fine], trace: []}
acceptance: [all]
`;
const spec = (text: string) => readSpec({ name: 'spec.yaml', bytes: toUtf8(text) });
const good = () => spec(SPEC).value!;

describe('a lock', () => {
  it('tells an absent list from an empty one', () => {
    const [a, b] = good().features.map((feature) => fromUtf8(lockedBytes(feature)));
    expect(a).toContain('"trace":null');
    expect(a).toContain('a\\u003cb \\u0026 c\\u003ed');
    expect(b).toContain('"trace":[]');
  });

  it('is read back as it was written', () => {
    const lock = makeLock(good(), '1.0.0 <&>', blake3);
    const read = readLock({ name: 'spec.lock.json', bytes: writeLock(lock) });
    expect(read.value).toEqual(lock);
    expect(compareWithLock(good(), lock, blake3).every(({ state }) => state === 'same')).toBe(true);
  });
});

describe('drift', () => {
  it('names what was added, removed and changed', () => {
    const lock = makeLock(good(), '1', blake3);
    const now = spec(SPEC.replace('desc: second', 'desc: other').replace('id: a,', 'id: c,')).value!;
    const drift = compareWithLock(now, lock, blake3);
    expect(drift.map(({ feature, state }) => [feature, state])).toEqual([
      ['a', 'removed'],
      ['b', 'changed'],
      ['c', 'added'],
    ]);
    expect(driftFindings(drift, 'spec.yaml').map(({ code }) => code)).toEqual([
      'drift-removed',
      'drift-changed',
      'drift-added',
    ]);
  });
});

describe('a specification', () => {
  const bad: readonly (readonly [string, string, string])[] = [
    ['no product', SPEC.replace('product: acme/demo\n', ''), 'document-field'],
    ['an unknown field', `${SPEC}extra: 1\n`, 'document-unknown-field'],
    ['a misspelled field', SPEC.replace('acceptance:', 'acceptence:'), 'document-field'],
    ['an empty goal', SPEC.replace('[one]', '[""]'), 'document-field'],
    ['no goals', SPEC.replace('[one]', '[]'), 'document-field'],
    ['a goal that is a number', SPEC.replace('[one]', '[1]'), 'document-field'],
    ['an upper-case id', SPEC.replace('id: a', 'id: A'), 'document-field'],
    ['an id with two hyphens', SPEC.replace('id: a', 'id: a--b'), 'document-field'],
    ['an id that ends in a hyphen', SPEC.replace('id: a', 'id: a-'), 'document-field'],
    ['an id that begins with a digit', SPEC.replace('id: a', 'id: 1a'), 'document-field'],
    ['a long id', SPEC.replace('id: a', `id: ${'a'.repeat(101)}`), 'document-field'],
    ['one id twice', SPEC.replace('id: b', 'id: a'), 'document-repeated'],
    ['an unknown priority', SPEC.replace('P0', 'P3'), 'document-field'],
    ['no success', SPEC.replace('success: [fine]}', 'success: []}'), 'document-field'],
    [
      'a method of the command line',
      SPEC.replace('P0,', 'P0, api: [{method: CLI, path: /a}],'),
      'document-field',
    ],
    ['a path without slash', SPEC.replace('P0,', 'P0, api: [{method: GET, path: a}],'), 'document-field'],
    ['a mapping as product', SPEC.replace('product: acme/demo', 'product: {name: a}'), 'document-field'],
    ['a word of two meanings', SPEC.replace('title: A', 'title: off'), 'document-ambiguous'],
    ['an octal number', SPEC.replace('title: A', 'title: 010'), 'document-ambiguous'],
    ['a date without quotes', SPEC.replace('title: A', 'title: 2026-01-01'), 'document-ambiguous'],
    ['nothing where text belongs', SPEC.replace('title: A', 'title: ~'), 'document-ambiguous'],
    ['an anchor', SPEC.replace('[one]', '&a [one]'), 'document-unreadable'],
    ['a key twice', `${SPEC}product: again\n`, 'document-unreadable'],
    ['a second document', `${SPEC}---\na: 1\n`, 'document-unreadable'],
    ['an empty milestone', `${SPEC}milestones: [{id: m, name: M, feature_ids: []}]\n`, 'document-field'],
  ];
  it.each(bad)('with %s is refused', (_name, text, code) => {
    expect(text).not.toBe(SPEC);
    const { value, findings } = spec(text);
    expect(value).toBeNull();
    expect(findings[0]?.code).toBe(code);
    expect(findings[0]?.where.line).toBeGreaterThan(0);
  });
});

describe('a plan', () => {
  const view = (tasks: readonly object[], hashes: readonly [string, string][] = [['f', '0'.repeat(64)]]) =>
    viewPlan(
      readPlan({ name: 'plan.json', bytes: toUtf8(JSON.stringify({ tasks })) }).value!,
      new Map(hashes),
    );

  it('says which tasks wait for each other in a circle', () => {
    const { tasks, problems } = view([
      { id: 'z', feature_id: 'f', depends_on: ['a'] },
      { id: 'a', feature_id: 'f', depends_on: ['b'] },
      { id: 'b', feature_id: 'f', depends_on: ['a'] },
      { id: 'c', feature_id: 'f' },
    ]);
    expect(problems).toEqual([{ kind: 'cycle', tasks: ['a', 'b'], text: 'a waits for b waits for a' }]);
    expect(tasks.map(({ layer }) => layer)).toEqual([null, null, null, 0]);
  });

  it('names a task that lost its feature, a changed feature and a task that is not there', () => {
    const { problems } = view([
      { id: 'a', feature_id: 'gone' },
      { id: 'b', feature_id: 'f', expected_hash: '1'.repeat(64), depends_on: ['x'] },
    ]);
    expect(problems.map(({ kind }) => kind)).toEqual(['feature-missing', 'no-such-task', 'feature-changed']);
  });
});

describeShared('the sample project', () => {
  const sample = (...parts: string[]) => ({
    name: parts.at(-1)!,
    bytes: new Uint8Array(readFileSync(sharedPath('samples', 'project', ...parts))),
  });

  it('gives the published bytes and hashes of every feature', () => {
    const { vectors } = JSON.parse(fromUtf8(sample('spec-lock-vectors.json').bytes)!) as {
      vectors: { id: string; canonical_utf8: string; blake3: string }[];
    };
    const { features } = readSpec(sample('.specular', 'spec.yaml')).value!;
    let seen = 0;
    for (const { id, canonical_utf8, blake3: hash } of vectors) {
      const feature = features.find((one) => one.id === id) ?? {
        id,
        desc: 'a<b & c>d',
        priority: 'P2',
        success: ['ok'],
        title: 'T',
      };
      expect(fromUtf8(lockedBytes(feature))).toBe(canonical_utf8);
      expect(blake3(lockedBytes(feature))).toBe(hash);
      seen++;
    }
    expect(seen).toBe(5);
  });

  it('gives the published lock, byte for byte, and names what the lock leaves out', () => {
    const { value, findings } = readSpec(sample('.specular', 'spec.yaml'));
    const published = sample('.specular', 'spec.lock.json').bytes;
    expect(fromUtf8(writeLock(makeLock(value!, '1.3.0', blake3)))).toBe(fromUtf8(published));
    expect(findings.map(({ params }) => params['field'])).toContain('/non_functional');
  });

  it('has a plan without problems', () => {
    const lock = readLock(sample('.specular', 'spec.lock.json')).value!;
    const hashes = new Map(Object.entries(lock.features).map(([id, { hash }]) => [id, hash]));
    const { tasks, problems } = viewPlan(readPlan(sample('plan.json')).value!, hashes);
    expect(problems).toEqual([]);
    expect(tasks.map(({ layer }) => layer)).toEqual([0, 0, 1, 2]);
  });
});
