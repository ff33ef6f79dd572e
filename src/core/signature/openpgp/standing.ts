import { formatTime } from '../../bytes/time.js';
import type { CertifiedUser, OpenPgpCertificate, SelfSignature } from './certificate.js';
import type { OpenPgpKey } from './key.js';
import { SIGNATURE_TYPE } from './signaturePacket.js';

/** Clocks of signers run ahead by a little. Seconds. */
export const CLOCK_TOLERANCE_SECONDS = 300;
const MAY_SIGN = 0x02;
/** Superseded, retired, user id no longer good: from then on. Every other reason also speaks about the past. */
const SOFT_REASONS: readonly number[] = [1, 3, 32];

/** Why signatures of a key do not count, whatever they sign. */
export type KeyRefusal =
  | { readonly why: 'material'; readonly problem: string }
  | { readonly why: 'no-self-signature' }
  | { readonly why: 'not-for-signing' }
  | { readonly why: 'unbound'; readonly problem: string };

/** What the certificate says of one of its keys at one time. */
export interface KeyStanding {
  readonly refusal: KeyRefusal | null;
  /** RFC 3339 UTC; absent when it is not revoked. */
  readonly revokedAt?: string;
  /** RFC 3339 UTC, exclusive; absent when it never ends. Ends of the primary key end its subkeys. */
  readonly until?: string;
}

/**
 * How a key of a certificate stands (docs/SPEC.md, "OpenPGP approvals"). Rule throughout: a weak or doubtful
 * self-signature may take something away, only a strong and current one gives.
 *
 * @param now - seconds since 1970; never a claimed time.
 */
export function standingOf(certificate: OpenPgpCertificate, key: OpenPgpKey, now: number): KeyStanding {
  const { primary } = certificate;
  const isPrimary = key.fingerprint === primary.fingerprint;
  const parts = certificate.subkeys.filter((subkey) => subkey.key.fingerprint === key.fingerprint);
  const own = isPrimary ? [] : parts.flatMap(({ signatures }) => signatures);
  const revoked = earliest([...revocationsOf(certificate, now), ...subkeyRevocations(own, now)]);
  const ends = [primaryEnd(certificate, now), ...(isPrimary ? [] : [subkeyEnd(own, key, now)])];
  const until = earliest(ends.filter((end) => end !== null));
  return {
    refusal:
      primaryRefusal(certificate, now) ??
      (isPrimary ? signingRefusal(certificate, now) : subkeyRefusal(own, key, now)),
    ...(revoked === null ? {} : { revokedAt: timeText(revoked) }),
    ...(until === null ? {} : { until: timeText(until) }),
  };
}

/** Seconds since 1970 as RFC 3339; bounded by the format's own 32 bits and a lifetime of as many. */
export function timeText(seconds: number): string {
  return formatTime(seconds * 1000);
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}

// --- The primary key -------------------------------------------------------------------------------------------

function isCertification({ type }: SelfSignature): boolean {
  return SIGNATURE_TYPE.certifications.includes(type);
}

/** Self-signatures about the key as such and about its names, made before `now`. */
function statements(
  certificate: OpenPgpCertificate,
  now: number,
): { direct: SelfSignature[]; user: SelfSignature[] } {
  const made = ({ created }: SelfSignature): boolean => created <= now + CLOCK_TOLERANCE_SECONDS;
  return {
    direct: certificate.direct.filter(({ type }) => type === SIGNATURE_TYPE.directKey).filter(made),
    user: certificate.users.flatMap(({ signatures }) => signatures.filter(isCertification)).filter(made),
  };
}

function primaryRefusal(certificate: OpenPgpCertificate, now: number): KeyRefusal | null {
  const { primary } = certificate;
  if (primary.refused !== null) return { why: 'material', problem: primary.refused };
  if (primary.created > now + CLOCK_TOLERANCE_SECONDS) {
    return { why: 'material', problem: 'it says that it was made in the future' };
  }
  return giving(certificate, now).length === 0 ? { why: 'no-self-signature' } : null;
}

/** The self-signatures that may give: strong, made, not ended. */
function giving(certificate: OpenPgpCertificate, now: number): SelfSignature[] {
  const { direct, user } = statements(certificate, now);
  const revoked = new Set(certificate.users.flatMap(revokedStatements));
  return [...direct, ...user].filter(
    (one) => one.strong && !revoked.has(one) && (one.ends === null || one.ends > now),
  );
}

