import { parseTime } from '../bytes/time.js';
import type { RequestDocument } from '../generated/request.js';
import { validate } from '../generated/request.validate.js';
import type { Finding, Place } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { draftCanonical, readCanonical } from './canonical.js';
import { REQUEST_TYPE } from './kinds.js';

/** Namespace of signed requests (docs/SPEC.md, "Requests"). */
export const REQUEST_NAMESPACE = 'request@countersign';
/** A request fits one QR code: version 27 at level L holds 1,465 bytes. */
export const REQUEST_BYTES_MAX = 1200;

/** What somebody is asked to approve. All of it is a claim of whoever wrote the request. */
export interface ApprovalRequest {
  readonly bundle: {
    /** `sha256:<hex>` of manifest.yaml. */
    readonly digest: string;
    readonly id: string;
    readonly version: string;
    readonly contentRoot: string;
    /** Name of the archive, a hint for finding it. */
    readonly archive?: string;
  };
  readonly roles: readonly string[];
  readonly from: string;
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly note?: string;
  readonly expires?: string;
}

export type RequestRead =
  | { readonly request: ApprovalRequest & { readonly bytes: Uint8Array } }
  | { readonly findings: readonly Finding[] };

/** The bytes of a request: RFC 8785, no final newline, the same in a file and in a QR code. */
export function prepareRequest(
  fields: ApprovalRequest,
): { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly findings: readonly Finding[] } {
  const { bundle, roles, from, requestedAt, note, expires } = fields;
  const { digest, id, version, contentRoot, archive } = bundle;
  const draft = draftCanonical(
    {
      _type: REQUEST_TYPE,
      bundle: { contentRoot, digest, id, version, ...(archive === undefined ? {} : { archive }) },
      from,
      requestedAt,
      roles: [...roles],
      ...(note === undefined || note === '' ? {} : { note }),
      ...(expires === undefined ? {} : { expires }),
    },
    'request',
  );
  if ('findings' in draft) return draft;
  const read = readRequest(draft.bytes);
  return 'findings' in read ? read : draft;
}

/** Reads a request. `bytes` is attacker-controlled: compare the digest with the bundle before anybody signs. */
export function readRequest(bytes: Uint8Array, where: Place = {}): RequestRead {
  const read = readCanonical<RequestDocument>(bytes, 'request', REQUEST_BYTES_MAX, validate, where);
  if ('findings' in read) return read;
  const { bundle, roles, from, requestedAt, note, expires } = read.document;
  const refuse = (problem: string): RequestRead => ({
    findings: [finding('document-refused', { kind: 'request', problem }, { where })],
  });
  const start = parseTime(requestedAt);
  if (start === null) return refuse('"requestedAt" is not a time with a zone');
  const end = expires === undefined ? null : parseTime(expires);
  if (expires !== undefined && (end === null || end <= start))
    return refuse('"expires" is not a later time with a zone');
  return {
    request: {
      bytes,
      bundle: { ...bundle },
      roles: [...roles],
      from,
      requestedAt,
      ...(note === undefined ? {} : { note }),
      ...(expires === undefined ? {} : { expires }),
    },
  };
}
