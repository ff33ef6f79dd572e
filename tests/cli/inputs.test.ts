import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLoose, readUpTo, splitRule } from '../../src/cli/documents.js';
import { expandPattern } from '../../src/cli/glob.js';
import { findFiles, findPlainFiles } from '../../src/cli/inputs.js';
import { UsageError } from '../../src/cli/usage.js';

let root = '';
const at = (...parts: string[]): string => join(root, ...parts);

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  mkdirSync(at('in', 'deep', '.hidden'), { recursive: true });
  for (const name of [
    'b.sbundle.tgz',
    'a.sbundle.tgz',
    'c.sbundle',
    'deep/d.sbundle.tgz',
    'deep/.hidden/e.sbundle.tgz',
  ]) {
    writeFileSync(at('in', name), name);
  }
  for (const name of [
    'pm-1.json',
    'pm-1.json.sig',
    'x-approval.json',
    'package.json',
    'notes.txt',
    'Z-1.json',
  ]) {
    writeFileSync(at('in', name), name);
  }
  symlinkSync(at('in'), at('in', 'deep', 'round'));
  symlinkSync(at('in', 'a.sbundle.tgz'), at('in', 'link.sbundle.tgz'));
  writeFileSync(at('trust.yaml#x'), 'with a sharp name');
  mkdirSync(at('empty'));
  writeFileSync(at('[odd].sbundle.tgz'), 'odd');
});

afterAll(() => rmSync(root, { recursive: true }));

const inside = (paths: readonly string[]): string[] => paths.map((path) => relative(at(), path));

describe('files named on the command line', () => {
  test('a folder gives its bundles sorted, what looks like approvals, a note, and does not run in circles', () => {
    const found = findFiles([at('in')], [], 'verify');
    expect(inside(found.bundles)).toEqual([
      'in/a.sbundle.tgz',
      'in/b.sbundle.tgz',
      'in/c.sbundle',
      'in/deep/.hidden/e.sbundle.tgz',
      'in/deep/d.sbundle.tgz',
    ]);
    expect(inside(found.loose)).toEqual(['in/pm-1.json', 'in/pm-1.json.sig', 'in/x-approval.json']);
    expect(found.notes.join()).toContain('5 bundles and 3 files that look like approvals');
  });

  test('a named bundle never brings what lies beside it', () => {
    const found = findFiles([at('in', 'a.sbundle.tgz')], [], 'verify');
    expect(inside(found.bundles)).toEqual(['in/a.sbundle.tgz']);
    expect(found.loose).toEqual([]);
  });

  test('arguments keep their order, each file counts once, approvals are told by name or by option', () => {
    const found = findFiles(
      [
        at('in', 'b.sbundle.tgz'),
        at('in', 'pm-1.json.sig'),
        at('in', 'a.sbundle.tgz'),
        at('in', '..', 'in', 'b.sbundle.tgz'),
      ],
      [at('in', 'notes.txt'), at('in', 'pm-*.json')],
      'verify',
    );
    expect(inside(found.bundles)).toEqual(['in/b.sbundle.tgz', 'in/a.sbundle.tgz']);
    expect(inside(found.loose)).toEqual(['in/pm-1.json.sig', 'in/notes.txt', 'in/pm-1.json']);
  });

  test('patterns are expanded and sorted', () => {
    expect(inside(expandPattern(at('in', '*.sbundle.tgz')))).toEqual([
      'in/a.sbundle.tgz',
      'in/b.sbundle.tgz',
      'in/link.sbundle.tgz',
    ]);
    expect(inside(expandPattern(at('in', '[ac].sbundle*')))).toEqual(['in/a.sbundle.tgz', 'in/c.sbundle']);
    expect(inside(expandPattern(at('in', '[!ac].sbundle.tgz')))).toEqual(['in/b.sbundle.tgz']);
    expect(inside(expandPattern(at('in', '?.sbundle')))).toEqual(['in/c.sbundle']);
    expect(inside(expandPattern(at('**', 'd.sbundle.tgz')))).toEqual(['in/deep/d.sbundle.tgz']);
    expect(expandPattern(at('in', '[z-a]*'))).toEqual([]);
    expect(expandPattern(at('in', 'nothing*'))).toEqual([]);
  });

  test('a file whose name looks like a pattern is taken by its name', () => {
    expect(inside(findFiles([at('[odd].sbundle.tgz')], [], 'verify').bundles)).toEqual(['[odd].sbundle.tgz']);
  });

  test('everything that is missing is named at once and nothing is judged', () => {
    expect(() => findFiles([at('gone'), at('in'), at('no*')], [at('lost.sig')], 'verify')).toThrow(
      UsageError,
    );
    expect(() => findFiles([at('gone'), at('in'), at('no*')], [at('lost.sig')], 'verify')).toThrow(
      /gone[^]*no\*[^]*lost\.sig/,
    );
    expect(() => findFiles(['-', '-'], [], 'verify')).toThrow('given twice');
    expect(() => findFiles(['-'], ['-'], 'verify')).toThrow(UsageError);
    expect(() => findPlainFiles([at('in')], 'hash')).toThrow('is a folder');
    expect(findFiles([at('empty')], [], 'verify').bundles).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('a file without the right to read', () => {
    writeFileSync(at('secret.sbundle.tgz'), '');
    chmodSync(at('secret.sbundle.tgz'), 0);
    expect(() => findFiles([at('secret.sbundle.tgz')], [], 'verify')).toThrow('may not be read');
  });
});

describe('documents', () => {
  test('FILE#NAME, and a file that has the # in its name', () => {
    expect(splitRule('trust.yaml#production')).toEqual({ path: 'trust.yaml', name: 'production' });
    expect(splitRule('a#b/trust.yaml#x')).toEqual({ path: 'a#b/trust.yaml', name: 'x' });
    expect(splitRule('trust.yaml')).toEqual({ path: 'trust.yaml', name: null });
    expect(splitRule(at('trust.yaml#x'))).toEqual({ path: at('trust.yaml#x'), name: null });
  });

  test('reading stops at the bound', () => {
    expect(readUpTo(at('in', 'notes.txt'), 5, 'verify')).toHaveLength(5);
    expect(Buffer.from(readLoose(at('in', 'notes.txt'), 'verify').bytes)).toEqual(
      readFileSync(at('in', 'notes.txt')),
    );
    expect(() => readLoose(at('gone'), 'verify')).toThrow('there is no such file');
    expect(() => readLoose(at('in'), 'verify')).toThrow('it is a folder');
  });
});
