import { fromUtf8, toUtf8 } from '../core/bytes/text.js';
import { BLOCK, isZeroBlock, readHeader } from '../core/archive/tarHeader.js';
import { padding, tarEnd, tarHeader } from '../core/archive/writeTar.js';
import { finding } from '../core/messages/finding.js';
import type { Finding } from '../core/generated/report.js';
import { StorageError } from './database.js';
import {
  areMarks,
  areTexts,
  digestPattern,
  isRecord,
  isTime,
  limits,
  unjudged,
  type Evidence,
  type LibraryItem,
} from './libraryRecord.js';

/** A bundle with everything that is kept with it. */
export interface KeptBundle {
  readonly item: LibraryItem;
  readonly blob: Blob;
  readonly evidence: readonly Evidence[];
}

export interface LibraryFileRead {
  /** Their bytes are those of their digests; none has a verdict. */
  readonly bundles: readonly KeptBundle[];
  readonly findings: readonly Finding[];
}

const SCHEMA = 'countersign.library/v1';
const LIST = 'library.json';
const BUNDLE = /^bundles\/([0-9a-f]{64})\.sbundle\.tgz$/;
const EVIDENCE = /^evidence\/([0-9a-f]{64})\/([1-9][0-9]{0,2})$/;
const PAX_SIZE = /^\d+ size=(\d{1,15})\n$/;

const fileLimits = { entries: 20_000, listBytes: 32 * 1024 * 1024, paxBytes: 1024 } as const;

/**
 * A saved library: a tar with `library.json` first, then each bundle under its digest and the approvals beside it.
 * Verdicts are not in it: whoever opens it judges for himself. The bytes are read when the result is, not before.
 */
export function writeLibraryFile(bundles: readonly KeptBundle[], savedAt: string): Blob {
  const items = bundles.map(({ item, evidence }) => ({
    archiveDigest: item.archiveDigest,
    name: item.name,
    addedAt: item.addedAt,
    tags: item.tags,
    approvedByMe: item.approvedByMe,
    evidence: evidence.map(({ name }) => name),
  }));
  const list = toUtf8(`${JSON.stringify({ schema: SCHEMA, savedAt, items }, null, 2)}\n`);
  const parts: BlobPart[] = [...entry(LIST, new Blob([list]))];
  for (const { item, blob, evidence } of bundles) {
    const hex = item.archiveDigest.slice('sha256:'.length);
    parts.push(...entry(`bundles/${hex}.sbundle.tgz`, blob));
    for (const [index, { bytes }] of evidence.entries())
      parts.push(...entry(`evidence/${hex}/${index + 1}`, new Blob([bytes as BlobPart])));
  }
  return new Blob([...parts, tarEnd], { type: 'application/x-tar' });
}

function entry(path: string, body: Blob): BlobPart[] {
  return [tarHeader(path, body.size), body, padding(body.size)];
}

/**
 * Reads a saved library. Attacker-controlled: every size is bounded before it is used, and every bundle is hashed.
 *
 * @throws StorageError when the container or its list cannot be read; then nothing of it is used.
 */
export async function readLibraryFile(
  file: Blob,
  digestOf: (blob: Blob) => Promise<string>,
): Promise<LibraryFileRead> {
  const entries = await readEntries(file);
  const [first, ...others] = entries;
  if (first?.path !== LIST) throw unreadable('it does not begin with library.json');
  const records = await readList(first.body);
  const findings: Finding[] = [];
  const bundles: KeptBundle[] = [];
  const evidence = new Map<string, Blob>();
  for (const { path, body } of others) {
    if (EVIDENCE.test(path)) evidence.set(path, body);
    else if (!BUNDLE.test(path)) findings.push(finding('library-import-unlisted', { path }));
  }
  for (const { path, body } of others) {
    const hex = BUNDLE.exec(path)?.[1];
    if (hex === undefined) continue;
    const digest = `sha256:${hex}`;
    if ((await digestOf(body)) !== digest) {
      findings.push(finding('library-import-digest', { path }));
      continue;
    }
    const item = readRecord(digest, body.size, records.get(digest));
    if (item === null) findings.push(finding('library-import-record', { path }));
    const known = item ?? {
      ...unjudged(digest, body.size, new Date().toISOString()),
      name: `${hex}.sbundle.tgz`,
    };
    bundles.push({ item: known, blob: body, evidence: await evidenceOf(hex, known.evidence, evidence) });
  }
  return { bundles, findings };
}

