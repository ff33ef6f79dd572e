import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/core/bytes/text.js';
import {
  fileOfBlob,
  FolderError,
  readDrop,
  readFileList,
  readLongFileList,
  readHandle,
  type WebFolder,
} from '../../src/platform/webFolder.js';

/** A folder as a tree: a text is a file, null one that cannot be read. */
interface Tree {
  readonly [name: string]: string | null | Tree;
}

const tree: Tree = {
  'a.txt': 'a',
  '.env': 'KEY=1',
  '.git': { config: 'no' },
  deep: { er: { 'b.txt': 'bb' }, '.GIT': { hooks: { run: 'no' } }, empty: {} },
};

const gone = new DOMException('locked', 'NotReadableError');

/** What browsers give for a picked folder. */
function handle(name: string, node: Tree): FileSystemDirectoryHandle {
  const made = {
    kind: 'directory',
    name,
    async *values() {
      await Promise.resolve();
      for (const [inner, value] of Object.entries(node)) {
        if (typeof value === 'object' && value !== null) yield handle(inner, value);
        else
          yield {
            kind: 'file',
            name: inner,
            getFile: () =>
              value === null ? Promise.reject(gone) : Promise.resolve(new File([value], inner)),
          };
      }
    },
  };
  return made as unknown as FileSystemDirectoryHandle;
}

/** What browsers give for something dropped; a hundred at a time, as Chromium does. */
function entry(name: string, node: string | null | Tree): FileSystemEntry {
  if (typeof node === 'string' || node === null) {
    const file = (yes: (file: File) => void, no: (error: unknown) => void): void =>
      node === null ? no(gone) : yes(new File([node], name));
    return { isFile: true, isDirectory: false, name, file } as unknown as FileSystemEntry;
  }
  const all = Object.entries(node).map(([inner, value]) => entry(inner, value));
  const createReader = () => {
    let at = 0;
    return {
      readEntries(yes: (entries: FileSystemEntry[]) => void) {
        yes(all.slice(at, (at += 100)));
      },
    };
  };
  return { isFile: false, isDirectory: true, name, createReader } as unknown as FileSystemEntry;
}

function drop(...given: readonly (readonly [string, string | null | Tree])[]): DataTransfer {
  const items = given.map(([name, node]) => ({ kind: 'file', webkitGetAsEntry: () => entry(name, node) }));
  return { items, files: [] } as unknown as DataTransfer;
}

async function texts(folder: WebFolder | null): Promise<Record<string, string>> {
  const pairs = (folder?.files ?? []).map(async ({ path, blob }) => [path, await blob.text()] as const);
  return Object.fromEntries((await Promise.all(pairs)).toSorted());
}

const whole = { '.env': 'KEY=1', 'a.txt': 'a', 'deep/er/b.txt': 'bb' };

function listed(paths: readonly string[]): File[] {
  return paths.map((path) =>
    Object.defineProperty(new File(['x'], 'f'), 'webkitRelativePath', { value: path }),
  );
}

describe('a folder in the browser', () => {
  it('is read from a handle, which stays with it; .git is not entered, however it is spelled', async () => {
    const given = handle('project', tree);
    const counts: number[] = [];
    const folder = await readHandle(given, { onFound: (files) => counts.push(files) });
    expect(await texts(folder)).toEqual(whole);
    expect([folder.name, folder.handle]).toEqual(['project', given]);
    expect(counts).toEqual([1, 2, 3]);
  });

  it('is read from a drop, more than a hundred files in one folder too', async () => {
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`f${n}`, `${n}`]));
    const folder = await readDrop(drop(['project', { ...tree, many }]));
    expect(folder?.name).toBe('project');
    const files = await texts(folder);
    expect(Object.keys(files)).toHaveLength(253);
    expect(files).toMatchObject({ ...whole, 'many/f249': '249' });
  });

  it('is made of what was dropped together', async () => {
    const folder = await readDrop(
      drop(['docs', { 'a.md': 'a' }], ['b.txt', 'b'], ['.git', { config: 'no' }]),
    );
    expect([folder?.name, await texts(folder)]).toEqual(['', { 'b.txt': 'b', 'docs/a.md': 'a' }]);
    expect(await readDrop(drop())).toBeNull();
  });

  it('is read from the list of an input for folders; other lists are none', async () => {
    const folder = readFileList(listed(['project/a.txt', 'project/.git/config', 'project/x/.gitignore']));
    expect([folder?.name, Object.keys(await texts(folder))]).toEqual(['project', ['a.txt', 'x/.gitignore']]);
    expect(readFileList(listed(['']))).toBeNull();
    expect(readFileList([])).toBeNull();
  });

  it('of very many files is read in turns, and can be stopped between them', async () => {
    const many = listed(Array.from({ length: 50 }, (_, n) => `project/${n}.txt`));
    // Each question for a size takes its time, as on a slow disk.
    for (const file of many)
      Object.defineProperty(file, 'size', {
        get: () => {
          const began = performance.now();
          while (performance.now() - began < 2);
          return 1;
        },
      });
    const found: number[] = [];
    const folder = await readLongFileList(many, { onFound: (files) => void found.push(files) });
    expect(folder?.files).toHaveLength(50);
    expect(found.length).toBeGreaterThan(0);
    expect(await readLongFileList(listed(['']))).toBeNull();
    const stop = new AbortController();
    const reading = readLongFileList(many, { signal: stop.signal, onFound: () => stop.abort() });
    await expect(reading).rejects.toThrow();
  });

  it('is refused as a whole when one file cannot be read, by its path', async () => {
    const broken = { ...tree, deep: { 'locked.txt': null } };
    const failing = [readHandle(handle('p', broken)), readDrop(drop(['p', broken]))];
    for (const reading of failing) {
      const error: unknown = await reading.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(FolderError);
      expect(error).toMatchObject({ path: 'deep/locked.txt', message: 'locked' });
    }
  });

  it('is not read on when it was stopped', async () => {
    const stop = new AbortController();
    const reading = readHandle(handle('p', tree), { signal: stop.signal, onFound: () => stop.abort() });
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('gives the bytes of a file every time they are asked for, short or long', async () => {
    for (const size of [0, 10, 3_000_000]) {
      const file = fileOfBlob('x', new Blob([toUtf8('y'.repeat(size))]));
      for (let time = 0; time < 2; time += 1) {
        let bytes = 0;
        for await (const piece of file.open()) bytes += piece.length;
        expect([file.size, bytes]).toEqual([size, size]);
      }
    }
  });
});
