import { recognise } from '../../core/project/recognise';
import { makeLock, writeLock, type Blake3 } from '../../core/spec/lock';
import { readSpec } from '../../core/spec/readSpec';
import type { Known } from './build';

/** The lock of the specification among these documents, beside it; null where there is none that can be read. */
export function lockOf(
  documents: Known['documents'],
  version: string,
  blake3: Blake3,
): { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> } | null {
  const spec = documents.find(({ path, bytes }) => recognise(path, bytes) === 'spec');
  if (spec === undefined) return null;
  const { value } = readSpec({ name: spec.path, bytes: spec.bytes });
  if (value === null) return null;
  const lock = documents.find(({ path, bytes }) => recognise(path, bytes) === 'lock');
  const beside = spec.path.replace(/[^/]+$/, 'spec.lock.json');
  return {
    path: lock?.path ?? beside,
    bytes: new Uint8Array(writeLock(makeLock(value, version, blake3))),
  };
}
