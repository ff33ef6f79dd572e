import { bundleOrder, writeArchive } from '../../src/core/archive/writeArchive.js';
import { writeChecksums } from '../../src/core/manifest/checksums.js';
import { contentRoot } from '../../src/core/manifest/digests.js';
import type { Manifest, ManifestFile } from '../../src/core/manifest/manifest.js';
import { writeManifest } from '../../src/core/manifest/writeManifest.js';
import { nodePlatform } from '../../src/platform/node.js';
import type { Member } from './cast.js';
import { sshsig, type TestKey } from './keys.js';
import { byUtf8, naiveCanonical, naiveContentRoot, type Json } from './naive.js';
import { gzip, member as tarMember, sha256Hex, tarOf, utf8, type Octets } from './raw.js';
import type { NamedOctets } from './vector.js';
import type { SshsigFields } from './wire.js';

const platform = nodePlatform();

/** Makes bundles: right ones through the core's own writers, wrong ones by editing what those wrote. */

export interface Item {
  readonly path: string;
  readonly bytes: Octets;
}

export interface BundleOptions {
  readonly files?: Readonly<Record<string, string | Octets>>;
  /** External files: in the list, their bytes only here when `bytes` is given. */
  readonly external?: Readonly<Record<string, { readonly bytes: Octets; readonly packed: boolean }>>;
  readonly roles?: readonly string[];
  readonly salts?: boolean;
  readonly manifest?: Partial<Manifest>;
  /** Changes the text of the manifest before anything names its digest. */
  readonly edit?: (text: string) => string;
  /** Replaces `integrity.digest`. */
  readonly digest?: string;
}

export interface Made {
  readonly id: string;
  readonly version: string;
  readonly root: string;
  readonly manifestText: string;
  readonly manifestBytes: Octets;
  readonly manifestSha256: string;
  /** Listed files whose bytes are packed, in the order of their paths. */
  readonly content: readonly Item[];
}

export const SMALL_FILES: Readonly<Record<string, string>> = {
  'policies/default.yaml': 'deny: []\n',
  'spec.yaml': 'product: healthcare-api\n',
};

export function bundle(options: BundleOptions = {}): Made {
  const packed = Object.entries(options.files ?? SMALL_FILES).map(([path, body]) => item(path, body));
  const outside = Object.entries(options.external ?? {});
  const files = byUtf8<ManifestFile>([
    ...packed.map(({ path, bytes }, i) => listed(path, bytes, false, options.salts === true ? i : undefined)),
    ...outside.map(([path, { bytes }]) => listed(path, bytes, true)),
  ]);
  const rows = files.map(({ path, size, sha256, salt }) => ({
    path,
    size: size ?? 0,
    sha256: sha256 ?? '',
    ...(salt === undefined ? {} : { salt }),
  }));
  const root = naiveContentRoot(rows);
  if (root !== contentRoot(files, platform)) throw new Error('the core and the naive tree disagree');
  const manifest: Manifest = { ...baseManifest(options, files, options.digest ?? root), ...options.manifest };
  const text = new TextDecoder().decode(writeManifest(manifest));
  const manifestText = options.edit === undefined ? text : changed(text, options.edit);
  const manifestBytes = utf8(manifestText);
  return {
    id: manifest.id,
    version: manifest.version,
    root,
    manifestText,
    manifestBytes,
    manifestSha256: sha256Hex(manifestBytes),
    content: byUtf8([
      ...packed,
      ...outside.filter(([, row]) => row.packed).map(([path, { bytes }]) => item(path, bytes)),
    ]),
  };
}

function changed(text: string, edit: (text: string) => string): string {
  const edited = edit(text);
  if (edited === text) throw new Error('the edit changed nothing');
  return edited;
}

function baseManifest(options: BundleOptions, files: readonly ManifestFile[], digest: string): Manifest {
  return {
    dialect: 'countersign',
    schema: 'specular.bundle/v1',
    id: 'example/healthcare-api',
    version: '1.3.0',
    created: '2026-11-01T09:00:00Z',
    integrityDigest: digest,
    requiredApprovals: options.roles ?? ['pm', 'security'],
    metadata: {},
    authors: [],
    tags: [],
    dependencies: [],
    files,
  };
}

function item(path: string, body: string | Octets): Item {
  return { path, bytes: typeof body === 'string' ? utf8(body) : body };
}

