import { step, type Plain, type PlainMap } from '../documents/readDocument.js';

/** The part of JSON Schema 2020-12 that the schemas of this project use. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly enum?: readonly Plain[];
  readonly const?: Plain;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly else?: Schema;
}

/** One thing that a schema does not allow. */
export interface SchemaProblem {
  readonly pointer: string;
  readonly problem:
    | { readonly is: 'unknown'; readonly name: string; readonly known: readonly string[] }
    | { readonly is: 'missing'; readonly name: string; readonly schema: Schema }
    | { readonly is: 'choice'; readonly allowed: readonly Plain[] }
    | { readonly is: 'type'; readonly wanted: string }
    | { readonly is: 'other'; readonly words: string };
}

/** Most problems that are told of one document. */
export const SCHEMA_PROBLEMS_MAX = 200;

/** The schema that a reference names, with what stands beside the reference. */
export function resolved(schema: Schema | boolean | undefined, root: Schema): Schema {
  if (schema === undefined || typeof schema === 'boolean') return {};
  let at = schema;
  for (let hops = 0; at.$ref !== undefined && hops < 16; hops++) {
    const { $ref, ...beside } = at;
    at = { ...root.$defs?.[$ref.replace('#/$defs/', '')], ...beside };
  }
  return at;
}

/** Every schema that speaks of the value at `path`: in the document as it stands, conditions followed. */
export function schemasAt(
  root: Schema,
  path: readonly (string | number)[],
  value: Plain | undefined,
): readonly Schema[] {
  let schemas: readonly Schema[] = spread(resolved(root, root), root, value);
  let here = value;
  for (const name of path) {
    const inner = isMap(here)
      ? here[name]
      : Array.isArray(here)
        ? (here as readonly Plain[])[Number(name)]
        : undefined;
    schemas = schemas.flatMap((schema) => {
      const next = childOf(schema, name);
      return next === undefined ? [] : spread(resolved(next, root), root, inner);
    });
    here = inner;
  }
  return schemas;
}

function childOf(schema: Schema, name: string | number): Schema | undefined {
  if (typeof name === 'number' && schema.items !== undefined) return schema.items;
  const own = schema.properties;
  const found = own !== undefined && Object.hasOwn(own, name) ? own[name] : schema.additionalProperties;
  return typeof found === 'object' ? found : undefined;
}

/** A schema with everything that holds beside it for this value. */
function spread(schema: Schema, root: Schema, value: Plain | undefined): readonly Schema[] {
  const more = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (schema.if !== undefined) {
    const branch = value !== undefined && fits(schema.if, value, root) ? schema.then : schema.else;
    if (branch !== undefined) more.push(branch);
  }
  return [schema, ...more.flatMap((one) => spread(resolved(one, root), root, value))];
}

function fits(schema: Schema, value: Plain, root: Schema): boolean {
  return schemaProblems(schema, value, root).length === 0;
}

/** Everything that `schema` does not allow in `value`, outermost first. */
export function schemaProblems(
  schema: Schema,
  value: Plain,
  root: Schema = schema,
): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  walk(schema, value, '', root, found);
  return found;
}

function walk(
  given: Schema | boolean,
  value: Plain,
  pointer: string,
  root: Schema,
  found: SchemaProblem[],
): void {
  if (found.length >= SCHEMA_PROBLEMS_MAX) return;
  if (given === false) return void found.push(other(pointer, 'it does not belong to this kind of entry'));
  if (given === true) return;
  const schema = resolved(given, root);
  if (!typeFits(schema.type, value)) {
    found.push({ pointer, problem: { is: 'type', wanted: typeWords(schema.type) } });
    return;
  }
  choice(schema, value, pointer, found);
  if (typeof value === 'string') textProblems(schema, value, pointer, found);
  if (typeof value === 'number') numberProblems(schema, value, pointer, found);
  if (Array.isArray(value)) listProblems(schema, value as readonly Plain[], pointer, root, found);
  else if (isMap(value)) mapProblems(schema, value, pointer, root, found);
  for (const one of schema.allOf ?? []) walk(one, value, pointer, root, found);
  const either = schema.oneOf ?? schema.anyOf;
  if (either !== undefined && !either.some((one) => fits(one, value, root)))
    found.push(other(pointer, 'it fits none of the forms that may stand here'));
  if (schema.if === undefined) return;
  const branch = fits(schema.if, value, root) ? schema.then : schema.else;
  if (branch !== undefined) walk(branch, value, pointer, root, found);
}

