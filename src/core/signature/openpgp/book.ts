import type { Finding } from '../../generated/report.js';
import { mergeCertificates, type OpenPgpCertificate } from './certificate.js';
import type { OpenPgpKey } from './key.js';
import type { Issuer } from './signaturePacket.js';

/** A key that a signature may have been made with, and the certificate that it belongs to. */
export interface KeyCandidate {
  readonly certificate: OpenPgpCertificate;
  readonly key: OpenPgpKey;
}

/** Most keys with one key id that are tried; ids of 64 bits can be made to collide. */
const CANDIDATES_MAX = 8;

/** The public keys at hand for one judgement. Says nothing about whose they are. */
export class CertificateBook {
  readonly #certificates = new Map<string, OpenPgpCertificate>();

  /** Copies of one key add up, so that a revocation in any of them counts. */
  add(certificate: OpenPgpCertificate): void {
    const { fingerprint } = certificate.primary;
    const before = this.#certificates.get(fingerprint);
    this.#certificates.set(
      fingerprint,
      before === undefined ? certificate : mergeCertificates(before, certificate),
    );
  }

  get(fingerprint: string): OpenPgpCertificate | undefined {
    return this.#certificates.get(fingerprint);
  }

  get size(): number {
    return this.#certificates.size;
  }

  /** Keys that fit what a signature says of its maker: by whole fingerprint where it gives one, else by key id. */
  candidates({ fingerprints, keyIds }: Issuer): KeyCandidate[] {
    const fits = (key: OpenPgpKey): boolean =>
      fingerprints.length > 0 ? fingerprints.includes(key.fingerprint) : keyIds.includes(key.keyId);
    const found = [...this.#certificates.values()].flatMap((certificate) =>
      distinct([certificate.primary, ...certificate.subkeys.map(({ key }) => key)])
        .filter(fits)
        .map((key) => ({ certificate, key })),
    );
    return found.slice(0, CANDIDATES_MAX);
  }
}

function distinct(keys: readonly OpenPgpKey[]): OpenPgpKey[] {
  return [...new Map(keys.map((key) => [key.fingerprint, key])).values()];
}

/** A book with what was wrong while it was filled. */
export interface FilledBook {
  readonly book: CertificateBook;
  readonly findings: readonly Finding[];
}
