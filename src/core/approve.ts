import { ArchiveChangedError, rewriteArchive } from './archive/rewrite.js';
import { writeArchive, bundleOrder, type PiecePacker } from './archive/writeArchive.js';
import { concatBytes, equalBytes } from './bytes/bytes.js';
import { toHex } from './bytes/hex.js';
import type { Platform } from './bytes/platform.js';
import type { ByteSource } from './bytes/source.js';
import { formatTime } from './bytes/time.js';
import { APPROVAL_NAMESPACE, judgeEvidence, type JudgedApproval } from './checks/approvals.js';
import { OpenPgpDesk } from './checks/certificates.js';
import { looseFor, pairLoose, type LoosePool } from './checks/loose.js';
import { readBundle, type Reading } from './checks/reading.js';
import { collectEvidence } from './envelope/evidence.js';
import type { ApprovalStatement, Evidence, EvidenceSignature, NamedBytes } from './envelope/approval.js';
import { draftStatement, readStatement } from './envelope/statement.js';
import type { Dialect, Finding, InputReport } from './generated/report.js';
import type { Limits } from './limits.js';
import { writeChecksums } from './manifest/checksums.js';
import { CHECKSUMS_PATH } from './manifest/names.js';
import { finding } from './messages/finding.js';
import { looksLikeCertificate } from './signature/openpgp/blocks.js';
import { recogniseSignature } from './signature/kinds.js';
import { verifySshsig } from './signature/sshsig.js';
import { judgeReadings } from './verify.js';

export { APPROVAL_NAMESPACE };
export type { NamedBytes };

/** What a bundle says that an approval must name, taken from a verified reading: {@link subjectOf}. */
export interface ApprovalSubject {
  /** `sha256:<hex>` of manifest.yaml. */
  readonly bundleDigest: string;
  readonly id: string;
  readonly version: string;
  /** `sha256:<hex>`. */
  readonly contentRoot: string;
  readonly dialect: Dialect;
}

/** What a person wants to say about it. */
export interface ApprovalIntent {
  readonly role: string;
  readonly user: string;
  readonly decision: 'approved' | 'declined';
  /** RFC 3339 with a zone. */
  readonly signedAt: string;
  readonly comment?: string;
  readonly expires?: string;
  /** `SHA256:…` of the key that will sign. */
  readonly key?: string;
  /** Approval of one file only; counts for no role. `sha256`: lower-case hex. */
  readonly file?: { readonly path: string; readonly sha256: string };
}

export interface Findings {
  readonly findings: readonly Finding[];
}

/** A signature file as a tool wrote it, armored where the kind has an armor. */
export interface SignatureFile {
  readonly kind: 'sshsig' | 'openpgp' | 'sigstore';
  readonly bytes: Uint8Array;
}

export interface SealedApproval extends Findings {
  /** Statement and signature, named `role-N.json` and `role-N.json.sig` (or `.asc`); none when refused. */
  readonly files: readonly NamedBytes[];
}

const ENDINGS: Readonly<Record<EvidenceSignature['kind'], string>> = {
  sshsig: '.sig',
  openpgp: '.asc',
  sigstore: '.sigstore.json',
  timestamp: '.tsr',
};

/** The subject of a judged bundle, or why nobody should sign it (docs/SPEC.md, "Approvals"). */
export function subjectOf(input: InputReport): { readonly subject: ApprovalSubject } | Findings {
  const { bundle, bundleDigest, contentRoot, dialect, axes } = input;
  const sound = axes.readable !== 'fail' && axes.unchanged !== 'fail' && input.verdict.look !== 'unreadable';
  if (!sound || bundle === null || bundleDigest === null || dialect === null)
    return { findings: [finding('approve-bundle-not-sound', {})] };
  if (contentRoot === null) return { findings: [finding('approve-no-content-root', {})] };
  const { id, version } = bundle;
  return { subject: { bundleDigest, id, version, contentRoot, dialect } };
}

