// Writes docs/reference/report.md from schemas/report.schema.json: one table for each object of the report.

/** @typedef {Record<string, any>} Schema */

/** Definitions that are one value; they share a table. @type {Set<string>} */
const plainNames = new Set();

/**
 * The page as Markdown.
 * @param {Schema} schema
 * @returns {string}
 */
export function reportPage(schema) {
  for (const [name, one] of Object.entries(schema.$defs)) if (isPlain(one)) plainNames.add(name);
  const sections = collect(schema, schema.title, new Map());
  for (const [name, one] of Object.entries(schema.$defs)) if (!isPlain(one)) collect(one, name, sections);
  const simple = Object.entries(schema.$defs).filter(([, one]) => isPlain(one));
  return [
    '# The report',
    '',
    'Generated from `schemas/report.schema.json`; `npm run codegen` writes it again.',
    '',
    'One verification gives one report: the same document from the page, the command line (`--json`) and the library. It can be filed, and judged again from its own `now`. Every text that comes from a bundle is hostile in every place where it is shown; see [Text](../SPEC.md#text).',
    '',
    ...[...sections].flatMap(([name, one]) => section(name, one)),
    '## Values',
    '',
    '| Name | Value |',
    '| --- | --- |',
    ...simple.map(
      ([name, one]) =>
        `| ${name} | ${cell(one.type === 'object' ? `${typeOf(one)}. ${one.description}` : values(one))} |`,
    ),
    '',
  ].join('\n');
}

/**
 * The page about what commands print with `--json`, as Markdown.
 * @param {Schema} schema
 * @param {Schema} report its definitions are used, too
 * @returns {string}
 */
export function outputPage(schema, report) {
  for (const [name, one] of Object.entries(report.$defs)) if (isPlain(one)) plainNames.add(name);
  const parts = Object.entries(schema.$defs).flatMap(([name, one]) => {
    const list = one.type === 'array';
    const inner = list ? one.items : one;
    const about = `${one.description}${list ? ` A list of [${inner.title}](#${inner.title.toLowerCase()}).` : ''}`;
    const tables = [...collect(inner, list ? inner.title : name, new Map())].flatMap(([title, each]) =>
      section(title, each),
    );
    return list ? [`## ${name}`, '', about, '', ...tables] : tables;
  });
  return [
    '# What commands print with --json',
    '',
    'Generated from `schemas/cli/output.schema.json`; `npm run codegen` writes it again.',
    '',
    'Every command that takes `--json` prints one document on standard output; `tests/cli/json.test.ts` runs each and holds what it prints against its schema. Some print a document that has a schema of its own:',
    '',
    '| Command | Schema |',
    '| --- | --- |',
    '| `verify --json` | `schemas/report.schema.json`, see [the report](report.md) |',
    '| `prove` | `schemas/proof.schema.json` |',
    '| `diff --format json` | `schemas/diff.schema.json` |',
    '| `approve request`, `approve withdraw`, `keys withdraw`, `approve`, `lock` | what they write: `request`, `withdrawal`, `approval` and `spec-lock` in `schemas/` |',
    '| `drift`, `doctor`, `policy check` with `--sarif` | SARIF 2.1.0 |',
    '',
    'The others are below. Text from files is hostile in every place where it is shown; see [Text](../SPEC.md#text). Fields may be added; a field that is there keeps its meaning.',
    '',
    ...parts,
  ].join('\n');
}

/**
 * True for what has no fields of its own: a value, or a map.
 * @param {Schema} schema
 */
function isPlain(schema) {
  return schema.type !== 'object' || schema.properties === undefined;
}

/**
 * Every object with fields, in the order in which a reader meets it.
 * @param {Schema} schema
 * @param {string} name
 * @param {Map<string, Schema>} found
 * @returns {Map<string, Schema>}
 */
function collect(schema, name, found) {
  if (schema.properties === undefined || found.has(name)) return found;
  found.set(name, schema);
  for (const field of Object.values(schema.properties)) {
    for (const inner of innerObjects(field)) collect(inner, inner.title, found);
  }
  return found;
}

/**
 * @param {Schema} field
 * @returns {readonly Schema[]}
 */
function innerObjects(field) {
  if (field.oneOf !== undefined) return field.oneOf.flatMap(innerObjects);
  if (field.type === 'array') return innerObjects(field.items);
  if (field.properties === undefined) return [];
  if (typeof field.title !== 'string') throw new Error('every object of the report schema needs a title');
  return [field];
}

/**
 * @param {string} name
 * @param {Schema} schema
 * @returns {readonly string[]}
 */
function section(name, schema) {
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(([field, one]) => {
    const optional = required.has(field) ? '' : ' (may be absent)';
    return `| \`${field}\` | ${cell(typeOf(one))}${optional} | ${cell(one.description ?? '')} |`;
  });
  const about = schema.description === undefined ? [] : [schema.description, ''];
  return [`## ${name}`, '', ...about, '| Field | Type | Meaning |', '| --- | --- | --- |', ...rows, ''];
}

/**
 * @param {Schema} schema
 * @returns {string}
 */
function typeOf(schema) {
  if (schema.$ref !== undefined) return linkOf(schema.$ref);
  if (schema.oneOf !== undefined) return schema.oneOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.properties !== undefined) return link(schema.title);
  if (schema.type === 'object') return `map to ${typeOf(schema.additionalProperties)}`;
  return values(schema);
}

/**
 * @param {Schema} schema
 * @returns {string}
 */
function values(schema) {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined)
    return schema.enum.map((/** @type {string} */ one) => `\`${one}\``).join(', ');
  if (schema.pattern !== undefined) return `text, \`${schema.pattern}\``;
  const plain = [schema.type].flat().map((one) => (one === 'string' ? 'text' : one));
  const from = schema.minimum === undefined ? '' : ` from ${schema.minimum}`;
  return `${plain.join(' or ')}${from}`;
}

/**
 * @param {string} ref
 * @returns {string}
 */
function linkOf(ref) {
  const name = ref.split('/').at(-1) ?? '';
  if (ref.startsWith('#')) return link(name);
  if (!ref.includes('#')) return `a document of \`${ref}\``;
  return `[${name}](report.md#${plainNames.has(name) ? 'values' : name.toLowerCase()})`;
}

/** @param {string} name */
function link(name) {
  return `[${name}](#${plainNames.has(name) ? 'values' : name.toLowerCase()})`;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|');
}
