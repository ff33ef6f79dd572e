import { NameSpace } from './archive/namespace.js';
import { pathFindings } from './archive/path.js';
import { readArchive } from './archive/readArchive.js';
import {
  bundleOrder,
  writeArchiveStream,
  type ArchiveStreamInput,
  type PiecePacker,
} from './archive/writeArchive.js';
import { toHex } from './bytes/hex.js';
import type { Platform } from './bytes/platform.js';
import type { ByteSource } from './bytes/source.js';
import { compareUtf8, toUtf8 } from './bytes/text.js';
import { parseTime } from './bytes/time.js';
import type { NamedBytes } from './envelope/approval.js';
import type { Finding } from './generated/report.js';
import { limitsProfiles, type Limits } from './limits.js';
import { writeChecksums } from './manifest/checksums.js';
import { bundleDigest, contentRoot } from './manifest/digests.js';
import type { Manifest, ManifestFile } from './manifest/manifest.js';
import { CHECKSUMS_PATH, isAllowedEvidenceName, isReservedPath, MANIFEST_PATH } from './manifest/names.js';
import { readManifest } from './manifest/readManifest.js';
import { writeManifest } from './manifest/writeManifest.js';
import { finding } from './messages/finding.js';
import { SecretScanner, type SecretFinding } from './project/secrets.js';

/** One file of a project. `open` is called twice: to hash, then to write. Chunks are not changed afterwards. */
export interface ProjectFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

export type GovernanceLevel = 'L1' | 'L2' | 'L3' | 'L4';

export interface BuildChoices {
  readonly id: string;
  readonly version: string;
  /** RFC 3339 with a zone. */
  readonly created: string;
  readonly level?: GovernanceLevel;
  readonly requiredApprovals: readonly string[];
  /** What the bundle is, in the author's words. */
  readonly description?: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What else the manifest says for people. */
  readonly about?: Partial<Pick<Manifest, 'description' | 'authors' | 'tags' | 'dependencies'>>;
  /** True for files whose bytes stay outside though they are not long. */
  readonly isExternal?: (path: string) => boolean;
  /** Why a finding that looks like a secret goes in all the same: written into the metadata. null stops the build. */
  readonly allowSecret?: (secret: SecretFinding) => string | null;
  /** At least 16 bytes, kept by the author: every file gets a salt, so that parts can be shown later. */
  readonly seed?: Uint8Array;
}

export interface BuildOptions {
  readonly platform: Platform;
  readonly signal?: AbortSignal;
  /** Bytes of files seen so far, in the pass that hashes; those that were seen before count at once. */
  readonly onProgress?: (bytes: number) => void;
  /**
   * What earlier plans over the same files found, by path; new files are added. Packing reads everything again, so
   * a file that changed in between is noticed then.
   */
  readonly seen?: Map<string, SeenFile>;
  /** Packs beside the caller; the bytes are the same. Without it, the caller packs. */
  readonly packer?: PiecePacker;
}

/** What one reading of a file tells, whatever is chosen afterwards. */
export interface SeenFile {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly secrets: readonly SecretFinding[];
}

/** A bundle that cannot be built as asked. */
export interface BuildRefusal {
  readonly findings: readonly Finding[];
  /** Everything that looks like a secret, with a reason or without. */
  readonly secrets: readonly SecretFinding[];
}

/** A bundle that is decided down to its manifest; nothing is packed yet. */
export interface BuildPlan {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  /** `sha256:<hex>` of `manifestBytes`: known before anything is written. */
  readonly bundleDigest: string;
  readonly files: readonly ProjectFile[];
  /** What looks like a secret and goes in with a reason, which is in the metadata. */
  readonly secrets: readonly SecretFinding[];
}

/** Files longer than this stay outside: the list has their digests, the archive not their bytes. */
export const EXTERNAL_BYTES_MIN = 26_214_400;
/** Other events are let in after a piece of this size; one message for each small file would cost more than the file. */
const PAUSE_BYTES_MIN = 65_536;
const ROLE = /^[a-z][a-z0-9-]{0,31}$/;
const SEED_BYTES_MIN = 16;
const ROLES_NEEDED: Readonly<Record<GovernanceLevel, number>> = { L1: 0, L2: 1, L3: 2, L4: 2 };

