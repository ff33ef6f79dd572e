import { parseTime } from '../bytes/time.js';
import type { Finding, Place } from '../generated/report.js';
import type { WithdrawalDocument } from '../generated/withdrawal.js';
import { validate } from '../generated/withdrawal.validate.js';
import { finding } from '../messages/finding.js';
import { draftCanonical, readCanonical } from './canonical.js';

/** Namespace of signed withdrawals (docs/SPEC.md, "Withdrawals"). */
export const WITHDRAWAL_NAMESPACE = 'withdrawal@countersign';
/** `_type` of a withdrawal: tells it from an approval, whatever the file is called. */
export const WITHDRAWAL_TYPE = 'urn:countersign:withdrawal:v1';
const WITHDRAWAL_BYTES_MAX = 8192;

/** One key, or one approval, that is taken back. */
export type Withdrawn =
  | {
      readonly is: 'key';
      /** `SHA256:…`, or upper-case hex of an OpenPGP key. */ readonly fingerprint: string;
    }
  | { readonly is: 'approval'; /** `sha256:<hex>` of the statement's bytes. */ readonly statement: string };

export interface WithdrawalFields {
  readonly what: Withdrawn;
  /** RFC 3339: from then on. */
  readonly at: string;
  readonly user: string;
  readonly reason?: string;
}

/** What was signed, with its exact bytes. */
export interface SignedWithdrawal extends WithdrawalFields {
  readonly bytes: Uint8Array;
}

export type WithdrawalRead =
  { readonly withdrawal: SignedWithdrawal } | { readonly findings: readonly Finding[] };

/** The exact bytes to sign with {@link WITHDRAWAL_NAMESPACE}: RFC 8785, no final newline. */
export function prepareWithdrawal(
  fields: WithdrawalFields,
): { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly findings: readonly Finding[] } {
  const { what, at, user, reason } = fields;
  const draft = draftCanonical(
    {
      _type: WITHDRAWAL_TYPE,
      at,
      user,
      ...(what.is === 'key' ? { key: what.fingerprint } : { approval: what.statement }),
      ...(reason === undefined || reason === '' ? {} : { reason }),
    },
    'withdrawal',
  );
  if ('findings' in draft) return draft;
  const read = readWithdrawal(draft.bytes);
  return 'findings' in read ? read : draft;
}

/** Reads a withdrawal; who may give it is asked where approvals are judged. `bytes` is attacker-controlled. */
export function readWithdrawal(bytes: Uint8Array, where: Place = {}): WithdrawalRead {
  const read = readCanonical<WithdrawalDocument>(bytes, 'withdrawal', WITHDRAWAL_BYTES_MAX, validate, where);
  if ('findings' in read) return read;
  const { at, user, reason, key, approval } = read.document;
  const refuse = (problem: string): WithdrawalRead => ({
    findings: [finding('document-refused', { kind: 'withdrawal', problem }, { where })],
  });
  if (parseTime(at) === null) return refuse('"at" is not a time with a zone');
  if ((key === undefined) === (approval === undefined))
    return refuse('it names not exactly one of "key" and "approval"');
  const what: Withdrawn =
    key === undefined ? { is: 'approval', statement: approval! } : { is: 'key', fingerprint: key };
  return { withdrawal: { bytes, what, at, user, ...(reason === undefined ? {} : { reason }) } };
}
