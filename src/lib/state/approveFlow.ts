import { formatTime } from '../../core/bytes/time';
import { prepareApproval, type ApprovalIntent } from '../../core/approve';
import type { Finding } from '../../core/generated/report';
import type { About, Draft, Pane, Said } from '../../store/approving';

/** The steps of a decision as one pure function: nothing here reads a clock, a key or a page. */

export type FlowEvent =
  | { readonly type: 'saw'; readonly pane: Pane; readonly seen: boolean }
  | { readonly type: 'because'; readonly text: string }
  | { readonly type: 'say'; readonly said: Partial<Said> }
  | { readonly type: 'reviewed' }
  /** The words are fixed: from here on they are only shown and signed. */
  | { readonly type: 'freeze'; readonly statement: Uint8Array }
  | { readonly type: 'back' }
  /** The bundle is another one: nothing leads out of this but the end. */
  | { readonly type: 'moved' };

const DAY_MS = 86_400_000;

/** A new decision. */
export function newDraft(
  id: string,
  about: About,
  required: readonly Pane[],
  said: Partial<Said>,
  changedAt: string,
): Draft {
  return {
    id,
    step: 'review',
    about,
    required,
    seen: [],
    because: '',
    said: { role: '', user: '', decision: 'approved', comment: '', days: null, ...said },
    statement: null,
    changedAt,
  };
}

/** Panes that the person has not marked as read. */
export function unread({ required, seen }: Draft): readonly Pane[] {
  return required.filter((pane) => !seen.includes(pane));
}

/** Approving without reading needs a reason; declining does not. */
export function mayLeaveReview(draft: Draft): boolean {
  return unread(draft).length === 0 || draft.because.trim() !== '';
}

/** The next state; the same object when the event has no place in this one. */
export function next(draft: Draft, event: FlowEvent): Draft {
  if (draft.step === 'stopped') return draft;
  switch (event.type) {
    case 'moved':
      return { ...draft, step: 'stopped', statement: null };
    case 'saw':
      return draft.step === 'review' ? withSeen(draft, event.pane, event.seen) : draft;
    case 'because':
      return draft.step === 'review' ? { ...draft, because: event.text } : draft;
    case 'say':
      return draft.step === 'statement' || draft.step === 'review'
        ? { ...draft, said: { ...draft.said, ...event.said } }
        : draft;
    case 'reviewed':
      return draft.step === 'review' && mayLeaveReview(draft) ? { ...draft, step: 'statement' } : draft;
    case 'freeze':
      return draft.step === 'statement' ? { ...draft, step: 'sign', statement: event.statement } : draft;
    case 'back':
      return back(draft);
  }
}

function withSeen(draft: Draft, pane: Pane, seen: boolean): Draft {
  if (!draft.required.includes(pane)) return draft;
  const others = draft.seen.filter((one) => one !== pane);
  return { ...draft, seen: seen ? [...others, pane] : others };
}

function back(draft: Draft): Draft {
  if (draft.step === 'sign') return { ...draft, step: 'statement', statement: null };
  return draft.step === 'statement' ? { ...draft, step: 'review' } : draft;
}

/** The comment as it will be signed: what was left unread is a part of it. `notRead` are the names of the panes. */
export function commentOf({ said, because }: Draft, notRead: readonly string[]): string {
  const comment = said.comment.trim();
  if (notRead.length === 0) return comment;
  const note = `Not read before signing: ${notRead.join(', ')}. Reason: ${because.trim()}`;
  return comment === '' ? note : `${comment} (${note})`;
}

/** The exact bytes to sign, or why there are none. `nowMs`: milliseconds since 1970. */
export function statementFor(
  draft: Draft,
  notRead: readonly string[],
  nowMs: number,
): { readonly statement: Uint8Array } | { readonly findings: readonly Finding[] } {
  const { about, said } = draft;
  const comment = commentOf(draft, notRead);
  const intent: ApprovalIntent = {
    role: said.role.trim(),
    user: said.user.trim(),
    decision: said.decision,
    signedAt: formatTime(nowMs),
    ...(comment === '' ? {} : { comment }),
    ...(said.days === null ? {} : { expires: formatTime(nowMs + said.days * DAY_MS) }),
    ...(about.file === undefined ? {} : { file: about.file }),
  };
  return prepareApproval(about, intent);
}
