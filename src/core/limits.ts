import type { LimitsUsed } from './generated/report.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Limits of one verification (docs/SPEC.md, "Limits"). All sizes in bytes. */
export interface Limits {
  readonly unpackedBytesMax: number;
  readonly entryBytesMax: number;
  readonly entriesMax: number;
  readonly manifestBytesMax: number;
  readonly approvalsMax: number;
  /** One approval document or signature file. */
  readonly approvalBytesMax: number;
}

export type LimitsProfile = 'default' | 'large';

export const limitsProfiles: Readonly<Record<LimitsProfile, Limits>> = {
  default: {
    unpackedBytesMax: GIB,
    entryBytesMax: 100 * MIB,
    entriesMax: 10_000,
    manifestBytesMax: 8 * MIB,
    approvalsMax: 256,
    approvalBytesMax: 64 * KIB,
  },
  large: {
    unpackedBytesMax: 64 * GIB,
    entryBytesMax: 16 * GIB,
    entriesMax: 1_000_000,
    manifestBytesMax: 512 * MIB,
    approvalsMax: 256,
    approvalBytesMax: 64 * KIB,
  },
};

/** Bounds that no setting changes: they protect the reader itself. */
export const fixedLimits = {
  /** UTF-8 bytes of one path. */
  pathBytesMax: 4096,
  /** UTF-8 bytes of one path component. */
  pathComponentBytesMax: 255,
  pathDepthMax: 64,
  /** One PAX header body. */
  paxBytesMax: 64 * KIB,
  /** Nesting of YAML and JSON. */
  documentDepthMax: 64,
  /** One scalar of a manifest, trust file or approval. */
  scalarBytesMax: 64 * KIB,
  /** A trust file or allowed_signers file. */
  trustBytesMax: 4 * MIB,
  peopleMax: 10_000,
  /** Loose approval files given in one request. */
  looseFilesMax: 4096,
  /** Signature checks made only to find out which bundle or statement a loose file belongs to. */
  looseTrialsMax: 8192,
  /** One file with OpenPGP keys (hostile input S34). */
  openPgpCertificateBytesMax: 2 * MIB,
  /** Packets of one such file: keys, names, certifications. */
  openPgpPacketsMax: 10_000,
  /** Signature calculations that one OpenPGP certificate may cost. */
  openPgpSelfSignaturesMax: 256,
  /** The same for all certificates together that lie beside the bundles. */
  openPgpLooseSignaturesMax: 1024,
  /** Certificates that one request may bring. */
  openPgpCertificatesMax: 4096,
  rsaBitsMin: 2048,
  rsaBitsMax: 8192,
} as const;

export function limitsUsed(profile: LimitsProfile, limits: Limits): LimitsUsed {
  const standard = limitsProfiles.default;
  const changed = (Object.keys(standard) as (keyof Limits)[]).some((name) => limits[name] !== standard[name]);
  return { profile, changed, ...limits };
}
