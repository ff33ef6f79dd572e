import { toBase64 } from '../../bytes/base64.js';
import type { Finding } from '../../generated/report.js';
import {
  exportCertificate,
  mergeCertificates,
  readCertificates,
  type OpenPgpCertificate,
} from './certificate.js';
import { standingOf, timeText, type KeyStanding } from './standing.js';

/** A public key as people are asked about it before they bind it to somebody. */
export interface CertificateCard {
  /** Upper-case hex of the primary key, 40 or 64 digits: what a trust list binds. */
  readonly fingerprint: string;
  /** As the key claims them; attacker-controlled text that proves nothing. */
  readonly userIds: readonly string[];
  readonly algorithm: string;
  /** RFC 3339 UTC. */
  readonly created: string;
  readonly ends: string | null;
  readonly revokedAt: string | null;
  /** True when the key or one of its subkeys may sign approvals now. */
  readonly canSign: boolean;
  /** The certificate without foreign certifications, base64: for `certificate` in a trust list. */
  readonly certificate: string;
}

export type CertificateImport =
  { readonly certificates: readonly CertificateCard[] } | { readonly findings: readonly Finding[] };

/**
 * Reads a file with OpenPGP public keys for showing and keeping them (docs/SPEC.md, "OpenPGP approvals"). `bytes` is
 * attacker-controlled; never throws.
 *
 * @param now - milliseconds since 1970.
 */
export function readCertificate(bytes: Uint8Array, now: number, file = 'the file'): CertificateImport {
  const read = readCertificates(bytes, file);
  if ('findings' in read) return read;
  return { certificates: read.certificates.map((one) => cardOf(one, Math.floor(now / 1000))) };
}

function cardOf(certificate: OpenPgpCertificate, now: number): CertificateCard {
  const { primary, users, subkeys } = certificate;
  const standing = standingOf(certificate, primary, now);
  const all = [standing, ...subkeys.map(({ key }) => standingOf(certificate, key, now))];
  return {
    fingerprint: primary.fingerprint,
    userIds: users.flatMap(({ name, signatures }) =>
      name === null || signatures.length === 0 ? [] : [name],
    ),
    algorithm: primary.algorithm,
    created: timeText(primary.created),
    ends: standing.until ?? null,
    revokedAt: standing.revokedAt ?? null,
    canSign: all.some((one) => mayUse(one, now)),
    certificate: toBase64(exportCertificate(certificate)),
  };
}

function mayUse({ refusal, revokedAt, until }: KeyStanding, now: number): boolean {
  return refusal === null && revokedAt === undefined && (until === undefined || until > timeText(now));
}

/**
 * Two copies of one key as one certificate, so that a fresh copy prolongs and revokes and an old one takes nothing
 * back. `kept` where they are not two readable copies of one key.
 */
export function combineCertificates(kept: Uint8Array, fresh: Uint8Array): Uint8Array {
  const [a, b] = [kept, fresh].map((bytes) => {
    const read = readCertificates(bytes, 'the certificate');
    return 'certificates' in read && read.certificates.length === 1 ? read.certificates[0] : undefined;
  });
  const same = a !== undefined && b !== undefined && a.primary.fingerprint === b.primary.fingerprint;
  return same ? exportCertificate(mergeCertificates(a, b)) : kept;
}
