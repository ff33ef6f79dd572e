import type { Dialect } from '../generated/report.js';

/** One row of `files[]`. */
export interface ManifestFile {
  readonly path: string;
  /** null only in the planned dialect, which lists bare paths. */
  readonly size: number | null;
  /** Lower-case hex SHA-256; null only in the planned dialect. */
  readonly sha256: string | null;
  readonly external: boolean;
  /** 32 hex digits, only in bundles built to be disclosed in part. */
  readonly salt?: string;
  readonly mode?: number;
  readonly contentType?: string;
}

export interface ManifestDependency {
  readonly id: string;
  readonly version: string;
  readonly optional: boolean;
  readonly digest?: string;
}

/** A manifest of any dialect, typed. All text is attacker-controlled. */
export interface Manifest {
  readonly dialect: Dialect;
  readonly schema: string;
  readonly id: string;
  readonly version: string;
  readonly created?: string;
  /** `integrity.digest` as written, `sha256:<hex>`. */
  readonly integrityDigest: string;
  readonly governanceLevel?: string;
  readonly requiredApprovals: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly authors: readonly string[];
  readonly tags: readonly string[];
  readonly dependencies: readonly ManifestDependency[];
  readonly files: readonly ManifestFile[];
}
