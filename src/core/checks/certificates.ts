import type { NamedBytes } from '../envelope/approval.js';
import type { Finding, LooseReport } from '../generated/report.js';
import { fixedLimits } from '../limits.js';
import { finding } from '../messages/finding.js';
import { CertificateBook } from '../signature/openpgp/book.js';
import { readNamedBlocks } from '../signature/openpgp/named.js';
import { verifyOpenPgp } from '../signature/openpgp/verify.js';
import type { SignatureCheck } from '../signature/signature.js';
import type { SignerMatch } from '../trust/lookup.js';
import { parseTime } from '../trust/time.js';
import type { Trust } from '../trust/trust.js';

/**
 * The OpenPGP public keys of one judgement (docs/SPEC.md, "OpenPGP approvals"). Key material comes from the reader
 * (trust list, certificates given) or from files beside the bundles whose fingerprint the trust list binds; whose a
 * key is, the trust list alone says.
 */
export class OpenPgpDesk {
  readonly #book = new CertificateBook();
  readonly #bound: ReadonlySet<string>;
  readonly #now: number;
  /** What is wrong with the reader's own certificates. */
  readonly findings: readonly Finding[];

  /** @param now - milliseconds since 1970 that keys are judged at. */
  constructor(trust: Trust | null, given: readonly NamedBytes[], now: number) {
    const keys = (trust?.people ?? [])
      .flatMap((person) => person.keys)
      .filter(({ kind }) => kind === 'openpgp');
    this.#bound = new Set(keys.map(({ fingerprint }) => fingerprint));
    this.#now = now;
    for (const { certificate, fingerprint } of keys) {
      // Looked at when the list was read: one certificate, with this fingerprint.
      const read = certificate === undefined ? null : readNamedBlocks(certificate, fingerprint);
      if (read !== null && 'blocks' in read) for (const block of read.blocks) this.#book.add(block);
    }
    this.findings = given.slice(0, fixedLimits.openPgpCertificatesMax).flatMap((file) => this.#give(file));
  }

  #give({ name, bytes }: NamedBytes): readonly Finding[] {
    const read = readNamedBlocks(bytes, name);
    if ('findings' in read) return read.findings;
    for (const block of read.blocks) this.#book.add(block);
    return [];
  }

  /** A public key found beside the bundles: hostile material, used only where the reader's list names it. */
  addLoose({ name, bytes }: NamedBytes): LooseReport {
    const report = (findings: readonly Finding[]): LooseReport => {
      return { file: name, kind: 'certificate', inputs: [], findings: [...findings] };
    };
    const read = readNamedBlocks(bytes, name);
    if ('findings' in read) return report(read.findings);
    const where = { file: name };
    return report(
      read.blocks.flatMap((block) => {
        const { fingerprint } = block.name;
        if (!this.#bound.has(fingerprint)) {
          return [finding('openpgp-certificate-not-listed', { file: name, fingerprint }, { where })];
        }
        this.#book.add(block, true);
        return [];
      }),
    );
  }

  /** False when nothing of the reader's has to do with OpenPGP: then such signatures are recognised and no more. */
  get isUsed(): boolean {
    return this.#bound.size > 0 || this.#book.size > 0 || this.findings.length > 0;
  }

  /** Checks a detached signature over exactly `message`. Both are attacker-controlled. */
  verify(signature: Uint8Array, message: Uint8Array): SignatureCheck {
    return verifyOpenPgp(signature, message, this.#book, this.#now);
  }
}

/**
 * The reader's listing together with what the key says of itself: the earlier end and any revocation count. Neither
 * can lengthen the other.
 *
 * @param judgedAt - milliseconds since 1970.
 */
export function withOwnTerms(
  match: SignerMatch | null,
  terms: SignatureCheck['terms'],
  judgedAt: number,
): SignerMatch | null {
  if (match === null || terms === undefined) return match;
  const until = earlier(match.key.until, terms.until);
  const bounded = until === undefined ? match : { ...match, key: { ...match.key, until } };
  const withdrawnAt = earlier(match.withdrawnAt, terms.revokedAt);
  if (withdrawnAt !== undefined) return { ...bounded, state: 'withdrawn', withdrawnAt };
  const ended = until !== undefined && (parseTime(until) ?? -Infinity) <= judgedAt;
  return ended ? { ...bounded, state: 'expired' } : bounded;
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return (parseTime(a) ?? -Infinity) <= (parseTime(b) ?? -Infinity) ? a : b;
}
