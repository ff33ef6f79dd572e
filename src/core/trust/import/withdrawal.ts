import { equalBytes } from '../../bytes/bytes.js';
import { parseTime } from '../../bytes/time.js';
import { readWithdrawal, WITHDRAWAL_NAMESPACE, type SignedWithdrawal } from '../../envelope/withdrawal.js';
import { finding } from '../../messages/finding.js';
import { verifySshsig } from '../../signature/sshsig.js';
import { findSigner, mayUseNamespace } from '../lookup.js';
import type { TrustSource } from '../readTrust.js';
import type { Person, Trust } from '../trust.js';
import { refusedImport, type Imported } from './imported.js';

/**
 * A withdrawal that somebody signed (docs/SPEC.md, "Withdrawals"): taken into the list when the person who has the key there
 * signed it, with this key or another one that counts. All bytes are attacker-controlled.
 *
 * @param now - RFC 3339.
 */
export function readWithdrawalFile(
  { name, bytes }: TrustSource,
  signature: Uint8Array | undefined,
  present: Trust | null,
  now: string,
): Imported {
  const read = readWithdrawal(bytes, { file: name });
  if ('findings' in read) return refusedImport('withdrawal', ...read.findings);
  const { what, at, reason } = read.withdrawal;
  if (what.is !== 'key') {
    const problem = 'it withdraws an approval; drop it on the bundle, a list of people has no approvals';
    return refusedImport('withdrawal', finding('import-field', { file: name, problem }));
  }
  const { fingerprint } = what;
  const problem = ownerProblem(
    read.withdrawal,
    fingerprint,
    signature,
    present,
    parseTime(now) ?? Number.NaN,
  );
  if (problem !== null)
    return refusedImport(
      'withdrawal',
      finding('withdrawal-not-by-owner', { fingerprint, problem }, { where: { file: name } }),
    );
  const withdrawn = [{ fingerprint, at, ...(reason === undefined ? {} : { reason }) }];
  return { kind: 'withdrawal', trust: { people: [], withdrawn, rules: [] }, keys: [], findings: [] };
}

function ownerProblem(
  { bytes, user }: SignedWithdrawal,
  fingerprint: string,
  signature: Uint8Array | undefined,
  present: Trust | null,
  now: number,
): string | null {
  const owner = present?.people.find(({ keys }) => keys.some((key) => key.fingerprint === fingerprint));
  if (present === null || owner === undefined) return 'nobody in your list has this key';
  if (![owner.id, ...owner.also].includes(user)) return 'it names another person than the list';
  if (signature === undefined) return 'its signature is missing';
  const check = verifySshsig(signature, bytes, WITHDRAWAL_NAMESPACE);
  if (check.outcome !== 'true' || check.key === null) return 'its signature does not fit';
  return isOwn(owner, check.key, fingerprint, present, now)
    ? null
    : 'it is signed by a key that does not count for this person';
}

/** The key itself may always say that it is not to be used any more, whatever its dates are. */
function isOwn(
  owner: Person,
  key: { readonly fingerprint: string; readonly blob: Uint8Array },
  withdrawn: string,
  present: Trust,
  now: number,
): boolean {
  if (key.fingerprint === withdrawn) return true;
  const match = findSigner(present, key, now);
  if (match === null || match.person.id !== owner.id || match.state !== 'current') return false;
  const { blob } = match.key;
  return (
    (blob === undefined || equalBytes(blob, key.blob)) && mayUseNamespace(match.key, WITHDRAWAL_NAMESPACE)
  );
}

/** Whether a file looks like a withdrawal; what it is, the reader decides. */
export function looksLikeWithdrawal(text: string): boolean {
  return text.startsWith('{') && text.includes('"urn:countersign:withdrawal:v1"');
}
