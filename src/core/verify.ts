import { compareFiles } from './checks/content.js';
import type { CheckContext } from './checks/check.js';
import { judgeEvidence, type JudgedApproval } from './checks/approvals.js';
import { OpenPgpDesk } from './checks/certificates.js';
import { looseFor, pairLoose, type LoosePool } from './checks/loose.js';
import { approvalsNotKept, readBundle, type Reading } from './checks/reading.js';
import { gates, runChecks } from './checks/registry.js';
import { judgeRoles, type RoleJudgement } from './checks/roles.js';
import { levelMet } from './checks/rule.js';
import {
  checkWithdrawals,
  takeBack,
  withdrawalReports,
  type CheckedWithdrawal,
  type WithdrawalEffects,
} from './checks/withdrawals.js';
import type { Platform } from './bytes/platform.js';
import type { ByteSource } from './bytes/source.js';
import { collectEvidence } from './envelope/evidence.js';
import type { Evidence, NamedBytes } from './envelope/approval.js';
import type { ControlsResult, Finding, InputReport, Report, ToolInfo } from './generated/report.js';
import { limitsUsed, type Limits, type LimitsProfile } from './limits.js';
import { finding } from './messages/finding.js';
import type { Said } from './messages/say.js';
import { foldAxes, hidden } from './report/axes.js';
import { approvalReports } from './report/approvals.js';
import { repeatCommands } from './report/commands.js';
import { decide } from './report/decide.js';
import { verdictWords } from './report/words.js';
import { readPolicy, type Policy, type PolicyDocuments } from './trust/policy.js';
import { parseTime } from './trust/time.js';

export { readBundle, type Reading } from './checks/reading.js';

/** One bundle as given: its name on the reader's disk and its bytes. */
export interface BundleInput {
  readonly name: string;
  readonly source: ByteSource;
}

/** Everything that a verdict depends on. The core knows no clock, no network and no storage. */
export interface JudgeRequest extends PolicyDocuments {
  /** Approvals, signatures and supplements given beside the bundles, in any order. */
  readonly loose: readonly NamedBytes[];
  /** RFC 3339; the time that windows, expiry and withdrawals are judged at. */
  readonly now: string;
  readonly limitsProfile: LimitsProfile;
  readonly limits: Limits;
  readonly tool: ToolInfo;
  readonly controls: ControlsResult;
  readonly platform: Platform;
}

export interface VerifyBundlesRequest extends JudgeRequest {
  readonly inputs: readonly BundleInput[];
  readonly signal?: AbortSignal;
}

/**
 * Bytes in, report out: read every bundle, then judge them together (docs/SPEC.md, "Verification").
 *
 * @throws only when `signal` aborts or `now` is not a time: hostile input ends in findings.
 */
export async function verifyBundles(request: VerifyBundlesRequest): Promise<Report> {
  const readings: Reading[] = [];
  for (const { name, source } of request.inputs) {
    const { platform, limits, signal } = request;
    readings.push(
      await readBundle(name, source, { platform, limits, ...(signal === undefined ? {} : { signal }) }),
    );
  }
  return judgeReadings(readings, request);
}

/** The second half of {@link verifyBundles}: nothing here goes back to the archives. */
export async function judgeReadings(readings: readonly Reading[], request: JudgeRequest): Promise<Report> {
  const now = parseTime(request.now);
  if (now === null) throw new RangeError(`now is not an RFC 3339 time with a zone: ${request.now}`);
  const policy = readPolicy(request);
  const openPgp = new OpenPgpDesk(policy.trust, request.certificates ?? [], now);
  const bundles = readings.filter(({ supplement }) => !supplement);
  const supplements = readings.filter(({ supplement }) => supplement);
  const pool = await pairLoose({
    loose: request.loose,
    supplements,
    bundles,
    limits: request.limits,
    platform: request.platform,
    openPgp,
  });
  const trust = { ...policy.trustSummary, findings: [...policy.trustSummary.findings, ...openPgp.findings] };
  const effects: WithdrawalEffects = new Map();
  const withdrawals = checkWithdrawals(pool.withdrawals, policy.trust, now, openPgp);
  const terms = { pool, policy, now, limits: request.limits, openPgp, withdrawals, effects };
  const inputs = bundles.map((reading, i) => judgeReading(reading, i, terms));
  return {
    schemaVersion: 'countersign.report/v1',
    tool: request.tool,
    rule: policy.ruleSummary,
    trust,
    now: request.now,
    limits: limitsUsed(request.limitsProfile, request.limits),
    controls: request.controls,
    inputs,
    loose: [...pool.reports, ...withdrawalReports(withdrawals, effects)],
  };
}

/** What every bundle of one request is judged by. */
interface JudgeTerms {
  readonly pool: LoosePool;
  readonly policy: Policy;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly limits: Limits;
  readonly openPgp: OpenPgpDesk;
  /** Given beside the bundles. */
  readonly withdrawals: readonly CheckedWithdrawal[];
  /** Filled while bundles are judged: which of them a withdrawal concerned. */
  readonly effects: WithdrawalEffects;
}

