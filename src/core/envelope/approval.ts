import type { Finding } from '../generated/report.js';
import type { SignedWithdrawal } from './withdrawal.js';

/** A statement of ours (docs/SPEC.md, "Approvals"), parsed strictly. */
export interface ApprovalStatement {
  readonly kind: 'bundle' | 'file';
  /** What was signed: exactly the bytes of the file. */
  readonly bytes: Uint8Array;
  /** Lower-case hex: digest of manifest.yaml, or of the file at `subjectName`. */
  readonly subjectSha256: string;
  readonly subjectName: string;
  readonly bundle: { readonly id: string; readonly version: string; readonly contentRoot: string };
  readonly decision: 'approved' | 'declined';
  readonly role: string;
  readonly user: string;
  readonly signedAt: string;
  readonly expires?: string;
  readonly comment?: string;
  /** Fingerprint that the statement names; must equal the signing key's. */
  readonly key?: string;
}

/** The released CLI's detached approval (reference formats 1.7). Signs the archive digest, not the content. */
export interface LegacyApproval {
  readonly role: string;
  readonly user: string;
  readonly signedAt: string;
  readonly comment?: string;
  /** `ssh`, `gpg`, or any other word, as written. */
  readonly signatureType: string;
  readonly signature: string;
  readonly publicKey: string;
  readonly declaredFingerprint?: string;
}

/** One piece of approval evidence after pairing statements with signature files. */
export interface Evidence {
  /** Name shown to people: the statement's file name. */
  readonly file: string;
  readonly origin: 'embedded' | 'loose';
  readonly statement: ApprovalStatement | null;
  readonly legacy: LegacyApproval | null;
  /** Set when the document takes something back instead of approving. */
  readonly withdrawal?: SignedWithdrawal;
  readonly signatures: readonly EvidenceSignature[];
  readonly findings: readonly Finding[];
}

export interface EvidenceSignature {
  readonly file: string;
  readonly kind: 'sshsig' | 'openpgp' | 'sigstore' | 'timestamp';
  readonly bytes: Uint8Array;
}

/** A file as it was given, in the archive or beside it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}
