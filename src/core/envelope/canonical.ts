import { equalBytes } from '../bytes/bytes.js';
import { canonicalJson } from '../canon/jcs.js';
import { parseJson, type JsonValue } from '../canon/json.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';

/** Kinds of signed document beside approvals, as a sentence names them. */
export type DocumentKind = 'request' | 'withdrawal';

interface Validator {
  (data: unknown): boolean;
  errors?: readonly { instancePath: string; message?: string; params: Record<string, unknown> }[] | null;
}

export type CanonicalRead<T> = { readonly document: T } | { readonly findings: readonly Finding[] };

/**
 * Reads a signed document of ours: strict JSON, its own RFC 8785 form, exactly the fields of the schema. So there is
 * one object, one text and one digest of it. `bytes` is attacker-controlled; never throws.
 */
export function readCanonical<T>(
  bytes: Uint8Array,
  kind: DocumentKind,
  bytesMax: number,
  validate: Validator,
  where: Place = {},
): CanonicalRead<T> {
  const refuse = (problem: string, place: Place = {}): CanonicalRead<T> => ({
    findings: [finding('document-refused', { kind, problem }, { where: { ...where, ...place } })],
  });
  if (bytes.length > bytesMax) return refuse(`it has more than ${bytesMax} bytes`);
  const read = parseJson(bytes, { bytesMax });
  if ('problem' in read) {
    const { message, byte, line } = read.problem;
    return refuse(message, { byte, line });
  }
  if (!equalBytes(canonicalJson(read.value), bytes)) return refuse('it is not written in its canonical form');
  if (!validate(read.value)) return refuse(schemaProblem(validate));
  return { document: read.value as unknown as T };
}

/** The bytes of a document from our own screens and commands, read back before anybody signs them. */
export function draftCanonical(
  value: JsonValue,
  kind: DocumentKind,
): { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly findings: readonly Finding[] } {
  if (texts(value).every((text) => text.isWellFormed())) return { bytes: canonicalJson(value) };
  return { findings: [finding('document-refused', { kind, problem: 'a text holds half of a character' })] };
}

function schemaProblem({ errors }: Validator): string {
  const error = errors?.[0];
  const field = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const extra = error?.params['additionalProperty'];
  if (typeof extra === 'string')
    return `it has a field "${extra.slice(0, 60)}" that the format does not have`;
  return `${field === '' ? 'it' : `"${field}"`} ${error?.message ?? 'is not as the format says'}`;
}

function texts(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}
