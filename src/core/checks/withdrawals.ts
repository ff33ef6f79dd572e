import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../bytes/hex.js';
import type { ApprovalStatement, Evidence, EvidenceSignature } from '../envelope/approval.js';
import { WITHDRAWAL_NAMESPACE, type SignedWithdrawal } from '../envelope/withdrawal.js';
import type { Finding, LooseReport } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { say, type Said } from '../messages/say.js';
import type { SignatureCheck } from '../signature/signature.js';
import { verifySshsig } from '../signature/sshsig.js';
import { allowedOrigins, findSigner, mayUseNamespace } from '../trust/lookup.js';
import { parseTime } from '../trust/time.js';
import type { Trust } from '../trust/trust.js';
import type { JudgedApproval } from './approvals.js';
import type { OpenPgpDesk } from './certificates.js';

interface WithdrawalSigner {
  readonly fingerprint: string;
  /** Whom the reader's list gives for the key, if it may speak today; null for everybody else. */
  readonly person: string | null;
}

/** A withdrawal whose signature was checked. With a `problem` it takes nothing back. */
export interface CheckedWithdrawal {
  readonly file: string;
  readonly withdrawal: SignedWithdrawal;
  readonly signers: readonly WithdrawalSigner[];
  readonly problem: Finding | null;
}

/** By file of the withdrawal: the inputs that it concerned, and whether somebody without a say tried. */
export type WithdrawalEffects = Map<string, { readonly inputs: Set<number>; stranger: boolean }>;

/**
 * Checks who signed each withdrawal (docs/SPEC.md, "Withdrawals"). Everything but `trust` is attacker-controlled. What
 * comes out can only make a verdict worse, and only if the key itself or its person says so.
 *
 * @param now - milliseconds since 1970; a withdrawal counts from its own time on.
 */
export function checkWithdrawals(
  files: readonly Evidence[],
  trust: Trust | null,
  now: number,
  openPgp: OpenPgpDesk,
): CheckedWithdrawal[] {
  return files.flatMap(({ file, withdrawal, signatures }) => {
    if (withdrawal === undefined) return [];
    const checks = signatures.map((one) => checkSignature(one, withdrawal, openPgp));
    const signers = checks.flatMap((check) => signerOf(check, trust, now));
    const reason = reasonAgainst(withdrawal, signers, signatures.length, trust);
    if (reason !== null) return [{ file, withdrawal, signers, problem: ignored(file, reason) }];
    const early = (parseTime(withdrawal.at) ?? -Infinity) > now;
    const where = { where: { file } };
    const problem = early ? finding('withdrawal-not-yet', { file, at: withdrawal.at }, where) : null;
    return [{ file, withdrawal, signers, problem }];
  });
}

function checkSignature(
  { kind, bytes }: EvidenceSignature,
  withdrawal: SignedWithdrawal,
  openPgp: OpenPgpDesk,
): SignatureCheck {
  if (kind === 'sshsig') return verifySshsig(bytes, withdrawal.bytes, WITHDRAWAL_NAMESPACE);
  if (kind === 'openpgp' && openPgp.isUsed) return openPgp.verify(bytes, withdrawal.bytes);
  return { outcome: 'could-not-check', key: null, findings: [] };
}

/** A key speaks for its person only while the list lets it; for itself it may always speak, to its own harm. */
function signerOf(
  { outcome, key, origin }: SignatureCheck,
  trust: Trust | null,
  now: number,
): WithdrawalSigner[] {
  if (outcome !== 'true' || key === null) return [];
  const match = trust === null ? null : findSigner(trust, key, now);
  const speaks =
    match?.state === 'current' &&
    mayUseNamespace(match.key, WITHDRAWAL_NAMESPACE) &&
    (origin === undefined || allowedOrigins(match.key, key.application ?? '').includes(origin));
  return [{ fingerprint: key.fingerprint, person: speaks ? match.person.id : null }];
}

