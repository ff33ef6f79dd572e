import { createHash } from 'node:crypto';
import { toUtf8 } from '../../../src/core/bytes/text.js';
import { limitsProfiles } from '../../../src/core/limits.js';
import { contentRoot, sortedFiles } from '../../../src/core/manifest/digests.js';
import type { Manifest, ManifestFile } from '../../../src/core/manifest/manifest.js';
import { readManifest, type ManifestRead } from '../../../src/core/manifest/readManifest.js';

export const limits = limitsProfiles.default;
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest());
export const platform = { sha256, sha256Sync: sha256 };

export const file = (path: string, more: Partial<ManifestFile> = {}): ManifestFile => ({
  path,
  size: 3,
  sha256: 'ab'.repeat(32),
  external: false,
  ...more,
});

export function manifestOf(files: readonly ManifestFile[], more: Partial<Manifest> = {}): Manifest {
  return {
    dialect: 'countersign',
    schema: 'specular.bundle/v1',
    id: 'acme/healthcare-api',
    version: '1.10',
    integrityDigest: contentRoot(files, platform),
    requiredApprovals: [],
    metadata: {},
    authors: [],
    tags: [],
    dependencies: [],
    files: sortedFiles(files),
    ...more,
  };
}

export const read = (text: string | Uint8Array): ManifestRead =>
  readManifest(typeof text === 'string' ? toUtf8(text) : text, limits);
export const codes = (text: string | Uint8Array): string[] => read(text).findings.map(({ code }) => code);

export const CLI = `schema: specular.bundle/v1
id: acme/x
version: 1.10
created: 2025-11-06T10:05:12.123456789+01:00
integrity:
    algorithm: sha256
    digest: sha256:${'12'.repeat(32)}
    manifest_digest: ${'12'.repeat(32)}
required_approvals:
    - pm
    - security
metadata:
    release: 2025-11
files:
    - path: spec.yaml
      size: 16
      checksum: ${'ab'.repeat(32)}
      mode: 420
    - path: docs/a.md
      size: 0
      checksum: ${'cd'.repeat(32)}
`;
