import { parseTime } from '../bytes/time.js';
import type { Dialect } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { knownInOrder, legacyPreimage } from './digests.js';
import { checkBoolean, Fields, place, type FindingList, type TextRule } from './fields.js';
import { FileNames, pathText, type FileRows } from './files.js';
import type { Manifest, ManifestDependency, ManifestFile } from './manifest.js';
import type { MapNode } from './node.js';

/** What a dialect's reader is given. */
export interface DialectInput {
  readonly root: MapNode;
  readonly rows: FileRows;
  readonly findings: FindingList;
  readonly filesMax: number;
  readonly bytes: Uint8Array;
}

const COMMON = [
  'schema',
  'id',
  'version',
  'created',
  'integrity',
  'governance_level',
  'required_approvals',
  'metadata',
  'description',
  'authors',
  'tags',
  'dependencies',
  'files',
];
const DIGEST: TextRule = {
  form: { test: /^sha256:[0-9a-f]{64}$/, says: '"sha256:" and 64 lower-case hex digits' },
};
const LEVEL: TextRule = { form: { test: /^L[1-4]$/, says: 'L1, L2, L3 or L4' } };
const ROLE: TextRule = {
  form: { test: /^[a-z][a-z0-9-]{0,31}$/, says: 'a lower-case letter, then up to 31 of a-z, 0-9 and -' },
};
const FREE: TextRule = { allowEmpty: true };
const PROSE: TextRule = { allowEmpty: true, multiline: true };

/** Our dialect and the released command line's share their fields; what differs is asked by name. */
export function readListedManifest(
  input: DialectInput,
  dialect: Exclude<Dialect, 'specular-planned'>,
): Manifest {
  const ours = dialect === 'countersign';
  const fields = new Fields(input.root, '', COMMON, input.findings);
  const integrityFields = ours ? ['algorithm', 'digest', 'tree'] : ['algorithm', 'digest', 'manifest_digest'];
  const integrityDigest = readIntegrity(fields, integrityFields, 'algorithm', input);
  checkFiles(fields, input, ours);
  return {
    dialect,
    ...readIdentity(fields, input.findings),
    integrityDigest,
    ...optional('governanceLevel', fields.text('governance_level', ours ? LEVEL : {})),
    requiredApprovals: readRoles(fields, 'required_approvals', ours, input.findings),
    metadata: fields.textMap('metadata', PROSE),
    ...optional('description', fields.text('description', PROSE)),
    authors: fields.texts('authors'),
    tags: fields.texts('tags'),
    dependencies: readDependencies(fields, input.findings),
    files: input.rows.files,
  };
}

/** The layout that the first specification drew: bare names, roles and signatures inside the manifest. */
export function readPlannedManifest(input: DialectInput): Manifest {
  const { findings } = input;
  const allowed = [
    'schema',
    'id',
    'version',
    'created',
    'integrity',
    'content',
    'approvals',
    'attestation',
    'meta',
  ];
  const fields = new Fields(input.root, '', allowed, findings);
  const integrityDigest = readIntegrity(fields, ['algo', 'digest'], 'algo', input);
  const approvals = fields.fields('approvals', ['required_roles', 'signatures']);
  const meta = fields.fields('meta', ['created_by', 'toolchain', 'governance_level']);
  fields.fields('attestation', ['format', 'provenance'])?.text('format');
  if ((approvals?.list('signatures')?.items.length ?? 0) > 0) {
    const where = place(approvals!.map, 'approvals.signatures');
    findings.add(finding('manifest-signatures-inside', {}, { where }));
  }
  return {
    dialect: 'specular-planned',
    ...readIdentity(fields, findings),
    integrityDigest,
    ...optional('governanceLevel', meta?.text('governance_level')),
    requiredApprovals: approvals ? readRoles(approvals, 'required_roles', false, findings) : [],
    metadata: plannedMetadata(meta),
    authors: [],
    tags: [],
    dependencies: [],
    files: plannedFiles(fields, input),
  };
}

function readIdentity(
  fields: Fields,
  findings: FindingList,
): Pick<Manifest, 'schema' | 'id' | 'version' | 'created'> {
  const id = fields.requiredText('id');
  const created = fields.text('created');
  const node = fields.map.entries.get('created');
  if (created !== undefined && parseTime(created) === null) {
    findings.add(finding('manifest-created', {}, { where: place(node ?? null, 'created'), found: created }));
  }
  if (mixesScripts(id)) {
    const where = place(fields.map.entries.get('id') ?? null, 'id');
    findings.add(finding('manifest-mixed-scripts', { field: 'id' }, { where, found: id }));
  }
  return {
    schema: fields.requiredText('schema'),
    id,
    version: fields.requiredText('version'),
    ...optional('created', created),
  };
}

/** Latin letters beside letters of an alphabet that looks like it (U02). */
function mixesScripts(text: string): boolean {
  return (
    /\p{Script=Latin}/u.test(text) &&
    /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(text)
  );
}

