import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStatement } from '../../../src/core/envelope/statement.js';
import {
  commentOf,
  mayLeaveReview,
  newDraft,
  next,
  statementFor,
  unread,
  type FlowEvent,
} from '../../../src/lib/state/approveFlow.js';
import { readDraft, type About, type Draft } from '../../../src/store/approvingRecord.js';

const about: About = {
  archiveDigest: `sha256:${'aa'.repeat(32)}`,
  bundleDigest: `sha256:${'bb'.repeat(32)}`,
  contentRoot: `sha256:${'cc'.repeat(32)}`,
  id: 'acme/api',
  version: '1.0.0',
  dialect: 'countersign',
  name: 'a.sbundle.tgz',
};
const NOW = Date.parse('2026-11-21T04:00:00Z');
const begun = newDraft(
  'd',
  about,
  ['who', 'rules', 'files'],
  { role: 'pm', user: 'alice' },
  '2026-11-21T04:00:00Z',
);

function after(draft: Draft, ...events: readonly FlowEvent[]): Draft {
  return events.reduce(next, draft);
}
const all: readonly FlowEvent[] = [
  { type: 'saw', pane: 'who', seen: true },
  { type: 'saw', pane: 'rules', seen: true },
  { type: 'saw', pane: 'files', seen: true },
];

function frozen(draft: Draft): Draft {
  const made = statementFor(draft, [], NOW);
  if ('findings' in made) throw new Error(made.findings[0]?.message);
  return next(draft, { type: 'freeze', statement: made.statement });
}

describe('a decision', () => {
  it('leaves the review when everything was read, or a reason was typed', () => {
    expect(next(begun, { type: 'reviewed' })).toBe(begun);
    expect(after(begun, all[0]!, { type: 'reviewed' }).step).toBe('review');
    expect(after(begun, ...all, { type: 'reviewed' }).step).toBe('statement');
    expect(mayLeaveReview(after(begun, { type: 'because', text: '   ' }))).toBe(false);
    const hurried = after(begun, all[0]!, { type: 'because', text: 'urgent fix' }, { type: 'reviewed' });
    expect(hurried.step).toBe('statement');
    expect(unread(hurried)).toEqual(['rules', 'files']);
    expect(unread(after(begun, ...all, { type: 'saw', pane: 'who', seen: false }))).toEqual(['who']);
  });

  it('puts what was left unread into the comment that is signed', () => {
    const hurried = after(begun, { type: 'because', text: 'urgent fix ' }, { type: 'reviewed' });
    const made = statementFor(hurried, ['Rules', 'Files'], NOW);
    const read = 'statement' in made ? readStatement(made.statement) : made;
    expect('statement' in read && read.statement.comment).toBe(
      'Not read before signing: Rules, Files. Reason: urgent fix',
    );
    const said = next(hurried, { type: 'say', said: { comment: 'fine' } });
    expect(commentOf(said, ['Files'])).toBe('fine (Not read before signing: Files. Reason: urgent fix)');
    expect(commentOf(begun, [])).toBe('');
  });

  it('makes the statement of exactly this bundle, role, user and end', () => {
    const draft = next(begun, { type: 'say', said: { days: 30, comment: 'ok' } });
    const made = statementFor(draft, [], NOW);
    const read = 'statement' in made ? readStatement(made.statement) : made;
    expect('statement' in read && read.statement).toMatchObject({
      subjectSha256: 'bb'.repeat(32),
      role: 'pm',
      user: 'alice',
      signedAt: '2026-11-21T04:00:00Z',
      expires: '2026-12-21T04:00:00Z',
    });
    const wrong = next(begun, { type: 'say', said: { role: 'No Role!' } });
    expect('findings' in statementFor(wrong, [], NOW)).toBe(true);
  });

  it('changes no word once they are fixed, and unfixes them on the way back', () => {
    const fixed = frozen(after(begun, ...all, { type: 'reviewed' }));
    expect(fixed.step).toBe('sign');
    expect(next(fixed, { type: 'say', said: { comment: 'other' } })).toBe(fixed);
    expect(next(fixed, { type: 'saw', pane: 'who', seen: false })).toBe(fixed);
    expect(next(fixed, { type: 'back' })).toMatchObject({ step: 'statement', statement: null });
  });

  it('ends for good when the bundle is another one', () => {
    const stopped = next(frozen(after(begun, ...all, { type: 'reviewed' })), { type: 'moved' });
    expect(stopped).toMatchObject({ step: 'stopped', statement: null });
    expect(after(stopped, ...all, { type: 'reviewed' }, { type: 'back' })).toBe(stopped);
  });

  it('is whole after any events in any order, as the store reads it back', () => {
    const statement = statementFor(begun, [], NOW);
    const bytes = 'statement' in statement ? statement.statement : new Uint8Array();
    const event: fc.Arbitrary<FlowEvent> = fc.oneof(
      fc.record({
        type: fc.constant('saw' as const),
        pane: fc.constantFrom('who' as const, 'rules' as const, 'files' as const, 'request' as const),
        seen: fc.boolean(),
      }),
      fc.record({ type: fc.constant('because' as const), text: fc.string() }),
      fc.record({ type: fc.constant('say' as const), said: fc.record({ comment: fc.string() }) }),
      fc.constantFrom<FlowEvent>(
        { type: 'reviewed' },
        { type: 'freeze', statement: bytes },
        { type: 'back' },
        { type: 'moved' },
      ),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let draft = begun;
        for (const one of events) {
          draft = next(draft, one);
          expect(readDraft('d', structuredClone(draft))).not.toBeNull();
          if (draft.step === 'sign') expect(draft.statement).toBe(bytes);
        }
      }),
    );
  });
});