/** A file is not what it was when it was hashed, so nothing written so far may be used. */
export class ProjectChangedError extends Error {
  override readonly name = 'ProjectChangedError';

  constructor(readonly path: string) {
    super('a file of the project changed while it was packed');
  }
}

/**
 * Hashes every file and writes the manifest (docs/SPEC.md, "Building"). The same files and choices give the same
 * bytes in every engine. Memory does not grow with the files. What stands against it comes back as findings.
 */
export async function planBundle(
  files: readonly ProjectFile[],
  choices: BuildChoices,
  options: BuildOptions,
): Promise<BuildPlan | BuildRefusal> {
  const findings = [...fieldFindings(choices), ...nameFindings(files)];
  if (findings.length > 0) return { findings, secrets: [] };
  const sorted = files.toSorted((a, b) => compareUtf8(a.path, b.path));
  const rows: ManifestFile[] = [];
  const secrets: SecretFinding[] = [];
  let bytes = 0;
  for (const file of sorted) {
    const seen = await see(file, options, bytes);
    options.onProgress?.((bytes += file.size));
    secrets.push(...seen.secrets);
    rows.push(rowOf(file, seen.sha256, choices, options.platform));
  }
  const refused = secrets.filter((secret) => reasonFor(secret, choices) === '');
  if (refused.length > 0) return { findings: refused.map(secretFinding), secrets };
  const manifest = manifestOf(rows, withReasons(secrets, choices), contentRoot(rows, options.platform));
  const manifestBytes = writeManifest(manifest);
  // What no reader would take is refused here, by the reader itself, and not after everything was packed.
  const read = readManifest(manifestBytes, limitsProfiles.large);
  if (read.manifest === null) return { findings: read.findings, secrets };
  const digest = await bundleDigest(manifestBytes, options.platform);
  return { manifest, manifestBytes, bundleDigest: digest, files: sorted, secrets };
}

/**
 * The bundle, in pieces. Files are read again and must be what they were: else {@link ProjectChangedError}, and
 * what came out before it is of no use. `carried` are approvals and attestations of the same bundle digest.
 */
export function packBundle(
  plan: BuildPlan,
  carried: readonly NamedBytes[],
  options: BuildOptions,
): AsyncGenerator<Uint8Array> {
  return writeArchiveStream(entriesOf(plan, carried, options), options.packer, options.platform.crc32);
}

/**
 * The bytes that stay outside, as a supplement (docs/SPEC.md, "Supplements"): whoever has both files can check all.
 * Files are read again as in {@link packBundle}. Null when everything is inside.
 */
export function packExternal(plan: BuildPlan, options: BuildOptions): AsyncGenerator<Uint8Array> | null {
  const files = new Map(plan.files.map((file) => [file.path, file]));
  const outside = new Map(
    plan.manifest.files.flatMap(({ path, sha256, external }) =>
      external && sha256 !== null ? [[`external/${sha256}`, { sha256, file: files.get(path)! }]] : [],
    ),
  );
  if (outside.size === 0) return null;
  return writeArchiveStream(
    [...outside].sort().map(([path, { sha256, file }]) => ({
      path,
      size: file.size,
      chunks: sameBytes(file, sha256, options),
    })),
    options.packer,
    options.platform.crc32,
  );
}

/** Approvals and attestations of an earlier bundle. */
export interface Carried {
  /** `sha256:<hex>` that they are about: they may go into a bundle with this digest alone. */
  readonly digest: string;
  /** When the earlier bundle says it was created; the same time gives the same digest. */
  readonly created: string | null;
  readonly files: readonly NamedBytes[];
}

/**
 * What can be taken along from an earlier bundle. Whether the approvals hold is asked when the new one is verified.
 * Attacker-controlled.
 */
