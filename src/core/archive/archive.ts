import type { Finding } from '../generated/report.js';

/** One regular file of the archive, in archive order. */
export interface Entry {
  /** As written; already checked against the path rules. Attacker-controlled. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What one pass over a `.sbundle.tgz` found. Everything that can be known is here, also after a failure. */
export interface Archive {
  /** False when any finding of severity error says that the container cannot be read safely. */
  readonly readable: boolean;
  /** True when the stream was followed to its correct end. */
  readonly complete: boolean;
  readonly entries: readonly Entry[];
  readonly directories: readonly string[];
  /** Bytes of the small documents that {@link ReadArchiveOptions.keep} asked for, by path. */
  readonly kept: ReadonlyMap<string, Uint8Array>;
  /** SHA-256 of the file as received, lower-case hex; null when it was not read to its end. */
  readonly archiveSha256: string | null;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
  readonly findings: readonly Finding[];
}
