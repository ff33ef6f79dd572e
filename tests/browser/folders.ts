import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folders as a person gives them to a page. */

export interface FolderFile {
  /** With "/", below the folder. */
  readonly path: string;
  readonly base64: string;
}

/** Every file below a folder. */
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
  const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const scope = globalThis as { showDirectoryPicker?: () => Promise<unknown> };
  if (scope.showDirectoryPicker !== undefined) {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(name, { recursive: true }).catch(() => undefined);
    const top = await root.getDirectoryHandle(name, { create: true });
    for (const { path, base64 } of files) {
      let folder = top;
      const steps = path.split('/');
      for (const step of steps.slice(0, -1)) folder = await folder.getDirectoryHandle(step, { create: true });
      const file = await folder.getFileHandle(steps.at(-1) ?? '', { create: true });
      const writing = await file.createWritable();
      await writing.write(bytesOf(base64));
      await writing.close();
    }
    scope.showDirectoryPicker = () => Promise.resolve(top);
    return;
  }
  const paths = new Map<string, string>();
  const transfer = new DataTransfer();
  files.forEach(({ path, base64 }, index) => {
    paths.set(`given-${index}`, `${name}/${path}`);
    transfer.items.add(new File([bytesOf(base64)], `given-${index}`));
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
