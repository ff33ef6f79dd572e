import type { Dialect, Finding } from '../generated/report.js';
import { fromUtf8, toUtf8 } from '../bytes/text.js';
import type { Limits } from '../limits.js';
import { finding } from '../messages/finding.js';
import { readListedManifest, readPlannedManifest, type DialectInput } from './dialects.js';
import { checkText, FindingList, kindOf, place } from './fields.js';
import { FileRows } from './files.js';
import { readLines } from './lines.js';
import type { Manifest } from './manifest.js';
import { MANIFEST_PATH } from './names.js';
import type { DocNode, DocProblem, DocRead, MapNode } from './node.js';
import { fileText, headText } from './writeManifest.js';
import { readYaml } from './yaml.js';

export interface ManifestRead {
  /** null when the manifest cannot be read safely; then `findings` says why. */
  readonly manifest: Manifest | null;
  readonly findings: readonly Finding[];
  /** It belongs to a newer format than this program knows (B-NEWER). */
  readonly newer: boolean;
}

/** Manifests in a form of YAML that is not ours nor the released command line's are read up to this size. */
const GENERAL_BYTES_MAX = 1024 * 1024;
const SCHEMA = 'specular.bundle/v1';
const NEWER_SCHEMA = /^specular\.bundle\/v(?:[2-9]|[1-9][0-9]{1,3})$/;

/**
 * Reads manifest.yaml of any dialect, each by its own rules (docs/SPEC.md, "Manifest"). The bytes are
 * attacker-controlled; whatever they hold ends in findings.
 */
export function readManifest(bytes: Uint8Array, limits: Limits): ManifestRead {
  if (bytes.length > limits.manifestBytesMax)
    return refused(finding('manifest-too-big', { size: bytes.length }, AT));
  const findings = new FindingList();
  const rows = new FileRows(findings, limits.entriesMax);
  const read = readDocument(bytes, rows);
  if ('problem' in read) return refused(problemFinding(read.problem));
  if (read.node.kind !== 'map')
    return refused(finding('manifest-not-mapping', {}, { ...AT, found: kindOf(read.node) }));
  const newer = checkSchema(read.node, findings);
  if (newer !== null) return { manifest: null, findings: findings.all, newer };
  return judge({ root: read.node, rows, findings, filesMax: limits.entriesMax, bytes });
}

const AT = { where: { path: MANIFEST_PATH } } as const;

function refused(...findings: readonly Finding[]): ManifestRead {
  return { manifest: null, findings, newer: false };
}

function readDocument(bytes: Uint8Array, rows: FileRows): DocRead {
  const read = readLines(bytes, rows);
  if (read) return read;
  rows.reset();
  if (bytes.length > GENERAL_BYTES_MAX) return { problem: largeProblem(bytes) };
  const general = readYaml(bytes, { bytesMax: GENERAL_BYTES_MAX });
  if ('node' in general && general.node.kind === 'map') handOver(general.node, rows);
  return general;
}

function handOver(root: MapNode, rows: FileRows): void {
  const files = root.entries.get(rows.key);
  if (files?.kind === 'list') for (const item of files.items) rows.row(item);
}

function largeProblem(bytes: Uint8Array): DocProblem {
  if (fromUtf8(bytes) === null) return { kind: 'utf8', line: 1 };
  return { kind: 'too-large', line: 1 };
}

/** null when the schema is the one that is read here, else whether it is a newer one. */
function checkSchema(root: MapNode, findings: FindingList): boolean | null {
  const node = root.entries.get('schema');
  if (node === undefined) return missingSchema(root, findings);
  const schema = checkText(node, 'schema', {}, new FindingList());
  if (schema === SCHEMA) return null;
  const newer = schema !== undefined && NEWER_SCHEMA.test(schema);
  const shown = node.kind === 'text' ? node.text : kindOf(node);
  const detail = { where: place(node, 'schema'), expected: SCHEMA, found: shown };
  findings.add(
    finding(newer ? 'manifest-schema-newer' : 'manifest-schema-unknown', { schema: shown }, detail),
  );
  return newer;
}

function missingSchema(root: MapNode, findings: FindingList): boolean {
  findings.add(finding('manifest-field-missing', { field: 'schema' }, { where: place(root, 'schema') }));
  return false;
}

function judge(input: DialectInput): ManifestRead {
  const { root, findings } = input;
  const integrity = root.entries.get('integrity');
  const tree = integrity?.kind === 'map' ? integrity.entries.get('tree') : undefined;
  if (tree !== undefined && !(tree.kind === 'text' && tree.text === 'rfc9162'))
    return newerTree(tree, findings);
  const dialect = dialectOf(root, integrity, tree !== undefined, findings);
  if (dialect === null) return { manifest: null, findings: findings.all, newer: false };
  const manifest =
    dialect === 'specular-planned' ? readPlannedManifest(input) : readListedManifest(input, dialect);
  if (dialect === 'countersign' && !findings.refused) checkCanonical(manifest, input, findings);
  return { manifest: findings.refused ? null : manifest, findings: findings.all, newer: false };
}

