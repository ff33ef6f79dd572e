import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collisionKey, NameSpace } from '../../src/core/archive/namespace.js';
import { checkPath, pathFindings } from '../../src/core/archive/path.js';

describe('paths', () => {
  test.each([
    ['', 'empty'],
    ['/a', 'absolute'],
    ['a\\b', 'backslash'],
    ['C:/a', 'drive'],
    ['ab:c', 'colon'],
    ['a\tb', 'control-character'],
    ['a\ud800', 'not-utf8'],
    ['a//b', 'empty-component'],
    ['./a', 'dot'],
    ['a/..', 'parent'],
    ['a/Com5.tar.gz', 'reserved-name'],
    ['a./b', 'trailing-dot-or-space'],
    ['...', 'trailing-dot-or-space'],
    ['\u200b', 'empty-component'],
    ['co\u200bn', 'reserved-name'],
    ['\u2025/x', 'parent'],
    ['\u00e9'.repeat(128), 'component-too-long'],
    [`${'a'.repeat(90)}/`.repeat(46) + 'a', 'path-too-long'],
    ['a/'.repeat(64) + 'a', 'too-deep'],
    ['../'.repeat(5000), 'parent'],
  ])('%j is refused', (path, kind) => {
    expect(checkPath(path)?.kind).toBe(kind);
    expect(pathFindings(path).map((one) => one.severity)).toEqual(['error']);
  });

  test.each([
    'a',
    'a b/c d',
    '.github/x',
    'a..b',
    'console',
    'nulls.txt',
    'com10',
    'caf\u00e9',
    '\u65e5\u672c\uff1a\u8a9e',
    '100%/..%2f',
    'a*?<>|"',
    'e\u0301'.repeat(80),
    '__proto__',
    'a/'.repeat(63) + 'a',
  ])('%j is a path', (path) => {
    expect(checkPath(path)).toBeNull();
    expect(pathFindings(path)).toEqual([]);
  });

  test('hidden characters are let through with a warning that shows them', () => {
    expect(pathFindings('a\u202eb', { byte: 7 })).toMatchObject([
      { code: 'entry-hidden-characters', severity: 'warning', where: { path: 'a<U+202E>b', byte: 7 } },
    ]);
  });
});

describe('names', () => {
  test('collide where some system joins them, and only there', () => {
    for (const [a, b] of [
      ['A', 'a'],
      ['\u017f', 's'],
      ['a\u200db', 'ab'],
      ['\u212a', 'k'],
      ['\uff21', 'a'],
      ['\u0130', 'i\u0307'],
    ]) {
      expect(collisionKey(a!)).toBe(collisionKey(b!));
    }
    for (const [a, b] of [
      ['a', 'b'],
      ['a/b', 'a_b'],
      ['\u00e9', 'e'],
      ['\u0430', 'a'],
      ['\u2100', 'a/c'],
    ]) {
      expect(collisionKey(a!)).not.toBe(collisionKey(b!));
    }
  });

  test('a folder may be named after its content, once', () => {
    const names = new NameSpace();
    expect(names.add('a/b/c', 'file')).toBeNull();
    expect(names.add('a/b', 'directory')).toBeNull();
    expect(names.add('a/b', 'directory')).toEqual({ kind: 'duplicate', other: 'a/b' });
    expect(names.add('a/B/d', 'file')).toEqual({ kind: 'collision', other: 'a/b' });
    expect(names.add('a', 'file')).toEqual({ kind: 'file-and-folder', other: 'a' });
    expect(names.add('a/b/c/d', 'file')).toEqual({ kind: 'file-and-folder', other: 'a/b/c' });
    expect(names.add('a/b/e', 'file')).toBeNull();
  });
});

describe('the quick look at plain paths', () => {
  // A long last name is never plain, so the rules themselves are asked; it changes nothing else.
  const LONG = 'a'.repeat(90);
  const piece = fc.constantFrom(
    'a',
    'B7',
    '.',
    '..',
    '-',
    '_',
    '/',
    '//',
    'con',
    'NUL',
    'com1',
    'lpt',
    'aux.',
    ' ',
    ':',
  );
  const texts = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));

  test('lets through only what the rules let through', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(checkPath(`${text}/${LONG}`)?.kind).toBe(checkPath(`${text}/b`)?.kind);
        expect(checkPath(`${LONG}/${text}`)?.kind).toBe(checkPath(`b/${text}`)?.kind);
      }),
      { numRuns: 3000 },
    );
  });
});
