import type { Finding } from '../../generated/report.js';
import { fixedLimits } from '../../limits.js';
import { finding } from '../../messages/finding.js';
import type { CertificateBlock } from './blocks.js';
import { certify, mergeCertificates, type Budget, type OpenPgpCertificate } from './certificate.js';
import { nameKeyBody, type KeyName, type OpenPgpKey } from './key.js';
import type { NamedBlock } from './named.js';
import type { Issuer } from './signaturePacket.js';

/** A key that a signature may have been made with, and the certificate that it belongs to. */
export interface KeyCandidate {
  readonly certificate: OpenPgpCertificate;
  readonly key: OpenPgpKey;
}

/** Most certificates with one key id that are tried; ids of 64 bits can be made to collide. */
const CANDIDATES_MAX = 8;

/** Files of one certificate. A flooded copy is left out and named; it does not take the others with it. */
interface Entry {
  readonly blocks: readonly (CertificateBlock & { readonly hostile: boolean })[];
  names: KeyName[];
  certificate?: OpenPgpCertificate | null;
  readonly findings: Finding[];
}

/** The public keys at hand for one judgement. Says nothing about whose they are. */
export class CertificateBook {
  readonly #entries = new Map<string, Entry>();
  /** A pile of junk copies of somebody's key must not keep anybody waiting. */
  readonly #hostileBudget = { left: fixedLimits.openPgpLooseSignaturesMax };

  /**
   * Copies of one key add up, so that a revocation in any of them counts. `hostile`: not from the reader; such copies
   * share one bound on what they may cost.
   */
  add({ name, block }: NamedBlock, hostile = false): void {
    const before = this.#entries.get(name.fingerprint);
    const subkeys = block.subkeys.flatMap(({ body }) => nameKeyBody(body) ?? []);
    this.#entries.set(name.fingerprint, {
      blocks: [...(before?.blocks ?? []), { ...block, hostile }],
      names: [...(before?.names ?? [name]), ...subkeys],
      findings: [],
    });
  }

  has(fingerprint: string): boolean {
    return this.#entries.has(fingerprint);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Keys that fit what a signature says of its maker: by whole fingerprint where it gives one, else by key id. */
  candidates({ fingerprints, keyIds }: Issuer): {
    readonly keys: readonly KeyCandidate[];
    readonly findings: readonly Finding[];
  } {
    const fits = ({ fingerprint, keyId }: KeyName): boolean =>
      fingerprints.length > 0 ? fingerprints.includes(fingerprint) : keyIds.includes(keyId);
    const entries = [...this.#entries.values()]
      .filter(({ names }) => names.some(fits))
      .slice(0, CANDIDATES_MAX);
    const keys = entries.flatMap((entry) => {
      const certificate = certificateOf(entry, this.#hostileBudget);
      if (certificate === null) return [];
      const all = [certificate.primary, ...certificate.subkeys.map(({ key }) => key)];
      return distinct(all.filter(fits)).map((key) => ({ certificate, key }));
    });
    return { keys, findings: entries.flatMap(({ findings }) => findings) };
  }
}

function certificateOf(entry: Entry, hostileBudget: Budget): OpenPgpCertificate | null {
  if (entry.certificate !== undefined) return entry.certificate;
  const parts: OpenPgpCertificate[] = [];
  for (const block of entry.blocks) {
    const part = block.hostile ? certify(block, hostileBudget) : certify(block);
    if (part === 'flooded') {
      const packetsMax = fixedLimits.openPgpSelfSignaturesMax;
      entry.findings.push(finding('openpgp-certificate-flooded', { packetsMax }));
    } else if (part !== null) parts.push(part);
  }
  const [first, ...more] = parts;
  entry.certificate = first === undefined ? null : more.reduce(mergeCertificates, first);
  return entry.certificate;
}

function distinct(keys: readonly OpenPgpKey[]): OpenPgpKey[] {
  return [...new Map(keys.map((key) => [key.fingerprint, key])).values()];
}
