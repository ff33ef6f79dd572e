// Writes docs/reference/project-files.md from the schemas of what people write for a project: one table a file.

/** @typedef {Record<string, any>} Schema */

/** Files of a project in the order in which a newcomer meets them, with their usual places. */
export const projectFiles = [
  { schema: 'spec', places: '`.specular/spec.yaml` or `spec.yaml`' },
  {
    schema: 'spec-lock',
    places: '`.specular/spec.lock.json` or `spec.lock.json`; written by `countersign lock`',
  },
  { schema: 'plan', places: '`plan.json` or `.specular/plan.json`' },
  { schema: 'routing', places: '`.specular/routing.yaml` or `routing.yaml`' },
  { schema: 'policy', places: '`.specular/policy.yaml`, others in `policies/`' },
  { schema: 'governance', places: '`.specular/policies.yaml`' },
  { schema: 'atlasbridge-policy-v0', places: 'anywhere, often in `policies/`' },
  { schema: 'atlasbridge-policy-v1', places: 'anywhere, often in `policies/`' },
  { schema: 'config', places: '`.specular/config.yaml`' },
  { schema: 'run-manifest', places: 'anywhere; one file a run' },
];

/**
 * @param {ReadonlyMap<string, Schema>} schemas by name
 * @returns {string} Markdown
 */
export function projectFilesPage(schemas) {
  return [
    '# Files of a project',
    '',
    'Generated from `schemas/`; `npm run codegen` writes it again.',
    '',
    'What a file is, is told by its content; the places are the usual ones. All are read by a small part of YAML and JSON: no anchors, no tags, no field twice, one document. Fields that are not listed are errors, and so are words that programs take for different things, such as `off` without quotes. `[]` stands for each entry of a list, `*` for any name.',
    '',
    ...projectFiles.flatMap(({ schema, places }) => section(schemas.get(schema) ?? {}, places)),
    '## .specularignore',
    '',
    'At the top of the project. Patterns as in `.gitignore`, one a line: what they match is not packed; `!` takes back, `#` begins a comment, letters count in the case that is written. Left out unless asked for are also `node_modules/`, `.DS_Store`, `Thumbs.db`, `*.sbundle.tgz` and `.specular/bundle.info`; `.git` is never packed. `--include` beats the file, and then what looks like a secret stops the build.',
    '',
  ].join('\n');
}

/**
 * @param {Schema} schema
 * @param {string} places
 */
function section(schema, places) {
  const rows = fields(schema, '', schema);
  return [
    `## ${schema.description.replace(/\.$/, '')}`,
    '',
    `Usual place: ${places}. Schema: \`${schema.$id.split('/').at(-1)}\`.`,
    '',
    '| Field | Value | Meaning |',
    '| --- | --- | --- |',
    ...rows.map(([name, value, meaning]) => `| \`${name}\` | ${cell(value)} | ${cell(meaning)} |`),
    '',
  ];
}

/**
 * @param {Schema} part
 * @param {string} prefix
 * @param {Schema} root
 * @param {readonly string[]} open definitions around it: one that holds itself is listed once
 * @returns {readonly (readonly [string, string, string])[]}
 */
function fields(part, prefix, root, open = []) {
  const required = new Set(part.required ?? []);
  /** @type {(readonly [string, Schema | false])[]} */
  const inner = Object.entries(part.properties ?? {});
  if (typeof part.additionalProperties === 'object') inner.push(['*', part.additionalProperties]);
  return inner.flatMap(([name, given]) => {
    if (given === false) return [];
    const one = resolve(given, root);
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const items = one.items === undefined ? null : resolve(one.items, root);
    const meaning =
      `${given.description ?? one.description ?? ''}${required.has(name) ? ' Needed.' : ''}`.trim();
    /** @type {readonly [string, string, string]} */
    const row = [path, valueOf(one, items), meaning];
    const ref = given.$ref ?? one.items?.$ref;
    if (open.includes(ref)) return [row];
    const inside = ref === undefined ? open : [...open, ref];
    const below = items === null ? fields(one, path, root, inside) : fields(items, `${path}[]`, root, inside);
    return [row, ...below];
  });
}

/**
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {Schema}
 */
function resolve(schema, root) {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolve(root.$defs[name], root);
}

/**
 * @param {Schema} schema
 * @param {Schema | null} items
 * @returns {string}
 */
function valueOf(schema, items) {
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined)
    return schema.enum.map((/** @type {string} */ one) => `\`${one}\``).join(', ');
  if (items !== null) {
    const few = schema.minItems > 0 ? ', at least one' : '';
    return items.type === 'object' ? `list of maps${few}` : `list of ${valueOf(items, null)}${few}`;
  }
  if (schema.type === 'object') return 'map';
  if (schema.type === 'boolean') return '`true` or `false`';
  if (schema.type === 'number' || schema.type === 'integer') return numbers(schema);
  return schema.pattern !== undefined && schema.pattern !== '\\S' ? `text, \`${schema.pattern}\`` : 'text';
}

/** @param {Schema} schema */
function numbers({ type, minimum, maximum }) {
  const kind = type === 'integer' ? 'whole number' : 'number';
  return minimum === undefined ? kind : `${kind} from ${minimum} to ${maximum}`;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|');
}
