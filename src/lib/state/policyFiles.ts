import { fromUtf8 } from '../../core/bytes/text';

export type FileRead =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly refused: 'large' | 'not-text' };

/** As in the core, whose reader of YAML is not wanted in the page. */
const PROJECT_DOCUMENT_BYTES_MAX = 4 * 1024 * 1024;

/** Reads a file that a person chose as text, byte for byte: a mark at its start stays, for the checks to tell. */
export async function readDocumentFile(file: File): Promise<FileRead> {
  const { name } = file;
  if (file.size > PROJECT_DOCUMENT_BYTES_MAX) return { name, refused: 'large' };
  const text = fromUtf8(new Uint8Array(await file.arrayBuffer()));
  return text === null ? { name, refused: 'not-text' } : { name, text };
}
