import type { Platform } from '../bytes/platform.js';
import { compareBytes } from '../bytes/bytes.js';
import { sourceOfBytes } from '../bytes/source.js';
import { compareUtf8 } from '../bytes/text.js';
import { collectEvidence } from '../envelope/evidence.js';
import { WITHDRAWAL_NAMESPACE } from '../envelope/withdrawal.js';
import type { Evidence, EvidenceSignature, NamedBytes } from '../envelope/approval.js';
import type { Finding, LooseReport } from '../generated/report.js';
import { fixedLimits, type Limits } from '../limits.js';
import { finding } from '../messages/finding.js';
import { verifySshsig } from '../signature/sshsig.js';
import { APPROVAL_NAMESPACE, judgeEvidence } from './approvals.js';
import type { OpenPgpDesk } from './certificates.js';
import { readBundle, type Reading } from './reading.js';

/** Everything that came beside the bundles, paired by what was signed and never by name (docs/SPEC.md, "Supplements"). */
export interface LoosePool {
  /** For each bundle the evidence that concerns it. */
  readonly evidence: ReadonlyMap<Reading, readonly Evidence[]>;
  /** External files that supplements brought: SHA-256 (lower-case hex) and size in bytes. */
  readonly external: ReadonlyMap<string, number>;
  /** Documents that take keys or approvals back; whom they concern is asked of every bundle. */
  readonly withdrawals: readonly Evidence[];
  readonly reports: readonly LooseReport[];
}

export interface LooseRequest {
  readonly loose: readonly NamedBytes[];
  /** Inputs that turned out to be supplements. */
  readonly supplements: readonly Reading[];
  readonly bundles: readonly Reading[];
  readonly limits: Limits;
  readonly platform: Platform;
  /** Takes the OpenPGP public keys that lie among the files; without it OpenPGP signatures pair by name alone. */
  readonly openPgp?: OpenPgpDesk;
}

export function looseFor(pool: LoosePool, reading: Reading): readonly Evidence[] {
  return pool.evidence.get(reading) ?? [];
}

export async function pairLoose(request: LooseRequest): Promise<LoosePool> {
  const loose = request.loose.toSorted(byNameThenBytes);
  const opened = await Promise.all(loose.filter(isGzip).map((file) => openSupplement(file, request)));
  const supplements = [...request.supplements, ...opened.filter(({ supplement }) => supplement)].toSorted(
    byNameThenDigest,
  );
  const files = [...loose.filter((file) => !isGzip(file)), ...supplements.flatMap(approvalFiles)];
  // 200 bundles may come with several approvals each: the limit a bundle has is not the limit of a request.
  const collected = collectEvidence(files, 'loose', {
    ...request.limits,
    approvalsMax: fixedLimits.looseFilesMax,
  });
  const { openPgp } = request;
  const certificates = collected.certificates.map(
    (file) => openPgp?.addLoose(file) ?? unrecognised(file.name),
  );
  const trials = new Trials();
  const { evidence, alone } = joinSignatures(collected.evidence, collected.unpaired, trials, openPgp);
  const pairs = evidence
    .filter(isApproval)
    .map((one) => ({ one, inputs: concerned(one, request.bundles, trials) }));
  return {
    evidence: new Map(
      request.bundles.map((bundle, i) => [
        bundle,
        pairs.filter(({ inputs }) => inputs.includes(i)).map(({ one }) => one),
      ]),
    ),
    withdrawals: evidence.filter((one) => !isApproval(one)),
    external: new Map(supplements.flatMap(externalFiles)),
    reports: [
      ...pairs.map(({ one, inputs }) => evidenceReport(one, inputs)),
      ...alone.map(({ file }) =>
        unpairedReport(file, 'signature', finding('signature-without-statement', {}, { where: { file } })),
      ),
      ...supplements.map((one): LooseReport => {
        return { file: one.name, kind: 'supplement', inputs: [], findings: misnamedFiles(one) };
      }),
      ...certificates,
      ...opened.filter(({ supplement }) => !supplement).map(({ name }) => unrecognised(name)),
      ...collected.attestations.map(({ name }) => unrecognised(name)),
      ...collected.unrecognised.map(({ file, findings }): LooseReport => ({
        file,
        kind: 'unrecognised',
        inputs: [],
        findings: [...findings],
      })),
    ],
  };
}

/** Files are dropped in any order: which of them a sentence names must not depend on it. */
function byNameThenBytes(a: NamedBytes, b: NamedBytes): number {
  return compareUtf8(a.name, b.name) || compareBytes(a.bytes, b.bytes);
}

function byNameThenDigest(a: Reading, b: Reading): number {
  const digest = ({ archive }: Reading): string => archive.archiveSha256 ?? '';
  return compareUtf8(a.name, b.name) || compareUtf8(digest(a), digest(b));
}

function isApproval({ withdrawal }: Evidence): boolean {
  return withdrawal === undefined;
}

function isGzip({ bytes }: NamedBytes): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function openSupplement({ name, bytes }: NamedBytes, { limits, platform }: LooseRequest): Promise<Reading> {
  return readBundle(name, sourceOfBytes(bytes), { limits, platform });
}

