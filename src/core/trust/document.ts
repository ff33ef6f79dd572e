import { validate, type SchemaError } from '../generated/trust.validate.js';
import type { TrustDocument } from '../generated/trust.js';
import type { Finding, Place } from '../generated/report.js';
import { fixedLimits } from '../limits.js';
import { docProblemText, isPlainNull, type DocNode, type MapNode, type TextNode } from '../manifest/node.js';
import { readYaml } from '../manifest/yaml.js';
import { finding } from '../messages/finding.js';

/** A trust list after syntax and schema, before its meaning is looked at. */
export type TrustDocumentRead =
  | { readonly document: TrustDocument; readonly placeOf: (field: string) => Place }
  | { readonly findings: readonly Finding[] };

type Typed = string | number | boolean | Typed[] | { [name: string]: Typed };

/** Reads bytes of `trust.yaml` into the typed document that `schemas/trust.schema.json` describes. */
export function readTrustDocument(bytes: Uint8Array, file: string): TrustDocumentRead {
  const read = readYaml(bytes, { bytesMax: fixedLimits.trustBytesMax, crlf: true });
  if ('problem' in read) {
    const { kind, line } = read.problem;
    const where = { file, line };
    if (kind === 'too-large')
      return refused(finding('trust-too-large', { bytesMax: fixedLimits.trustBytesMax }, { where }));
    return refused(finding('trust-not-yaml', { problem: docProblemText[kind] }, { where }));
  }
  const kindProblem = checkKind(read.node, file);
  if (kindProblem !== null) return refused(kindProblem);
  const lines = new Map<string, number>();
  const value = typed(read.node, [], lines);
  const placeOf = (field: string): Place => ({ file, field, ...lineOf(field, lines) });
  if (validate(value)) return { document: value as unknown as TrustDocument, placeOf };
  return refused(schemaFinding(validate.errors?.[0], placeOf));
}

function refused(one: Finding): { findings: Finding[] } {
  return { findings: [one] };
}

/** Tells a list for another version or another tool from one of ours with a mistake in it. */
function checkKind(node: DocNode, file: string): Finding | null {
  if (node.kind !== 'map') return null;
  const schema = node.entries.get('schema');
  if (schema === undefined && node.entries.has('roles'))
    return finding('trust-older-shape', {}, { where: { file } });
  if (schema?.kind !== 'text' || schema.text === 'countersign.trust/v1') return null;
  return finding(
    'trust-schema-unknown',
    { schema: schema.text },
    { where: { file, line: schema.line, field: 'schema' } },
  );
}

// --- Typing: YAML gives text only; the schema says which fields are numbers and truth values -------------------

const INTEGERS = [/^serial$/, /^rules\.\d+\.roles\.[^.]*\.(?:threshold|maxAgeDays)$/];
const BOOLEANS = [/^rules\.\d+\.(?:differentPeople|legacyDialects)$/];

function typed(node: DocNode, path: readonly string[], lines: Map<string, number>): Typed {
  const field = path.join('.');
  lines.set(field, node.line);
  if (node.kind === 'list') return node.items.map((item, i) => typed(item, [...path, String(i)], lines));
  if (node.kind === 'map') return typedMap(node, path, lines);
  return typedText(node, field);
}

function typedMap(node: MapNode, path: readonly string[], lines: Map<string, number>): Typed {
  const object = Object.create(null) as { [name: string]: Typed };
  for (const [name, value] of node.entries) object[name] = typed(value, [...path, name], lines);
  return object;
}

/** Quoted text is never a number. What is not a bare decimal stays text, and the schema refuses it. */
function typedText(node: TextNode, field: string): Typed {
  const { text, plain } = node;
  if (isPlainNull(node)) return '';
  if (!plain) return text;
  if (INTEGERS.some((pattern) => pattern.test(field)) && /^(?:0|[1-9][0-9]{0,15})$/.test(text))
    return Number(text);
  if (BOOLEANS.some((pattern) => pattern.test(field)) && /^(?:true|false)$/.test(text))
    return text === 'true';
  return text;
}

/** The line of the field, or of the nearest field around it. */
function lineOf(field: string, lines: ReadonlyMap<string, number>): { line?: number } {
  const parts = field.split('.');
  for (let length = parts.length; length >= 0; length--) {
    const line = lines.get(parts.slice(0, length).join('.'));
    if (line !== undefined) return { line };
  }
  return {};
}

// --- Schema errors in plain words ------------------------------------------------------------------------------

function schemaFinding(error: SchemaError | undefined, placeOf: (field: string) => Place): Finding {
  const field = (error?.instancePath ?? '')
    .slice(1)
    .replaceAll('/', '.')
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
  const where = placeOf(field);
  const extra = error?.params['additionalProperty'];
  if (typeof extra === 'string') {
    return finding('trust-unknown-field', { field: extra, place: field || 'the top' }, { where });
  }
  return finding(
    'trust-field',
    { field: field || 'the top', problem: plainProblem(field, error) },
    { where },
  );
}

const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/\.threshold$/, 'a whole number from 1 to 1000, without quotes, was expected'],
  [/\.maxAgeDays$/, 'a whole number of days from 1 to 36500, without quotes, was expected'],
  [/^serial$/, 'a whole number from 0 on, without quotes, was expected'],
  [/\.(?:differentPeople|legacyDialects)$/, 'true or false, without quotes, was expected'],
  [
    /^people\.\d+\.(?:id|also\.\d+)$|\.people\.\d+$/,
    'one name without spaces, commas and wildcards was expected',
  ],
  [/\.(?:from|until|at)$/, 'a time with a zone, such as 2026-01-01T00:00:00Z, was expected'],
  [/fingerprint$/, 'SHA256: and 43 characters of base64 were expected'],
  [/\.openpgp$/, 'a whole fingerprint of 40 or 64 hex digits was expected'],
  [/\.origins\.\d+$/, 'a web origin such as https://sign.example.org, without a path, was expected'],
  [/\.roles$/, 'role names are 1 to 32 lower-case letters, digits and hyphens and begin with a letter'],
  [/\.level$/, 'L1, L2, L3 or L4 was expected'],
];

function plainProblem(field: string, error: SchemaError | undefined): string {
  if (error?.keyword === 'required') return `"${String(error.params['missingProperty'])}" is missing`;
  const known = EXPECTED.find(([pattern]) => pattern.test(field));
  return known?.[1] ?? error?.message ?? 'it has another form than the format allows';
}