export async function carriedApprovals(
  earlier: ByteSource,
  { platform, limits, signal }: { platform: Platform; limits: Limits; signal?: AbortSignal },
): Promise<Carried | { readonly findings: readonly Finding[] }> {
  const { approvalBytesMax, manifestBytesMax } = limits;
  const isEvidence = (path: string): boolean => isAllowedEvidenceName(path, 'countersign');
  const archive = await readArchive(earlier, {
    platform,
    limits,
    keep: (path, size) =>
      path === MANIFEST_PATH ? size <= manifestBytesMax : isEvidence(path) && size <= approvalBytesMax,
    ...(signal === undefined ? {} : { signal }),
  });
  const bytes = archive.kept.get(MANIFEST_PATH);
  const refused = (problem: string) => ({ findings: [finding('build-carry-unreadable', { problem })] });
  if (!archive.readable) return refused(archive.findings[0]?.message ?? 'it cannot be read');
  const manifest = bytes === undefined ? null : readManifest(bytes, limits).manifest;
  if (bytes === undefined || manifest?.dialect !== 'countersign')
    return refused('it holds no manifest of the current format');
  const files = [...archive.kept].flatMap(([name, one]) => (isEvidence(name) ? [{ name, bytes: one }] : []));
  const { created = null } = manifest;
  return { digest: await bundleDigest(bytes, platform), created, files };
}

async function* entriesOf(
  plan: BuildPlan,
  carried: readonly NamedBytes[],
  options: BuildOptions,
): AsyncGenerator<ArchiveStreamInput> {
  const { platform } = options;
  const inside = plan.manifest.files.filter(({ external }) => !external);
  const digests = new Map(inside.map(({ path, sha256 }) => [path, sha256 ?? '']));
  const small = new Map([
    [MANIFEST_PATH, plan.manifestBytes],
    ...carried.map(({ name, bytes }) => [name, bytes] as const),
  ]);
  for (const [path, bytes] of small) digests.set(path, toHex(platform.sha256Sync(bytes)));
  small.set(CHECKSUMS_PATH, writeChecksums([...digests].map(([path, sha256]) => ({ path, sha256 }))));
  const files = new Map(plan.files.map((file) => [file.path, file]));
  for (const path of bundleOrder([...digests.keys(), CHECKSUMS_PATH])) {
    const bytes = small.get(path);
    if (bytes !== undefined) yield { path, size: bytes.length, chunks: [bytes] };
    else
      yield {
        path,
        size: files.get(path)!.size,
        chunks: sameBytes(files.get(path)!, digests.get(path)!, options),
      };
  }
}

async function* sameBytes(
  file: ProjectFile,
  sha256: string,
  options: BuildOptions,
): AsyncGenerator<Uint8Array> {
  const hash = options.platform.createSha256();
  let left = file.size;
  for await (const chunk of file.open()) {
    options.signal?.throwIfAborted();
    hash.update(chunk);
    left -= chunk.length;
    if (left < 0) break;
    yield chunk;
    if (chunk.length >= PAUSE_BYTES_MIN) await options.platform.yieldToEvents?.();
  }
  if (left !== 0 || toHex(await hash.digest()) !== sha256) throw new ProjectChangedError(file.path);
}

/** The digest of a file and what looks like a secret in it, by one reading. `before`: bytes of the files before it. */
async function see(
  file: ProjectFile,
  { platform, signal, onProgress, seen }: BuildOptions,
  before: number,
): Promise<SeenFile> {
  const known = seen?.get(file.path);
  if (known !== undefined) return known;
  const hash = platform.createSha256();
  const scanner = new SecretScanner(file.path);
  let bytes = 0;
  signal?.throwIfAborted();
  for await (const chunk of file.open()) {
    signal?.throwIfAborted();
    hash.update(chunk);
    scanner.push(chunk);
    bytes += chunk.length;
    onProgress?.(before + bytes);
    if (chunk.length >= PAUSE_BYTES_MIN) await platform.yieldToEvents?.();
  }
  if (bytes !== file.size) throw new ProjectChangedError(file.path);
  const found = { sha256: toHex(await hash.digest()), secrets: scanner.finish() };
  seen?.set(file.path, found);
  return found;
}

