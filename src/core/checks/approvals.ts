import type { ApprovalStatement, Evidence, EvidenceSignature, LegacyApproval } from '../envelope/approval.js';
import { legacyMessage } from '../envelope/legacy.js';
import type { ApprovalReport, Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { verifyLegacySsh, type LegacySshSignature } from '../signature/legacySsh.js';
import type { PublicKey, SignatureCheck } from '../signature/signature.js';
import { verifySshsig } from '../signature/sshsig.js';
import { findSigner, mayUseNamespace, type SignerMatch } from '../trust/lookup.js';
import type { Trust } from '../trust/trust.js';
import { withOwnTerms, type OpenPgpDesk } from './certificates.js';
import type { Reading } from './reading.js';

/** Namespace of bundle and file approvals (docs/SPEC.md, "Approvals"). */
export const APPROVAL_NAMESPACE = 'approval@countersign';

/** One signature over one approval of (perhaps) this bundle, judged on its own, before any rule is asked. */
export interface JudgedApproval {
  readonly file: string;
  readonly origin: Evidence['origin'];
  readonly kind: ApprovalReport['kind'];
  readonly claims: ApprovalReport['claims'];
  readonly binding: ApprovalReport['binding'];
  readonly signature: ApprovalReport['signature'];
  readonly key: PublicKey | null;
  readonly signer: SignerMatch | null;
  /** Bound, signed, by a known person who is who the statement says: may be counted if role and time allow. */
  readonly attributable: boolean;
  readonly findings: readonly Finding[];
  /** What the released CLI's signature was checked over, so that it can be repeated by hand. */
  readonly legacy?: LegacySshSignature;
  /** RFC 3339: whoever gave this approval took it back. */
  readonly takenBackAt?: string;
  /** It is a withdrawal and approves nothing. */
  readonly takesBack?: true;
  /** The OpenPGP public key that was used, binary, so that it can be repeated by hand. */
  readonly certificate?: Uint8Array;
}

/**
 * Judges one piece of evidence against one reading: one result a signature.
 *
 * @param openPgp - the reader's OpenPGP public keys; without it such signatures are could-not-check.
 */
export function judgeEvidence(
  evidence: Evidence,
  reading: Reading,
  trust: Trust | null,
  now: number,
  openPgp?: OpenPgpDesk,
): JudgedApproval[] {
  const { statement } = evidence;
  if (statement !== null) return judgeStatement(evidence, statement, reading, trust, now, openPgp);
  if (evidence.legacy !== null) return [judgeLegacy(evidence, evidence.legacy, reading, trust, now)];
  return [unreadable(evidence)];
}

function unreadable(evidence: Evidence): JudgedApproval {
  return {
    file: evidence.file,
    origin: evidence.origin,
    kind: 'unsigned',
    claims: {},
    binding: 'unknown',
    signature: 'none',
    key: null,
    signer: null,
    attributable: false,
    findings: evidence.findings,
    ...(evidence.withdrawal === undefined ? {} : { takesBack: true }),
  };
}

// --- Statements of ours -------------------------------------------------------------------------------------

function judgeStatement(
  evidence: Evidence,
  statement: ApprovalStatement,
  reading: Reading,
  trust: Trust | null,
  now: number,
  openPgp: OpenPgpDesk | undefined,
): JudgedApproval[] {
  const { binding, findings } = bindingOf(evidence, statement, reading);
  const base = {
    file: evidence.file,
    origin: evidence.origin,
    claims: claimsOf(statement),
    binding,
  };
  const signatures = evidence.signatures.filter(({ kind }) => kind !== 'timestamp');
  if (signatures.length === 0) {
    const unsigned = finding(
      'approval-unsigned',
      { file: evidence.file },
      { where: { file: evidence.file } },
    );
    return [{ ...unreadable(evidence), ...base, findings: [...evidence.findings, ...findings, unsigned] }];
  }
  return signatures.map((signature) => {
    const check = checkSignature(signature, statement, openPgp);
    const claim = check.outcome === 'true' ? claimFindings(evidence, statement, check, trust, now) : [];
    const all = [...evidence.findings, ...findings, ...placed(check.findings, signature.file), ...claim];
    const match = check.key === null || trust === null ? null : findSigner(trust, check.key, now);
    const signer = withOwnTerms(match, check.terms, now);
    return {
      ...base,
      ...(check.certificate === undefined ? {} : { certificate: check.certificate }),
      kind: signature.kind === 'timestamp' ? 'unsigned' : signature.kind,
      signature: keyNameDiffers(statement, check) ? 'false' : check.outcome,
      key: check.key,
      signer,
      attributable:
        check.outcome === 'true' &&
        binding === 'bundle' &&
        signer !== null &&
        !all.some(({ severity }) => severity === 'error'),
      findings: all,
    };
  });
}

function checkSignature(
  signature: EvidenceSignature,
  statement: ApprovalStatement,
  openPgp: OpenPgpDesk | undefined,
): SignatureCheck {
  if (signature.kind === 'sshsig') return verifySshsig(signature.bytes, statement.bytes, APPROVAL_NAMESPACE);
  if (signature.kind === 'openpgp' && openPgp?.isUsed === true) {
    return openPgp.verify(signature.bytes, statement.bytes);
  }
  const notChecked = finding(
    'signature-kind-not-checked',
    { kind: signature.kind === 'openpgp' ? 'OpenPGP' : 'Sigstore' },
    { where: { file: signature.file } },
  );
  return { outcome: 'could-not-check', key: null, findings: [notChecked] };
}

/** What the statement is about, compared with what was read. The statement is attacker-controlled until its signature holds. */
function bindingOf(
  evidence: Evidence,
  statement: ApprovalStatement,
  reading: Reading,
): { binding: ApprovalReport['binding']; findings: Finding[] } {
  const where = { file: evidence.file };
  if (statement.kind === 'file') return fileBinding(statement, reading);
  if (statement.subjectSha256 !== reading.manifestSha256) {
    const digests = {
      expected: `sha256:${reading.manifestSha256 ?? '?'}`,
      found: `sha256:${statement.subjectSha256}`,
    };
    const stale = reading.manifest !== null && statement.bundle.id === reading.manifest.id;
    return stale
      ? {
          binding: 'stale',
          findings: [finding('approval-stale', { version: statement.bundle.version }, { where, ...digests })],
        }
      : { binding: 'other', findings: [finding('approval-other-bundle', {}, { where, ...digests })] };
  }
  const claimed = `${statement.bundle.id} ${statement.bundle.version} ${statement.bundle.contentRoot}`;
  const actual = `${reading.manifest?.id ?? ''} ${reading.manifest?.version ?? ''} ${reading.contentRoot ?? ''}`;
  if (claimed === actual) return { binding: 'bundle', findings: [] };
  const differs = finding(
    'approval-contradicts-manifest',
    { file: evidence.file },
    { where, expected: actual, found: claimed },
  );
  return { binding: 'bundle', findings: [differs] };
}

function fileBinding(
  statement: ApprovalStatement,
  reading: Reading,
): { binding: ApprovalReport['binding']; findings: Finding[] } {
  const matches = reading.archive.entries.some(
    ({ path, sha256 }) => path === statement.subjectName && sha256 === statement.subjectSha256,
  );
  return { binding: matches ? 'file' : 'other', findings: [] };
}

function claimsOf(statement: ApprovalStatement): ApprovalReport['claims'] {
  return {
    role: statement.role,
    user: statement.user,
    decision: statement.decision,
    signedAt: statement.signedAt,
    ...(statement.expires === undefined ? {} : { expires: statement.expires }),
    ...(statement.comment === undefined ? {} : { comment: statement.comment }),
    ...(statement.kind === 'file' ? { path: statement.subjectName } : {}),
  };
}

function keyNameDiffers(statement: ApprovalStatement, check: SignatureCheck): boolean {
  return statement.key !== undefined && check.key !== null && statement.key !== check.key.fingerprint;
}

/** The key decides the person; what the statement says of key, user and origin must agree with it. */
function claimFindings(
  evidence: Evidence,
  statement: ApprovalStatement,
  check: SignatureCheck,
  trust: Trust | null,
  now: number,
): Finding[] {
  const { key } = check;
  if (key === null) return [];
  const where = { file: evidence.file };
  if (keyNameDiffers(statement, check)) {
    const detail = { where, expected: key.fingerprint, found: statement.key ?? '' };
    return [finding('statement-key-differs', { file: evidence.file }, detail)];
  }
  const signer = trust === null ? null : findSigner(trust, key, now);
  if (signer === null) return [unknownSigner(key, statement.user, where)];
  return [...personFindings(signer, statement.user, where), ...originFindings(signer, check, where)];
}

function unknownSigner(key: PublicKey, user: string, where: { file: string }): Finding {
  return finding('signer-unknown', { fingerprint: key.fingerprint, user }, { where, found: key.fingerprint });
}

function personFindings(signer: SignerMatch, user: string, where: { file: string }): Finding[] {
  const { person, key } = signer;
  if (!mayUseNamespace(key, APPROVAL_NAMESPACE)) {
    const detail = { where, expected: APPROVAL_NAMESPACE, found: (key.namespaces ?? []).join(', ') };
    return [finding('key-not-for-approvals', { person: person.id }, detail)];
  }
  if (user === person.id || person.also.includes(user)) return [];
  return [
    finding(
      'approval-user-not-this-person',
      { user, person: person.id },
      { where, expected: person.id, found: user },
    ),
  ];
}

/** A passkey signs for an origin; it must be one that the reader pinned for this person (default: the key's own domain). */
function originFindings(signer: SignerMatch, check: SignatureCheck, where: { file: string }): Finding[] {
  if (check.origin === undefined) return [];
  const allowed = signer.key.origins ?? [`https://${check.key?.application ?? ''}`];
  if (allowed.includes(check.origin)) return [];
  return [
    finding(
      'passkey-origin',
      { origin: check.origin },
      { where, expected: allowed.join(', '), found: check.origin },
    ),
  ];
}

// --- The released CLI's approvals ---------------------------------------------------------------------------

function judgeLegacy(
  evidence: Evidence,
  legacy: LegacyApproval,
  reading: Reading,
  trust: Trust | null,
  now: number,
): JudgedApproval {
  const base = { ...unreadable(evidence), claims: legacyClaims(legacy), kind: legacyKind(legacy) };
  if (evidence.origin === 'embedded') {
    const embedded = finding(
      'approval-embedded-legacy',
      { file: evidence.file },
      { where: { path: evidence.file } },
    );
    return {
      ...base,
      binding: 'archive',
      signature: 'could-not-check',
      findings: [...evidence.findings, embedded],
    };
  }
  const { check, proof } = checkLegacy(legacy, reading);
  const where = { file: evidence.file };
  const signer = check.key === null || trust === null ? null : findSigner(trust, check.key, now);
  const signed = check.outcome === 'true' || check.outcome === 'weak';
  const claim = signed && check.key !== null ? legacyClaimFindings(legacy, check.key, signer, where) : [];
  const all = [...evidence.findings, ...placed(check.findings, evidence.file), ...claim];
  return {
    ...base,
    // A kind that cannot be checked claims this archive; nothing says that it is about another one.
    binding: signed || check.outcome === 'could-not-check' ? 'archive' : 'unknown',
    signature: check.outcome,
    key: check.key,
    signer,
    attributable:
      check.outcome === 'true' && signer !== null && !all.some(({ severity }) => severity === 'error'),
    findings: all,
    ...(proof === undefined ? {} : { legacy: proof }),
  };
}

interface LegacyCheck {
  readonly check: SignatureCheck;
  readonly proof?: LegacySshSignature;
}

function checkLegacy(legacy: LegacyApproval, reading: Reading): LegacyCheck {
  if (legacy.signatureType === 'gpg') {
    return {
      check: {
        outcome: 'could-not-check',
        key: null,
        findings: [finding('signature-kind-not-checked', { kind: 'GPG' })],
      },
    };
  }
  if (legacy.signatureType !== 'ssh') {
    const type = finding('legacy-signature-type', { type: legacy.signatureType });
    return { check: { outcome: 'false', key: null, findings: [type] } };
  }
  const message = legacyMessage(legacy, reading.archive.archiveSha256 ?? '');
  if ('findings' in message) return { check: { outcome: 'false', key: null, findings: message.findings } };
  const proof = {
    publicKeyLine: legacy.publicKey,
    signatureBase64: legacy.signature,
    message: message.bytes,
  };
  return { check: verifyLegacySsh(proof), proof };
}

function legacyClaimFindings(
  legacy: LegacyApproval,
  key: PublicKey,
  signer: SignerMatch | null,
  where: { file: string },
): Finding[] {
  const declared = legacy.declaredFingerprint;
  const differs =
    declared !== undefined && declared !== key.fingerprint
      ? [finding('fingerprint-claim-differs', {}, { where, expected: key.fingerprint, found: declared })]
      : [];
  if (signer === null) return [...differs, unknownSigner(key, legacy.user, where)];
  return [...differs, ...personFindings(signer, legacy.user, where)];
}

function legacyKind(legacy: LegacyApproval): ApprovalReport['kind'] {
  if (legacy.signatureType === 'ssh') return 'legacy-ssh';
  return legacy.signatureType === 'gpg' ? 'legacy-gpg' : 'legacy-other';
}

function legacyClaims(legacy: LegacyApproval): ApprovalReport['claims'] {
  return {
    role: legacy.role,
    user: legacy.user,
    decision: 'approved',
    signedAt: legacy.signedAt,
    ...(legacy.comment === undefined ? {} : { comment: legacy.comment }),
  };
}

function placed(findings: readonly Finding[], file: string): Finding[] {
  return findings.map((one) =>
    one.where.file === undefined ? { ...one, where: { ...one.where, file } } : one,
  );
}