function newerTree(node: DocNode, findings: FindingList): ManifestRead {
  const tree = node.kind === 'text' ? node.text : kindOf(node);
  const where = place(node, 'integrity.tree');
  findings.add(finding('manifest-tree-newer', { tree }, { where, expected: 'rfc9162', found: tree }));
  return { manifest: null, findings: findings.all, newer: node.kind === 'text' };
}

const LISTED_ONLY = [
  'files',
  'required_approvals',
  'metadata',
  'governance_level',
  'description',
  'authors',
  'tags',
  'dependencies',
];
const PLANNED_ONLY = ['content', 'approvals', 'attestation', 'meta'];

/** The dialect, or null with a finding when fields of two dialects stand together. */
function dialectOf(
  root: MapNode,
  integrity: DocNode | undefined,
  tree: boolean,
  findings: FindingList,
): Dialect | null {
  const inside = integrity?.kind === 'map' ? [...integrity.entries.keys()] : [];
  const names = [...root.entries.keys()];
  const planned = [
    ...names.filter((name) => PLANNED_ONLY.includes(name)),
    ...inside.filter((name) => name === 'algo'),
  ];
  const listed = [
    ...names.filter((name) => LISTED_ONLY.includes(name)),
    ...inside.filter((name) => name === 'algorithm' || name === 'manifest_digest' || name === 'tree'),
  ];
  const says = planned.includes('content') || planned.includes('algo');
  if (!says) return tree ? 'countersign' : 'specular-cli';
  if (listed.length === 0) return 'specular-planned';
  const field = listed[0]!;
  const node = root.entries.get(field) ?? integrity ?? root;
  findings.add(
    finding('manifest-dialects-mixed', { field, other: planned[0]! }, { where: place(node, field) }),
  );
  return null;
}

/**
 * Our dialect has one spelling: what was read must be written as the very same bytes. Plain rows have no other spelling:
 * when everything before a row is as written, it stands where it is looked for.
 */
function checkCanonical(
  manifest: Manifest,
  { bytes, rows }: Pick<DialectInput, 'bytes' | 'rows'>,
  findings: FindingList,
): void {
  let at = 0;
  const differs = (text: string): boolean => {
    const wanted = toUtf8(text);
    const index = firstDifference(wanted, bytes.subarray(at, at + wanted.length));
    at += index < 0 ? wanted.length : index;
    return index >= 0;
  };
  if (differs(headText(manifest))) return findings.add(notCanonical(bytes, at));
  let plainBytes = 0;
  for (const other of rows.others) {
    at += other.plainBytes - plainBytes;
    plainBytes = other.plainBytes;
    if (differs(fileText(manifest.files[other.index]!))) return findings.add(notCanonical(bytes, at));
  }
  at += rows.plainBytes - plainBytes;
  if (at < bytes.length) findings.add(notCanonical(bytes, at));
}

/** Index of the first byte where `found` is not `wanted`, -1 when they are equal. */
function firstDifference(wanted: Uint8Array, found: Uint8Array): number {
  for (let i = 0; i < wanted.length; i++) if (wanted[i] !== found[i]) return i;
  return -1;
}

function notCanonical(bytes: Uint8Array, at: number): Finding {
  const line = bytes.subarray(0, at).reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 1);
  return finding('manifest-not-canonical', { line }, { where: { path: MANIFEST_PATH, line, byte: at } });
}

function problemFinding(problem: DocProblem): Finding {
  const { kind, line, found = '' } = problem;
  const detail = { where: { path: MANIFEST_PATH, line }, ...(found === '' ? {} : { found }) };
  switch (kind) {
    case 'too-large':
      return finding('manifest-form-large', {}, detail);
    case 'duplicate-key':
      return finding('manifest-duplicate-key', { key: found, line }, detail);
    case 'depth':
      return finding('manifest-depth', {}, detail);
    case 'scalar':
      return finding('manifest-text-long', { line }, detail);
    case 'utf8':
      return finding('manifest-not-utf8', {}, detail);
    case 'bom':
      return finding('manifest-bom', {}, detail);
    case 'empty':
      return finding('manifest-empty', {}, detail);
    default:
      return finding(PROBLEM_CODES[kind], { line }, detail);
  }
}

const PROBLEM_CODES = {
  character: 'manifest-character',
  tab: 'manifest-tab',
  syntax: 'manifest-syntax',
  anchor: 'manifest-anchor',
  tag: 'manifest-tag',
  directive: 'manifest-directive',
  documents: 'manifest-documents',
  merge: 'manifest-merge-key',
  key: 'manifest-key',
} as const;
