import { isDocMap, step, type Doc, type DocMap } from './emit.js';

/** The part of JSON Schema that the schemas of this project are written in. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly enum?: readonly Doc[];
  readonly const?: Doc;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema | false>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** One fault, and the place that has to be named. */
export interface Fault {
  readonly name: string;
  readonly value: Doc;
  /** JSON pointer of the value that is wrong; of the map around a field that is missing. */
  readonly pointer: string;
  readonly kind: 'form' | 'unknown-field';
}

/**
 * Every fault that the schema forbids at every place of a good document, one at a time. `readsNumbersAsText`: a bare number where
 * text belongs is no fault, as in formats whose reader takes every plain word for text.
 */
export function faultsOf(schema: Schema, good: Doc, readsNumbersAsText = false): readonly Fault[] {
  const faults: Fault[] = [];
  walk(schema, good, '', (value) => value);
  return faults;

  function walk(part: Schema, value: Doc, pointer: string, put: (value: Doc) => Doc): void {
    const here = resolve(part);
    const add = (name: string, wrong: Doc, at = pointer, kind: Fault['kind'] = 'form'): void => {
      faults.push({
        name: `${pointer === '' ? 'top' : pointer.slice(1)}: ${name}`,
        value: put(wrong),
        pointer: at,
        kind,
      });
    };
    for (const [name, wrong] of wrongValues(here, value))
      if (!(readsNumbersAsText && wrong === 5)) add(name, wrong);
    if (here.anyOf !== undefined || here.oneOf !== undefined) return;
    if (isDocMap(value)) {
      for (const field of here.required ?? []) add(`${field} missing`, without(value, field));
      if (here.additionalProperties === false)
        add('unknown field', { ...value, unexpected: 'x' }, `${pointer}/unexpected`, 'unknown-field');
      if (here.propertyNames !== undefined)
        add('name refused', { ...value, 'Not A Name': Object.values(value)[0] ?? 'x' });
      for (const [field, inner] of Object.entries(value)) {
        const rule = here.properties?.[field] ?? here.additionalProperties;
        if (typeof rule === 'object')
          walk(rule, inner, pointer + step(field), (changed) => put({ ...value, [field]: changed }));
      }
    }
    if (Array.isArray(value) && here.items !== undefined) {
      const items = value as readonly Doc[];
      const [first] = items;
      if (first !== undefined)
        walk(here.items, first, `${pointer}/0`, (changed) => put([changed, ...items.slice(1)]));
    }
  }

  function resolve(part: Schema): Schema {
    if (part.$ref === undefined) return part;
    const found = schema.$defs?.[part.$ref.slice('#/$defs/'.length)];
    if (found === undefined) throw new Error(`there is no ${part.$ref}`);
    return resolve(found);
  }
}

function without(value: DocMap, field: string): DocMap {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field));
}

const OTHER_KINDS: Readonly<Record<string, Doc>> = {
  string: 5,
  number: 'five',
  integer: 'five',
  boolean: 'perhaps',
  array: {},
  object: [],
  null: 5,
};
const TEXTS = ['', ' ', '!!', 'Not Allowed', '-', 'double--hyphen', '0', 'line\nfeed', 'x'];

function* wrongValues(here: Schema, value: Doc): Iterable<readonly [string, Doc]> {
  const types = [here.type ?? []].flat();
  const [type] = types;
  if (here.const !== undefined) yield ['another value', 'something else'];
  else if (here.enum !== undefined) yield ['not in the list', 'something else'];
  if (here.anyOf !== undefined || here.oneOf !== undefined) yield ['another kind', [[]]];
  else if (type !== undefined) yield ['another kind', types.length > 1 ? [[]] : (OTHER_KINDS[type] ?? null)];
  if (typeof value === 'string' && here.enum === undefined && here.const === undefined) {
    const refused = TEXTS.filter((text) => !fits(here, text));
    for (const text of refused.slice(0, 2)) yield [`text ${JSON.stringify(text)}`, text];
  }
  if (typeof value === 'number') {
    if (type === 'integer') yield ['not whole', 1.5];
    if (here.minimum !== undefined && here.minimum > -2_147_483_648) yield ['too small', here.minimum - 1];
    if (here.maximum !== undefined && here.maximum < 2_000_000_000) yield ['too large', here.maximum + 1];
  }
  if (Array.isArray(value)) {
    const items = value as readonly Doc[];
    if (here.minItems !== undefined && here.minItems > 0) yield ['empty', []];
    if (here.maxItems !== undefined && here.maxItems < 20)
      yield ['too many', Array.from({ length: here.maxItems + 1 }, () => items[0] ?? 'x')];
    if (here.uniqueItems === true && items[0] !== undefined && (here.maxItems ?? 2) > 1)
      yield ['twice', [items[0], items[0]]];
  }
}

function fits({ pattern, minLength = 0 }: Schema, text: string): boolean {
  return text.length >= minLength && (pattern === undefined || new RegExp(pattern, 'u').test(text));
}
