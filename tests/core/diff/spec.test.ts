import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { know } from '../../../src/core/diff/documents.js';
import { specLines } from '../../../src/core/diff/spec.js';
import { listLines } from '../../../src/core/diff/specTexts.js';
import type { DiffLine } from '../../../src/core/generated/diff.js';
import { specification } from '../diffCases.js';

const state = (text: string) => ({ path: 'spec.yaml', size: text.length, sha256: null });

function linesOf(before: string | null, after: string | null): DiffLine[] {
  const known = (text: string | null) => (text === null ? null : know('spec.yaml', toUtf8(text)));
  const file = {
    kind: before === null ? ('added' as const) : after === null ? ('removed' as const) : ('changed' as const),
    before: before === null ? null : state(before),
    after: after === null ? null : state(after),
  };
  return specLines([{ file, before: known(before), after: known(after) }]);
}

const changed = (from: string, to: string): DiffLine[] => {
  const after = specification.replace(from, to);
  if (after === specification) throw new Error('nothing was replaced');
  return linesOf(specification, after);
};
const short = (lines: readonly DiffLine[]): string[] =>
  lines.map(({ kind, effect, text, before, after }) => `${effect} ${kind} ${text}: ${before} -> ${after}`);

describe('a specification', () => {
  it('whose acceptance lost a criterion asks for less, and says so first', () => {
    expect(short(changed('acceptance: [all tests pass, ', 'acceptance: ['))).toEqual([
      'weaker acceptance-removed Acceptance criterion removed: all tests pass -> not there',
    ]);
    const lines = linesOf(
      specification,
      specification.replace('all tests pass, ', '').replace('title: Log in', 'title: Sign in'),
    );
    expect(lines.map(({ effect }) => effect)).toEqual(['weaker', 'changed']);
  });

  it('whose criterion is in other words shows both, and does not call it stronger', () => {
    expect(short(changed('at least 0.80', 'at least 0.90'))).toEqual([
      'changed acceptance Acceptance criterion in other words: test coverage is at least 0.80 -> test coverage is at least 0.90',
    ]);
  });

  it('does not take another criterion for the same in other words', () => {
    expect(short(changed('all tests pass', 'looks nice'))).toEqual([
      'weaker acceptance-removed Acceptance criterion removed: all tests pass -> not there',
      'stronger acceptance-added Acceptance criterion added: not there -> looks nice',
    ]);
  });

  it('names features that went, came, and got another id, with the line where they stand', () => {
    const gone = changed(
      '  - {id: export, title: Export, desc: Records leave., priority: P2, success: [one click]}\n',
      '',
    );
    expect(short(gone)).toEqual([
      'changed feature-removed Feature export removed: Export (P2; success: one click) -> not there',
    ]);
    const come = linesOf(
      specification,
      specification.replace(
        'non_functional:',
        '  - {id: undo, title: Undo, desc: Back., priority: P2, success: [works]}\nnon_functional:',
      ),
    );
    expect(short(come)).toEqual([
      'changed feature-added Feature undo added: not there -> Undo (P2; success: works)',
    ]);
    expect(come[0]?.line).toBe(13);
    expect(short(changed('id: audit', 'id: log'))).toEqual([
      'changed feature-renamed Feature audit is called log now: audit -> log',
    ]);
  });

  it.each([
    ['priority: P0', 'priority: P2', 'changed feature Feature login: priority: P0 -> P2'],
    ['title: Log in', 'title: Enter', 'changed feature Feature login: title: Log in -> Enter'],
    [
      ', locks after five failures',
      '',
      'weaker feature-part-removed Feature login: success criterion removed: locks after five failures -> not there',
    ],
    [
      'path: /login}',
      'path: /login, request: Form}',
      'changed feature-part Feature login: entry point in other words: POST /login -> POST /login (Form to nothing)',
    ],
    [
      '[HIPAA-1]',
      '[]',
      'changed feature-part-removed Feature login: requirement that it answers removed: HIPAA-1 -> not there',
    ],
    ['acme/api', 'acme/other', 'changed product Product: acme/api -> acme/other'],
    [
      'security: [all data is encrypted at rest]',
      'performance: [fast]',
      'weaker non-functional-removed Demand on security removed: all data is encrypted at rest -> not there',
    ],
    ['name: First', 'name: Second', 'changed milestone Milestone m1: First: login -> Second: login'],
  ])('with %s -> %s says it in its own terms', (from, to, line) => {
    expect(short(changed(from, to))).toContain(line);
  });

  it('that only reads otherwise says that it says the same', () => {
    const [line, ...more] = linesOf(specification, `# a word\n${specification}`);
    expect(more).toEqual([]);
    expect(line?.why).toContain('says the same');
  });

  it('that is gone, new, broken or no specification any more is told as a whole', () => {
    expect(linesOf(specification, null)[0]?.why).toContain('Nothing says any more');
    expect(linesOf(null, specification)[0]?.why).toContain('Read it whole');
    expect(linesOf(specification, 'tasks: []\n')[0]?.why).toBe('It is no longer a specification.');
    const twice = specification.replace('id: export', 'id: login');
    expect(linesOf(specification, twice)[0]?.why).toContain('cannot be used as a specification');
    expect(linesOf(twice, specification)[0]?.why).toContain('Before, it could not be used');
    expect(linesOf('tasks: []\n', 'tasks: [{id: a, feature_id: b}]\n')).toEqual([]);
  });

  it('with thousands of differences stays bounded, what is weaker first', () => {
    const many = (word: string): string =>
      specification.replace(
        'all tests pass',
        Array.from({ length: 3000 }, (_, n) => `${word}${n} holds`).join(', '),
      );
    const lines = linesOf(many('one'), many('two'));
    expect(lines).toHaveLength(501);
    expect(lines[0]?.effect).toBe('weaker');
    expect(lines.at(-1)?.kind).toBe('more');
  });
});

describe('two lists of sentences', () => {
  const wording = { kind: 'x', what: 'X', about: 'x', demand: true };
  const sentence = fc.constantFrom('a b', 'a c', 'b c d', 'd', 'e f', '', '§');
  const list = fc.array(sentence, { maxLength: 6 });

  it('are the same exactly when nothing is said, and all that went or came is told once', () => {
    fc.assert(
      fc.property(list, list, (before, after) => {
        const lines = listLines(wording, before, after);
        const same = JSON.stringify(before.toSorted()) === JSON.stringify(after.toSorted());
        expect(lines.length === 0).toBe(same);
        const left: string[] = [...before];
        for (const { before: was, kind } of lines)
          if (kind !== 'x-added') left.splice(left.indexOf(was ?? ''), 1);
        for (const { after: is, kind } of lines) if (kind !== 'x-removed') left.push(is ?? '');
        expect(left.toSorted()).toEqual(after.toSorted());
      }),
    );
  });
});
