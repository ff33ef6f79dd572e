import { describe, expect, it } from 'vitest';
import { diffMarkdown } from '../../src/core/diff/markdown.js';
import { pairFiles } from '../../src/core/diff/pair.js';
import { validate } from '../../src/core/generated/diff.validate.js';
import type { Diff, DiffLine } from '../../src/core/generated/diff.js';
import { CompareError } from '../../src/engine/compare.js';
import { approval, bundle, pack, packItems } from '../vectorgen/bundle.js';
import { alice, mallory } from '../vectorgen/cast.js';
import { describeShared, sharedPath } from '../shared.js';
import { cases, compareInputs, folder, given, made, policy, run } from './diffCases.js';
import { readFileSync } from 'node:fs';

/** What nobody would see, but for the ends of lines and tabs. */
const HIDDEN = /(?![\n\t])\p{Cc}|[\u200b-\u200f\u202a-\u202e]/u;
const linesOf = (diff: Diff, id: Diff['groups'][number]['id']): readonly DiffLine[] =>
  diff.groups.find((group) => group.id === id)!.lines;
const kinds = (lines: readonly DiffLine[]): string[] => lines.map(({ kind, effect }) => `${effect} ${kind}`);

describe('a comparison', () => {
  it.each(Object.entries(cases))('reads as its golden: %s', async (name, one) => {
    const { diff } = await run(one);
    expect(validate(diff), JSON.stringify(validate.errors)).toBe(true);
    await expect(diffMarkdown(diff)).toMatchFileSnapshot(`diff-goldens/${name}.md`);
  });

  it('gives the same bytes for the same input', async () => {
    const [one, two] = [await run(cases['routing']!), await run(cases['routing']!)];
    expect(JSON.stringify(one.diff)).toBe(JSON.stringify(two.diff));
  });

  it('is equal only where nothing differs', async () => {
    for (const [name, one] of Object.entries(cases)) {
      const { diff } = await run(one);
      expect(diff.equal, name).toBe(name === 'equal');
    }
  });

  it('turns round with its sides', async () => {
    const { before, after } = cases['role-removed']!;
    const { diff } = await run({ before: after, after: before });
    expect(kinds(linesOf(diff, 'who'))).toEqual(['stronger role-added']);
    expect(diff.files).toMatchObject({ added: 0, removed: 1 });
  });

  it('tells every change of who may say yes in a group above the files', async () => {
    const ids = (await run(cases['equal']!)).diff.groups.map(({ id }) => id);
    expect(ids).toEqual(['who', 'approvals', 'rules', 'routing', 'spec', 'said']);
    const found = new Set<string>();
    for (const one of Object.values(cases)) {
      const { diff } = await run(one);
      const text = diffMarkdown(diff);
      for (const id of ['who', 'approvals', 'rules'] as const)
        for (const line of linesOf(diff, id)) {
          found.add(line.kind);
          const at = text.indexOf(`**${line.effect}**`);
          expect(at).toBeGreaterThan(0);
          expect(at).toBeLessThan(text.indexOf('## Files'));
        }
    }
    expect([...found].sort()).toEqual(
      expect.arrayContaining([
        'approval-gained',
        'approval-lost',
        'approval-stale',
        'level',
        'policy',
        'role-added',
        'role-removed',
        'trust',
      ]),
    );
  });
});

describe('approvals', () => {
  const one = bundle({ files: { 'a.txt': 'a\n' }, roles: ['pm'] });
  const pm = approval(one, { role: 'pm', by: alice });
  const other = approval(one, { role: 'pm', by: mallory, predicate: { user: alice.id }, number: 2 });

  it('of one person by two keys are told key by key', async () => {
    const { diff } = await run({ before: pack(one, [...pm, ...other]), after: pack(one, pm) });
    const lines = linesOf(diff, 'approvals').filter(({ kind }) => kind === 'approval-gone');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.before).toContain(mallory.key.fingerprint);
  });

  it('that differ in nothing but their bytes make two sides unequal', async () => {
    const [statement, signature] = pm;
    const spaced = { ...signature!, bytes: new Uint8Array([...signature!.bytes, 10]) };
    const { diff } = await run({ before: pack(one, pm), after: pack(one, [statement!, spaced]) });
    expect(diff.before.bundleDigest).toBe(diff.after.bundleDigest);
    expect(diff.equal).toBe(false);
    expect(diff.groups[1].lines.map(({ text }) => text)).toContain(
      'Approval file changed: approvals/pm-1.json.sig',
    );
  });

  it('are lost where attestations and approvals are left out of the same bundle', async () => {
    const attested = [...pm, { path: 'attestations/build.sigstore.json', bytes: pm[0]!.bytes }];
    const { diff } = await run({ before: pack(one, attested), after: pack(one) });
    const texts = linesOf(diff, 'approvals').map(({ effect, text }) => `${effect} ${text}`);
    expect(texts).toContain('weaker Attestation lost: attestations/build.sigstore.json');
    expect(texts).toContain('weaker Lost: pm by alice@example.org');
    expect(diff.files.changes).toEqual([]);
  });
});

