import { canonicalJson } from '../canon/jcs.js';
import { parseJson, type JsonValue } from '../canon/json.js';
import { equalBytes } from '../bytes/bytes.js';
import { fixedLimits } from '../limits.js';
import type { ApprovalDocument } from '../generated/approval.js';
import { validate } from '../generated/approval.validate.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { parseTime } from '../bytes/time.js';
import type { ApprovalStatement } from './approval.js';

const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
const APPROVAL_TYPE = 'urn:countersign:approval:v1';
const FILE_APPROVAL_TYPE = 'urn:countersign:file-approval:v1';

export type StatementRead =
  { readonly statement: ApprovalStatement } | { readonly findings: readonly Finding[] };

/** What {@link writeStatement} needs; the bytes are what it makes. */
export type StatementFields = Omit<ApprovalStatement, 'bytes'>;

/**
 * Reads the statement of an approval (docs/SPEC.md, "Approvals"). The bytes are attacker-controlled. They
 * must be their own RFC 8785 form, so that there is one object, one text and one digest of it: what is
 * shown is what was signed.
 */
export function readStatement(bytes: Uint8Array, where: Place = {}): StatementRead {
  const read = parseJson(bytes, { bytesMax: fixedLimits.scalarBytesMax });
  if ('problem' in read) {
    const { message, byte, line } = read.problem;
    return refused(finding('statement-not-json', { problem: message }, { where: { ...where, byte, line } }));
  }
  if (!equalBytes(canonicalJson(read.value), bytes))
    return refused(finding('statement-not-canonical', {}, { where }));
  if (!validate(read.value)) return refused(schemaFinding(read.value, where));
  const statement = statementOf(read.value as unknown as ApprovalDocument, bytes);
  const findings = [...checkSubject(statement, where), ...checkTimes(statement, where)];
  return findings.length > 0 ? { findings } : { statement };
}

/**
 * The exact bytes to be signed. The fields come from our own screens and commands.
 *
 * @throws RangeError when the fields make no statement that {@link readStatement} would read; ask
 * {@link draftStatement} first where a person typed them.
 */
export function writeStatement(fields: StatementFields): Uint8Array<ArrayBuffer> {
  const draft = draftStatement(fields);
  if ('findings' in draft) throw new RangeError(draft.findings.map(({ message }) => message).join(' '));
  return draft.bytes;
}

/** {@link writeStatement}, but what is wrong with the fields comes back as findings. */
export function draftStatement(
  fields: StatementFields,
): { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly findings: readonly Finding[] } {
  const document = documentOf(fields);
  if (!texts(document).every((text) => text.isWellFormed())) {
    return refused(finding('statement-field', { field: 'text', problem: 'holds half of a surrogate pair' }));
  }
  const bytes = canonicalJson(document);
  const read = readStatement(bytes);
  return 'findings' in read ? read : { bytes };
}

function refused(...findings: Finding[]): { findings: Finding[] } {
  return { findings };
}

function schemaFinding(value: JsonValue, where: Place): Finding {
  const error = validate.errors?.[0];
  const field = (error?.instancePath ?? '').slice(1).replaceAll('/', '.') || 'statement';
  const place = { ...where, field };
  const extra = error?.params['additionalProperty'];
  if (typeof extra === 'string')
    return finding('statement-unknown-field', { field: `${field}.${extra}` }, { where: place });
  const type = isObject(value) ? value['predicateType'] : undefined;
  if (field === 'predicateType')
    return finding('statement-type', { type: typeof type === 'string' ? type : 'none' }, { where: place });
  return finding(
    'statement-field',
    { field, problem: error?.message ?? 'is not as the format says' },
    { where: place },
  );
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function statementOf(
  { predicate, predicateType, subject }: ApprovalDocument,
  bytes: Uint8Array,
): ApprovalStatement {
  const [{ name, digest }] = subject;
  const { bundle, comment, decision, expires, key, role, signedAt, user } = predicate;
  return {
    kind: predicateType === APPROVAL_TYPE ? 'bundle' : 'file',
    bytes,
    subjectSha256: digest.sha256,
    subjectName: name,
    bundle: { id: bundle.id, version: bundle.version, contentRoot: bundle.contentRoot },
    decision,
    role,
    user,
    signedAt,
    ...(expires === undefined ? {} : { expires }),
    ...(comment === undefined ? {} : { comment }),
    ...(key === undefined ? {} : { key }),
  };
}

/** A bundle approval is about manifest.yaml; a file approval is about anything else, so neither passes for the other. */
function checkSubject({ kind, subjectName }: ApprovalStatement, where: Place): Finding[] {
  if ((kind === 'bundle') === (subjectName === 'manifest.yaml')) return [];
  return [
    finding('statement-subject', { name: subjectName }, { where: { ...where, field: 'subject.0.name' } }),
  ];
}

function checkTimes({ signedAt, expires }: ApprovalStatement, where: Place): Finding[] {
  const bad = (field: string, text: string) =>
    finding('statement-time', { field, text }, { where: { ...where, field: `predicate.${field}` } });
  const start = parseTime(signedAt);
  if (start === null) return [bad('signedAt', signedAt)];
  if (expires === undefined) return [];
  const end = parseTime(expires);
  if (end === null) return [bad('expires', expires)];
  return end > start ? [] : [finding('statement-expires-first', { signedAt, expires }, { where })];
}

function documentOf(fields: StatementFields): JsonObjectDraft {
  const { bundle, comment, decision, expires, key, role, signedAt, user } = fields;
  return {
    _type: STATEMENT_TYPE,
    predicateType: fields.kind === 'bundle' ? APPROVAL_TYPE : FILE_APPROVAL_TYPE,
    subject: [{ digest: { sha256: fields.subjectSha256 }, name: fields.subjectName }],
    predicate: {
      bundle: { contentRoot: bundle.contentRoot, id: bundle.id, version: bundle.version },
      decision,
      role,
      signedAt,
      user,
      ...(comment === undefined || comment === '' ? {} : { comment }),
      ...(expires === undefined ? {} : { expires }),
      ...(key === undefined ? {} : { key }),
    },
  };
}

interface JsonObjectDraft {
  readonly [key: string]: JsonValue;
}

function texts(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}
