import type { Finding, InputReport, Says } from '../../core/generated/report';
import type { TextKey } from '$lib/strings/en';
import type { Telling } from '$lib/strings/telling';
import { direction, languageTag, translate, type Locale, type TextParams } from '$lib/strings/translate';

let current = $state<Locale>('en');
/** How the core's words are told; null while they are told as they are, in English. */
let telling = $state.raw<Telling | null>(null);

/** Changes the language; every `t()` and `told()` in a template follows. */
export function setLocale(next: Locale): void {
  current = next;
  document.documentElement.lang = languageTag(next);
  document.documentElement.dir = direction(next);
  if (next === 'en') telling = null;
  else
    void import('$lib/strings/telling').then(({ pseudoLanguage, tellIn }) => {
      if (current !== 'en') telling = tellIn(pseudoLanguage);
    });
}

export function t<K extends TextKey>(key: K, ...params: TextParams<K>): string {
  return translate(current, key, ...params);
}

/** The report of one bundle in the reader's language: for the eye. What is saved or kept is the report itself. */
export function told(input: InputReport): InputReport {
  return telling === null ? input : telling.input(input);
}

/** A finding in the reader's language. */
export function toldFinding(finding: Finding): Finding {
  return telling === null ? finding : telling.finding(finding);
}

/** Texts that were kept with the sentences behind them. */
export function toldTexts<T extends { readonly says?: Says }>(one: T): T {
  return telling === null ? one : telling.texts(one);
}
