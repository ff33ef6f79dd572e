import type { ProjectFile } from '../build.js';
import { concatBytes } from '../bytes/bytes.js';
import { compareUtf8 } from '../bytes/text.js';
import { PROJECT_DOCUMENT_BYTES_MAX, readRaw, type RawRead } from '../documents/readDocument.js';
import { isMap, policyKindOf } from '../policy/readPolicy.js';
import { kindOfFields } from '../project/recognise.js';

export type ProjectDocumentKind =
  | 'spec'
  | 'lock'
  | 'plan'
  | 'routing'
  | 'config'
  | 'execution-policy'
  | 'governance-policy'
  | 'autonomy-policy';

export interface ProjectDocument {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly raw: RawRead;
  /** By content; by the usual name where the content cannot be read. */
  readonly kind: ProjectDocumentKind;
}

const LOOKED_AT = /^(?:(?:\.specular\/)?[^/]+|(?:\.specular\/)?policies\/.+)\.(?:ya?ml|json)$/;

const USUAL_NAMES: readonly (readonly [RegExp, ProjectDocumentKind])[] = [
  [/(?:^|\/)spec\.ya?ml$/, 'spec'],
  [/(?:^|\/)spec\.lock\.json$/, 'lock'],
  [/(?:^|\/)plan\.json$/, 'plan'],
  [/(?:^|\/)routing\.ya?ml$/, 'routing'],
  [/^\.specular\/config\.ya?ml$/, 'config'],
  [/(?:^|\/)policies\.ya?ml$/, 'governance-policy'],
  [/(?:^|\/)policy\.ya?ml$|(?:^|\/)policies\//, 'execution-policy'],
];

/** The documents of a project that have a meaning of their own. Attacker-controlled; throws only what reading throws. */
export async function projectDocuments(files: readonly ProjectFile[]): Promise<readonly ProjectDocument[]> {
  const found: ProjectDocument[] = [];
  for (const file of files.toSorted((a, b) => compareUtf8(a.path, b.path))) {
    if (!LOOKED_AT.test(file.path)) continue;
    // One byte more than is read, so that the reader itself refuses a longer one and says why.
    const bytes = await bytesOf(file, PROJECT_DOCUMENT_BYTES_MAX + 1);
    const raw = readRaw({ name: file.path, bytes });
    const kind = kindOf(file.path, raw);
    if (kind !== null) found.push({ path: file.path, bytes, raw, kind });
  }
  return found;
}

function kindOf(path: string, raw: RawRead): ProjectDocumentKind | null {
  const usual = USUAL_NAMES.find(([name]) => name.test(path))?.[1] ?? null;
  if ('findings' in raw || !isMap(raw.value)) return usual;
  const kind = kindOfFields(raw.value);
  if (kind !== null && kind !== 'policy') return kind;
  const policy = policyKindOf(raw.value);
  if (policy === 'specular-policy') return 'execution-policy';
  if (policy === 'specular-governance' && Object.hasOwn(raw.value, 'enforcement')) return 'governance-policy';
  if (policy?.startsWith('atlasbridge') === true) return 'autonomy-policy';
  return usual;
}

/** The first bytes of one file, at most `bytesMax`. */
export async function bytesOf(file: ProjectFile, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let left = bytesMax;
  for await (const chunk of file.open()) {
    chunks.push(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) break;
  }
  return concatBytes(chunks);
}
