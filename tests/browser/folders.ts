import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders as a person gives them to a page. */

export interface FolderFile {
  readonly path: string;
  readonly base64: string;
  /** The bytes so many times, made in the page: a long file without handing over a long file. */
  readonly times?: number;
}

export function filesBelow(folder: string): FolderFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const full = join(entry.parentPath, entry.name);
      return { path: full.slice(folder.length + 1), base64: readFileSync(full).toString('base64') };
    });
}

/**
 * Gives a folder as the browser's own dialog would: where there is the newer dialog, as the folder that it answers
 * with; elsewhere as the list that an input for folders has. Runs in the page.
 */
export async function giveFolder(name: string, files: readonly FolderFile[]): Promise<void> {
  const blobOf = ({ base64, times = 1 }: FolderFile): Blob => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new Blob(Array<Uint8Array<ArrayBuffer>>(times).fill(bytes));
  };
  const scope = globalThis as { showDirectoryPicker?: () => Promise<unknown> };
  if (scope.showDirectoryPicker !== undefined) {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(name, { recursive: true }).catch(() => undefined);
    const top = await root.getDirectoryHandle(name, { create: true });
    for (const given of files) {
      const { path } = given;
      let folder = top;
      const steps = path.split('/');
      for (const step of steps.slice(0, -1)) folder = await folder.getDirectoryHandle(step, { create: true });
      const file = await folder.getFileHandle(steps.at(-1) ?? '', { create: true });
      const writing = await file.createWritable();
      await writing.write(blobOf(given));
      await writing.close();
    }
    scope.showDirectoryPicker = () => Promise.resolve(top);
    return;
  }
  const paths = new Map<string, string>();
  const transfer = new DataTransfer();
  files.forEach((given, index) => {
    paths.set(`given-${index}`, `${name}/${given.path}`);
    transfer.items.add(new File([blobOf(given)], `given-${index}`));
  });
  Object.defineProperty(File.prototype, 'webkitRelativePath', {
    configurable: true,
    get(this: File) {
      return paths.get(this.name) ?? '';
    },
  });
  const input = document.querySelector<HTMLInputElement>('input[webkitdirectory]');
  if (input === null) throw new Error('no input for folders');
  // The dialog itself cannot be driven: a press on it gives the files at once.
  input.click = () => {
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  };
}
