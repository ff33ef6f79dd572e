import { en, type Catalogue, type Plural, type TextKey } from './en';

/** A language of the interface. The last two exist to find untranslated text and broken mirroring. */
export type Locale = 'en' | 'pseudo' | 'pseudo-rtl';

export const locales: readonly Locale[] = ['en', 'pseudo', 'pseudo-rtl'];

type Placeholder<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholder<Rest> : never;
type TextOf<V> = V extends { readonly one: infer One; readonly other: infer Other } ? One | Other | '{n}' : V;
type ParamName<K extends TextKey> = Placeholder<TextOf<Catalogue[K]>>;
/** Named values of one text; none when the text has no placeholder. */
export type TextParams<K extends TextKey> = [ParamName<K>] extends [never]
  ? []
  : [params: Readonly<Record<ParamName<K>, string | number>>];

/** Language tag for `lang` and for `Intl`. */
export function languageTag(locale: Locale): string {
  return locale === 'en' ? 'en' : 'en-XA';
}

export function direction(locale: Locale): 'ltr' | 'rtl' {
  return locale === 'pseudo-rtl' ? 'rtl' : 'ltr';
}

const texts: Record<string, string | Plural> = { ...en };

/** Makes the texts of an area known; its page calls this before it is drawn. */
export function addTexts(area: Readonly<Record<string, string | Plural>>): void {
  Object.assign(texts, area);
}

/** Looks a text up and fills its named values. A text with plural forms takes the form of `n`. */
export function translate<K extends TextKey>(locale: Locale, key: K, ...params: TextParams<K>): string {
  const values: Readonly<Record<string, string | number>> = params[0] ?? {};
  const template = pickForm(texts[key] ?? key, values['n']);
  const localised = locale === 'en' ? template : pseudo(template);
  const shown = locale === 'en' ? show : showMarked;
  return localised.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => shown(values[name], whole));
}

/** Made at the first use and kept: to make one costs more than to use it a hundred times. */
let numbers: Intl.NumberFormat | undefined;
let plurals: Intl.PluralRules | undefined;

function pickForm(entry: string | Plural, n: string | number | undefined): string {
  if (typeof entry === 'string') return entry;
  plurals ??= new Intl.PluralRules('en');
  return plurals.select(Number(n)) === 'one' ? entry.one : entry.other;
}

function show(value: string | number | undefined, whole: string): string {
  if (value === undefined) return whole;
  if (typeof value === 'string') return value;
  numbers ??= new Intl.NumberFormat('en');
  return numbers.format(value);
}

function showMarked(value: string | number | undefined, whole: string): string {
  return typeof value === 'string' ? inTestLanguage(value) : show(value, whole);
}

/** A value in the test language: marked, because it is no word of ours; a text of ours in another is left alone. */
export function inTestLanguage(value: string | number): string {
  return typeof value === 'number' || value.startsWith('[') ? String(value) : `‹${value}›`;
}

const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á', c: 'ç', d: 'ð', e: 'é', g: 'ğ', i: 'ï', l: 'ł', n: 'ñ', o: 'ö', r: 'ř', s: 'š', t: 'ť', u: 'ü', y: 'ý', z: 'ž',
  A: 'Â', B: 'Ɓ', C: 'Ç', D: 'Ð', E: 'É', I: 'Î', N: 'Ñ', O: 'Ö', P: 'Þ', R: 'Ř', S: 'Š', T: 'Ť', U: 'Ü', W: 'Ŵ', Y: 'Ý',
}; // prettier-ignore

/** Accents every letter and adds a third to the length, as German or Finnish would; placeholders stay. */
export function pseudo(text: string): string {
  const accented = text
    .split(/(\{[a-zA-Z]+\})/)
    .map((part) =>
      part.startsWith('{') ? part : [...part].map((letter) => ACCENTS[letter] ?? letter).join(''),
    )
    .join('');
  const padding = '·'.repeat(Math.ceil(text.length / 3 / 2));
  return `[${accented}${text.length > 6 ? ` ${padding}` : ''}]`;
}
