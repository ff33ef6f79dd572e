import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hunksOf, lineDiff, lineDiffLimits, type DiffLine } from '../../../src/core/report/lineDiff.js';

const show = (lines: readonly DiffLine[] | null): string[] =>
  (lines ?? []).map(({ kind, text }) => `${{ same: ' ', removed: '-', added: '+' }[kind]}${text}`);

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd', ''), { maxLength: 30 })
  .map((lines) => lines.join('\n'));

describe('lineDiff', () => {
  it('says what was removed and added, in place', () => {
    expect(show(lineDiff('a\nb\nc\n', 'a\nx\nc\n'))).toEqual([' a', '-b', '+x', ' c']);
    expect(show(lineDiff('', 'a\n'))).toEqual(['+a']);
    expect(show(lineDiff('a\n', ''))).toEqual(['-a']);
    expect(lineDiff('a\nb\n', 'a\nb\n')?.every(({ kind }) => kind === 'same')).toBe(true);
  });

  it('shows a missing line feed at the end, and a carriage return belongs to its line', () => {
    expect(show(lineDiff('a\n', 'a'))).toEqual([' a', '+\\ no line feed at the end']);
    expect(show(lineDiff('a\n', 'a\r\n'))).toEqual(['-a', '+a\r']);
  });

  it('numbers the lines of both sides', () => {
    const lines = lineDiff('a\nb\n', 'b\nc\n') ?? [];
    expect(lines.map(({ before, after }) => [before, after])).toEqual([
      [1, null],
      [2, 1],
      [null, 2],
    ]);
  });

  it('gives both texts back from any difference', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = lineDiff(before, after)!;
        const side = (kind: DiffLine['kind']): string =>
          lines
            .filter((line) => line.kind === 'same' || line.kind === kind)
            .map((line) => line.text)
            .join('\n');
        const whole = (one: string): string =>
          one === '' || one.endsWith('\n') ? one.replace(/\n$/, '') : `${one}\n\\ no line feed at the end`;
        expect(side('removed')).toBe(whole(before));
        expect(side('added')).toBe(whole(after));
        expect(lines.every(({ kind }) => kind === 'same')).toBe(before === after);
      }),
    );
  });

  it('changes as few lines as diff does', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-diff-'));
    try {
      for (const [before, after] of fc.sample(fc.tuple(text, text), { seed: 7, numRuns: 40 })) {
        const [one, two] = [join(folder, 'one'), join(folder, 'two')];
        writeFileSync(one, before === '' ? '' : `${before}\n`);
        writeFileSync(two, after === '' ? '' : `${after}\n`);
        const changed = diffCount(one, two);
        const ours = lineDiff(before === '' ? '' : `${before}\n`, after === '' ? '' : `${after}\n`)!;
        expect(ours.filter(({ kind }) => kind !== 'same')).toHaveLength(changed);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('stops at its limits', () => {
    const long = 'x\n'.repeat(lineDiffLimits.linesMax + 1);
    expect(lineDiff(long, 'y\n')).toBeNull();
    const other = (mark: string): string =>
      Array.from({ length: lineDiffLimits.changesMax }, (_, i) => `${mark}${i}\n`).join('');
    expect(lineDiff(other('a'), other('b'))).toBeNull();
  });
});

describe('hunksOf', () => {
  const many = Array.from({ length: 30 }, (_, i) => `${i}\n`);
  it('keeps three lines around a change and counts the others', () => {
    const changed = [...many];
    changed[15] = 'x\n';
    changed[17] = 'y\n';
    changed[28] = 'z\n';
    const hunks = hunksOf(lineDiff(many.join(''), changed.join(''))!);
    expect(hunks.map(({ skipped, lines }) => [skipped, lines.length])).toEqual([
      [12, 11],
      [4, 7 + 1 - 2],
    ]);
    expect(hunksOf(lineDiff('a\n', 'a\n')!)).toEqual([]);
  });
});

/** Removed and added lines of the stock tool. */
function diffCount(one: string, two: string): number {
  try {
    execFileSync('diff', ['-d', '-U0', one, two]);
    return 0;
  } catch (error) {
    const output = String((error as { stdout: Buffer }).stdout);
    return output.split('\n').filter((line) => /^[-+]/.test(line) && !/^(---|\+\+\+) /.test(line)).length;
  }
}