/** Statements about a name that the owner has taken back since. */
function revokedStatements({ signatures }: CertifiedUser): SelfSignature[] {
  const latest = Math.max(
    ...signatures
      .filter(({ type }) => type === SIGNATURE_TYPE.certificationRevocation)
      .map(({ created }) => created),
  );
  return signatures.filter(({ created }) => created <= latest);
}

/** Purposes are stated by the newest self-signature that states any; silence leaves a primary key free to sign. */
function signingRefusal(certificate: OpenPgpCertificate, now: number): KeyRefusal | null {
  const [newest] = newestOf(giving(certificate, now).filter(({ flags }) => flags !== null));
  const stated = newest?.flags ?? MAY_SIGN;
  return (stated & MAY_SIGN) === 0 ? { why: 'not-for-signing' } : null;
}

/**
 * The end of the primary key: of the newest statement about the key itself that has one, and of the newest about a
 * name; the earlier counts. A direct statement without an end is made for other purposes and ends nothing.
 */
function primaryEnd(certificate: OpenPgpCertificate, now: number): number | null {
  const { direct, user } = statements(certificate, now);
  const strong = user.filter((one) => one.strong);
  const stated = [
    newestOf(direct.filter((one) => one.keyEndsAfter !== null)),
    newestOf(strong),
    newestOf(user),
  ];
  return earliest(stated.flatMap((newest) => endsOf(newest, certificate.primary)));
}

/** All signatures of the latest time: when several say different things at once, the strictest counts. */
function newestOf(signatures: readonly SelfSignature[]): SelfSignature[] {
  const latest = Math.max(...signatures.map(({ created }) => created));
  return signatures.filter(({ created }) => created === latest);
}

function endsOf(signatures: readonly SelfSignature[], { created }: OpenPgpKey): number[] {
  return signatures.flatMap(({ keyEndsAfter }) => (keyEndsAfter === null ? [] : [created + keyEndsAfter]));
}

/** Weak revocations count like strong ones: they only take away. */
function revocationsOf(certificate: OpenPgpCertificate, now: number): number[] {
  const own = certificate.direct.filter(({ type }) => type === SIGNATURE_TYPE.keyRevocation);
  const named = certificate.direct.flatMap((one) => one.revokers);
  const foreign = certificate.foreignRevokers.some((issuer) =>
    named.some((revoker) => revoker === issuer || revoker.endsWith(issuer) || revoker.startsWith(issuer)),
  );
  // Whether the revoker whom the owner named really signed cannot be calculated without their key: believed.
  return [...inForce(own, now), ...(foreign ? [certificate.primary.created] : [])];
}

function inForce(revocations: readonly SelfSignature[], now: number): number[] {
  return revocations
    .filter(({ reason, created }) => !SOFT_REASONS.includes(reason) || created <= now)
    .map(({ created }) => created);
}

// --- A subkey --------------------------------------------------------------------------------------------------

function bindings(own: readonly SelfSignature[], now: number): SelfSignature[] {
  const made = own.filter(
    ({ type, created }) => type === SIGNATURE_TYPE.subkeyBinding && created <= now + CLOCK_TOLERANCE_SECONDS,
  );
  return made.length === 0 ? [] : newestOf(made);
}

function subkeyRevocations(own: readonly SelfSignature[], now: number): number[] {
  return inForce(
    own.filter(({ type }) => type === SIGNATURE_TYPE.subkeyRevocation),
    now,
  );
}

function subkeyEnd(own: readonly SelfSignature[], key: OpenPgpKey, now: number): number | null {
  const newest = bindings(own, now);
  return earliest([...endsOf(newest, key), ...newest.flatMap(({ ends }) => (ends === null ? [] : [ends]))]);
}

/** The newest binding decides; it must be strong, name the purpose, and be answered by the subkey. */
function subkeyRefusal(own: readonly SelfSignature[], key: OpenPgpKey, now: number): KeyRefusal | null {
  if (key.refused !== null) return { why: 'material', problem: key.refused };
  if (key.created > now + CLOCK_TOLERANCE_SECONDS) {
    return { why: 'material', problem: 'it says that it was made in the future' };
  }
  const newest = bindings(own, now);
  if (newest.length === 0)
    return { why: 'unbound', problem: 'the primary key has not signed that it is its own' };
  if (newest.some(({ strong }) => !strong)) {
    return { why: 'unbound', problem: 'it is bound by a digest that is not accepted' };
  }
  if (newest.some(({ flags }) => flags === null || (flags & MAY_SIGN) === 0))
    return { why: 'not-for-signing' };
  if (newest.some(({ backSigned }) => !backSigned)) {
    return { why: 'unbound', problem: 'it has not signed that it belongs to this key' };
  }
  return null;
}
