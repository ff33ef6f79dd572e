import { fromUtf8 } from '../../core/bytes/text';
import type { Finding } from '../../core/generated/report';
import { IGNORE_FILE, selectFiles, type Selection } from '../../core/project/ignore';
import {
  identityOf,
  mayBeKnown,
  recognise,
  RECOGNISED_BYTES_MAX,
  type Identity,
  type KnownKind,
} from '../../core/project/recognise';
import { quote } from '../../core/report/shell';
import { readPolicy } from '../../core/policy/readPolicy';
import { readRouting } from '../../core/routing';
import { driftFindings, compareWithLock } from '../../core/spec/drift';
import type { Blake3 } from '../../core/spec/lock';
import { readLock, readPlan, readSpec } from '../../core/spec/readSpec';
import type { BuildWishes } from '../../engine/builder';
import type { WebFile } from '../../platform/webFolder';

/** What the author chose on the page, as it was typed. */
export interface BuildForm {
  readonly id: string;
  readonly version: string;
  readonly level: '' | 'L1' | 'L2' | 'L3' | 'L4';
  /** Roles, separated by commas or spaces. */
  readonly roles: string;
  readonly description: string;
  readonly metadata: readonly { readonly name: string; readonly value: string }[];
  readonly created: string;
  /** Patterns, one a line. */
  readonly include: string;
  readonly exclude: string;
  readonly external: string;
  /** Paths that were put in or left out by hand. */
  readonly putIn: readonly string[];
  readonly leftOut: readonly string[];
  /** Why what looks like a secret goes in, by place. */
  readonly reasons: Readonly<Record<string, string>>;
  readonly seed: { readonly name: string; readonly bytes: Uint8Array } | null;
}

export const emptyForm: BuildForm = {
  id: '',
  version: '',
  level: '',
  roles: '',
  description: '',
  metadata: [],
  created: '',
  include: '',
  exclude: '',
  external: '',
  putIn: [],
  leftOut: [],
  reasons: {},
  seed: null,
};

/** A file that is known by its content, and what was read in it. */
export interface Part {
  readonly path: string;
  readonly kind: KnownKind;
  /** How many features, providers, tasks or rules it has; null where that says nothing. */
  readonly count: number | null;
  /** Fields of the specification that the lock does not cover, without the slash: `non_functional`. */
  readonly uncovered: readonly string[];
  /** Features of the specification as locked, of how many; null where there is no lock to compare with. */
  readonly locked: { readonly same: number; readonly of: number } | null;
  readonly findings: readonly Finding[];
}

