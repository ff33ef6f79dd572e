import type { Plain } from '../documents/readDocument.js';
import type { Span } from './places.js';
import { placed, type Fix, type Sheet } from './problem.js';
import { resolved, type Schema, type SchemaProblem } from './schema.js';

/** Ways to mend what a schema does not allow, the likeliest first. */
export function fixesFor(sheet: Sheet, { pointer, problem }: SchemaProblem, root: Schema): readonly Fix[] {
  if (problem.is === 'unknown') return unknownField(sheet, pointer, problem.name, problem.known);
  if (problem.is === 'choice') return choices(sheet, pointer, problem.allowed);
  if (problem.is === 'missing') return missing(sheet, pointer, problem.name, resolved(problem.schema, root));
  if (problem.is === 'type') return otherType(sheet, pointer, problem.wanted);
  return [];
}

/** A word that readers take for different things: in quotes it is text, and truth values have one spelling. */
export function fixesForUnclear(
  sheet: Sheet,
  pointer: string,
  text: string,
  boolean: boolean,
): readonly Fix[] {
  const span = valueSpan(sheet, pointer);
  if (span === null) return [];
  const truth = /^(?:yes|on|true)$/i.test(text) ? 'true' : /^(?:no|off|false)$/i.test(text) ? 'false' : null;
  const quoted = replace(`Put it in quotes: "${text}"`, span, JSON.stringify(text));
  if (truth === null) return [quoted];
  const plain = replace(`Write ${truth}`, span, truth);
  return boolean ? [plain, quoted] : [quoted, plain];
}

/** Tabs at the start of lines become two spaces each. */
export function fixForTabs({ text }: Sheet): readonly Fix[] {
  const edits = [...text.matchAll(/\t/g)]
    .slice(0, 1000)
    .map(({ index }) => ({ start: index, end: index + 1, text: '  ' }));
  return edits.length === 0 ? [] : [{ title: 'Replace every tab by two spaces', edits }];
}

/** Another value for a setting; adds it where it is not said. */
export function fixForValue(sheet: Sheet, pointer: string, safer: Plain): readonly Fix[] {
  const name = pointer.slice(pointer.lastIndexOf('/') + 1);
  const value = scalarText(safer);
  const found = sheet.map.places.get(pointer);
  if (found !== undefined) return [replace(`Write ${name}: ${value}`, found.value, value)];
  const parent = pointer.slice(0, pointer.lastIndexOf('/'));
  return sheet.map.places.has(parent) ? insertField(sheet, parent, name, value) : [];
}

/** A value as YAML that every reader takes for the same. */
export function scalarText(value: Plain): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const plain = /^[A-Za-z][A-Za-z0-9_./-]*$/.test(value);
  return plain && !/^(?:yes|no|on|off|true|false|null)$/i.test(value) ? value : JSON.stringify(value);
}

