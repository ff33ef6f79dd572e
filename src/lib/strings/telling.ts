import { catalogue } from '../../core/generated/messages';
import type { Finding, InputReport, Says } from '../../core/generated/report';
import type { Language } from '../../core/messages/say';
import { sentences } from '../../core/messages/sentences';
import { findingIn, inputIn, textsIn } from '../../core/report/inLanguage';
import { inTestLanguage, pseudo } from './translate';

/**
 * What the core says, in another language than the English of reports. Loaded when such a language is chosen, never
 * before: the first visit carries no catalogue. One report is rendered once.
 */
export interface Telling {
  readonly input: (input: InputReport) => InputReport;
  readonly finding: (finding: Finding) => Finding;
  readonly texts: <T extends { readonly says?: Says }>(one: T) => T;
}

export function tellIn(language: Language): Telling {
  const known = new WeakMap<InputReport, InputReport>();
  return {
    input: (input) => {
      const before = known.get(input);
      if (before !== undefined) return before;
      const told = inputIn(language, input);
      known.set(input, told).set(told, told);
      return told;
    },
    finding: (finding) => findingIn(language, finding),
    texts: (one) => textsIn(language, one),
  };
}

/** The test language of the core: accented and longer, values marked as what they are. */
export const pseudoLanguage: Language = {
  sentences: mapTexts(sentences),
  findings: Object.fromEntries(
    Object.entries(catalogue).map(([code, { message, cause, action }]) => [
      code,
      mapTexts({ message, cause, action }),
    ]),
  ),
  value: inTestLanguage,
};

function mapTexts<T extends Readonly<Record<string, string>>>(texts: T): Record<keyof T, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, pseudo(text)])) as Record<
    keyof T,
    string
  >;
}
