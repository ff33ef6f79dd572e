import type { TextKey } from '$lib/strings/en';
import { direction, languageTag, translate, type Locale, type TextParams } from '$lib/strings/translate';

let current = $state<Locale>('en');

/** Changes the language; every `t()` in a template follows. */
export function setLocale(next: Locale): void {
  current = next;
  document.documentElement.lang = languageTag(next);
  document.documentElement.dir = direction(next);
}

export function t<K extends TextKey>(key: K, ...params: TextParams<K>): string {
  return translate(current, key, ...params);
}
