import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/args.js';
import { toUtf8 } from '../../../src/core/bytes/text';
import {
  buildCommand,
  bundleName,
  emptyForm,
  partsOf,
  patternOf,
  readKnown,
  rolesOf,
  select,
  wishesOf,
  type BuildForm,
} from '../../../src/lib/view/build';
import { fileOfBlob } from '../../../src/platform/webFolder';
import { loadBlake3 } from '../../../src/platform/blake3';

const file = (path: string, text = path) => fileOfBlob(path, new Blob([toUtf8(text)]));
const form: BuildForm = { ...emptyForm, id: 'acme/api', version: '1.0.0', created: '2026-11-20T10:00:00Z' };
const nothingFound = { id: null, version: null };

/** The words that a shell makes of a command. */
function shellWords(command: string): string[] {
  return [...command.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|\\'/g, (_, quoted: string | undefined) => quoted ?? "'"),
  );
}

describe('what is picked', () => {
  it.each([
    'a.txt',
    'a b.txt',
    '#notes',
    '!keep',
    'x[1].txt',
    'wild*card?',
    'back\\slash',
    'trailing ',
    'ü/ñ',
  ])('%s alone, when it was put in or left out by hand', async (path) => {
    const files = [file(path), file(`other/${path}`), file('.specularignore', '*\n')];
    const known = await readKnown(files);
    const into = select(files, known, { ...form, putIn: [path] });
    expect(into.packed.map((one) => one.path)).toEqual([path]);
    expect(into.forced.map((one) => one.path)).toEqual([path]);
    const none = { ...known, ignoreFile: null };
    const left = select(files, none, { ...form, leftOut: [path] }).left.map((one) => one.path);
    expect(left).toEqual([path]);
  });

  it('is not known when the ignore file is no text', async () => {
    const known = await readKnown([fileOfBlob('.specularignore', new Blob([Uint8Array.of(0xff, 0xfe)]))]);
    expect([known.ignoreFile, known.ignoreUnread]).toEqual([null, true]);
  });
});

describe('the parts of a project', () => {
  const spec = `product: acme/api
goals: [one]
features:
  - {id: a, title: A, desc: A, priority: P0, success: [yes it works]}
acceptance: [one]
non_functional: {performance: [fast]}
`;

  it('are told by their content, with what the lock does not cover', async () => {
    const blake3 = await loadBlake3();
    const documents = [
      { path: 'spec.yaml', bytes: toUtf8(spec) },
      { path: 'governance.yaml', bytes: toUtf8('version: "1.0"\nenforcement: strict\n') },
      { path: 'notes.yaml', bytes: toUtf8('just text') },
    ];
    const parts = partsOf(documents, blake3);
    expect(parts.map(({ kind, path }) => [kind, path])).toEqual([
      ['spec', 'spec.yaml'],
      ['policy', 'governance.yaml'],
    ]);
    expect(parts[0]).toMatchObject({
      count: 1,
      locked: null,
      uncovered: ['goals', 'non_functional', 'acceptance'],
      findings: [],
    });
    const lock = {
      version: '1.0.0',
      features: { a: { hash: '0'.repeat(64), openapi_path: 'x', test_paths: [] } },
    };
    const drifted = partsOf(
      [...documents, { path: 'spec.lock.json', bytes: toUtf8(JSON.stringify(lock)) }],
      blake3,
    );
    expect(drifted[0]).toMatchObject({ locked: { same: 0, of: 1 }, findings: [{ code: 'drift-changed' }] });
  });
});

describe('the command that gives the same bytes', () => {
  it('says every choice, so that the parser reads back what was chosen', () => {
    const full: BuildForm = {
      ...form,
      level: 'L3',
      roles: 'pm, security',
      description: `it's "fine"; rm -rf $HOME`,
      metadata: [
        { name: 'job_id', value: '-42' },
        { name: ' ', value: 'dropped' },
      ],
      include: '*.log\n\n',
      external: 'big/',
      putIn: ['.env', "o'neil.txt"],
      leftOut: ['-dash'],
      reasons: { '.env:1': ' no key ' },
    };
    const words = shellWords(buildCommand(full, nothingFound, "my 'own' project"));
    const parsed = parseCommandLine(words.slice(1));
    if (parsed.kind !== 'run') throw new Error('not a command');
    const value = (name: string): readonly string[] | undefined => parsed.args.values.get(name);
    expect(value('dir')).toEqual(["my 'own' project"]);
    expect(value('id')).toEqual(['acme/api']);
    expect(value('bundle-version')).toEqual(['1.0.0']);
    expect(value('description')).toEqual([full.description]);
    expect(value('metadata')).toEqual(['job_id=-42']);
    expect(value('require-approvals')).toEqual(['pm,security']);
    expect(value('include')).toEqual(['*.log', '/.env', "/o'neil.txt"]);
    expect(value('exclude')).toEqual(['/-dash']);
    expect(value('external')).toEqual(['big/']);
    expect(value('allow-secret')).toEqual(['.env:1=no key']);
  });

  it('does not repeat what the project says itself', () => {
    const command = buildCommand(form, { id: 'acme/api', version: '1.0.0' }, 'project');
    expect(command).toBe(
      'countersign build --dir project --out api-1.0.0.sbundle.tgz --created 2026-11-20T10:00:00Z',
    );
    const dashed = { ...form, description: "-it's" };
    expect(buildCommand(dashed, nothingFound, '')).toContain(`--description='-it'\\''s'`);
  });
});

it('names, roles and wishes are what was typed, without its edges', () => {
  expect(bundleName('acme/../..', '1/2')).toBe('bundle-1-2.sbundle.tgz');
  expect(bundleName('Ünï', '')).toBe('n.sbundle.tgz');
  expect(rolesOf(' pm,, security\tlegal ')).toEqual(['pm', 'security', 'legal']);
  expect(wishesOf({ ...form, id: ' a ' })).toMatchObject({ id: 'a', level: null, seed: null });
  expect(patternOf('a b')).toBe('/a\\ b');
});