function judgeReading(reading: Reading, index: number, terms: JudgeTerms): InputReport {
  const { pool, policy, now } = terms;
  const judged = judgeApprovals(reading, index, terms);
  const files = compareFiles(reading, pool.external);
  const context: CheckContext = {
    reading,
    files,
    trust: policy.trust,
    rule: policy.rule,
    now,
    approvals: judged.approvals,
    roles: judged.roles,
  };
  const { checks, findings } = runChecks(context);
  const approvals = approvalReports(judged.approvals, judged.standings, findings);
  const facts = {
    checks,
    gates,
    newer: reading.newer,
    approvals,
    roles: judged.roles,
    hasRule: policy.rule !== null,
  };
  const code = decide(facts);
  const verdict = verdictWords({ ...facts, code, rule: policy.ruleSummary, findings, files: files.length });
  const { archive, manifest } = reading;
  const report: InputReport = {
    file: reading.name,
    sizeBytes: archive.sizeBytes,
    archiveDigest: prefixed(archive.archiveSha256),
    bundleDigest: prefixed(reading.manifestSha256),
    contentRoot: reading.contentRoot,
    dialect: manifest?.dialect ?? null,
    verdict,
    axes: foldAxes(checks),
    bundle: claimsOf(reading),
    level: {
      claimed: manifest?.governanceLevel ?? null,
      met: levelMet(context),
      required: policy.rule?.level ?? null,
    },
    counts: {
      entries: archive.entries.length,
      listed: manifest?.files.length ?? 0,
      unpackedBytes: archive.unpackedBytes,
    },
    roles: [...judged.roles],
    checks,
    findings,
    approvals,
    files,
    commands: repeatCommands(reading, judged.approvals),
  };
  return verdict.look === 'unreadable' || code === 'B-CHANGED' ? hidden(report) : report;
}

interface Judged extends RoleJudgement {
  readonly approvals: readonly JudgedApproval[];
}

/** Each approval on its own, then all against the rule; what the rule's verdict does not rest on is only a warning. */
function judgeApprovals(reading: Reading, index: number, terms: JudgeTerms): Judged {
  const { pool, policy, now, limits, openPgp, effects } = terms;
  const evidence = [...embeddedEvidence(reading, limits), ...looseFor(pool, reading)];
  const embedded = checkWithdrawals(
    evidence.filter(({ withdrawal }) => withdrawal !== undefined),
    policy.trust,
    now,
    openPgp,
  );
  const withdrawals = [...embedded, ...terms.withdrawals];
  const alone = evidence.flatMap((one) => {
    const judged = judgeEvidence(one, reading, policy.trust, now, openPgp);
    const own = embedded.find(({ file }) => one.withdrawal !== undefined && file === one.file)?.problem;
    if (own) return judged.map((approval) => ({ ...approval, findings: [...approval.findings, own] }));
    return judged.map((approval) => takeBack(approval, one.statement, withdrawals, index, effects));
  });
  const question = {
    approvals: alone,
    rule: policy.rule,
    asked: reading.manifest?.requiredApprovals ?? [],
    created: reading.manifest?.created,
    now,
  };
  const { roles, standings } = judgeRoles(question);
  const fulfilled = policy.rule !== null && roles.every(({ state }) => state === 'met');
  const approvals = alone.map((approval, i) => {
    const findings = [...approval.findings, ...standings[i]!.findings];
    const ignored = fulfilled && standings[i]!.counts.length === 0;
    return {
      ...approval,
      findings: ignored ? asIgnored(approval.file, standings[i]!.because, findings) : findings,
    };
  });
  return { approvals, roles, standings };
}

function embeddedEvidence(reading: Reading, limits: Limits): Evidence[] {
  const files = [...reading.archive.kept]
    .filter(([path]) => path.startsWith('approvals/'))
    .map(([name, bytes]) => ({ name, bytes }));
  const notKept = approvalsNotKept(reading).map(({ path, size }): Evidence => {
    const where = { path };
    const one =
      size > limits.approvalBytesMax
        ? finding('approval-too-large', { bytesMax: limits.approvalBytesMax }, { where })
        : finding('approvals-too-many', { approvalsMax: limits.approvalsMax, left: 1 }, { where });
    return { file: path, origin: 'embedded', statement: null, legacy: null, signatures: [], findings: [one] };
  });
  return [...collectEvidence(files, 'embedded', limits).evidence, ...notKept];
}

/** An extra approval never spoils a bundle whose rule is met, and is never passed over in silence (docs/SPEC.md, "Rule"). */
function asIgnored(file: string, because: Said | null, findings: readonly Finding[]): Finding[] {
  if (!findings.some(({ severity }) => severity === 'error')) return [...findings];
  const text = because?.text ?? '';
  const reason = text.charAt(0).toLowerCase() + text.slice(1);
  const says = because === null ? {} : { reason: because };
  const ignored = finding('approval-ignored', { file, reason }, { where: { file }, says });
  return [
    ignored,
    ...findings.map((one): Finding => (one.severity === 'error' ? { ...one, severity: 'warning' } : one)),
  ];
}

function prefixed(hex: string | null): string | null {
  return hex === null ? null : `sha256:${hex}`;
}

function claimsOf({ manifest }: Reading): InputReport['bundle'] {
  if (manifest === null) return null;
  const { id, version, created, description, authors, tags, metadata, requiredApprovals, governanceLevel } =
    manifest;
  return {
    id,
    version,
    requiredRoles: [...requiredApprovals],
    ...(created === undefined ? {} : { created }),
    ...(description === undefined ? {} : { description }),
    authors: [...authors],
    tags: [...tags],
    metadata: { ...metadata },
    ...(governanceLevel === undefined ? {} : { levelClaimed: governanceLevel }),
  };
}