interface TarPart {
  readonly path: string;
  readonly body: Blob;
}

async function readEntries(file: Blob): Promise<readonly TarPart[]> {
  const found: TarPart[] = [];
  const seen = new Set<string>();
  let large: number | null = null;
  for (let at = 0; ;) {
    const block = new Uint8Array(await file.slice(at, at + BLOCK).arrayBuffer());
    if (block.length < BLOCK) throw unreadable('it ends early');
    if (isZeroBlock(block, 0)) {
      if (file.size !== at + tarEnd.length || large !== null)
        throw unreadable('it does not end where it says');
      return found;
    }
    const header = readHeader(block, 0);
    if ('problem' in header) throw unreadable(`byte ${at}: ${header.field}`);
    const { path, type } = header;
    const size = large ?? header.size;
    const end = at + BLOCK + size;
    if (end + padding(size).length > file.size) throw unreadable('it ends early');
    const body = file.slice(at + BLOCK, end, 'application/gzip');
    at = end + padding(size).length;
    if (type === 'x' && large === null) {
      large = await largeSize(body);
      continue;
    }
    large = null;
    if (type !== '0' || path === null) throw unreadable(`byte ${at}: it holds more than files`);
    if (seen.has(path)) throw unreadable(`it holds ${path} twice`);
    seen.add(path);
    found.push({ path, body });
    if (found.length > fileLimits.entries) throw over(`${fileLimits.entries} files`);
  }
}

/** The size of the file that follows, from 8 GiB on. */
async function largeSize(body: Blob): Promise<number> {
  const text = body.size > fileLimits.paxBytes ? '' : await body.text();
  const size = Number(PAX_SIZE.exec(text)?.[1] ?? Number.NaN);
  if (!Number.isSafeInteger(size)) throw unreadable('an extended header is not ours');
  return size;
}

async function readList(body: Blob): Promise<ReadonlyMap<string, unknown>> {
  if (body.size > fileLimits.listBytes) throw over(`a list of ${fileLimits.listBytes} bytes`);
  const text = fromUtf8(new Uint8Array(await body.arrayBuffer()));
  let list: unknown;
  try {
    list = JSON.parse(text ?? '');
  } catch {
    throw unreadable('library.json is not JSON');
  }
  if (!isRecord(list) || typeof list['schema'] !== 'string') throw unreadable('library.json is not a list');
  if (list['schema'] !== SCHEMA)
    throw new StorageError(finding('library-import-newer', { schema: list['schema'].slice(0, 100) }));
  if (!Array.isArray(list['items'])) throw unreadable('library.json has no items');
  const items: readonly unknown[] = list['items'];
  return new Map(items.filter(isRecord).map((one) => [String(one['archiveDigest']), one]));
}

/** What the list says of one bundle; null when that is not whole. */
function readRecord(digest: string, sizeBytes: number, said: unknown): LibraryItem | null {
  if (!isRecord(said) || !digestPattern.test(digest)) return null;
  const { name, addedAt, tags, approvedByMe, evidence } = said;
  if (typeof name !== 'string' || name.length > limits.nameLetters || !isTime(addedAt)) return null;
  if (!areTexts(tags) || tags.length > limits.tags || !areMarks(approvedByMe)) return null;
  if (!areTexts(evidence) || evidence.length > limits.evidence) return null;
  return {
    ...unjudged(digest, sizeBytes, addedAt),
    name,
    tags: tags.map((tag) => [...tag].slice(0, limits.tagLetters).join('')),
    approvedByMe: approvedByMe.map(({ role, user, at }) => ({ role, user, at })),
    evidence,
  };
}

async function evidenceOf(
  hex: string,
  names: readonly string[],
  bodies: ReadonlyMap<string, Blob>,
): Promise<readonly Evidence[]> {
  const found: Evidence[] = [];
  for (const [index, name] of names.entries()) {
    const body = bodies.get(`evidence/${hex}/${index + 1}`);
    if (body === undefined) continue;
    if (body.size > limits.evidenceBytes) throw over(`${limits.evidenceBytes} bytes for one approval`);
    found.push({ name, bytes: new Uint8Array(await body.arrayBuffer()) });
  }
  return found;
}

function unreadable(reason: string): StorageError {
  return new StorageError(finding('library-import-unreadable', { reason }));
}

function over(limit: string): StorageError {
  return new StorageError(finding('library-import-limit', { limit }));
}
