import type { Finding } from '../generated/report.js';
import { equalBytes } from '../bytes/bytes.js';
import { parseTime } from '../bytes/time.js';
import { finding } from '../messages/finding.js';
import { verifySshsig } from '../signature/sshsig.js';
import type { SignatureCheck } from '../signature/signature.js';
import { diffTrust, type Difference } from './diff.js';
import { allowedOrigins, findSigner, mayUseNamespace } from './lookup.js';
import { readTrust, type TrustSource } from './readTrust.js';
import { checkSerial } from './serial.js';
import type { Person, Trust } from './trust.js';

/** What a signature on a trust list is for; an approval cannot be taken for one. */
export const TRUST_NAMESPACE = 'trust@countersign';

/** A trust list as it came, with its signature when it has one. */
export interface TrustPack extends TrustSource {
  readonly signature?: Uint8Array;
}

/** A pack looked at, before anything is replaced by it. */
export interface PackRead {
  /** null when it must not be taken over: see `findings`. */
  readonly trust: Trust | null;
  /**
   * `known`: signed by a person of the present list with a key that counts. `unknown`: signed, by nobody whom the list
   * knows; `unsigned`; `false`: the signature does not fit, so the pack is refused.
   */
  readonly signature: 'known' | 'unknown' | 'unsigned' | 'false';
  /** Who signed, by the present list. */
  readonly signedBy: Person | null;
  /** Fingerprint of the key that signed; null when there is none. */
  readonly fingerprint: string | null;
  /** What the list would change, what makes it weaker first; empty when it is refused. */
  readonly differences: readonly Difference[];
  readonly findings: readonly Finding[];
}

/**
 * Reads a trust list that somebody sends (docs/SPEC.md, "Trust list"): who signed it, whether it is newer, what it changes. Who the
 * signer is, is answered by the present list alone, never by the one that comes. All bytes are attacker-controlled.
 *
 * @param now - RFC 3339; the signer's key must count at this time.
 */
export function readPack(pack: TrustPack, present: Trust | null, now: string): PackRead {
  const signer = readSigner(pack, present, parseTime(now) ?? Number.NaN);
  const { trust, findings: listFindings } = readTrust(pack);
  const serial = trust === null ? [] : checkSerial(trust, present, signer.signature !== 'unsigned');
  const findings = [...signer.findings, ...listFindings, ...serial];
  const refused = trust === null || findings.some(({ severity }) => severity === 'error');
  return {
    trust: refused ? null : trust,
    signature: signer.signature,
    signedBy: signer.signedBy,
    fingerprint: signer.fingerprint,
    differences: refused ? [] : diffTrust(present, trust),
    findings,
  };
}

type Signer = Pick<PackRead, 'signature' | 'signedBy' | 'fingerprint' | 'findings'>;

function readSigner(pack: TrustPack, present: Trust | null, now: number): Signer {
  if (pack.signature === undefined)
    return { signature: 'unsigned', signedBy: null, fingerprint: null, findings: [] };
  const where = { file: `${pack.name}.sig` };
  const check = verifySshsig(pack.signature, pack.bytes, TRUST_NAMESPACE, where);
  const fingerprint = check.key?.fingerprint ?? null;
  if (check.outcome !== 'true' || check.key === null) {
    const refusal = finding('pack-signature-false', { file: pack.name }, { where });
    return { signature: 'false', signedBy: null, fingerprint, findings: [refusal, ...check.findings] };
  }
  const known = knownSigner(check, present, now);
  if (known === null || 'problem' in known) {
    const unknown =
      known === null
        ? finding('pack-signer-unknown', { fingerprint: check.key.fingerprint }, { where })
        : finding(
            'pack-signer-not-current',
            { person: known.person.id, fingerprint: check.key.fingerprint, problem: known.problem },
            { where },
          );
    return { signature: 'unknown', signedBy: null, fingerprint, findings: [unknown] };
  }
  return { signature: 'known', signedBy: known.person, fingerprint, findings: [] };
}

const STATES = {
  'not-yet': 'it does not count yet',
  expired: 'it has ended',
  withdrawn: 'it was withdrawn',
} as const;

type KnownSigner = { readonly person: Person } | { readonly person: Person; readonly problem: string } | null;

function knownSigner({ key, origin }: SignatureCheck, present: Trust | null, now: number): KnownSigner {
  if (key === null || present === null) return null;
  const match = findSigner(present, key, now);
  if (match === null) return null;
  const { person, key: listed, state } = match;
  if (Number.isNaN(now)) return { person, problem: 'the time is not known' };
  if (state !== 'current') return { person, problem: STATES[state] };
  if (listed.blob !== undefined && !equalBytes(listed.blob, key.blob)) return null;
  if (!mayUseNamespace(listed, TRUST_NAMESPACE)) return { person, problem: 'it is not for signing lists' };
  if (origin !== undefined && !allowedOrigins(listed, key.application ?? '').includes(origin))
    return { person, problem: `it signed on ${origin}, which is not where this person signs` };
  return { person };
}
