import type { AuthorKind } from '../core/author/kindWords.js';
import { isObject, isTimeText } from './approvingShape.js';
import { openDatabase, type Database, type DatabaseSpec } from './database.js';

/** One state of a document that its author wanted to keep. */
export interface PolicyVersion {
  readonly id: string;
  /** Name of the document. */
  readonly name: string;
  readonly text: string;
  /** What the author says of it; may be empty. */
  readonly note: string;
  readonly kind: AuthorKind;
  /** Of the UTF-8 bytes of the text, in hexadecimal digits. */
  readonly sha256: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
}

/** What is being written, so that it outlives the tab. */
export interface PolicyDraft {
  readonly name: string;
  readonly text: string;
  /** As it was opened: what it is compared with. Null: it was begun here. */
  readonly opened: { readonly name: string; readonly text: string } | null;
}

/** Versions and the text under way. @throws StorageError */
export interface PolicyStore {
  /** False when nothing survives this page. */
  readonly lasting: boolean;
  /** Newest first; `damaged` counts what is not what was written. */
  versions(): Promise<{ readonly versions: readonly PolicyVersion[]; readonly damaged: number }>;
  keepVersion(version: PolicyVersion): Promise<void>;
  dropVersion(id: string): Promise<void>;
  draft(): Promise<PolicyDraft | null>;
  keepDraft(draft: PolicyDraft | null): Promise<void>;
  onChange(listener: () => void): () => void;
}

export const policiesDatabase: DatabaseSpec = {
  name: 'countersign-policies',
  versions: [['versions', 'drafts']],
};

/** Longest text that comes back from storage, in UTF-16 code units. */
const TEXT_MAX = 4 * 1024 * 1024;
const CURRENT = 'current';

export async function openPolicyStore(): Promise<PolicyStore> {
  return storeOf(await openDatabase(policiesDatabase));
}

function storeOf(database: Database): PolicyStore {
  return {
    lasting: database.lasting,
    async versions() {
      const records = [...(await database.all('versions'))];
      const versions = records.flatMap(([key, value]) => readVersion(key, value) ?? []);
      return {
        versions: versions.toSorted((a, b) => (a.at < b.at ? 1 : -1)),
        damaged: records.length - versions.length,
      };
    },
    keepVersion: (version) => database.write([{ table: 'versions', key: version.id, value: version }]),
    dropVersion: (id) => database.write([{ table: 'versions', key: id, remove: true }]),
    draft: async () => readDraft(await database.get('drafts', CURRENT)),
    keepDraft: (draft) =>
      database.write([
        draft === null
          ? { table: 'drafts', key: CURRENT, remove: true }
          : { table: 'drafts', key: CURRENT, value: draft },
      ]),
    onChange: (listener) => database.onChange(listener),
  };
}

function readVersion(key: string, value: unknown): PolicyVersion | null {
  if (!isObject(value)) return null;
  const version = value as unknown as PolicyVersion;
  const whole =
    version.id === key &&
    isShortText(version.name) &&
    isShortText(version.note) &&
    isShortText(version.kind) &&
    isDocument(version.text) &&
    typeof version.sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(version.sha256) &&
    isTimeText(version.at);
  return whole ? version : null;
}

function readDraft(value: unknown): PolicyDraft | null {
  if (!isObject(value)) return null;
  const { name, text, opened } = value;
  if (!isShortText(name) || !isDocument(text)) return null;
  if (opened === null) return { name, text, opened };
  if (!isObject(opened) || !isShortText(opened['name']) || !isDocument(opened['text'])) return null;
  return { name, text, opened: { name: opened['name'], text: opened['text'] } };
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 2000;
}

function isDocument(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TEXT_MAX;
}