function reasonFor(secret: SecretFinding, { allowSecret }: BuildChoices): string {
  return allowSecret?.(secret)?.trim() ?? '';
}

function secretFinding({ path, line, kind, excerpt }: SecretFinding): Finding {
  return finding('build-secret', { path, line, kind }, { where: { path, line }, found: excerpt });
}

function withReasons(secrets: readonly SecretFinding[], choices: BuildChoices): BuildChoices {
  const reasons = secrets.map((secret, i): readonly [string, string] => [
    `secret_allowed_${i + 1}`,
    `${secret.path}:${secret.line} ${secret.kind}: ${reasonFor(secret, choices)}`,
  ]);
  return { ...choices, metadata: { ...choices.metadata, ...Object.fromEntries(reasons) } };
}

function rowOf(
  { path, size }: ProjectFile,
  sha256: string,
  choices: BuildChoices,
  platform: Platform,
): ManifestFile {
  const external = size > EXTERNAL_BYTES_MIN || choices.isExternal?.(path) === true;
  const { seed } = choices;
  const row = { path, size, sha256, external };
  return seed === undefined ? row : { ...row, salt: saltOf(seed, path, platform) };
}

/** First 16 bytes of SHA-256 over SHA-256 of the seed and the path: one seed, one salt for each path. */
function saltOf(seed: Uint8Array, path: string, platform: Platform): string {
  const text = `countersign salt v1\n${toHex(platform.sha256Sync(seed))}\n${path}`;
  return toHex(platform.sha256Sync(toUtf8(text))).slice(0, 32);
}

function manifestOf(files: readonly ManifestFile[], choices: BuildChoices, root: string): Manifest {
  const { id, version, created, level, requiredApprovals, description = '', metadata } = choices;
  return {
    dialect: 'countersign',
    schema: 'specular.bundle/v1',
    id,
    version,
    created,
    integrityDigest: root,
    ...(level === undefined ? {} : { governanceLevel: level }),
    requiredApprovals,
    metadata,
    ...(description === '' ? {} : { description }),
    authors: [],
    tags: [],
    dependencies: [],
    ...choices.about,
    files,
  };
}

function fieldFindings(choices: BuildChoices): readonly Finding[] {
  const { id, version, created, level, requiredApprovals: roles, seed } = choices;
  const bad = (field: string, found: string): Finding => finding('build-field', { field }, { found });
  const findings: Finding[] = [];
  if (id === '') findings.push(bad('The id', id));
  if (version === '') findings.push(bad('The version', version));
  if (parseTime(created) === null) findings.push(bad('The time of creation', created));
  for (const role of roles) if (!ROLE.test(role)) findings.push(bad('A required role', role));
  if (new Set(roles).size !== roles.length)
    findings.push(bad('The list of required roles', roles.join(', ')));
  if (seed !== undefined && seed.length < SEED_BYTES_MIN)
    findings.push(bad('A seed of fewer than 16 bytes', `${seed.length} bytes`));
  const need = level === undefined ? 0 : ROLES_NEEDED[level];
  if (level !== undefined && roles.length < need)
    findings.push(finding('build-level-roles', { level, need, have: roles.length }));
  return findings;
}

/** What stands against these paths in a bundle: unsafe, kept for the format, or one file under two names. */
export function nameFindings(files: readonly ProjectFile[]): readonly Finding[] {
  if (files.length === 0) return [finding('build-no-files', {})];
  const names = new NameSpace();
  const findings: Finding[] = [];
  for (const { path } of files) {
    const unsafe = pathFindings(path).filter(({ severity }) => severity === 'error');
    if (unsafe.length > 0) findings.push(...unsafe);
    else if (isReservedPath(path) || isReservedPath(path.toLowerCase()))
      findings.push(finding('build-reserved-path', { path }, { where: { path } }));
    else {
      const clash = names.add(path, 'file');
      if (clash !== null)
        findings.push(finding('build-name-clash', { path, other: clash.other }, { where: { path } }));
    }
  }
  return findings;
}