function approvalFiles({ archive }: Reading): NamedBytes[] {
  return [...archive.kept]
    .filter(([path]) => path.startsWith('approvals/'))
    .map(([name, bytes]) => ({ name, bytes }));
}

/** `external/<sha256>`: the name must be the digest of the bytes, or the file does not count. */
function externalFiles({ archive }: Reading): [sha256: string, size: number][] {
  return archive.entries
    .filter(({ path, sha256 }) => path === `external/${sha256}`)
    .map(({ sha256, size }) => [sha256, size]);
}

function misnamedFiles({ archive }: Reading): Finding[] {
  return archive.entries
    .filter(({ path, sha256 }) => path.startsWith('external/') && path !== `external/${sha256}`)
    .map(({ path, sha256 }) => {
      const detail = { where: { path }, expected: path.slice('external/'.length), found: sha256 };
      return finding('supplement-file-misnamed', { path }, detail);
    });
}

/** Signature checks that only look for an owner. Bounded: a pile of strangers' files must not keep anybody waiting. */
class Trials {
  private left = fixedLimits.looseTrialsMax;

  /** False when the trials are used up. */
  take(): boolean {
    this.left -= 1;
    return this.left >= 0;
  }
}

/** Signature files that no name pairs are tried on every statement and withdrawal that has none. */
function joinSignatures(
  evidence: readonly Evidence[],
  unpaired: readonly EvidenceSignature[],
  trials: Trials,
  openPgp: OpenPgpDesk | undefined,
): { evidence: Evidence[]; alone: EvidenceSignature[] } {
  const used = new Set<EvidenceSignature>();
  const joined = evidence.map((one) => {
    const document = one.statement ?? one.withdrawal;
    if (document === undefined || one.signatures.length > 0) return one;
    const namespace = one.statement === null ? WITHDRAWAL_NAMESPACE : APPROVAL_NAMESPACE;
    const own = unpaired.filter(({ kind, bytes }) => {
      if (kind === 'sshsig')
        return trials.take() && verifySshsig(bytes, document.bytes, namespace).outcome === 'true';
      if (kind !== 'openpgp' || openPgp === undefined) return false;
      return trials.take() && openPgp.verify(bytes, document.bytes).outcome === 'true';
    });
    for (const signature of own) used.add(signature);
    return { ...one, signatures: own };
  });
  return { evidence: joined, alone: unpaired.filter((signature) => !used.has(signature)) };
}

/**
 * Which bundles a piece of evidence speaks of. A statement names its manifest. A legacy approval names nothing:
 * it belongs where its signature holds; when it holds nowhere and there is just one bundle, it is judged there,
 * so that its failure is seen.
 */
function concerned(evidence: Evidence, bundles: readonly Reading[], trials: Trials): number[] {
  const indexes = bundles.map((_, i) => i);
  const { statement } = evidence;
  if (statement !== null) {
    const exact = indexes.filter((i) => names(statement, bundles[i]!));
    return exact.length > 0 ? exact : indexes.filter((i) => bundles[i]!.manifest?.id === statement.bundle.id);
  }
  if (evidence.legacy === null) return [];
  if (bundles.length <= 1) return indexes;
  const owner = byLikelyName(evidence.file, bundles).find(
    (bundle) =>
      bundle.manifest?.dialect !== 'countersign' &&
      trials.take() &&
      judgeEvidence(evidence, bundle, null, 0).some(
        ({ signature }) => signature === 'true' || signature === 'weak',
      ),
  );
  if (owner === undefined) return [];
  return indexes.filter((i) => bundles[i]!.archive.archiveSha256 === owner.archive.archiveSha256);
}

/** The released CLI puts the bundle's name in front of the approval's. Only a hint on where to look first: what counts is the signature. */
function byLikelyName(file: string, bundles: readonly Reading[]): readonly Reading[] {
  const approval = baseName(file);
  const likely = (bundle: Reading): boolean =>
    approval.startsWith(baseName(bundle.name).replace(/(\.sbundle)?\.tgz$|\.sbundle$/, ''));
  return bundles.toSorted((a, b) => Number(likely(b)) - Number(likely(a)));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function names(statement: NonNullable<Evidence['statement']>, { archive, manifestSha256 }: Reading): boolean {
  if (statement.kind === 'bundle') return statement.subjectSha256 === manifestSha256;
  return archive.entries.some(
    ({ path, sha256 }) => path === statement.subjectName && sha256 === statement.subjectSha256,
  );
}

function evidenceReport(evidence: Evidence, inputs: number[]): LooseReport {
  const { file } = evidence;
  if (inputs.length > 0) return { file, kind: 'approval', inputs, findings: [] };
  if (evidence.statement === null && evidence.legacy === null) {
    return { file, kind: 'unrecognised', inputs, findings: [...evidence.findings] };
  }
  return unpairedReport(file, 'approval', finding('loose-unpaired', { file }, { where: { file } }));
}

function unpairedReport(
  file: string,
  kind: LooseReport['kind'],
  one: LooseReport['findings'][number],
): LooseReport {
  return { file, kind, inputs: [], findings: [one] };
}

function unrecognised(file: string): LooseReport {
  return unpairedReport(file, 'unrecognised', finding('loose-unrecognised', { file }, { where: { file } }));
}
