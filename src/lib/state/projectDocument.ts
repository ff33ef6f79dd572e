import { formatTime } from '../../core/bytes/time';
import { finding } from '../../core/messages/finding';
import { StorageError } from '../../store/database';
import { openProjectStore, type ProjectStore } from '../../store/project';

/** A text of a project that is kept in this browser, named in the fragment of the page that edits it. */
export interface ProjectDocument {
  readonly id: string;
  readonly path: string;
  /** Name of the project, as it calls itself. */
  readonly project: string;
}

let store: Promise<ProjectStore> | undefined;
const opened = (): Promise<ProjectStore> => (store ??= openProjectStore());

/** `#project=<id>&path=<path>`; null when the fragment says something else. */
export function documentHash(id: string, path?: string): string {
  return `#${new URLSearchParams(path === undefined ? { project: id } : { project: id, path }).toString()}`;
}

/** Reads {@link documentHash}; the path is empty where none is named. */
export function readDocumentHash(hash: string): { readonly id: string; readonly path: string } | null {
  const values = new URLSearchParams(hash.slice(1));
  const id = values.get('project');
  return id === null ? null : { id, path: values.get('path') ?? '' };
}

/** @throws StorageError when the project or the file is not there, or is no text. */
export async function readProjectDocument(
  id: string,
  path: string,
): Promise<{ readonly origin: ProjectDocument; readonly text: string }> {
  const projects = await (await opened()).list();
  const project = projects.find((one) => one.id === id);
  const file = (await (await opened()).read(id))?.find((one) => one.path === path);
  if (project === undefined || file === undefined) throw missing(project?.name ?? id);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.bytes);
    return { origin: { id, path, project: project.name }, text };
  } catch {
    throw missing(path);
  }
}

/** Writes the text into its project. @throws StorageError; then the project is as before. */
export async function writeProjectDocument(
  { id, path, project }: ProjectDocument,
  text: string,
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  const now = Date.now();
  const written = await (
    await opened()
  ).change(id, { write: [{ path, bytes }] }, formatTime(now - (now % 1000)));
  if (written === null) throw missing(project);
}

function missing(name: string): StorageError {
  return new StorageError(finding('build-kept-damaged', { name }));
}
