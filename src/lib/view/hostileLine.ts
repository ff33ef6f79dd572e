import { hostileView, SHOWN_MAX } from './hostile';

/** {@link hostileView} as one run of plain text, for places that take no elements: labels, sentences, text of pictures. */
export function hostileLine(text: string, lengthMax: number = SHOWN_MAX): string {
  const { parts, capped } = hostileView(text, lengthMax);
  return parts.map((part) => part.text).join('') + (capped ? '…' : '');
}
