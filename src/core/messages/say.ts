import { catalogue } from '../generated/messages.js';
import type { Finding, Saying, Says } from '../generated/report.js';
import { inert } from './inert.js';
import { sentences, type SentenceCode, type ValueName } from './sentences.js';

/** A sentence in English, and what it is made of. */
export interface Said {
  readonly text: string;
  readonly saying: Saying;
}

export type SaidValue = string | number | Said;

/** The texts of the core in one language (docs/ARCHITECTURE.md, "Languages"). */
export interface Language {
  readonly sentences: Readonly<Record<SentenceCode, string>>;
  readonly findings: Readonly<
    Record<string, { readonly message: string; readonly cause: string; readonly action: string }>
  >;
  /** How a value stands in a sentence: it is no word of ours. */
  readonly value: (value: string | number) => string;
}

export const english: Language = { sentences, findings: catalogue, value: String };

type Values<C extends SentenceCode> = [ValueName<C>] extends [never]
  ? []
  : [values: Readonly<Record<ValueName<C>, SaidValue>>];

/** A sentence of the catalogue with its values. Text is mostly attacker-controlled: it is made inert here. */
export function say<C extends SentenceCode>(code: C, ...values: Values<C>): Said {
  return said({ code, values: inertValues(values[0] ?? {}) });
}

/** The message or the action of a finding as a part of another sentence. */
export function sayFinding(one: Finding, field: 'message' | 'action'): Said {
  return said({ code: `${one.code}.${field}`, values: valuesOf(one) });
}

/** Two sentences, or the one that there is. */
export function sayBoth(first: Said | null, then: Said): Said;
export function sayBoth(first: Said, then: Said | null): Said;
export function sayBoth(first: Said | null, then: Said | null): Said | null {
  if (first === null || then === null) return first ?? then;
  return say('two-sentences', { first, then });
}

/** Sentences one after the other; null for none. */
export function sayAll(
  all: readonly Said[],
  code: 'two-sentences' | 'list-asks' = 'two-sentences',
): Said | null {
  return all.length < 2 ? (all[0] ?? null) : (joined(all, code) as Said);
}

/** `a, b and c`; nothing for an empty list. */
export function sayList(items: readonly string[], code: 'list-and' | 'list-or' = 'list-and'): string | Said {
  const shown = items.map((item) => inert(item));
  if (shown.length < 2) return shown[0] ?? '';
  return say(code, { first: joined(shown.slice(0, -1), 'list-names'), last: shown.at(-1)! });
}

/**
 * At least one, halved, not chained: each link of a chain as long as the roles that a bundle asks for would be rendered
 * with all before it.
 */
function joined(all: readonly SaidValue[], code: 'two-sentences' | 'list-asks' | 'list-names'): SaidValue {
  if (all.length === 1) return all[0]!;
  const half = all.length >> 1;
  return say(code, { first: joined(all.slice(0, half), code), then: joined(all.slice(half), code) });
}

/** One sentence in one language. A name that no table has is shown as it is: a report of a newer version. */
export function render({ code, values }: Saying, language: Language): string {
  const template = templateOf(code, language);
  return template.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'object' ? render(value, language) : language.value(value);
  });
}

/** What a finding's texts are filled with: its parameters, as sentences where they are some of ours. */
export function valuesOf({ params, says }: Finding): Saying['values'] {
  const sayings = Object.entries(says ?? {}).filter(([name]) => Object.hasOwn(params, name));
  return { ...params, ...Object.fromEntries<Saying>(sayings) };
}

/** The fields that a report carries beside its texts. */
export function saysOf(texts: Readonly<Record<string, Said | undefined>>): Says {
  return Object.fromEntries<Saying>(
    Object.entries(texts).flatMap(([name, one]) => (one === undefined ? [] : [[name, one.saying] as const])),
  );
}

function said(saying: Saying): Said {
  return { text: render(saying, english), saying };
}

function templateOf(code: string, language: Language): string {
  const [name = '', field] = code.split('.');
  if (field === undefined)
    return Object.hasOwn(language.sentences, name) ? language.sentences[name as SentenceCode] : name;
  const texts = Object.hasOwn(language.findings, name) ? language.findings[name] : undefined;
  if (field === 'cause') return texts?.cause ?? name;
  return (field === 'action' ? texts?.action : texts?.message) ?? name;
}

function inertValues(values: Readonly<Record<string, SaidValue>>): Saying['values'] {
  return Object.fromEntries<string | number | Saying>(
    Object.entries(values).map(([name, value]) => [name, inertValue(value)]),
  );
}

function inertValue(value: SaidValue): string | number | Saying {
  if (typeof value === 'object') return value.saying;
  return typeof value === 'string' ? inert(value) : value;
}