function reasonAgainst(
  { what }: SignedWithdrawal,
  signers: readonly WithdrawalSigner[],
  signatures: number,
  trust: Trust | null,
): Said | null {
  if (signatures === 0) return say('withdrawal-unsigned');
  if (signers.length === 0) return say('withdrawal-signature');
  if (what.is === 'approval') return null;
  const owners = (trust?.people ?? []).filter(({ keys }) =>
    keys.some(({ fingerprint }) => fingerprint === what.fingerprint),
  );
  const entitled = signers.some(
    ({ fingerprint, person }) => fingerprint === what.fingerprint || owners.some(({ id }) => id === person),
  );
  return entitled ? null : strangerReason(signers);
}

function strangerReason(signers: readonly WithdrawalSigner[]): Said {
  return say('withdrawal-stranger', { signer: signers[0]?.fingerprint ?? 'nobody' });
}

function ignored(file: string, reason: Said): Finding {
  return finding('withdrawal-ignored', { file, reason: reason.text }, { where: { file }, says: { reason } });
}

/** The approval as it stands after the withdrawals; `index` of the input is noted in `effects` where one took hold. */
export function takeBack(
  approval: JudgedApproval,
  statement: ApprovalStatement | null,
  withdrawals: readonly CheckedWithdrawal[],
  index: number,
  effects: WithdrawalEffects,
): JudgedApproval {
  const { key, signature } = approval;
  if (key === null || (signature !== 'true' && signature !== 'weak')) return approval;
  let after = approval;
  for (const one of withdrawals) {
    if (one.problem !== null || !names(one.withdrawal, key.fingerprint, statement)) continue;
    const { what, at } = one.withdrawal;
    const entitled =
      what.is === 'key' ||
      one.signers.some(
        ({ fingerprint, person }) =>
          fingerprint === key.fingerprint || (person !== null && person === approval.signer?.person.id),
      );
    const effect = effects.get(one.file) ?? { inputs: new Set<number>(), stranger: false };
    effects.set(one.file, effect);
    if (!entitled) {
      effect.stranger = true;
      continue;
    }
    effect.inputs.add(index);
    after =
      what.is === 'key' ? withoutKey(after, at) : { ...after, takenBackAt: earlier(at, after.takenBackAt) };
  }
  return after;
}

function names(
  { what }: SignedWithdrawal,
  fingerprint: string,
  statement: ApprovalStatement | null,
): boolean {
  if (what.is === 'key') return what.fingerprint === fingerprint;
  return statement !== null && what.statement === `sha256:${toHex(sha256(statement.bytes))}`;
}

function withoutKey(approval: JudgedApproval, at: string): JudgedApproval {
  const { signer } = approval;
  if (signer === null) return approval;
  return {
    ...approval,
    signer: { ...signer, state: 'withdrawn', withdrawnAt: earlier(at, signer.withdrawnAt) },
  };
}

function earlier(a: string, b: string | undefined): string {
  return b === undefined || (parseTime(a) ?? -Infinity) <= (parseTime(b) ?? -Infinity) ? a : b;
}

/** What became of the withdrawals that were given beside the bundles. */
export function withdrawalReports(
  checked: readonly CheckedWithdrawal[],
  effects: WithdrawalEffects,
): LooseReport[] {
  return checked.map(({ file, problem, signers }) => {
    const effect = effects.get(file);
    const inputs = [...(effect?.inputs ?? [])].sort((a, b) => a - b);
    const findings =
      inputs.length > 0 ? [] : [problem ?? nothingTaken(file, effect?.stranger === true, signers)];
    return { file, kind: 'withdrawal', inputs, findings };
  });
}

function nothingTaken(file: string, stranger: boolean, signers: readonly WithdrawalSigner[]): Finding {
  return stranger
    ? ignored(file, strangerReason(signers))
    : finding('withdrawal-not-concerned', { file }, { where: { file } });
}
