import { formatTime, parseTime, toUtc } from './bytes/time.js';
import { EXTERNAL_BYTES_MIN, type BuildChoices, type GovernanceLevel } from './build.js';
import type { Finding, InputReport } from './generated/report.js';
import type { Reading } from './checks/reading.js';
import type { Manifest } from './manifest/manifest.js';
import { isReservedPath } from './manifest/names.js';
import { finding } from './messages/finding.js';

/** Something of the older bundle that the new one does not have, and why. Texts may hold what the bundle claims. */
export interface NotCarried {
  readonly what: 'approval' | 'attestation' | 'role' | 'level' | 'permissions' | 'content-types' | 'bytes';
  /** The file, role or field in question. Attacker-controlled. */
  readonly name: string;
  readonly why: string;
  /** What to do about it. */
  readonly next: string;
}

/** Approvals that have to be given again, for the new digest. */
export interface ToRenew {
  readonly file: string;
  readonly role: string | null;
  readonly user: string | null;
}

export interface MigrationFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export interface Migration {
  readonly choices: BuildChoices;
  readonly files: readonly MigrationFile[];
  /** Where the older bundle itself is kept as evidence; null when it is not. */
  readonly original: string | null;
  readonly notCarried: readonly NotCarried[];
  readonly renew: readonly ToRenew[];
}

export interface MigrationOptions {
  /** RFC 3339; for bundles that do not say when they were made. */
  readonly now: string;
  readonly created?: string;
  /** Roles that must approve, in place of the older bundle's. */
  readonly requiredApprovals?: readonly string[];
  readonly keepOriginal: boolean;
}

/** The older bundle inside of the new one. */
export const ORIGINAL_PATH = '.specular/migrated-from.sbundle.tgz';
const ROLE = /^[a-z][a-z0-9-]{0,31}$/;
const ROLES_NEEDED: Readonly<Record<string, number>> = { L1: 0, L2: 1, L3: 2, L4: 2 };
const RENEW = 'Ask for it again: what is approved is the digest of the new bundle.';

/**
 * What a bundle of an older dialect becomes in ours (docs/SPEC.md, "Migrating"): content byte for byte, fields where
 * they have a place, and a list of everything that could not be carried. Approvals never are: they sign other bytes.
 */
export function planMigration(
  input: InputReport,
  reading: Pick<Reading, 'archive' | 'manifestFindings'> & { readonly manifest: Manifest },
  options: MigrationOptions,
): Migration | { readonly findings: readonly Finding[] } {
  const { verdict, axes, archiveDigest } = input;
  const { manifest } = reading;
  if (manifest.dialect === 'countersign')
    return { findings: [finding('migrate-refused', { problem: 'it is of the dialect of this program' })] };
  const unsound = axes.readable === 'fail' || axes.unchanged === 'fail' || input.bundle === null;
  if (unsound || verdict.look === 'rejected' || verdict.look === 'unreadable' || archiveDigest === null)
    return { findings: [finding('apply-refused-verdict', { code: verdict.code })] };
  const files = contentOf(input);
  const kept = options.keepOriginal && input.sizeBytes <= EXTERNAL_BYTES_MIN;
  const roles = options.requiredApprovals ?? manifest.requiredApprovals;
  const level = levelOf(manifest.governanceLevel, roles.length);
  return {
    choices: {
      id: manifest.id,
      version: manifest.version,
      created: createdOf(manifest, options),
      ...(level === null ? {} : { level }),
      requiredApprovals: roles,
      metadata: { ...manifest.metadata, migrated_from: archiveDigest, migrated_dialect: manifest.dialect },
      about: aboutOf(manifest),
    },
    files,
    original: kept ? ORIGINAL_PATH : null,
    notCarried: [
      ...approvalsLost(input, reading.manifestFindings),
      ...attestationsLost(reading.archive),
      ...rolesLost(roles),
      ...levelLost(manifest.governanceLevel, level),
      ...rowsLost(manifest),
      ...bytesLost(files),
    ],
    renew: renewals(input, roles),
  };
}

