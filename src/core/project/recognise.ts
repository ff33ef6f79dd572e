import { readRaw, type Plain, type PlainMap } from '../documents/readDocument.js';

export type KnownKind = 'spec' | 'lock' | 'routing' | 'policy' | 'plan' | 'config';

/** Only documents this short are looked into, in bytes. */
export const RECOGNISED_BYTES_MAX = 1_048_576;

const SPECULAR_FOLDER = /^(?:\.specular\/)?[^/]+\.(?:ya?ml|json)$/;

export interface Identity {
  /** `product` of the specification; null when none was found. */
  readonly id: string | null;
  /** `version` of the lock; null when none was found. */
  readonly version: string | null;
}

/** Where the specification and its lock may lie: at the root or under `.specular/`. */
export function mayBeKnown(path: string): boolean {
  return SPECULAR_FOLDER.test(path);
}

/** What a document is, by its content; null for what is not known. Attacker-controlled; never throws. */
export function recognise(path: string, bytes: Uint8Array): KnownKind | null {
  const map = rootOf(path, bytes);
  return map === null ? null : kindOfFields(map);
}

/** The same for a document that was read already. */
export function kindOfFields(map: PlainMap): KnownKind | null {
  const has = (name: string): boolean => Object.hasOwn(map, name);
  if (has('product') && Array.isArray(map.features)) return 'spec';
  if (has('features') && isMap(map.features) && typeof map.version === 'string') return 'lock';
  if (Array.isArray(map.providers) && (has('budget_usd') || has('fallback_model') || has('prefer_cheap')))
    return 'routing';
  if (Array.isArray(map.tasks)) return 'plan';
  if (has('bundle')) return 'config';
  return has('rules') || has('execution') || has('policies') || has('policy_version') ? 'policy' : null;
}

/** Id and version as the project itself says them; the first of the known files counts, the root before `.specular/`. */
export function identityOf(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
): Identity {
  let id: string | null = null;
  let version: string | null = null;
  for (const { path, bytes } of files) {
    const map = rootOf(path, bytes);
    if (map === null) continue;
    const kind = recognise(path, bytes);
    if (kind === 'spec' && typeof map.product === 'string') id ??= map.product;
    if (kind === 'lock' && typeof map.version === 'string') version ??= map.version;
  }
  return { id, version };
}

function rootOf(path: string, bytes: Uint8Array): PlainMap | null {
  if (bytes.length > RECOGNISED_BYTES_MAX) return null;
  const raw = readRaw({ name: path, bytes });
  return 'findings' in raw || !isMap(raw.value) ? null : raw.value;
}

function isMap(value: Plain | undefined): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
