import type { ApprovalReport, Finding } from '../generated/report.js';
import type { JudgedApproval } from '../checks/approvals.js';
import { saysOf } from '../messages/say.js';
import type { Standing } from '../checks/roles.js';
import { fingerprintWords } from '../signature/words.js';

/** Approvals as the report shows them; `findings` are indexes into the input's findings. */
export function approvalReports(
  approvals: readonly JudgedApproval[],
  standings: readonly Standing[],
  findings: readonly Finding[],
): ApprovalReport[] {
  const index = new Map(findings.map((finding, i) => [finding, i]));
  return approvals.map((approval, i) => ({
    file: approval.file,
    origin: approval.origin,
    kind: approval.kind,
    claims: approval.claims,
    binding: approval.binding,
    signature: approval.signature,
    key: approval.key === null ? null : keyReport(approval.key),
    known: knownReport(approval),
    counts: [...standings[i]!.counts],
    because: standings[i]!.because?.text ?? '',
    findings: approval.findings.flatMap((finding) => index.get(finding) ?? []),
    says: saysOf({ because: standings[i]!.because ?? undefined }),
  }));
}

function keyReport({ fingerprint, algorithm }: NonNullable<JudgedApproval['key']>): ApprovalReport['key'] {
  return { fingerprint, algorithm, words: fingerprintWords(fingerprint) };
}

function knownReport({ signer }: JudgedApproval): ApprovalReport['known'] {
  if (signer === null) return null;
  const { person, key, state, withdrawnAt } = signer;
  return {
    person: person.id,
    keyState: state,
    ...(person.name === undefined ? {} : { name: person.name }),
    ...(key.checked === undefined ? {} : { checked: key.checked }),
    ...(key.from === undefined ? {} : { from: key.from }),
    ...(key.until === undefined ? {} : { until: key.until }),
    ...(withdrawnAt === undefined ? {} : { withdrawnAt }),
  };
}