export interface Known {
  readonly ignoreFile: string | null;
  /** True when there is an ignore file that is no text. */
  readonly ignoreUnread: boolean;
  readonly documents: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

/** Reads the small files that tell what a project is. */
export async function readKnown(files: readonly WebFile[]): Promise<Known> {
  const at = files.find(({ path }) => path === IGNORE_FILE);
  const bytes = at === undefined || at.size > RECOGNISED_BYTES_MAX ? null : await bytesOf(at);
  const text = bytes === null ? null : fromUtf8(bytes);
  const small = files.filter(({ path, size }) => mayBeKnown(path) && size <= RECOGNISED_BYTES_MAX);
  const documents = await Promise.all(
    small.map(async (file) => ({ path: file.path, bytes: await bytesOf(file) })),
  );
  return { ignoreFile: text, ignoreUnread: at !== undefined && text === null, documents };
}

async function bytesOf({ blob }: WebFile): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

export function select(files: readonly WebFile[], known: Known, form: BuildForm): Selection<WebFile> {
  return selectFiles(files, {
    ignoreFile: known.ignoreFile,
    include: [...patterns(form.include), ...form.putIn.map(patternOf)],
    exclude: [...patterns(form.exclude), ...form.leftOut.map(patternOf)],
  });
}

export function identify(packed: readonly WebFile[], known: Known): Identity {
  const paths = new Set(packed.map(({ path }) => path));
  return identityOf(known.documents.filter(({ path }) => paths.has(path)));
}

/** The pattern of gitignore that matches this path alone. */
export function patternOf(path: string): string {
  return `/${path.replace(/[\\*?[\]!# ]/g, '\\$&')}`;
}

export function patterns(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

export function rolesOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((role) => role !== '');
}

export function wishesOf(form: BuildForm): BuildWishes {
  const { id, version, created, level, description, reasons, seed } = form;
  return {
    id: id.trim(),
    version: version.trim(),
    created: created.trim(),
    level: level === '' ? null : level,
    requiredApprovals: rolesOf(form.roles),
    description: description.trim(),
    metadata: metadataOf(form),
    external: patterns(form.external),
    reasons,
    seed: seed?.bytes ?? null,
  };
}

function metadataOf({ metadata }: BuildForm): Record<string, string> {
  const named = metadata.map(({ name, value }) => [name.trim(), value.trim()] as const);
  return Object.fromEntries(named.filter(([name]) => name !== ''));
}

/** What is known of each recognised file, in the order of reading. */
export function partsOf(documents: Known['documents'], blake3: Blake3): readonly Part[] {
  const kinds = kindsOf(documents);
  const lock = kinds.find(({ kind }) => kind === 'lock');
  return kinds
    .map((one) => partOf(one, lock === undefined ? null : { name: lock.path, bytes: lock.bytes }, blake3))
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

const ROUTING_NAME = /^(?:\.specular\/)?routing\.ya?ml$/;

/** The documents that are known by their content. A routing file that bounds nothing has its name alone. */
export function kindsOf(
  documents: Known['documents'],
): readonly (Known['documents'][number] & { readonly kind: KnownKind })[] {
  return documents.flatMap((one) => {
    const policy = (): KnownKind | null =>
      readPolicy({ name: one.path, bytes: one.bytes }).policy === null ? null : 'policy';
    const kind =
      recognise(one.path, one.bytes) ?? policy() ?? (ROUTING_NAME.test(one.path) ? 'routing' : null);
    return kind === null ? [] : [{ ...one, kind }];
  });
}

const ORDER: readonly KnownKind[] = ['spec', 'lock', 'routing', 'policy', 'plan', 'config'];

function partOf(
  { path, bytes, kind }: Known['documents'][number] & { readonly kind: KnownKind },
  lock: { readonly name: string; readonly bytes: Uint8Array } | null,
  blake3: Blake3,
): Part {
  const plain = { path, kind, count: null, uncovered: [], locked: null, findings: [] };
  const source = { name: path, bytes };
  if (kind === 'spec') {
    const { value, findings } = readSpec(source);
    const uncovered = findings.filter(({ code }) => code === 'spec-uncovered');
    const others = findings.filter((one) => !uncovered.includes(one));
    if (value === null) return { ...plain, findings: others };
    const locked = lock === null ? null : readLock(lock).value;
    const drift = locked === null ? null : compareWithLock(value, locked, blake3);
    return {
      ...plain,
      count: value.features.length,
      uncovered: uncovered.map(({ params }) => String(params['field']).replace(/^\//, '')),
      locked:
        drift === null
          ? null
          : { same: drift.filter(({ state }) => state === 'same').length, of: drift.length },
      findings: [...others, ...(drift === null ? [] : driftFindings(drift, path))],
    };
  }
  if (kind === 'lock') {
    const { value, findings } = readLock(source);
    return { ...plain, count: value === null ? null : Object.keys(value.features).length, findings };
  }
  if (kind === 'plan') {
    const { value, findings } = readPlan(source);
    return { ...plain, count: value?.tasks.length ?? null, findings };
  }
  if (kind === 'routing') return { ...plain, findings: readRouting(source).findings };
  return kind === 'policy' ? { ...plain, findings: readPolicy(source).findings } : plain;
}

/** `healthcare-api-1.3.0.sbundle.tgz`, whatever characters the id has. */
export function bundleName(id: string, version: string): string {
  const plain = (text: string): string =>
    text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+|[.-]+$/g, '');
  const name = plain(id.split('/').at(-1) ?? '') || 'bundle';
  return `${[name, plain(version)]
    .filter((part) => part !== '')
    .join('-')
    .slice(0, 120)}.sbundle.tgz`;
}

/** The command that gives the same bytes from the same folder. */
export function buildCommand(form: BuildForm, found: Identity, folder: string): string {
  const wishes = wishesOf(form);
  // A value that begins with a dash would be taken for another option.
  const option = (name: string, value: string): string[] =>
    value.startsWith('-') ? [`--${name}='${value.replaceAll("'", "'\\''")}'`] : [`--${name}`, quote(value)];
  const words = [
    'countersign build',
    ...option('dir', folder || '.'),
    ...option('out', bundleName(wishes.id, wishes.version)),
    ...option('created', wishes.created),
    ...(wishes.id === found.id ? [] : option('id', wishes.id)),
    ...(wishes.version === found.version ? [] : option('bundle-version', wishes.version)),
    ...(wishes.level === null ? [] : option('level', wishes.level)),
    ...(wishes.requiredApprovals.length === 0
      ? []
      : option('require-approvals', wishes.requiredApprovals.join(','))),
    ...(wishes.description === '' ? [] : option('description', wishes.description)),
    ...Object.entries(wishes.metadata).flatMap(([name, value]) => option('metadata', `${name}=${value}`)),
    ...[...patterns(form.include), ...form.putIn.map(patternOf)].flatMap((one) => option('include', one)),
    ...[...patterns(form.exclude), ...form.leftOut.map(patternOf)].flatMap((one) => option('exclude', one)),
    ...wishes.external.flatMap((one) => option('external', one)),
    ...Object.entries(form.reasons).flatMap(([place, why]) =>
      option('allow-secret', `${place}=${why.trim()}`),
    ),
    ...(form.seed === null ? [] : ['--redactable', ...option('seed-file', form.seed.name)]),
  ];
  return words.join(' ');
}
