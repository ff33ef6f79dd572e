import { finding } from '../core/messages/finding.js';
import { newId } from '../platform/newId.js';
import { openDatabase, StorageError, type DatabaseSpec } from './database.js';

/** A project that is kept in this browser, without the bytes of its files. */
export interface KeptProject {
  readonly id: string;
  readonly name: string;
  /** RFC 3339. */
  readonly changedAt: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

export interface KeptFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Projects for browsers and people without a folder. Every change is whole or not at all. @throws StorageError */
export interface ProjectStore {
  /** False when nothing survives this page. */
  readonly lasting: boolean;
  /** Newest first; records that are not whole are left out. */
  list(): Promise<readonly KeptProject[]>;
  /** Every file of a project; null when it is not there, or not whole. */
  read(id: string): Promise<readonly KeptFile[] | null>;
  create(name: string, files: readonly KeptFile[], now: string): Promise<KeptProject>;
  /** Writes these files and removes those paths, in one step. Null when the project is not there any more. */
  change(
    id: string,
    change: { readonly write?: readonly KeptFile[]; readonly remove?: readonly string[] },
    now: string,
  ): Promise<KeptProject | null>;
  remove(id: string): Promise<void>;
  onChange(listener: () => void): () => void;
  close(): void;
}

/** Largest project that is kept in the browser, in bytes: more belongs into a folder. */
export const KEPT_BYTES_MAX = 64 * 1024 * 1024;

export const projectDatabase: DatabaseSpec = {
  name: 'countersign-project',
  versions: [['projects', 'files']],
};

export async function openProjectStore(): Promise<ProjectStore> {
  const database = await openDatabase(projectDatabase);
  const known = async (id: string): Promise<KeptProject | null> =>
    readProject(id, await database.get('projects', id));

  return {
    lasting: database.lasting,
    async list() {
      const all = [...(await database.all('projects'))].flatMap(
        ([id, value]) => readProject(id, value) ?? [],
      );
      return all.toSorted((a, b) => (a.changedAt < b.changedAt ? 1 : -1));
    },
    async read(id) {
      const project = await known(id);
      if (project === null) return null;
      const files: KeptFile[] = [];
      for (const { path, size } of project.files) {
        const bytes = await database.get('files', keyOf(id, path));
        if (!(bytes instanceof Uint8Array) || bytes.length !== size) return null;
        files.push({ path, bytes });
      }
      return files;
    },
    async create(name, files, now) {
      const project = { id: newId(), name, changedAt: now, files: sizesOf(files) };
      check(project);
      await database.write([
        { table: 'projects', key: project.id, value: project },
        ...files.map(({ path, bytes }) => ({ table: 'files', key: keyOf(project.id, path), value: bytes })),
      ]);
      return project;
    },
    change: (id, { write = [], remove = [] }, now) =>
      database.exclusively(async () => {
        const before = await known(id);
        if (before === null) return null;
        const gone = new Set([...remove, ...write.map(({ path }) => path)]);
        const files = [...before.files.filter(({ path }) => !gone.has(path)), ...sizesOf(write)];
        const after = { ...before, changedAt: now, files };
        check(after);
        await database.write([
          { table: 'projects', key: id, value: after },
          ...remove.map((path) => ({ table: 'files', key: keyOf(id, path), remove: true as const })),
          ...write.map(({ path, bytes }) => ({ table: 'files', key: keyOf(id, path), value: bytes })),
        ]);
        return after;
      }),
    remove: (id) =>
      database.exclusively(async () => {
        const keys = [...(await database.all('files')).keys()].filter((key) => key.startsWith(keyOf(id, '')));
        await database.write([
          { table: 'projects', key: id, remove: true },
          ...keys.map((key) => ({ table: 'files', key, remove: true as const })),
        ]);
      }),
    onChange: (listener) => database.onChange(listener),
    close: () => database.close(),
  };
}

/** Ids are of one length and hold no line feed, so no key is another project's. */
function keyOf(id: string, path: string): string {
  return `${id}\n${path}`;
}

function sizesOf(files: readonly KeptFile[]): KeptProject['files'] {
  return files.map(({ path, bytes }) => ({ path, size: bytes.length }));
}

function check({ files }: KeptProject): void {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > KEPT_BYTES_MAX)
    throw new StorageError(finding('build-keep-too-big', { size: bytes, max: KEPT_BYTES_MAX }));
}

/** A record as it was written, or null: what lies in a browser may have been changed by hand. */
function readProject(id: string, value: unknown): KeptProject | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id: own, name, changedAt, files } = value as Record<string, unknown>;
  if (own !== id || typeof name !== 'string' || typeof changedAt !== 'string' || !Array.isArray(files))
    return null;
  const read = (files as unknown[]).flatMap((one) => {
    const { path, size } = (one ?? {}) as Record<string, unknown>;
    return typeof path === 'string' && typeof size === 'number' ? [{ path, size }] : [];
  });
  return read.length === files.length ? { id, name, changedAt, files: read } : null;
}
