import type { ByteSource } from '../core/bytes/source.js';
import type { ControlsResult, Report } from '../core/generated/report.js';
import type { Limits, LimitsProfile } from '../core/limits.js';

/** A document given whole: trust file, allowed_signers, loose approval. */
export interface NamedDocument {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface VerifyInput {
  /** Name on the reader's disk. */
  readonly name: string;
  /** Blob in pages and workers, ByteSource inline and in Node, bytes anywhere. */
  readonly source: Uint8Array | Blob | ByteSource;
}

/** One request holds everything that a verdict depends on. */
export interface VerifyRequest {
  readonly inputs: readonly VerifyInput[];
  /** Loose approvals, signatures and supplements, in any order; paired by digest. */
  readonly loose: readonly NamedDocument[];
  /** `trust.yaml` with people and rules. */
  readonly trust?: NamedDocument;
  /** Name of the rule in the trust file; its `defaultRule` otherwise. */
  readonly ruleName?: string;
  readonly allowedSigners?: readonly NamedDocument[];
  /** OpenPGP public keys that the trust file names by fingerprint. */
  readonly certificates?: readonly NamedDocument[];
  /** RFC 3339. The shell reads its clock; the core never does. */
  readonly now: string;
  readonly limitsProfile?: LimitsProfile;
  readonly limits?: Partial<Limits>;
}

export interface Progress {
  /** Index of the input being read. */
  readonly input: number;
  readonly inputs: number;
  readonly name: string;
  /** Compressed bytes read of this input, and its size when known. */
  readonly readBytes: number;
  readonly totalBytes: number | null;
  /** Entry being read. Attacker-controlled text. */
  readonly path?: string;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface ExtractedFile {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** True when `bytes` is only the beginning. */
  readonly truncated: boolean;
}

/** Verifies; run inline, in a worker, or faked in component tests. Stateless: one request, one plain report. */
export interface Engine {
  verify(request: VerifyRequest, options?: VerifyOptions): Promise<Report>;
  /** First bytes of one entry, for a viewer. null when there is no such entry. */
  extract(
    input: VerifyInput,
    path: string,
    bytesMax: number,
    signal?: AbortSignal,
  ): Promise<ExtractedFile | null>;
  /** Runs the known-good and known-bad vectors now. */
  runControls(): Promise<NonNullable<ControlsResult> & { readonly failures: readonly string[] }>;
  /** Stops everything and frees the worker, if any. */
  close(): void;
}
