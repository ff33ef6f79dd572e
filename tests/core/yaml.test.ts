import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/core/bytes/text.js';
import type { DocNode } from '../../src/core/manifest/node.js';
import { readYaml, type YamlLimits } from '../../src/core/manifest/yaml.js';
import { describeShared, sharedPath } from '../shared.js';

const LIMITS: YamlLimits = { bytesMax: 1 << 20 };

function plain(node: DocNode): unknown {
  if (node.kind === 'text') return node.text;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]));
}

function read(source: string | Uint8Array, limits = LIMITS): unknown {
  const result = readYaml(typeof source === 'string' ? toUtf8(source) : source, limits);
  return 'problem' in result
    ? `refused: ${result.problem.kind} in line ${result.problem.line}`
    : plain(result.node);
}

describe('small YAML documents', () => {
  it('keeps every scalar as the text that stands there', () => {
    expect(
      read('version: 1.10\nsize: 017\nyes: no\nsum: 0e12\nday: 2025-11-06\nempty: ""\nn: 1_6\n'),
    ).toEqual({
      version: '1.10',
      size: '017',
      yes: 'no',
      sum: '0e12',
      day: '2025-11-06',
      empty: '',
      n: '1_6',
    });
    expect(read('{"a": ["b", {c: d}]}')).toEqual({ a: ['b', { c: 'd' }] });
    expect(read('---\na: |\n  one\n  two\n')).toEqual({ a: 'one\ntwo\n' });
  });

  it('knows plain text from quoted text, and its line', () => {
    const result = readYaml(toUtf8('a: 1\nb: "1"\nc:\n  - \'1\'\n'), LIMITS);
    if (!('node' in result) || result.node.kind !== 'map') throw new Error('not read');
    expect(result.node.entries.get('a')).toEqual({ kind: 'text', text: '1', plain: true, line: 1 });
    expect(result.node.entries.get('b')).toEqual({ kind: 'text', text: '1', plain: false, line: 2 });
    expect(result.node.entries.get('c')).toMatchObject({ items: [{ text: '1', plain: false, line: 4 }] });
  });

  it.each([
    ['a: &x 1\n', 'anchor in line 1'],
    ['a: 1\nb: *x\n', 'anchor in line 2'],
    ['a: !!js/function "f"\n', 'tag in line 1'],
    ['a: !x 1\n', 'tag in line 1'],
    ['%YAML 1.1\n---\na: 1\n', 'directive in line 1'],
    ['a: 1\n---\nb: 2\n', 'documents in line 2'],
    ['---\n---\n', 'documents in line 2'],
    ['a: 1\n...\n', 'documents in line 2'],
    ['<<: {a: 1}\n', 'merge in line 1'],
    ['a: 1\nb: 2\na: 3\n', 'duplicate-key in line 3'],
    ['a: 1\n"\\x61": 3\n', 'duplicate-key in line 2'],
    ['{a: 1, "a": 2}\n', 'duplicate-key in line 1'],
    ['a: 1\n? b\n: 2\n', 'key in line 2'],
    ['~: 1\n', 'key in line 1'],
    [': 1\n', 'key in line 1'],
    ['[a]: 1\n', 'key in line 1'],
    ['a:\n\tb: 1\n', 'tab in line 2'],
    ['a: "\u0085"\n', 'character in line 1'],
    ['a: "\u2028"\n', 'character in line 1'],
    ['a: \u0007\n', 'character in line 1'],
    ['a: "\\ud800"\n', 'character in line 1'],
    ['a: "\\/"\n', 'syntax in line 1'],
    ['\ufeffa: 1\n', 'bom in line 1'],
    ['a: 1\r\n', 'character in line 1'],
    ['', 'empty in line 1'],
    ['# nothing\n', 'empty in line 1'],
    ['a: [1\n', 'syntax in line 2'],
    ['a: "1\n', 'syntax in line 2'],
    ['a: 1\n b: 2\n', 'key in line 2'],
    ['- a: - b\n', 'syntax in line 1'],
  ])('refuses %j', (source, expected) => {
    expect(read(source)).toBe(`refused: ${expected}`);
  });

  it('accepts CRLF only where asked', () => {
    expect(read('a: 1\r\nb: 2\r\n', { ...LIMITS, crlf: true })).toEqual({ a: '1', b: '2' });
    expect(read('a: 1\rb: 2\n', { ...LIMITS, crlf: true })).toBe('refused: character in line 1');
  });

  it('refuses other encodings', () => {
    expect(read(new Uint8Array([0xff, 0xfe, 0x61, 0x00]))).toBe('refused: utf8 in line 1');
    expect(read(new Uint8Array([0x61, 0x00, 0x3a, 0x00]))).toBe('refused: character in line 1');
  });

  it('takes __proto__ and constructor as data', () => {
    const result = readYaml(toUtf8('__proto__:\n  polluted: 1\nconstructor: 2\n'), LIMITS);
    if (!('node' in result) || result.node.kind !== 'map') throw new Error('not read');
    expect([...result.node.entries.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['nested flow lists', '['.repeat(20_000)],
    ['nested flow mappings', '{a: '.repeat(20_000)],
    ['nested lists', `${'- '.repeat(20_000)}a\n`],
    ['nested keys on one line', 'a: '.repeat(20_000)],
    ['nested blocks', Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('bounds nesting before anything is built: %s', (_, source) => {
    expect(read(source)).toMatch(/^refused: depth/);
  });

  it('bounds size and scalars', () => {
    expect(read('a: 1\n', { bytesMax: 4 })).toBe('refused: too-large in line 1');
    expect(read(`a: ${'x'.repeat(70_000)}\n`)).toBe('refused: scalar in line 1');
    expect(read(`a: "${'ü'.repeat(40_000)}"\n`)).toBe('refused: scalar in line 1');
    expect(read(`a: ${'x'.repeat(60_000)}\n`)).toEqual({ a: 'x'.repeat(60_000) });
  });
});

interface Row {
  readonly name: string;
  readonly in_yaml: string;
  readonly in_json: string;
  readonly must_fail: boolean;
  readonly readers_agree: boolean;
}

describeShared('yaml corpus', () => {
  const asText = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(asText);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asText(one)]));
    }
    if (value === null) return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  };

  it('refuses what must fail and what readers disagree on; what is read equals the published value', () => {
    const rows = JSON.parse(
      readFileSync(sharedPath('corpora', 'yaml', 'yaml-test-suite.json'), 'utf8'),
    ) as Row[];
    let accepted = 0;
    for (const row of rows) {
      const result = readYaml(toUtf8(row.in_yaml), LIMITS);
      if ('problem' in result) continue;
      accepted++;
      expect(row.must_fail, row.name).toBe(false);
      expect(row.readers_agree, row.name).toBe(true);
      expect(plain(result.node), row.name).toEqual(asText(JSON.parse(row.in_json)));
    }
    expect(accepted).toBeGreaterThan(60);
  });

  it('refuses every document of the load-error set', () => {
    const folder = sharedPath('corpora', 'yaml', 'js-yaml-load-errors');
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(50);
    for (const name of names)
      expect('problem' in readYaml(readFileSync(`${folder}/${name}`), LIMITS), name).toBe(true);
  });
});
