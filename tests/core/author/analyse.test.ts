import { readFileSync } from 'node:fs';
import { expect, it, describe } from 'vitest';
import { analyse, type Analysis } from '../../../src/core/author/analyse.js';
import type { Fix } from '../../../src/core/author/problem.js';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { readPolicy } from '../../../src/core/policy/readPolicy.js';
import { authorSchemas } from '../../../src/engine/author/schemas.js';
import { templates } from '../../../src/templates/templates.js';
import { describeShared, sharedPath } from '../../shared.js';

const look = (text: string, name = 'a.yaml'): Analysis => analyse(name, text, authorSchemas);

function mended(text: string, { edits }: Fix): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((now, { start, end, text: put }) => now.slice(0, start) + put + now.slice(end), text);
}

const errors = (text: string, name?: string): Analysis['problems'] =>
  look(text, name).problems.filter(({ group }) => group === 'error');

describe('problems of a text', () => {
  it.each(templates.flatMap(({ name, files }) => files.map(({ path, text }) => [name, path, text] as const)))(
    'finds no error in the template %s: %s',
    (_, path, text) => {
      expect(errors(text, path)).toEqual([]);
      expect(look(text, path).readable).toBe(true);
    },
  );

  it('names every unknown field with its place, and how it was perhaps meant', () => {
    const text =
      'execution:\n  allow_locl: false\n  docker: {requird: true}\ntests:\n  min_coverage: "0.5"\n';
    const [first, second, third] = errors(text);
    expect(first).toMatchObject({ code: 'document-unknown-field', line: 2, column: 3 });
    expect(first?.fixes.map(({ title }) => title)).toEqual(['Write allow_local', 'Remove allow_locl']);
    expect(mended(text, first!.fixes[0]!)).toContain('  allow_local: false\n');
    expect(mended(text, first!.fixes[1]!)).not.toContain('allow_locl');
    expect(second).toMatchObject({ code: 'document-unknown-field', line: 3, column: 12 });
    expect(mended(text, second!.fixes[0]!)).toContain('{required: true}');
    expect(third).toMatchObject({ code: 'document-field', line: 5 });
    expect(mended(text, third!.fixes[0]!)).toContain('min_coverage: 0.5\n');
    const all = [first, second, third].reduceRight((now, one) => mended(now, one!.fixes[0]!), text);
    expect(errors(all)).toEqual([]);
  });

  it('puts a word in quotes that readers take for different things', () => {
    const text = 'policy_version: "0"\nautonomy_mode: off\nrules: []\n';
    const [only] = errors(text);
    expect(only).toMatchObject({ code: 'document-ambiguous', line: 2 });
    expect(errors(mended(text, only!.fixes[0]!))).toEqual([]);
    const boolean = 'execution:\n  allow_local: yes\n';
    expect(mended(boolean, errors(boolean)[0]!.fixes[0]!)).toBe('execution:\n  allow_local: true\n');
  });

  it('adds a field that is missing, in blocks and between brackets', () => {
    const text = 'policy_version: "0"\nrules:\n  - id: a\n    match: {prompt_type: [yes_no]}\n  - {id: b}\n';
    const found = errors(text);
    expect(found.map(({ line }) => line)).toEqual([3, 5]);
    const whole = [...found].reverse().reduce((now, one) => mended(now, one.fixes[0]!), text);
    expect(whole).toContain('  - action: {}\n    id: a\n');
    expect(whole).toContain('- {action: {}, id: b}');
  });

  it('offers the values that may stand somewhere, the nearest first', () => {
    const text = 'policy_version: "0"\nrules:\n  - id: a\n    action: {type: require_humn}\n';
    const [only] = errors(text);
    expect(only?.fixes[0]?.title).toBe('Write require_human');
    expect(mended(text, only!.fixes[0]!)).toContain('{type: require_human}');
  });

  it('says where a text stops being YAML', () => {
    const [only] = errors('execution:\n  docker:\n    required: true\n   network: none\n');
    expect(only).toMatchObject({ code: 'document-unreadable' });
    expect([3, 4]).toContain(only?.line);
    const tabs = 'execution:\n\tallow_local: false\n';
    expect(mended(tabs, errors(tabs)[0]!.fixes[0]!)).toBe('execution:\n  allow_local: false\n');
  });

  it('agrees with the reader that decides: what the editor passes is read, what it refuses is not', () => {
    const parts = [
      'execution',
      'allow_local',
      'false',
      'strict',
      '"0"',
      'rules',
      '{',
      '[',
      '- ',
      'x',
      '12',
      'true',
    ];
    let disagreements = 0;
    for (const { files } of templates)
      for (const { text } of files)
        for (let at = 0; at < text.length; at += 61) {
          const part = parts[at % parts.length] ?? '';
          const changed = text.slice(0, at) + part + text.slice(at + (at % 5));
          const passed = look(changed).readable;
          const read = readPolicy({ name: 'a.yaml', bytes: toUtf8(changed) }).policy !== null;
          // A text may become a document of another kind, which the policy reader refuses.
          const { kind } = look(changed);
          if (passed !== read && kind in authorSchemas && kind.match(/^(specular|atlas)/)) disagreements++;
        }
    expect(disagreements).toBe(0);
  });

  it('never throws on what is no document at all', () => {
    for (const text of [
      '',
      '\u0000',
      '{'.repeat(5000),
      '- '.repeat(5000),
      '&a [*a]',
      '\ud800: x',
      ': : :',
      '%YAML 9',
    ])
      expect(look(text).readable, text.slice(0, 20)).toBe(false);
  });

  it('names what a policy permits, and mends it', () => {
    const text =
      'execution:\n  allow_local: true\n  docker:\n    required: false\n    image_allowlist: ["node:latest"]\n    network: host\n';
    const security = look(text).problems.filter(({ group }) => group === 'security');
    expect(security.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining([
        '/execution/allow_local',
        '/execution/docker/required',
        '/execution/docker/network',
        '/execution/docker/image_allowlist',
      ]),
    );
    const local = security.find(({ pointer }) => pointer === '/execution/allow_local');
    expect(local).toMatchObject({ line: 2 });
    expect(mended(text, local!.fixes[0]!)).toContain('allow_local: false\n');
  });

  it('finds a secret and never shows it whole', () => {
    const key = `sk-${'a1B2c3D4'.repeat(4)}`;
    const found = look(
      `providers:\n  - name: x\n    api_key: ${key}\n    models: {}\n    enabled: true\n`,
    ).problems;
    const secret = found.find(({ group }) => group === 'security');
    expect(secret).toMatchObject({ line: 3 });
    expect(JSON.stringify(found)).not.toContain(key);
  });

  it('names a rule that is never reached', () => {
    const text =
      'policy_version: "0"\nrules:\n  - id: all\n    action: {type: deny}\n  - id: late\n    action: {type: require_human}\n';
    expect(look(text).problems).toContainEqual(expect.objectContaining({ group: 'warning', line: 5 }));
  });
});

describeShared('problems of real documents', () => {
  const file = (...path: string[]): string => readFileSync(sharedPath('samples', ...path), 'utf8');
  it.each([
    ['project/.specular/policy.yaml', 'specular-policy'],
    ['project/.specular/policies.yaml', 'specular-governance'],
    ['project/policies/hipaa.yaml', 'specular-policy'],
    ['project/.specular/spec.yaml', 'spec'],
    ['project/.specular/spec.lock.json', 'lock'],
    ['project/.specular/routing.yaml', 'routing'],
    ['project/.specular/config.yaml', 'config'],
    ['project/.specularignore', 'ignore'],
    ['project/plan.json', 'plan'],
    ['atlasbridge/policy_v0.yaml', 'atlasbridge-0'],
    ['atlasbridge/policy_v1.yaml', 'atlasbridge-1'],
  ])('reads %s as %s without an error', (path, kind) => {
    const { kind: found, problems, readable } = look(file(...path.split('/')), path);
    expect(problems.filter(({ group }) => group === 'error')).toEqual([]);
    expect({ found, readable }).toEqual({ found: kind, readable: true });
  });
});
