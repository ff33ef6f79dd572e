import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { readLines } from '../../../src/core/manifest/lines.js';
import type { DocNode } from '../../../src/core/manifest/node.js';
import { readYaml } from '../../../src/core/manifest/yaml.js';

describe('the two YAML readers', () => {
  const text = fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        'a',
        'B',
        '1',
        '0',
        ':',
        ' ',
        '#',
        '-',
        '"',
        "'",
        '\\',
        '/',
        '[',
        '{',
        ',',
        '&',
        '*',
        '!',
        '|',
        '>',
        '%',
        '@',
        '?',
        '~',
        'ü',
        '😀',
        '.',
        '=',
      ),
    }),
    fc.constantFrom(
      'null',
      '~',
      'true',
      '1.10',
      '---',
      '...',
      '<<',
      '',
      'a: b',
      'a #b',
      '- a',
      '"',
      '""',
      "''''",
      '"\\u00e9"',
      '"\\/"',
      '[]',
      '{}',
      '[a]',
      '-',
      '- - a',
      '-1',
      '.a',
      '|',
      '"a" b',
      'k: "v"',
    ),
  );
  const wild = fc
    .tuple(
      fc.nat(3),
      fc.constantFrom('', '- ', '- - ', '-'),
      fc.option(fc.oneof(text, fc.constantFrom('a', 'b', 'files')), { nil: null }),
      text,
    )
    .map(
      ([indent, dash, key, value]) =>
        `${'  '.repeat(indent)}${dash}${key === null ? '' : `${key}:${value === '' ? '' : ' '}`}${value}`,
    );
  const word = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'x',
        '1.10',
        '"q\\u00fc"',
        "'s''s'",
        'a-b',
        '""',
        '-1',
        '.5',
        'null',
        '[]',
        '{}',
      ),
    },
    text,
  );
  const key = fc.constantFrom('a', 'b', 'c', 'files', '"k: 1"', "'q'", '_d');
  /** Documents that are nearly always in the plain block form, with one wild line now and then. */
  const { node: block } = fc.letrec<{ node: string[] }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'yaml' },
      word.map((value) => [` ${value}`]),
      fc
        .array(fc.tuple(key, tie('node')), { minLength: 1, maxLength: 3 })
        .map((rows) => [
          '',
          ...rows.flatMap(([name, [head, ...rest]]) => [`${name}:${head}`, ...rest.map((one) => `  ${one}`)]),
        ]),
      fc
        .array(
          fc.oneof(
            word,
            fc.tuple(key, word).map(([name, value]) => `${name}: ${value}\n  z: 1`),
          ),
          { minLength: 1, maxLength: 3 },
        )
        .map((items) => ['', ...items.flatMap((item) => `- ${item}`.split('\n'))]),
    ),
  }));
  const lines = fc.oneof(
    fc.array(wild, { minLength: 1, maxLength: 6 }),
    fc
      .array(fc.tuple(key, block), { minLength: 1, maxLength: 4 })
      .map((rows) =>
        rows.flatMap(([name, [head, ...rest]]) => [`${name}:${head}`, ...rest.map((one) => `  ${one}`)]),
      ),
    fc
      .tuple(fc.array(fc.tuple(key, word), { minLength: 1, maxLength: 3 }), wild)
      .map(([rows, last]) => [...rows.map(([name, value]) => `${name}: ${value}`), last]),
  );

  /** Nodes as the general reader gives them, lines left out: it counts a mapping's line from another place. */
  const bare = (node: DocNode): unknown => {
    if (node.kind === 'text') return [node.text, node.plain];
    return node.kind === 'list'
      ? node.items.map(bare)
      : [...node.entries].map(([key, value]) => [key, bare(value)]);
  };

  it('agree on everything that the line reader reads', () => {
    let both = 0;
    fc.assert(
      fc.property(lines, (all) => {
        const bytes = toUtf8(`${all.join('\n')}\n`);
        const rows: DocNode[] = [];
        const fast = readLines(bytes, { key: 'files', row: (node) => rows.push(node) });
        if (fast === null) return;
        const slow = readYaml(bytes, { bytesMax: 1 << 20 });
        if ('problem' in fast) {
          expect('problem' in slow).toBe(true);
          return;
        }
        if ('problem' in slow) throw new Error(`only the line reader reads it: ${slow.problem.kind}`);
        both++;
        const whole = bare(slow.node);
        const got = bare(fast.node);
        if (rows.length === 0) {
          expect(got).toEqual(whole);
          return;
        }
        const files = slow.node.kind === 'map' ? slow.node.entries.get('files') : undefined;
        expect(rows.map(bare)).toEqual(files?.kind === 'list' ? files.items.map(bare) : null);
      }),
      { numRuns: 10_000 },
    );
    expect(both).toBeGreaterThan(1000);
  });
});
