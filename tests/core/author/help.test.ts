import { describe, expect, it } from 'vitest';
import { explain, suggest } from '../../../src/core/author/help.js';
import type { AuthorKind } from '../../../src/core/author/kindWords.js';
import type { Schema } from '../../../src/core/author/schema.js';
import { authorSchemas } from '../../../src/engine/author/schemas.js';

const schemaOf = (kind: AuthorKind): Schema => authorSchemas[kind] ?? {};

/** What may stand at the mark `|`, and what the text becomes when the first of that name is taken. */
function at(kind: AuthorKind, marked: string, take?: string): { labels: string[]; taken: string } {
  const place = marked.indexOf('|');
  const text = marked.slice(0, place) + marked.slice(place + 1);
  const { span, items } = suggest(schemaOf(kind), text, place);
  const item = items.find(({ label }) => label === take);
  const taken = item === undefined ? '' : text.slice(0, span.start) + item.text + text.slice(span.end);
  return { labels: items.map(({ label }) => label), taken };
}

describe('what may stand at a place', () => {
  it('offers the fields of a document that is still empty, and of one that is begun', () => {
    expect(at('specular-policy', '|').labels).toEqual(
      expect.arrayContaining(['execution', 'tests', 'security', 'routing']),
    );
    const begun = at('specular-policy', 'execution:\n  allow_local: false\n|', 'tests');
    expect(begun.labels).not.toContain('execution');
    expect(begun.taken).toBe('execution:\n  allow_local: false\ntests:\n  ');
  });

  it('offers the fields below one that has none yet, or some already', () => {
    expect(at('specular-policy', 'execution:\n  |').labels).toEqual(['allow_local', 'docker']);
    const some = at('specular-policy', 'execution:\n  docker:\n    required: true\n    ne|\n', 'network');
    expect(some.labels).toContain('network');
    expect(some.labels).not.toContain('required');
    expect(some.taken).toBe('execution:\n  docker:\n    required: true\n    network: \n');
  });

  it('offers values where a value stands, spelled so that every reader takes them for the same', () => {
    expect(at('specular-policy', 'execution:\n  allow_local: |').labels).toEqual(['true', 'false']);
    const mode = at('atlasbridge-0', 'policy_version: "0"\nautonomy_mode: |\n', 'off');
    expect(mode.labels).toEqual(['off', 'assist', 'full']);
    expect(mode.taken).toContain('autonomy_mode: "off"\n');
    expect(at('atlasbridge-0', 'policy_version: "|"\n', '0').taken).toBe('policy_version: "0"\n');
  });

  it('works between brackets and in lists', () => {
    const rule = 'rules:\n  - id: a\n    action: {type: |}\n';
    expect(at('atlasbridge-0', rule).labels).toEqual(
      expect.arrayContaining(['auto_reply', 'require_human', 'deny', 'notify_only']),
    );
    expect(
      at('atlasbridge-0', 'rules:\n  - id: a\n    match: {prompt_type: [yes_no], |}\n').labels,
    ).toContain('min_confidence');
    expect(at('atlasbridge-0', 'rules:\n  - id: a\n    match: {prompt_type: [|]}\n').labels).toContain(
      'yes_no',
    );
    expect(at('atlasbridge-0', 'rules:\n  - |\n').labels).toEqual(expect.arrayContaining(['id', 'action']));
  });

  it('follows conditions: a refusal has a reason and no value', () => {
    const deny = at('atlasbridge-0', 'rules:\n  - id: a\n    action:\n      type: deny\n      |\n').labels;
    expect(deny).toContain('reason');
    expect(deny).not.toContain('value');
  });

  it('helps in lists of people by references between schemas', () => {
    expect(at('trust', 'schema: countersign.trust/v1\npeople:\n  - |\n').labels).toEqual(
      expect.arrayContaining(['id', 'keys']),
    );
  });

  it('never throws, wherever the cursor is in whatever text', () => {
    const texts = [
      'a: [b, {c: "d',
      '- - - x',
      '{{{{',
      '"',
      'a: |\n  b\n',
      '\u0000',
      '? a\n: b',
      '&x *x',
      'rules:\n\t- a',
    ];
    for (const text of texts)
      for (let place = 0; place <= text.length; place++) {
        expect(suggest(schemaOf('atlasbridge-1'), text, place).items).toBeInstanceOf(Array);
        explain(schemaOf('atlasbridge-1'), text, place);
      }
  });
});

describe('what a field means', () => {
  it('is told from the description of its schema, at its name and at its value', () => {
    const text = 'execution:\n  docker:\n    network: host\n';
    for (const word of ['network', 'host']) {
      const said = explain(schemaOf('specular-policy'), text, text.indexOf(word) + 1);
      expect(said?.title).toBe('execution / docker / network');
      expect(said?.lines.join(' ')).toContain('none, bridge, host');
    }
    expect(explain(schemaOf('specular-policy'), text, text.indexOf('docker') + 1)?.title).toBe(
      'execution / docker',
    );
    expect(explain(schemaOf('specular-policy'), 'a: 1\n', 0)).toBeNull();
  });
});
