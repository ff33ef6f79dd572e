import { parseJson } from '../canon/json.js';
import type { Finding, Place } from '../generated/report.js';
import { docProblemText, type DocNode } from '../manifest/node.js';
import { readYaml } from '../manifest/yaml.js';
import { finding } from '../messages/finding.js';

/** A document given whole, with the name that it has for the reader. */
export interface DocumentSource {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A value of a document: objects have no prototype. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainMap;
export interface PlainMap {
  readonly [name: string]: Plain;
}

export interface RawDocument {
  readonly value: Plain;
  /** Place of a JSON pointer (RFC 6901), or of the nearest field around it. */
  readonly placeOf: (pointer: string) => Place;
}

export type RawRead = RawDocument | { readonly findings: readonly Finding[] };

export interface TypedDocument<T> extends RawDocument {
  readonly document: T;
}
export type TypedRead<T> = TypedDocument<T> | { readonly findings: readonly Finding[] };

/** What the generated validators look like. */
export interface Validator {
  (data: unknown): boolean;
  errors?:
    | {
        readonly instancePath: string;
        readonly keyword: string;
        readonly message?: string;
        readonly params: Record<string, unknown>;
      }[]
    | null;
}

/** Largest document of a project that is read, in bytes. */
export const PROJECT_DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

/** Reads and checks one document by its schema. Attacker-controlled bytes; never throws. */
export function readTyped<T>(source: DocumentSource, validate: Validator): TypedRead<T> {
  const raw = readRaw(source);
  return 'findings' in raw ? raw : checkTyped<T>(raw, validate);
}

export function checkTyped<T>(raw: RawDocument, validate: Validator): TypedRead<T> {
  if (validate(raw.value)) return { ...raw, document: raw.value as unknown as T };
  return { findings: [schemaFinding(validate, raw)] };
}

/** Reads YAML, or JSON where the name ends in `.json`, without a schema. */
export function readRaw({ name, bytes }: DocumentSource): RawRead {
  const yaml = readYaml(bytes, { bytesMax: PROJECT_DOCUMENT_BYTES_MAX, crlf: true });
  if (name.endsWith('.json')) {
    const json = parseJson(bytes, { bytesMax: PROJECT_DOCUMENT_BYTES_MAX });
    if ('problem' in json) return unreadable(json.problem.message, { file: name, line: json.problem.line });
    const lines = new Map<string, number>();
    if ('node' in yaml) typed(yaml.node, '', lines, []);
    return { value: json.value, placeOf: placer(name, lines) };
  }
  if ('problem' in yaml) {
    return unreadable(docProblemText[yaml.problem.kind], { file: name, line: yaml.problem.line });
  }
  const lines = new Map<string, number>();
  const unclear: { readonly pointer: string; readonly text: string }[] = [];
  const value = typed(yaml.node, '', lines, unclear);
  const placeOf = placer(name, lines);
  if (unclear.length === 0) return { value, placeOf };
  return {
    findings: unclear
      .slice(0, 50)
      .map(({ pointer, text }) =>
        finding('document-ambiguous', {}, { where: placeOf(pointer), found: text }),
      ),
  };
}

function unreadable(problem: string, where: Place): { findings: Finding[] } {
  return { findings: [finding('document-unreadable', { problem }, { where })] };
}

/** A text of a document, or the empty text where something else stands. */
export function textOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** One step of a JSON pointer. */
export function step(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function placer(file: string, lines: ReadonlyMap<string, number>): (pointer: string) => Place {
  return (pointer) => {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const line = lines.get(at);
      if (line !== undefined) return { file, line, field: pointer };
      if (at === '') return { file, field: pointer };
    }
  };
}

/** Words that YAML 1.1 and 1.2 readers, or readers of one language and another, take for different things. */
const UNCLEAR =
  /^(?:yes|no|on|off|true|false|null|~|)$|^[-+]?0[0-9_]+$|^[-+]?0[xob]|^[-+]?[0-9][0-9_]*_[0-9_]*|^[-+]?[0-9]+(?::[0-5]?[0-9])+|^[-+]?\.(?:inf|[0-9])|^\.nan$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|^[-+]?[0-9.]+e[-+]?[0-9]+$|^\+[0-9]|^[0-9]+\.$|^=$/i;

function typed(
  node: DocNode,
  pointer: string,
  lines: Map<string, number>,
  unclear: { readonly pointer: string; readonly text: string }[],
): Plain {
  lines.set(pointer, node.line);
  if (node.kind === 'list') {
    return node.items.map((item, at) => typed(item, pointer + step(at), lines, unclear));
  }
  if (node.kind === 'map') {
    const map = Object.create(null) as Record<string, Plain>;
    for (const [name, value] of node.entries) map[name] = typed(value, pointer + step(name), lines, unclear);
    return map;
  }
  const { text, plain } = node;
  if (!plain) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?$/.test(text)) return Number(text);
  if (UNCLEAR.test(text)) unclear.push({ pointer, text });
  return text;
}

function schemaFinding(validate: Validator, { placeOf }: RawDocument): Finding {
  const error = validate.errors?.[0];
  const pointer = error?.instancePath ?? '';
  const extra = error?.params['additionalProperty'];
  if (typeof extra === 'string') {
    const where = placeOf(pointer + step(extra));
    return finding('document-unknown-field', { field: extra, place: pointer || 'the file' }, { where });
  }
  const problem = plainProblem(error);
  return finding('document-field', { field: pointer || 'the file', problem }, { where: placeOf(pointer) });
}

function plainProblem(error: NonNullable<Validator['errors']>[number] | undefined): string {
  const { keyword = '', params = {}, message = 'it does not fit' } = error ?? {};
  if (keyword === 'required') return `"${String(params['missingProperty'])}" is missing`;
  if (keyword === 'enum') return `one of ${String(params['allowedValues'])} was expected`;
  if (keyword === 'const') return `"${String(params['allowedValue'])}" was expected`;
  if (keyword === 'false schema') return 'it does not belong to this kind of action';
  return message;
}
