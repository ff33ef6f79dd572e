import { toUtf8 } from '../bytes/text.js';
import type { SpecDocument } from '../generated/spec.js';
import type { SpecLockDocument } from '../generated/spec-lock.js';

/** BLAKE3-256 of bytes whole in memory: 64 lower-case hex digits. `src/platform` supplies it. */
export type Blake3 = (bytes: Uint8Array) => string;
export type Feature = SpecDocument['features'][number];

/** The bytes that a feature is locked by: compact JSON with sorted keys, escaped as Go does it. */
export function lockedBytes(feature: Feature): Uint8Array {
  const { api = [], desc, id, priority, success, title, trace } = feature;
  const entries = api.map(({ method, path, request, response }) => ({
    method,
    path,
    ...(request === undefined ? {} : { request }),
    ...(response === undefined ? {} : { response }),
  }));
  const covered = {
    ...(entries.length === 0 ? {} : { api: entries }),
    desc,
    id,
    priority,
    success,
    title,
    // A list that is absent is null, an empty one is not.
    trace: trace ?? null,
  };
  return toUtf8(goEscapes(JSON.stringify(covered)));
}

/** The lock of a specification. `version` is that of the product. */
export function makeLock(spec: SpecDocument, version: string, blake3: Blake3): SpecLockDocument {
  const sorted = [...spec.features].sort((a, b) => (a.id < b.id ? -1 : 1));
  const features = Object.fromEntries(
    sorted.map((feature) => [
      feature.id,
      {
        hash: blake3(lockedBytes(feature)),
        openapi_path: `.specular/openapi/${feature.id}.yaml`,
        test_paths: [`.specular/tests/${feature.id}_test.go`],
      },
    ]),
  );
  return { version, features };
}

/** `spec.lock.json`: two spaces, features by id, no line feed at the end. UTF-8. */
export function writeLock(lock: SpecLockDocument): Uint8Array {
  const ids = Object.keys(lock.features).sort();
  const features = Object.fromEntries(ids.map((id) => [id, lock.features[id]]));
  return toUtf8(goEscapes(JSON.stringify({ version: lock.version, features }, null, 2)));
}

/** Go escapes what HTML and old scripts would misread; in JSON these stand in strings only. */
function goEscapes(json: string): string {
  return json.replace(
    /[&<>\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