/** The exact bytes to sign. What is wrong with the intent comes back as findings. */
export function prepareApproval(
  subject: Omit<ApprovalSubject, 'dialect'>,
  intent: ApprovalIntent,
): { readonly statement: Uint8Array<ArrayBuffer> } | Findings {
  const { file, ...said } = intent;
  const { id, version, contentRoot } = subject;
  const draft = draftStatement({
    ...said,
    kind: file === undefined ? 'bundle' : 'file',
    subjectName: file?.path ?? 'manifest.yaml',
    subjectSha256: file?.sha256 ?? subject.bundleDigest.replace('sha256:', ''),
    bundle: { id, version, contentRoot },
  });
  return 'findings' in draft ? draft : { statement: draft.bytes };
}

/**
 * Joins a statement and the signature that somebody made over it, after checking the pair with the code that
 * verifies. OpenPGP and Sigstore signatures are only recognised here; whoever has their checker asks it first.
 */
export function sealApproval(statement: Uint8Array, signature: SignatureFile, n = 1): SealedApproval {
  const read = readStatement(statement);
  if ('findings' in read) return { files: [], findings: read.findings };
  const findings = sealProblems(read.statement, signature);
  if (findings.some(({ severity }) => severity === 'error')) return { files: [], findings };
  const name = `${read.statement.role}-${n}.json`;
  return {
    files: [
      { name, bytes: statement },
      { name: name + ENDINGS[signature.kind], bytes: signature.bytes },
    ],
    findings,
  };
}

function sealProblems(statement: ApprovalStatement, { kind, bytes }: SignatureFile): readonly Finding[] {
  if (kind !== 'sshsig') {
    return recogniseSignature(bytes) === kind ? [] : [finding('signature-of-other-kind', { kind })];
  }
  const check = verifySshsig(bytes, statement.bytes, APPROVAL_NAMESPACE);
  const signer = check.key?.fingerprint;
  if (check.outcome !== 'true' || signer === undefined) return check.findings;
  if (statement.key === undefined || statement.key === signer) return [];
  const file = `${statement.role}.json`;
  return [finding('statement-key-differs', { file }, { expected: signer, found: statement.key })];
}

/**
 * Approvals as one file to send: a tgz that holds only `approvals/` (docs/SPEC.md, "Supplements"). Names without a
 * folder go there. The same files give the same bytes.
 *
 * @throws Error on a name that the archive reader would refuse; those of {@link sealApproval} are fine.
 */
export function writeSupplement(files: readonly NamedBytes[]): Uint8Array<ArrayBuffer> {
  const byPath = new Map(
    files.map(({ name, bytes }) => [name.includes('/') ? name : `approvals/${name}`, bytes]),
  );
  return writeArchive(bundleOrder(byPath.keys()).map((path) => ({ path, bytes: byPath.get(path)! })));
}

// --- Attaching ------------------------------------------------------------------------------------------------

export interface AttachOptions {
  /** Attach also what names this bundle by a kind of signature that is not checked here. Never what is false. */
  readonly unchecked?: boolean;
  /** OpenPGP public keys to check signatures with; those among the files are used, too. Whose they are is not asked. */
  readonly certificates?: readonly NamedBytes[];
  /** Milliseconds since 1970 that OpenPGP keys are judged at; without it such signatures are not checked. */
  readonly now?: number;
  readonly signal?: AbortSignal;
  /** Whatever packs one bundle; without it, plain script. The bytes are the same. */
  readonly startPacker?: () => PiecePacker;
}

export interface IgnoredFile {
  readonly file: string;
  readonly because: string;
}

export interface Attached extends Findings {
  /**
   * The new bundle, made while it is read; null when nothing is attached. Use the output only after its end: a
   * source that changed meanwhile ends it with an error.
   */
  readonly bundle: ByteSource | null;
  /** `sha256:<hex>` of manifest.yaml, the same before and after. */
  readonly bundleDigest: string | null;
  /** False when the archive itself cannot be read safely. */
  readonly readable: boolean;
  /** Paths of the new entries. */
  readonly added: readonly string[];
  readonly ignored: readonly IgnoredFile[];
}

/**
 * A new bundle that holds the approvals, signatures and supplements in `files` (docs/SPEC.md, "Supplements"):
 * manifest.yaml and every content entry keep their bytes, so the bundle digest does, too. Attached is only what is
 * signed over exactly this bundle, or over one file of it; the others are named with the reason. Whose keys they
 * are is asked when the bundle is judged. `bundle` must be reopenable; everything given is attacker-controlled.
 */