/** Names nearest to `name`, at most three edits away. */
export function nearest(name: string, known: readonly string[]): readonly string[] {
  const plain = (text: string): string => text.toLowerCase().replaceAll(/[-_.]/g, '');
  return known
    .map((one) => ({ one, away: plain(one) === plain(name) ? 0 : distance(name, one) }))
    .filter(({ one, away }) => away <= Math.min(3, Math.ceil(Math.max(name.length, one.length) / 3)))
    .toSorted((a, b) => a.away - b.away)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** Letters to add, drop or change. Long names are compared by their beginning alone. */
function distance(a: string, b: string): number {
  const [one, other] = [a.slice(0, 40), b.slice(0, 40)];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}

function unknownField(sheet: Sheet, pointer: string, name: string, known: readonly string[]): readonly Fix[] {
  const found = sheet.map.places.get(pointer);
  if (found?.key === null || found === undefined) return [];
  const { key, value } = found;
  const renames = nearest(name, known).map((one) => replace(`Write ${one}`, key, scalarText(one)));
  const from = sheet.text.lastIndexOf('\n', key.start - 1) + 1;
  // Between brackets a field shares its line with others: there only its name can be mended safely.
  if (sheet.text.slice(from, key.start).trim() !== '') return renames;
  const newline = sheet.text.indexOf('\n', Math.max(key.end, value.end - 1));
  const end = newline < 0 ? sheet.text.length : newline + 1;
  return [...renames, replace(`Remove ${name.slice(0, 60)}`, { start: from, end }, '')];
}

function choices(sheet: Sheet, pointer: string, allowed: readonly Plain[]): readonly Fix[] {
  const span = valueSpan(sheet, pointer);
  if (span === null) return [];
  const here = sheet.text.slice(span.start, span.end).replaceAll(/["']/g, '');
  const bare = (one: Plain): string => (typeof one === 'string' ? one : JSON.stringify(one));
  const near = nearest(here, allowed.map(bare));
  const rank = (one: Plain): number => (near.includes(bare(one)) ? near.indexOf(bare(one)) : 9);
  return [...allowed]
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 6)
    .map((one) => replace(`Write ${scalarText(one)}`, span, scalarText(one)));
}

function missing(sheet: Sheet, pointer: string, name: string, schema: Schema): readonly Fix[] {
  return insertField(sheet, pointer, name, startValue(schema));
}

/** A value to begin with. */
export function startValue(schema: Schema): string {
  const first = schema.const ?? schema.enum?.[0];
  if (first !== undefined) return scalarText(first);
  const type = Array.isArray(schema.type) ? (schema.type as readonly string[])[0] : schema.type;
  if (type === 'boolean') return 'true';
  if (type === 'integer' || type === 'number') return String(schema.minimum ?? 0);
  return type === 'array' ? '[]' : type === 'object' ? '{}' : '""';
}

function insertField(sheet: Sheet, pointer: string, name: string, value: string): readonly Fix[] {
  const found = placed(sheet, pointer);
  if (found === null) return [];
  const { start, end } = found.value;
  const title = `Add ${name}: ${value}`;
  const open = sheet.text[start];
  if (open === '{') {
    const empty = /^\{\s*\}$/.test(sheet.text.slice(start, end));
    return [
      { title, edits: [{ start: start + 1, end: start + 1, text: `${name}: ${value}${empty ? '' : ', '}` }] },
    ];
  }
  // A list, a text, or nothing: no field goes before it.
  if (open === '[' || open === '-' || start === end) return [];
  const column = start - (sheet.text.lastIndexOf('\n', start - 1) + 1);
  return [{ title, edits: [{ start, end: start, text: `${name}: ${value}\n${' '.repeat(column)}` }] }];
}

function otherType(sheet: Sheet, pointer: string, wanted: string): readonly Fix[] {
  const span = valueSpan(sheet, pointer);
  if (span === null) return [];
  const here = sheet.text.slice(span.start, span.end);
  const bare = /^(["'])(.*)\1$/.exec(here)?.[2];
  if (wanted === 'text' && bare === undefined && !here.includes('\n') && !/^[[{]/.test(here))
    return [replace('Put it in quotes', span, JSON.stringify(here))];
  if (wanted === 'a list' && !/^[[{]/.test(here) && !here.includes('\n') && here !== '')
    return [replace('Make it a list', span, `[${here}]`)];
  if (wanted === 'true or false' && bare !== undefined && /^(?:true|false)$/.test(bare))
    return [replace('Take the quotes away', span, bare)];
  if (/number/.test(wanted) && bare !== undefined && /^-?\d+(?:\.\d+)?$/.test(bare))
    return [replace('Take the quotes away', span, bare)];
  return [];
}

function valueSpan(sheet: Sheet, pointer: string): Span | null {
  return sheet.map.places.get(pointer)?.value ?? null;
}

function replace(title: string, { start, end }: Span, text: string): Fix {
  return { title, edits: [{ start, end, text }] };
}
