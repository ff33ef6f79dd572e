import { inert } from '../../core/messages/inert';

/** One run of text that is shown: as written, or as the visible mark of a hidden character. */
export interface HostilePart {
  readonly text: string;
  readonly mark: boolean;
}

export interface HostileView {
  readonly parts: readonly HostilePart[];
  /** True when `text` is longer than what is shown. */
  readonly capped: boolean;
  /** True when one word mixes letters of scripts that look alike. */
  readonly mixed: boolean;
}

/** Longest text shown before "Show all", in UTF-16 code units. */
export const SHOWN_MAX = 200;
/** Even "Show all" ends here, so that one name cannot hang the page. */
export const SHOWN_ALL_MAX = 100_000;

/** Where nothing can hide, look like a sign of ours or mix scripts: nearly every text, and much quicker told than sought for. */
const PLAIN = /^[\x20-\x7e]*$/;
const MARK = /(<U\+[0-9A-F]{4,6}>)/;
/** Signs that could be taken for a statement of this application: ticks, locks, shields, any pictograph. */
const SIGNS =
  /[\u2610-\u2612\u2713-\u2718\u{1f5f8}\u{1f5f9}]|(?![\u00a9\u00ae\u2122])\p{Extended_Pictographic}/gu;
const LOOKALIKE_SCRIPTS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
];

/** What a page shows for attacker-controlled text: plain text only, nothing hidden, nothing that looks like our own signs. */
export function hostileView(text: string, lengthMax: number = SHOWN_MAX): HostileView {
  const capped = text.length > lengthMax;
  const cut = capped ? text.slice(0, lengthMax) : text;
  if (PLAIN.test(cut) && !cut.includes('<U+'))
    return { parts: cut === '' ? [] : [{ text: cut, mark: false }], capped, mixed: false };
  const visible = inert(cut, lengthMax).replace(SIGNS, markOf);
  const parts = visible
    .split(MARK)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, mark: MARK.test(part) }));
  return { parts, capped, mixed: mixesScripts(cut) };
}

/** True when a single word has letters of two scripts that share letter shapes, such as Latin and Cyrillic. */
export function mixesScripts(text: string): boolean {
  return (text.match(/[\p{L}\p{M}]+/gu) ?? []).some(
    (word) => LOOKALIKE_SCRIPTS.filter((script) => script.test(word)).length > 1,
  );
}

function markOf(sign: string): string {
  const point = sign.codePointAt(0) ?? 0;
  return `<U+${point.toString(16).toUpperCase().padStart(4, '0')}>`;
}