export async function attachApprovals(
  bundle: ByteSource,
  files: readonly NamedBytes[],
  platform: Platform,
  limits: Limits,
  options: AttachOptions = {},
): Promise<Attached> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const reading = await readBundle('bundle', bundle, { platform, limits, ...signal });
  const problem = await bundleProblem(reading, platform, limits);
  const bundleDigest = reading.manifestSha256 === null ? null : `sha256:${reading.manifestSha256}`;
  const { readable } = reading.archive;
  const nothing = { bundle: null, bundleDigest, readable, added: [] };
  if (problem !== null) return { ...nothing, ignored: [], findings: [problem] };
  const certificates = files.filter(({ bytes }) => looksLikeCertificate(bytes));
  const loose = files.filter((file) => !certificates.includes(file));
  const openPgp =
    options.now === undefined
      ? undefined
      : new OpenPgpDesk(null, [...(options.certificates ?? []), ...certificates], options.now);
  const desk = openPgp === undefined ? {} : { openPgp };
  const pool = await pairLoose({ loose, supplements: [], bundles: [reading], limits, platform, ...desk });
  const ignored: IgnoredFile[] = strangers(pool);
  const shelf = new Shelf(reading, limits);
  for (const evidence of looseFor(pool, reading))
    place(evidence, reading, shelf, ignored, { ...options, ...desk });
  const added = [...shelf.added.keys()].sort();
  if (added.length === 0 && !shelf.repeated)
    return { ...nothing, ignored, findings: [finding('attach-nothing', { count: files.length })] };
  if (shelf.statements.size > limits.approvalsMax) {
    return {
      ...nothing,
      ignored,
      findings: [finding('attach-too-many', { approvalsMax: limits.approvalsMax })],
    };
  }
  const parts = new Map([...shelf.added, [CHECKSUMS_PATH, checksums(reading, shelf.added, platform)]]);
  const archiveSha256 = reading.archive.archiveSha256!;
  const { startPacker } = options;
  const packing = startPacker === undefined ? {} : { startPacker };
  const merged = rewriteArchive(bundle, parts, { platform, limits, archiveSha256, ...packing, ...signal });
  return { bundle: merged, bundleDigest, readable, added, ignored, findings: [] };
}

/** All of it in memory, for small bundles and tests; null when the source changed meanwhile. */
export async function collectBytes(source: ByteSource): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of source.open()) parts.push(part);
  } catch (error) {
    if (error instanceof ArchiveChangedError) return null;
    throw error;
  }
  return concatBytes(parts);
}

/** Judged by the code that judges everything: a bundle that contradicts itself gets no approvals. */
async function bundleProblem(reading: Reading, platform: Platform, limits: Limits): Promise<Finding | null> {
  const report = await judgeReadings([reading], {
    loose: [],
    allowedSigners: [],
    now: formatTime(0),
    limitsProfile: 'default',
    limits,
    tool: { name: 'countersign', version: '0', build: 'attach' },
    controls: null,
    platform,
  });
  const [input] = report.inputs;
  const read =
    input === undefined ? { findings: [finding('approve-bundle-not-sound', {})] } : subjectOf(input);
  if ('findings' in read) return read.findings[0]!;
  const { dialect } = read.subject;
  return dialect === 'countersign' ? null : finding('attach-legacy-dialect', { dialect });
}

/** Files that turned out to concern no bundle, or this one not at all. */
function strangers({ reports }: LoosePool): IgnoredFile[] {
  return reports.flatMap(({ file, inputs, findings }) =>
    inputs.length > 0 ? [] : findings.map(({ message }) => ({ file, because: message })),
  );
}

/** Findings that say who is known, which is no question here. */
const NOT_ASKED: ReadonlySet<string> = new Set(['signer-unknown']);