function contentOf({ files }: InputReport): readonly MigrationFile[] {
  return files.flatMap(({ path, size, sha256, status }) => {
    const bound = status === 'matches' || status === 'not-compared';
    return bound && sha256 !== null && !isReservedPath(path) && path !== ORIGINAL_PATH
      ? [{ path, size, sha256 }]
      : [];
  });
}

function createdOf({ created }: Manifest, options: MigrationOptions): string {
  const given = options.created ?? created;
  const now = formatTime(Math.floor((parseTime(options.now) ?? 0) / 1000) * 1000);
  return (given === undefined ? null : toUtc(given)) ?? now;
}

function aboutOf({ description, authors, tags, dependencies }: Manifest): NonNullable<BuildChoices['about']> {
  return { authors, tags, dependencies, ...(description === undefined ? {} : { description }) };
}

function levelOf(level: string | undefined, roles: number): GovernanceLevel | null {
  const needed = ROLES_NEEDED[level ?? ''];
  return needed === undefined || roles < needed ? null : (level as GovernanceLevel);
}

function approvalsLost({ approvals }: InputReport, findings: readonly Finding[]): readonly NotCarried[] {
  const why = 'it signs the bytes of the older bundle, and no others';
  const files = approvals.map(({ file }): NotCarried => ({ what: 'approval', name: file, why, next: RENEW }));
  const inside = findings.filter(({ code }) => code === 'manifest-signatures-inside');
  return [
    ...files,
    ...inside.map(({ where }): NotCarried => {
      const name = `${where.path ?? 'manifest.yaml'}: ${where.field ?? 'approvals'}`;
      return { what: 'approval', name, why: 'a manifest cannot hold what is signed over it', next: RENEW };
    }),
  ];
}

function attestationsLost({ entries }: Reading['archive']): readonly NotCarried[] {
  return entries
    .filter(({ path }) => path.startsWith('attestations/'))
    .map(({ path }) => ({
      what: 'attestation',
      name: path,
      why: 'it speaks of the older bundle',
      next: 'Have it made again for the new bundle, where a rule asks for one.',
    }));
}

function rolesLost(roles: readonly string[]): readonly NotCarried[] {
  return roles
    .filter((role) => !ROLE.test(role))
    .map((role) => ({
      what: 'role',
      name: role,
      why: 'roles are a lower-case letter and up to 31 of a-z, 0-9 and "-"',
      next: 'Say with --require-approvals which roles must approve instead.',
    }));
}

function levelLost(claimed: string | undefined, carried: GovernanceLevel | null): readonly NotCarried[] {
  if (claimed === undefined || claimed === carried) return [];
  const why = 'it is none of L1 to L4, or it needs more roles than the bundle names';
  return [{ what: 'level', name: claimed, why, next: 'Build with --level and the roles that it needs.' }];
}

function rowsLost({ files }: Manifest): readonly NotCarried[] {
  const next = 'Nothing: files are applied as plain files.';
  const lost: NotCarried[] = [];
  const executable = files.filter(({ mode }) => mode !== undefined && (mode & 0o111) !== 0);
  for (const { path } of executable)
    lost.push({ what: 'permissions', name: path, why: 'executable bits are never written', next });
  for (const { path, contentType } of files)
    if (contentType !== undefined)
      lost.push({ what: 'content-types', name: path, why: 'a file is what its bytes are', next });
  return lost;
}

function bytesLost(files: readonly MigrationFile[]): readonly NotCarried[] {
  return files
    .filter(({ size }) => size > EXTERNAL_BYTES_MIN)
    .map(({ path }) => ({
      what: 'bytes',
      name: path,
      why: 'files over 25 MiB are listed with their digest and sent beside the bundle',
      next: 'Send the file beside the bundle, or in a supplement.',
    }));
}

/** Every approval that the older bundle came with, then every role of which there was none. */
function renewals({ approvals }: InputReport, roles: readonly string[]): readonly ToRenew[] {
  const given = approvals.map(({ file, claims }) => ({
    file,
    role: claims.role ?? null,
    user: claims.user ?? null,
  }));
  const had = new Set(given.map(({ role }) => role));
  return [
    ...given,
    ...roles.filter((role) => !had.has(role)).map((role) => ({ file: '', role, user: null })),
  ];
}
