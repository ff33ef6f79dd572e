import { concatBytes } from '../bytes/bytes.js';
import { compareUtf8, hasLoneSurrogate, toUtf8 } from '../bytes/text.js';
import { sortedFiles } from './digests.js';
import type { Manifest, ManifestDependency, ManifestFile } from './manifest.js';

/** Text is encoded in pieces of about this many UTF-16 units, so that a huge manifest is never one string. */
const PIECE_LENGTH = 65_536;

/**
 * The one canonical form of a manifest of our dialect (docs/SPEC.md, "Manifest"): the order of the schema,
 * two-space block style, every text a JSON double-quoted scalar, bare integers, LF, nothing for what is
 * absent or empty. Throws when a text has no UTF-8 form or a file has no digest: that is our own bug.
 */
export function writeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return concatBytes([...manifestPieces(manifest)]);
}

/** The bytes of {@link writeManifest} piece by piece. */
function* manifestPieces(manifest: Manifest): Iterable<Uint8Array> {
  yield toUtf8(headText(manifest));
  let piece = '';
  for (const file of sortedFiles(manifest.files)) {
    piece += fileText(file);
    if (piece.length < PIECE_LENGTH) continue;
    yield toUtf8(piece);
    piece = '';
  }
  yield toUtf8(piece);
}

/** Everything before the rows of `files[]`. */
export function headText(manifest: Manifest): string {
  return [...headLines(manifest)].join('');
}

/** U+007F to U+009F, line separators and noncharacters: some YAML readers refuse them or take them for line ends. */

const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufdd0-\ufdef\ufffe\uffff]/g;

/** Printable ASCII without quotes and backslashes: stands for itself. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Text as a JSON string that every YAML reader takes for the same text. */
export function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (hasLoneSurrogate(text)) throw new TypeError('a lone surrogate has no UTF-8 form');
  return JSON.stringify(text).replace(ESCAPED, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function* headLines(manifest: Manifest): Iterable<string> {
  yield `schema: ${quoted(manifest.schema)}\n`;
  yield `id: ${quoted(manifest.id)}\n`;
  yield `version: ${quoted(manifest.version)}\n`;
  yield field('created', manifest.created);
  yield `integrity:\n  algorithm: "sha256"\n  digest: ${quoted(manifest.integrityDigest)}\n  tree: "rfc9162"\n`;
  yield field('governance_level', manifest.governanceLevel);
  yield textList('required_approvals', manifest.requiredApprovals);
  yield textMap('metadata', manifest.metadata);
  yield field('description', manifest.description);
  yield textList('authors', manifest.authors);
  yield textList('tags', manifest.tags);
  if (manifest.dependencies.length > 0) yield 'dependencies:\n';
  for (const dependency of manifest.dependencies) yield dependencyLines(dependency);
  yield 'files:\n';
}

function field(name: string, text: string | undefined): string {
  return text === undefined ? '' : `${name}: ${quoted(text)}\n`;
}

function textList(name: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  return `${name}:\n${items.map((item) => `  - ${quoted(item)}\n`).join('')}`;
}

function textMap(name: string, map: Readonly<Record<string, string>>): string {
  const keys = Object.keys(map).sort(compareUtf8);
  if (keys.length === 0) return '';
  return `${name}:\n${keys.map((key) => `  ${quoted(key)}: ${quoted(map[key]!)}\n`).join('')}`;
}

function dependencyLines({ id, version, optional, digest }: ManifestDependency): string {
  const rest =
    (optional ? '    optional: true\n' : '') +
    (digest === undefined ? '' : `    digest: ${quoted(digest)}\n`);
  return `  - id: ${quoted(id)}\n    version: ${quoted(version)}\n${rest}`;
}

/** One row of `files[]`. */
export function fileText(file: ManifestFile): string {
  if (file.size === null || file.sha256 === null)
    throw new TypeError('a file without size or digest cannot be listed');
  let text = `  - path: ${quoted(file.path)}\n    size: ${file.size}\n    checksum: "${file.sha256}"\n`;
  if (file.mode !== undefined) text += `    mode: ${file.mode}\n`;
  if (file.contentType !== undefined) text += `    content_type: ${quoted(file.contentType)}\n`;
  if (file.external) text += '    external: true\n';
  if (file.salt !== undefined) text += `    salt: "${file.salt}"\n`;
  return text;
}