function place(
  evidence: Evidence,
  reading: Reading,
  shelf: Shelf,
  ignored: IgnoredFile[],
  options: AttachOptions & { readonly openPgp?: OpenPgpDesk },
): void {
  const { statement, file } = evidence;
  const judged = judgeEvidence(evidence, reading, null, options.now ?? 0, options.openPgp);
  const signatures = evidence.signatures.filter(({ kind }) => kind !== 'timestamp');
  if (statement === null || signatures.length === 0) {
    ignored.push({ file, because: reasonOf(judged[0]) });
    return;
  }
  let kept = false;
  signatures.forEach((signature, i) => {
    const one = judged[i];
    if (one === undefined || !holds(one, options)) ignored.push({ file, because: reasonOf(one) });
    else if (shelf.put(statement, signature)) kept = true;
    else ignored.push({ file, because: 'It is in the bundle already.' });
  });
  if (!kept) return;
  for (const token of evidence.signatures) if (token.kind === 'timestamp') shelf.put(statement, token);
}

function holds(
  { signature, binding, findings }: JudgedApproval,
  { unchecked = false }: AttachOptions,
): boolean {
  if (binding !== 'bundle' && binding !== 'file') return false;
  const open = unchecked && signature === 'could-not-check';
  const problems = findings.filter(({ code, severity }) => severity === 'error' && !NOT_ASKED.has(code));
  return signature === 'true' ? problems.length === 0 : open;
}

function reasonOf(judged: JudgedApproval | undefined): string {
  const said = (judged?.findings ?? []).filter(({ code }) => !NOT_ASKED.has(code));
  const worst = said.find(({ severity }) => severity === 'error') ?? said[0];
  if (worst !== undefined) return worst.message;
  return judged?.binding === 'other'
    ? 'It is for another bundle.'
    : 'It signs the archive as it was, so it cannot be put into it.';
}

/** The approvals folder while it is being filled. Names mean nothing; what is new takes the next free number. */
class Shelf {
  readonly added = new Map<string, Uint8Array>();
  /** Distinct statements by their text, each with the paths under which it stands. */
  readonly statements = new Map<string, string[]>();
  repeated = false;
  private readonly held: Map<string, Uint8Array>;
  private readonly taken: Set<string>;

  constructor({ archive }: Reading, limits: Limits) {
    this.held = new Map([...archive.kept].filter(([path]) => path.startsWith('approvals/')));
    this.taken = new Set(archive.entries.map(({ path }) => path));
    const files = [...this.held].map(([name, bytes]) => ({ name, bytes }));
    for (const { statement, file } of collectEvidence(files, 'embedded', limits).evidence) {
      const same = files.filter(({ bytes }) => statement !== null && equalBytes(bytes, statement.bytes));
      this.statements.set(
        statement === null ? `file ${file}` : toHex(statement.bytes),
        same.map(({ name }) => name),
      );
    }
  }

  /** False when this signature over this statement is there already. */
  put(statement: ApprovalStatement, { kind, bytes }: EvidenceSignature): boolean {
    const text = toHex(statement.bytes);
    const paths = this.statements.get(text) ?? [];
    const ending = ENDINGS[kind];
    const same = paths.some((path) => {
      const there = this.held.get(path + ending);
      return there !== undefined && equalBytes(there, bytes);
    });
    if (same) {
      this.repeated = true;
      return false;
    }
    const free = paths.find((path) => !this.taken.has(path + ending));
    const path = free ?? this.newPath(statement);
    if (free === undefined) {
      this.store(path, statement.bytes);
      this.statements.set(text, [...paths, path]);
    }
    this.store(path + ending, bytes);
    return true;
  }

  private store(path: string, bytes: Uint8Array): void {
    this.added.set(path, bytes);
    this.held.set(path, bytes);
    this.taken.add(path);
  }

  /** A number is free when nothing stands there, a lone signature neither: it must not find a statement by chance. */
  private newPath({ role }: ApprovalStatement): string {
    let n = 1;
    const names = (base: string): string[] => [
      base,
      ...Object.values(ENDINGS).map((ending) => base + ending),
    ];
    while (names(`approvals/${role}-${n}.json`).some((path) => this.taken.has(path))) n += 1;
    return `approvals/${role}-${n}.json`;
  }
}

function checksums(
  { archive }: Reading,
  added: ReadonlyMap<string, Uint8Array>,
  platform: Platform,
): Uint8Array {
  const before = archive.entries.filter(({ path }) => path !== CHECKSUMS_PATH);
  const now = [...added].map(([path, bytes]) => ({ path, sha256: toHex(platform.sha256Sync(bytes)) }));
  return writeChecksums([...before, ...now]);
}
