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

describe('names in any order', () => {
  /** By the definition alone: every name against every other. */
  class Plainly {
    private readonly seen: { readonly path: string; readonly is: 'file' | 'directory' | 'parent' }[] = [];

    add(path: string, kind: 'file' | 'directory'): string | null {
      const parts = path.split('/');
      const parents = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
      for (const parent of parents) {
        const other = this.like(parent);
        if (other?.is === 'file') return 'file-and-folder';
        if (other !== undefined && other.path !== parent) return 'collision';
        if (other === undefined) this.seen.push({ path: parent, is: 'parent' });
      }
      const at = this.seen.findIndex((one) => collisionKey(one.path) === collisionKey(path));
      const other = this.seen[at];
      if (other !== undefined && (other.is === 'file') !== (kind === 'file')) return 'file-and-folder';
      if (other !== undefined && !(other.is === 'parent' && other.path === path))
        return other.path === path ? 'duplicate' : 'collision';
      if (other !== undefined) this.seen.splice(at, 1);
      this.seen.push({ path, is: kind });
      return null;
    }

    private like(path: string) {
      return this.seen.find((one) => collisionKey(one.path) === collisionKey(path));
    }
  }

  const component = fc.constantFrom('a', 'A', 'b', 'ab', 'B0', '\u212a', 'k', 'z');
  const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const entry = fc.tuple(path, fc.constantFrom('file', 'file', 'file', 'directory'));
  const compare = (one: readonly string[], other: readonly string[]): number =>
    one[0]! < other[0]! ? -1 : Number(one[0]! > other[0]!);

  /** In their own order, sorted, or sorted behind a name that is greater than all. */
  const orders = fc
    .tuple(fc.array(entry, { maxLength: 40 }), fc.nat(2))
    .map(([entries, order]) =>
      order === 0
        ? entries
        : [...(order === 1 ? [] : [['zz', 'file'] as const]), ...entries.toSorted(compare)],
    );

  test('are told apart as by comparing each with each', () => {
    fc.assert(
      fc.property(orders, (entries) => {
        const names = new NameSpace();
        const plainly = new Plainly();
        const found = entries.map(([one, kind]) => names.add(one, kind as 'file')?.kind ?? null);
        expect(found).toEqual(entries.map(([one, kind]) => plainly.add(one, kind as 'file')));
      }),
      { numRuns: 3000 },
    );
  });

  test('give the earlier path, however many there are', () => {
    const names = new NameSpace();
    const paths = [
      'manifest.yaml',
      ...Array.from({ length: 3000 }, (_, i) => `e/${String(i).padStart(4, '0')}x`),
    ];
    for (const one of paths) expect(names.add(one, 'file')).toBeNull();
    for (const one of paths)
      expect(names.add(one.toUpperCase(), 'file')).toEqual({
        kind: 'collision',
        other: one.startsWith('e/') ? 'e' : one,
      });
    expect(names.add('e/1500x', 'file')).toEqual({ kind: 'duplicate', other: 'e/1500x' });
    expect(names.add('e/1500X', 'file')).toEqual({ kind: 'collision', other: 'e/1500x' });
    expect(names.add('e/1500x/y', 'file')).toEqual({ kind: 'file-and-folder', other: 'e/1500x' });
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