describe('a side that is no good', () => {
  const good = made({ 'a.txt': 'one\n' }, { roles: ['pm'] });

  it('says nothing of itself when it contradicts its own list', async () => {
    const one = bundle({
      files: { 'a.txt': 'one\n' },
      roles: ['legal', 'pm'],
      manifest: { description: 'LIES' },
    });
    const items = [
      { path: 'manifest.yaml', bytes: one.manifestBytes },
      { path: 'a.txt', bytes: new TextEncoder().encode('two\n') },
    ];
    const { diff } = await compareInputs(given('good', good), given('bad', packItems(items)));
    expect(diff.after.verdict?.code).toBe('B-CHANGED');
    expect(diff.comparable).toBe(true);
    expect(linesOf(diff, 'who')).toEqual([]);
    expect(diff.groups[0]?.note).toContain('bad contradicts its own file list');
    expect(diff.after).toMatchObject({ id: null, version: null, requiredRoles: null });
    expect(JSON.stringify(diff)).not.toContain('LIES');
    expect(diff.files.changes.map(({ kind }) => kind)).toEqual(['changed']);
  });

  it('is not compared when it cannot be read, and the other side is still shown', async () => {
    const { diff } = await compareInputs(
      given('good', good),
      given('bad', good.subarray(0, good.length - 20)),
    );
    expect(validate(diff)).toBe(true);
    expect(diff).toMatchObject({ comparable: false, equal: false, texts: [], files: { changes: [] } });
    expect(diff.before).toMatchObject({ name: 'good', requiredRoles: ['pm'] });
    expect(diff.after.verdict?.code).toBe('B-UNREADABLE');
    expect(diff.groups.every(({ note }) => note === 'Not compared: bad cannot be read.')).toBe(true);
  });

  it('is refused when it is a supplement', async () => {
    const one = bundle({ roles: ['pm'] });
    const supplement = packItems(approval(one, { role: 'pm', by: alice }));
    const comparing = compareInputs(given('good', good), given('supplement', supplement));
    await expect(comparing).rejects.toBeInstanceOf(CompareError);
    await expect(comparing).rejects.toMatchObject({ finding: { code: 'compare-supplement' } });
  });
});

describe('a folder', () => {
  const files = { 'spec.yaml': 'product: a\n', 'policies/p.yaml': policy };

  it('with the files of the bundle is equal, and has its content root', async () => {
    const { diff } = await compareInputs(given('bundle', made(files, { roles: ['pm'] })), folder(files));
    expect(validate(diff)).toBe(true);
    expect(diff.equal).toBe(true);
    expect(diff.after.contentRoot).toBe(diff.before.contentRoot);
    expect(diff.groups[0]?.note).toContain('The bundle asks for pm.');
  });

  it('that was edited shows what became weaker before the file', async () => {
    const edited = { ...files, 'policies/p.yaml': policy.replace('allow_local: false', 'allow_local: true') };
    const { diff } = await compareInputs(given('bundle', made(files)), folder(edited));
    expect(linesOf(diff, 'rules')[0]).toMatchObject({
      effect: 'weaker',
      about: '/execution/allow_local',
      before: 'false',
      after: 'true',
      path: 'policies/p.yaml',
      line: 2,
    });
    expect(diff.texts).toMatchObject([{ shown: 'lines', added: 1, removed: 1 }]);
  });

  it('finds documents that lie under .specular again', async () => {
    const { diff } = await compareInputs(
      given('bundle', made(files)),
      folder({ 'policies/p.yaml': policy, '.specular/spec.yaml': 'product: b\n' }),
    );
    expect(diff.files).toMatchObject({ renamed: 1, added: 0, removed: 0 });
    expect(diff.texts).toMatchObject([
      { before: 'spec.yaml', after: '.specular/spec.yaml', added: 1, removed: 1 },
    ]);
  });

  it('that changes while it is compared is refused', async () => {
    let reads = 0;
    const moving = {
      kind: 'folder' as const,
      name: 'moving',
      files: [
        {
          path: 'spec.yaml',
          size: 11,
          async *open() {
            yield new TextEncoder().encode(reads++ === 0 ? 'product: b\n' : 'product: c\n');
          },
        },
      ],
    };
    const comparing = compareInputs(given('bundle', made(files)), moving);
    await expect(comparing).rejects.toMatchObject({ finding: { code: 'compare-file-changed' } });
  });
});

