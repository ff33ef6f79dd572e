/**
 * Text from a bundle is hostile in every sink (docs/SPEC.md, "Text"). This makes it inert:
 * control, bidirectional, zero-width and tag characters become visible `<U+XXXX>` marks and
 * the length is capped. The result is still plain text; every sink escapes for itself.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu;

/** Longest text, in UTF-16 code units, that a message repeats from a bundle. */
export const INERT_LENGTH_MAX = 400;

export function inert(text: string, lengthMax: number = INERT_LENGTH_MAX): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return cut.replace(HIDDEN, mark);
}

/** The same for a whole text: its line feeds and tabs stay, and nothing is cut off. */
export function inertText(text: string): string {
  return text.replace(HIDDEN, (character) =>
    character === '\n' || character === '\t' ? character : mark(character),
  );
}

/** True when {@link inert} would change characters (not only the length) of `text`. */
export function hasHiddenCharacters(text: string): boolean {
  return text.replace(HIDDEN, mark) !== text;
}

function mark(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `<U+${point.toString(16).toUpperCase().padStart(4, '0')}>`;
}
