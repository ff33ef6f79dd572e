import { toUtf8 } from '../bytes/text.js';
import { parseJson, type JsonObject, type JsonValue } from '../canon/json.js';
import { fixedLimits } from '../limits.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { parseTime } from '../bytes/time.js';
import type { LegacyApproval } from './approval.js';

export type LegacyRead =
  | { readonly approval: LegacyApproval; readonly findings: readonly Finding[] }
  | { readonly approval: null; readonly findings: readonly Finding[] };

const REQUIRED = ['role', 'user', 'signed_at', 'signature', 'signature_type', 'public_key'] as const;
const OPTIONAL = ['public_key_fingerprint', 'comment'] as const;
const KNOWN: readonly string[] = [...REQUIRED, ...OPTIONAL, 'metadata'];
/** Fields that become lines of the signed text. */
const SIGNED_LINES = ['role', 'user', 'signed_at', 'comment'] as const;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/**
 * Reads a detached approval of the released CLI (docs/SPEC.md, "Legacy approvals"): strict JSON, the
 * fields that matter typed. `metadata` and fields that we do not know are not signed and are left alone.
 */
export function readLegacyApproval(bytes: Uint8Array, where: Place = {}): LegacyRead {
  const read = parseJson(bytes, { bytesMax: fixedLimits.scalarBytesMax });
  if ('problem' in read) {
    const { message, byte, line } = read.problem;
    return refused(
      finding('legacy-approval-malformed', { problem: message }, { where: { ...where, byte, line } }),
    );
  }
  if (!isObject(read.value)) return malformed('it is not one object', where);
  return typed(read.value, where);
}

/** Whether `value` has the shape drawn in the first specification: a bare digest and no signature type. */
export function isPlannedApproval(value: JsonValue): boolean {
  return (
    isObject(value) &&
    'role' in value &&
    'digest' in value &&
    !('signature_type' in value) &&
    !('_type' in value)
  );
}

function typed(object: JsonObject, where: Place): LegacyRead {
  const alias = Object.keys(object).find(
    (name) => !KNOWN.includes(name) && KNOWN.includes(name.toLowerCase()),
  );
  if (alias !== undefined) return malformed(`the field "${alias}" is another spelling of a known one`, where);
  const wrong = REQUIRED.find((name) => typeof object[name] !== 'string' || object[name] === '');
  if (wrong !== undefined) return malformed(`the field "${wrong}" is missing or is no text`, where);
  const odd = OPTIONAL.find((name) => object[name] !== undefined && typeof object[name] !== 'string');
  if (odd !== undefined) return malformed(`the field "${odd}" is no text`, where);
  const approval = approvalOf(object as Readonly<Record<string, string>>);
  const problem = lineProblem(approval, where);
  if (problem !== null) return refused(problem);
  const extra = Object.keys(object).filter((name) => !KNOWN.includes(name));
  const note = extra.map((field) =>
    finding('legacy-approval-extra-field', { field }, { where: { ...where, field } }),
  );
  return { approval, findings: note };
}

function approvalOf(fields: Readonly<Record<string, string>>): LegacyApproval {
  const { role, user, signature, comment } = fields as Record<'role' | 'user' | 'signature', string> & {
    comment?: string;
  };
  return {
    role,
    user,
    signedAt: fields['signed_at']!,
    ...(comment === undefined || comment === '' ? {} : { comment }),
    signatureType: fields['signature_type']!,
    signature,
    publicKey: fields['public_key']!,
    ...(fields['public_key_fingerprint'] === undefined
      ? {}
      : { declaredFingerprint: fields['public_key_fingerprint'] }),
  };
}

/**
 * The signed text joins role, user, time and comment as lines without escaping, so a line feed inside one
 * of them forges the next (hostile input S29). The true signature over such a text proves nothing about
 * its fields: refused before any signature is looked at.
 */
function lineProblem(approval: LegacyApproval, where: Place): Finding | null {
  const texts = {
    role: approval.role,
    user: approval.user,
    signed_at: approval.signedAt,
    comment: approval.comment ?? '',
  };
  const field = SIGNED_LINES.find((name) => CONTROL.test(texts[name]));
  if (field !== undefined) {
    return finding(
      'legacy-approval-line-break',
      { field },
      { where: { ...where, field }, found: texts[field] },
    );
  }
  if (parseTime(approval.signedAt) !== null) return null;
  return finding(
    'legacy-approval-time',
    { text: approval.signedAt },
    { where: { ...where, field: 'signed_at' } },
  );
}

/**
 * The text that the released CLI signs: UTF-8, a line feed after every line.
 *
 * @param archiveSha256 - SHA-256 of the whole `.tgz`, 64 lower-case hex digits.
 */
export function legacyMessage(
  approval: LegacyApproval,
  archiveSha256: string,
): { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly findings: readonly Finding[] } {
  const problem = lineProblem(approval, {});
  if (problem !== null) return { findings: [problem] };
  if (!/^[0-9a-f]{64}$/.test(archiveSha256)) return { findings: [finding('legacy-approval-no-archive', {})] };
  const lines = [
    'SPECULAR BUNDLE APPROVAL',
    `Bundle Digest: sha256:${archiveSha256}`,
    `Role: ${approval.role}`,
    `User: ${approval.user}`,
    `Timestamp: ${wholeSeconds(approval.signedAt)}`,
    ...(approval.comment === undefined || approval.comment === '' ? [] : [`Comment: ${approval.comment}`]),
  ];
  return { bytes: toUtf8(lines.map((line) => `${line}\n`).join('')) };
}

/** As Go's RFC 3339 layout prints it: fraction cut, offset kept, an offset of zero written `Z`. */
function wholeSeconds(signedAt: string): string {
  return signedAt.replace(/\.\d+/, '').replace(/[+-]00:00$/, 'Z');
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(problem: string, where: Place): LegacyRead {
  return refused(finding('legacy-approval-malformed', { problem }, { where }));
}

function refused(one: Finding): LegacyRead {
  return { approval: null, findings: [one] };
}