function other(pointer: string, words: string): SchemaProblem {
  return { pointer, problem: { is: 'other', words } };
}

function choice(schema: Schema, value: Plain, pointer: string, found: SchemaProblem[]): void {
  const allowed = schema.const === undefined ? schema.enum : [schema.const];
  if (allowed === undefined || allowed.some((one) => JSON.stringify(one) === JSON.stringify(value))) return;
  found.push({ pointer, problem: { is: 'choice', allowed } });
}

function textProblems(schema: Schema, value: string, pointer: string, found: SchemaProblem[]): void {
  const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const length = value.length > 2 * maxLength ? value.length : [...value].length;
  if (length < minLength)
    found.push(other(pointer, length === 0 ? 'the text is empty' : 'the text is too short'));
  else if (length > maxLength) found.push(other(pointer, `the text is longer than ${maxLength} characters`));
  else if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    found.push(other(pointer, `the text does not have the form ${pattern}`));
}

function numberProblems(schema: Schema, value: number, pointer: string, found: SchemaProblem[]): void {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum) found.push(other(pointer, `it is less than ${minimum}`));
  if (maximum !== undefined && value > maximum) found.push(other(pointer, `it is more than ${maximum}`));
}

function listProblems(
  schema: Schema,
  value: readonly Plain[],
  pointer: string,
  root: Schema,
  found: SchemaProblem[],
): void {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items, uniqueItems } = schema;
  if (value.length < minItems) found.push(other(pointer, `at least ${minItems} must stand here`));
  if (value.length > maxItems) found.push(other(pointer, `at most ${maxItems} may stand here`));
  if (uniqueItems === true && new Set(value.map((one) => JSON.stringify(one))).size < value.length)
    found.push(other(pointer, 'an entry stands here twice'));
  if (items !== undefined) value.forEach((one, at) => walk(items, one, pointer + step(at), root, found));
}

function mapProblems(
  schema: Schema,
  value: PlainMap,
  pointer: string,
  root: Schema,
  found: SchemaProblem[],
): void {
  const own = schema.properties ?? {};
  const names = Object.keys(value);
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(value, name))
      found.push({ pointer, problem: { is: 'missing', name, schema: resolved(own[name], root) } });
  if (names.length < (schema.minProperties ?? 0))
    found.push(other(pointer, 'at least one field must stand here'));
  if (names.length > (schema.maxProperties ?? Number.POSITIVE_INFINITY))
    found.push(other(pointer, `at most ${schema.maxProperties} fields may stand here`));
  for (const name of names) {
    if (schema.propertyNames !== undefined && !fits(schema.propertyNames, name, root))
      found.push(other(pointer + step(name), 'the name does not have the form that is asked for'));
    const known = Object.hasOwn(own, name) ? own[name] : schema.additionalProperties;
    if (known === false && !Object.hasOwn(own, name))
      found.push({
        pointer: pointer + step(name),
        problem: { is: 'unknown', name, known: Object.keys(own).filter((one) => own[one] !== false) },
      });
    else if (known !== undefined) walk(known, value[name] ?? null, pointer + step(name), root, found);
  }
}

function typeFits(type: Schema['type'], value: Plain): boolean {
  if (type === undefined) return true;
  return (typeof type === 'string' ? [type] : type).some((one) => {
    if (one === 'object') return isMap(value);
    if (one === 'array') return Array.isArray(value);
    if (one === 'null') return value === null;
    if (one === 'integer') return typeof value === 'number' && Number.isInteger(value);
    return typeof value === one;
  });
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'fields below it',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
};

/** A type in words. */
export function typeWords(type: Schema['type']): string {
  const types = type === undefined ? [] : typeof type === 'string' ? [type] : type;
  return types.map((one) => TYPE_WORDS[one] ?? one).join(' or ');
}

export function isMap(value: Plain | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
