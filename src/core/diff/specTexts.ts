import type { DiffLine } from '../generated/diff.js';
import { diffLine } from './line.js';

/** How a list of sentences is spoken of. */
export interface Wording {
  readonly kind: string;
  /** Capital first: "Acceptance criterion". */
  readonly what: string;
  readonly about: string;
  /** True when one sentence less asks for less. */
  readonly demand: boolean;
}

const WHY_LESS = 'Work can be accepted that could not be before.';
const WHY_OTHER = 'Read both: whether it asks for less is for people to say.';

/** One line when two texts differ. */
export function textLine(kind: string, about: string, text: string, was: string, is: string): DiffLine[] {
  return was === is ? [] : [diffLine(kind, 'changed', about, text, { before: was, after: is })];
}

/**
 * Sentences that went, came, or were put in other words: those that share half of their words are told as one, which
 * says nothing of weaker or stronger. The order says nothing.
 */
export function listLines(
  { kind, what, about, demand }: Wording,
  before: readonly string[],
  after: readonly string[],
): DiffLine[] {
  const come = without(after, before);
  const pairs = pairsOf(without(before, after), come);
  const used = new Set(pairs.map(({ now }) => now));
  return [
    ...pairs.map(({ was, now }) => {
      const is = now === null ? undefined : come[now];
      if (is !== undefined)
        return diffLine(kind, 'changed', about, `${what} in other words`, {
          before: was,
          after: is,
          why: demand ? WHY_OTHER : null,
        });
      return diffLine(`${kind}-removed`, demand ? 'weaker' : 'changed', about, `${what} removed`, {
        before: was,
        after: 'not there',
        why: demand ? WHY_LESS : null,
      });
    }),
    ...come
      .filter((_, at) => !used.has(at))
      .map((text) =>
        diffLine(`${kind}-added`, demand ? 'stronger' : 'changed', about, `${what} added`, {
          before: 'not there',
          after: text,
        }),
      ),
  ];
}

/** What is left of `some` when each of `others` took one that is equal. */
function without(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const text of others) left.set(text, (left.get(text) ?? 0) + 1);
  return some.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}

/** Comparisons of one list; longer lists are told sentence by sentence. */
const PAIRS_MAX = 10_000;
/** Share of common words from which on two sentences are told as one. */
const ALIKE = 0.5;

function pairsOf(
  gone: readonly string[],
  come: readonly string[],
): readonly { readonly was: string; readonly now: number | null }[] {
  const small = gone.length * come.length <= PAIRS_MAX;
  const words = small ? come.map(wordsOf) : [];
  const used = new Set<number>();
  return gone.map((was) => {
    const mine = small ? wordsOf(was) : new Set<string>();
    let [best, now]: [number, number | null] = [ALIKE, null];
    words.forEach((others, at) => {
      const share = used.has(at) ? 0 : alike(mine, others);
      if (share > best || (share === best && now === null)) [best, now] = [share, at];
    });
    if (now !== null) used.add(now);
    return { was, now };
  });
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** Common words of all words, 0 to 1 (Dice). */
function alike(one: ReadonlySet<string>, two: ReadonlySet<string>): number {
  if (one.size + two.size === 0) return 0;
  let common = 0;
  for (const word of one) if (two.has(word)) common++;
  return (2 * common) / (one.size + two.size);
}