function readIntegrity(
  fields: Fields,
  allowed: readonly string[],
  algorithmField: string,
  input: DialectInput,
): string {
  const { findings } = input;
  if (!fields.require('integrity')) return '';
  const integrity = fields.fields('integrity', allowed);
  if (!integrity) return '';
  const algorithm = integrity.requiredText(algorithmField, FREE);
  if (integrity.has(algorithmField) && algorithm !== 'sha256') {
    const where = place(integrity.map.entries.get(algorithmField) ?? null, integrity.path(algorithmField));
    findings.add(
      finding('manifest-algorithm', { algorithm }, { where, expected: 'sha256', found: algorithm }),
    );
  }
  const digest = integrity.requiredText('digest', DIGEST);
  if (allowed.includes('manifest_digest')) checkLegacyIntegrity(integrity, digest, input);
  return digest;
}

function checkLegacyIntegrity(integrity: Fields, digest: string, { bytes, findings }: DialectInput): void {
  const repeated = integrity.text('manifest_digest');
  if (repeated !== undefined && `sha256:${repeated}` !== digest) {
    const where = place(integrity.map.entries.get('manifest_digest')!, 'integrity.manifest_digest');
    findings.add(
      finding('integrity-digests-disagree', {}, { where, expected: digest.slice(7), found: repeated }),
    );
  }
  if (!findings.refused && legacyPreimage(bytes) === null) {
    findings.add(finding('manifest-integrity-form', {}, { where: place(integrity.map, 'integrity') }));
  }
}

function checkFiles(fields: Fields, { rows, findings, filesMax }: DialectInput, ours: boolean): void {
  fields.list('files');
  if (rows.count === 0) {
    findings.add(
      finding(
        'manifest-no-files',
        {},
        { where: place(fields.map.entries.get('files') ?? fields.map, 'files') },
      ),
    );
  }
  tooManyFiles(rows.count, filesMax, findings);
  if (!ours && rows.ours) {
    const { field, line } = rows.ours;
    findings.add(
      finding('manifest-field-unknown', { field }, { where: place({ line }, field), found: rows.ours.name }),
    );
  }
  if (!rows.unsorted) knownInOrder(rows.files);
  else if (ours) {
    const { path, line } = rows.unsorted;
    findings.add(finding('manifest-files-unsorted', { path }, { where: place({ line }, 'files') }));
  }
}

function tooManyFiles(count: number, limit: number, findings: FindingList): void {
  if (count <= limit) return;
  findings.add(
    finding(
      'manifest-too-many-files',
      { count, limit },
      { where: place(null, 'files'), expected: `at most ${limit}`, found: `${count}` },
    ),
  );
}

function readRoles(fields: Fields, name: string, ours: boolean, findings: FindingList): readonly string[] {
  const roles = fields.texts(name, ours ? ROLE : {});
  const unique = [...new Set(roles)];
  if (ours && unique.length < roles.length) {
    const field = fields.path(name);
    const where = place(fields.map.entries.get(name) ?? null, field);
    findings.add(finding('manifest-repeated', { field }, { where }));
  }
  return unique;
}

function readDependencies(fields: Fields, findings: FindingList): readonly ManifestDependency[] {
  const read: ManifestDependency[] = [];
  const own = fields.map.entries.get('id');
  for (const [i, node] of (fields.list('dependencies')?.items ?? []).entries()) {
    const field = `dependencies[${i}]`;
    if (node.kind !== 'map') {
      findings.add(
        finding('manifest-field-type', { field, wanted: 'a mapping' }, { where: place(node, field) }),
      );
      continue;
    }
    const row = new Fields(node, `${field}.`, ['id', 'version', 'optional', 'digest'], findings);
    const id = row.requiredText('id');
    if (read.some((other) => other.id === id) || (own?.kind === 'text' && own.text === id)) {
      findings.add(
        finding(
          'manifest-repeated',
          { field: `${field}.id` },
          { where: place(node, `${field}.id`), found: id },
        ),
      );
    }
    const flag = node.entries.get('optional');
    read.push({
      id,
      version: row.requiredText('version'),
      optional: flag ? (checkBoolean(flag, `${field}.optional`, findings) ?? false) : false,
      ...optional('digest', row.text('digest', DIGEST)),
    });
    if (read.length > DEPENDENCIES_MAX) {
      const params = { field: 'dependencies', wanted: `at most ${DEPENDENCIES_MAX} rows` };
      findings.add(finding('manifest-field-form', params, { where: place(node, 'dependencies') }));
      break;
    }
  }
  return read;
}

const DEPENDENCIES_MAX = 1000;

function plannedFiles(fields: Fields, { findings, filesMax }: DialectInput): readonly ManifestFile[] {
  const items = fields.fields('content', ['files'])?.list('files')?.items ?? [];
  if (items.length === 0)
    findings.add(finding('manifest-no-files', {}, { where: place(fields.map, 'content.files') }));
  tooManyFiles(items.length, filesMax, findings);
  const names = new FileNames(findings);
  const files: ManifestFile[] = [];
  for (const [i, node] of items.slice(0, filesMax).entries()) {
    const field = `content.files[${i}]`;
    const path = pathText(node, field, findings);
    if (path === undefined) continue;
    names.add(path, node.line, field);
    files.push({ path, size: null, sha256: null, external: false });
  }
  return files;
}

function plannedMetadata(meta: Fields | undefined): Readonly<Record<string, string>> {
  const createdBy = meta?.text('created_by', FREE);
  const toolchain = meta?.texts('toolchain', FREE) ?? [];
  return {
    ...optional('created_by', createdBy),
    ...(toolchain.length > 0 ? { toolchain: toolchain.join(', ') } : {}),
  };
}

function optional<K extends string>(name: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: string });
}
