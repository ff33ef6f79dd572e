import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import Ajv2020 from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { afterAll, expect, test } from 'vitest';
import { describeShared, sharedPath } from './shared.js';

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly {
    readonly description: string;
    readonly data: unknown;
    readonly valid: boolean;
  }[];
}

type Validate = (data: unknown) => boolean;

/** Keywords whose values are schemas by name, one schema, or a list of them. */
const MAPS = ['properties', '$defs', 'patternProperties', 'dependentSchemas'];
const SINGLE = ['items', 'additionalProperties', 'propertyNames', 'if', 'then', 'else', 'not', 'contains'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];

function keywordsOf(schema: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return found;
  for (const [name, value] of Object.entries(schema)) {
    found.add(name);
    if (MAPS.includes(name)) for (const inner of Object.values(value as object)) keywordsOf(inner, found);
    if (SINGLE.includes(name)) keywordsOf(value, found);
    if (LISTS.includes(name)) for (const inner of value as readonly unknown[]) keywordsOf(inner, found);
  }
  return found;
}

/** What the schemas of this project are written in; everything else the generated validators never meet. */
const schemas = new URL('../schemas/', import.meta.url);
const used = new Set(
  readdirSync(schemas)
    .filter((name) => name.endsWith('.schema.json'))
    .flatMap((name) => [...keywordsOf(JSON.parse(readFileSync(new URL(name, schemas), 'utf8')))]),
);

/** Tests whose outcome is another one on purpose. */
const KNOWN: Readonly<Record<string, string>> = {
  'one grapheme is long enough': 'lengths count UTF-16 units, as all limits of this program do',
  'one grapheme is not long enough': 'lengths count UTF-16 units, as all limits of this program do',
  '__proto__ not valid': 'the library passes over a property of that name, which no schema here has',
  'two graphemes is long enough': 'lengths count UTF-16 units, as all limits of this program do',
};

// The package says of itself that it has a default export; what is imported is the module around it.
const toCode = (
  standaloneCode as unknown as { readonly default: (ajv: Ajv2020, validate: unknown) => string }
).default;

/** The same settings and the same way to code as src/tools/codegen.mjs. */
function validatorOf(schema: unknown): Validate | string {
  const ajv = new Ajv2020({
    code: { source: true, esm: false, lines: true },
    unicode: false,
    unicodeRegExp: true,
    allErrors: false,
    strict: true,
    strictTypes: false,
    messages: true,
    logger: false,
  });
  let source: string;
  try {
    source = toCode(ajv, ajv.compile(schema as object));
  } catch (error) {
    return `the generator refuses it: ${error instanceof Error ? error.message.slice(0, 60) : ''}`;
  }
  if (/require\(/.test(source)) return 'the generator refuses validators that need a module at run time';
  const holder: { exports: unknown } = { exports: {} };
  const load = compileFunction(source, ['module', 'exports', 'require']) as (
    module: object,
    exports: unknown,
    require: NodeJS.Require,
  ) => void;
  load(holder, holder.exports, createRequire(import.meta.url));
  return holder.exports as Validate;
}

/** As the readers give values to the validators: objects without a prototype. */
function asRead(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asRead);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, asRead(inner)] as const);
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries));
}

const skipped = new Map<string, number>();
function skip(reason: string, count: number): void {
  skipped.set(reason, (skipped.get(reason) ?? 0) + count);
}

describeShared('the JSON Schema test suite, by the generated validators', () => {
  let run = 0;
  const folder = sharedPath('corpora', 'json-schema', 'draft2020-12');
  afterAll(() => {
    const rows = [...skipped].sort(([, a], [, b]) => b - a).map(([reason, count]) => `  ${count}  ${reason}`);
    console.log(`JSON Schema test suite: ${run} tests run, skipped:\n${rows.join('\n')}`);
    expect(run).toBeGreaterThan(200);
  });

  test.each(readdirSync(folder))('%s', (file) => {
    const content = JSON.parse(
      readFileSync(sharedPath('corpora', 'json-schema', 'draft2020-12', file), 'utf8'),
    ) as readonly Group[] | { readonly groups: readonly Group[] };
    for (const { description, schema, tests } of 'groups' in content ? content.groups : content) {
      const foreign = [...keywordsOf(schema)].filter((name) => !used.has(name)).sort();
      if (foreign.length > 0 || typeof schema === 'boolean') {
        skip(`no schema here uses ${foreign[0] ?? 'true or false as a whole schema'}`, tests.length);
        continue;
      }
      const validate = validatorOf(schema);
      if (typeof validate === 'string') {
        skip(validate, tests.length);
        continue;
      }
      for (const one of tests) {
        const reason = KNOWN[one.description];
        if (reason !== undefined) skip(reason, 1);
        else expect(validate(asRead(one.data)), `${description}: ${one.description}`).toBe(one.valid);
        run += reason === undefined ? 1 : 0;
      }
    }
  });
});