describe('lines of one file', () => {
  it('can be asked for without white space, and whole where one side has none', async () => {
    const comparison = await compareInputs(
      given('a', made({ 'a.txt': 'one  two\nthree\n' })),
      given('b', made({ 'a.txt': 'one two\r\nthree\n', 'b.txt': 'new\n' })),
    );
    const [changed, added] = comparison.diff.files.changes;
    expect(await comparison.text(changed!)).toMatchObject({ added: 1, removed: 1 });
    expect(await comparison.text(changed!, { ignoreWhitespace: true })).toMatchObject({
      added: 0,
      hunks: [],
    });
    const whole = await comparison.text(added!, { whole: true });
    expect(whole).toMatchObject({ shown: 'lines', added: 1, removed: 0 });
    expect(whole.hunks[0]?.lines).toEqual([{ kind: 'added', text: 'new', before: null, after: 1 }]);
  });

  it('shows lines as they are where white space is ignored', async () => {
    const comparison = await compareInputs(
      given('a', made({ 'a.txt': 'x = 1\ny\n' })),
      given('b', made({ 'a.txt': '  x=1\nz z\n' })),
    );
    const text = await comparison.text(comparison.diff.files.changes[0]!, { ignoreWhitespace: true });
    expect(text.hunks[0]?.lines.map(({ kind, text: row }) => [kind, row])).toEqual([
      ['same', '  x=1'],
      ['removed', 'y'],
      ['added', 'z z'],
    ]);
  });

  it('says why there are none', async () => {
    const long = 'line\n'.repeat(6000);
    const { diff } = await compareInputs(
      given('a', made({ 'b.bin': new Uint8Array([0, 1]), 'l.txt': long, 'm.txt': 'x'.repeat(1_048_577) })),
      given(
        'b',
        made({ 'b.bin': new Uint8Array([0, 2]), 'l.txt': `${long}more\n`, 'm.txt': 'x'.repeat(1_048_578) }),
      ),
    );
    expect(diff.texts.map(({ shown }) => shown)).toEqual(['binary', 'too-long', 'too-long']);
  });
});

it('pairs files by path, then by bytes, then by the folder of the project', () => {
  const file = (path: string, digit: string, size = 1) => ({ path, size, sha256: digit.repeat(64) });
  const { same, changes } = pairFiles(
    [file('same', '1'), file('a', '2'), file('b', '2'), file('empty', '3', 0), file('plan.json', '4')],
    [file('same', '1'), file('c', '2'), file('other-empty', '3', 0), file('.specular/plan.json', '5')],
  );
  expect(same).toBe(1);
  expect(
    changes.map(({ kind, before, after }) => `${kind} ${before?.path ?? '-'} ${after?.path ?? '-'}`),
  ).toEqual([
    'renamed plan.json .specular/plan.json',
    'removed b -',
    'renamed a c',
    'removed empty -',
    'added - other-empty',
  ]);
  const unknown = { path: 'x', size: 1, sha256: null };
  expect(pairFiles([unknown], [unknown]).changes).toHaveLength(1);
});

describeShared('the sample bundles', () => {
  const read = (name: string) =>
    given(name, new Uint8Array(readFileSync(sharedPath('samples', 'bundles', name))));

  it('1.3.0 and 1.4.0: the added role legal stands before any file', async () => {
    const { diff } = await compareInputs(
      read('healthcare-api-1.3.0.sbundle.tgz'),
      read('healthcare-api-1.4.0.sbundle.tgz'),
      null,
    );
    expect(validate(diff)).toBe(true);
    expect(linesOf(diff, 'who')).toMatchObject([
      { kind: 'role-added', effect: 'stronger', about: 'legal', text: 'legal (new required role)' },
    ]);
    expect(diff.files).toMatchObject({ changed: 2, added: 1, removed: 1, renamed: 0, same: 4 });
    const text = diffMarkdown(diff);
    expect(text.indexOf('legal (new required role)')).toBeLessThan(
      text.indexOf('policies/policy\\_2.yaml'.replace('\\', '')),
    );
  });

  it('hostile bundles end in no exception, and are never equal to a good one', async () => {
    const good = read('healthcare-api-1.3.0.sbundle.tgz');
    const rows = JSON.parse(
      readFileSync(sharedPath('corpora', 'bundles', 'hostile', 'index.json'), 'utf8'),
    ) as readonly { readonly file: string }[];
    expect(rows.length).toBeGreaterThan(20);
    for (const { file } of rows) {
      const bytes = new Uint8Array(readFileSync(sharedPath('corpora', 'bundles', 'hostile', file)));
      const { diff } = await compareInputs(good, given(file, bytes), null);
      expect(validate(diff), `${file}: ${JSON.stringify(validate.errors)}`).toBe(true);
      expect(diff.comparable, file).toBe(diff.after.verdict?.look !== 'unreadable');
      expect(diff.equal, file).toBe(false);
      expect(diffMarkdown(diff), file).not.toMatch(HIDDEN);
    }
  });

  it.each([
    'neg-tampered-file',
    'neg-path-traversal',
    'neg-duplicate-manifest',
    'neg-truncated',
    'neg-no-manifest',
  ])('is never equal to %s', async (name) => {
    const { diff } = await compareInputs(
      read('healthcare-api-1.3.0.sbundle.tgz'),
      read(`${name}.sbundle.tgz`),
      null,
    );
    expect(validate(diff)).toBe(true);
    expect(diff.equal).toBe(false);
    expect(['unreadable', 'rejected']).toContain(diff.after.verdict?.look);
  });
});