function listed(path: string, bytes: Octets, external: boolean, saltIndex?: number): ManifestFile {
  const salt = saltIndex === undefined ? {} : { salt: sha256Hex(utf8(`salt ${saltIndex}`)).slice(0, 32) };
  return { path, size: bytes.length, sha256: sha256Hex(bytes), external, ...salt };
}

/** manifest, content, evidence, checksums: what a right bundle holds, in its order. */
export function itemsOf(made: Made, evidence: readonly Item[] = []): Item[] {
  return inOrder([{ path: 'manifest.yaml', bytes: made.manifestBytes }, ...made.content, ...evidence]);
}

/** The order of the dialect, by the core's own rule. */
export function inOrder(items: readonly Item[]): Item[] {
  const byPath = new Map(items.map((row) => [row.path, row]));
  return bundleOrder(byPath.keys()).map((path) => byPath.get(path)!);
}

export function withChecksums(items: readonly Item[]): Item[] {
  const rows = items.map(({ path, bytes }) => ({ path, sha256: sha256Hex(bytes) }));
  return [...items, { path: 'checksums.txt', bytes: writeChecksums(rows) }];
}

/** A right bundle, by the core's writers. */
export function pack(made: Made, evidence: readonly Item[] = []): Octets {
  return writeArchive(withChecksums(itemsOf(made, evidence)));
}

/** Entries exactly as given, by the raw builder. */
export function packItems(items: readonly Item[]): Octets {
  return gzip(tarOf(...items.map(({ path, bytes }) => tarMember(path, bytes))));
}

export function replaced(items: readonly Item[], path: string, bytes: Octets | string): Item[] {
  if (!items.some((row) => row.path === path)) throw new Error(`no ${path} to replace`);
  return items.map((row) => (row.path === path ? item(path, bytes) : row));
}

export function without(items: readonly Item[], path: string): Item[] {
  const rest = items.filter((row) => row.path !== path);
  if (rest.length === items.length) throw new Error(`no ${path} to leave out`);
  return rest;
}

export type Claims = { readonly [key: string]: Json };

export interface ApprovalOptions {
  readonly role: string;
  readonly by: Member;
  /** Number in the file name. */
  readonly number?: number;
  /** Replaces or adds fields of the predicate; null removes. */
  readonly predicate?: Claims;
  readonly statement?: Claims;
  readonly subject?: Claims;
  /** Replaces the canonical text. */
  readonly text?: (canonical: string) => string;
  readonly key?: TestKey;
  readonly sshsig?: Partial<SshsigFields>;
  /** Changes the armored signature. */
  readonly signature?: (armored: Octets) => Octets;
  readonly file?: string;
}

function merged(base: Claims, over: Claims = {}): Claims {
  return Object.fromEntries(Object.entries({ ...base, ...over }).filter(([, value]) => value !== null));
}

export function statementText(made: Made, options: ApprovalOptions): string {
  const key = options.key ?? options.by.key;
  const predicate = merged(
    {
      bundle: { contentRoot: made.root, id: made.id, version: made.version },
      decision: 'approved',
      key: key.fingerprint,
      role: options.role,
      signedAt: '2026-11-10T10:00:00Z',
      user: options.by.id,
    },
    options.predicate,
  );
  const subject = merged({ digest: { sha256: made.manifestSha256 }, name: 'manifest.yaml' }, options.subject);
  const statement = merged(
    {
      _type: 'https://in-toto.io/Statement/v1',
      predicate,
      predicateType: 'urn:countersign:approval:v1',
      subject: [subject],
    },
    options.statement,
  );
  const canonical = naiveCanonical(statement);
  return options.text === undefined ? canonical : changed(canonical, options.text);
}

/** Statement and signature, named as a bundle holds them. */
export function approval(made: Made, options: ApprovalOptions): Item[] {
  const bytes = utf8(statementText(made, options));
  const file = options.file ?? `approvals/${options.role}-${options.number ?? 1}.json`;
  const signature = sshsig(options.key ?? options.by.key, bytes, options.sshsig);
  return [
    { path: file, bytes },
    { path: `${file}.sig`, bytes: options.signature?.(signature) ?? signature },
  ];
}

/** The same two files, given beside the bundle. */
export function loose(items: readonly Item[]): NamedOctets[] {
  return items.map(({ path, bytes }) => ({ name: path.replace(/^.*\//, ''), bytes }));
}
