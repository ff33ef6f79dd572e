import type { Plain } from '../documents/readDocument.js';
import { startValue, scalarText } from './fixes.js';
import { mapText, pointerAt, spotAt, type Span } from './places.js';
import { resolved, schemasAt, typeWords, type Schema } from './schema.js';

/** Something that may be written at a place. */
export interface Suggestion {
  readonly label: string;
  readonly kind: 'field' | 'value';
  /** In words, from the schema. */
  readonly about: string;
  readonly text: string;
  /** Must stand there. */
  readonly required: boolean;
}

export interface Suggestions {
  /** What is replaced: the word that the cursor stands in. */
  readonly span: Span;
  readonly items: readonly Suggestion[];
}

/** What a schema allows at a place of the text. Attacker-controlled text; never throws. */
export function suggest(schema: Schema, text: string, at: number): Suggestions {
  const before = /[\w.\-$]*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? '';
  const after = /^[\w.\-$]*/.exec(text.slice(at, at + 200))?.[0] ?? '';
  const span = { start: at - before.length, end: at + after.length };
  const empty = text.trim() === '';
  const spot = empty
    ? { path: [], role: 'name' as const, beside: [], flow: false, root: null }
    : spotAt(text, at);
  if (spot === null) return { span, items: [] };
  const schemas = schemasAt(schema, spot.path, spot.root);
  const lineStart = text.lastIndexOf('\n', span.start - 1) + 1;
  const lead = text.slice(lineStart, span.start);
  // A name goes where a line, an entry of a list or a part between brackets begins.
  const namesFit = spot.role === 'name' || spot.flow || /^\s*(?:- +)*$/.test(lead);
  const named = text.slice(span.end).trimStart().startsWith(':') && spot.role === 'name';
  const indent = ' '.repeat(lead.length);
  const fields = namesFit ? fieldsOf(schemas, schema, spot.beside, { indent, flow: spot.flow, named }) : [];
  const quoted = /["']$/.test(lead);
  const values = spot.role === 'name' ? [] : valuesOf(schemas, quoted);
  return { span, items: unique([...values, ...fields]) };
}

function fieldsOf(
  schemas: readonly Schema[],
  root: Schema,
  beside: readonly string[],
  { indent, flow, named }: { readonly indent: string; readonly flow: boolean; readonly named: boolean },
): readonly Suggestion[] {
  const refused = new Set(
    schemas.flatMap(({ properties = {} }) =>
      Object.keys(properties).filter((name) => properties[name] === false),
    ),
  );
  return schemas.flatMap((one) =>
    Object.entries(one.properties ?? {})
      .filter(([name, given]) => typeof given === 'object' && !beside.includes(name) && !refused.has(name))
      .map(([name, given]) => {
        const schema = resolved(given, root);
        return {
          label: name,
          kind: 'field' as const,
          about: about(schema),
          text: named ? name : `${name}:${begin(schema, indent, flow)}`,
          required: one.required?.includes(name) === true,
        };
      }),
  );
}

function begin(schema: Schema, indent: string, flow: boolean): string {
  if (schema.const !== undefined) return ` ${startValue(schema)}`;
  if (flow) return schema.type === 'object' || schema.type === 'array' ? ` ${startValue(schema)}` : ' ';
  if (schema.type === 'object') return `\n${indent}  `;
  if (schema.type === 'array') return `\n${indent}  - `;
  return ' ';
}

function valuesOf(schemas: readonly Schema[], quoted: boolean): readonly Suggestion[] {
  return schemas.flatMap((schema) =>
    allowedValues(schema).map((value) => ({
      label: typeof value === 'string' ? value : JSON.stringify(value),
      kind: 'value' as const,
      about: schema.description ?? '',
      text: quoted && typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : scalarText(value),
      required: false,
    })),
  );
}

function allowedValues(schema: Schema): readonly Plain[] {
  if (schema.const !== undefined) return [schema.const];
  return schema.enum ?? (schema.type === 'boolean' ? [true, false] : []);
}

function unique(items: readonly Suggestion[]): readonly Suggestion[] {
  return [...new Map(items.map((item) => [`${item.kind} ${item.label}`, item])).values()];
}

export interface Explanation {
  readonly span: Span;
  /** Path of the field. May repeat hostile text. */
  readonly title: string;
  /** Sentences of the schema. */
  readonly lines: readonly string[];
}

/** What the field at a place means, from the schema; null where it says nothing. Never throws. */
export function explain(schema: Schema, text: string, at: number): Explanation | null {
  const { places } = mapText(text);
  const found = pointerAt(places, at);
  if (found === null) return null;
  const path = found.pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  const lines = [...new Set(schemasAt(schema, path, null).map(about))].filter((line) => line !== '');
  return lines.length === 0 ? null : { span: found.span, title: path.join(' / '), lines };
}

/** A schema in a sentence or two. */
function about(schema: Schema): string {
  const values = allowedValues(schema);
  const { minimum, maximum } = schema;
  const range =
    minimum === undefined && maximum === undefined ? '' : ` from ${minimum ?? 'any'} to ${maximum ?? 'any'}`;
  const form =
    values.length > 0 && schema.type !== 'boolean'
      ? `One of ${values.map((value) => scalarText(value)).join(', ')}.`
      : schema.type === undefined
        ? ''
        : `${capital(typeWords(schema.type))}${range}.`;
  return [schema.description ?? '', form].filter((part) => part !== '').join(' ');
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
