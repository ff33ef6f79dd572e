import { equalBytes } from '../bytes/bytes.js';
import { parseTime } from './time.js';
import type { Person, Trust, TrustedKey } from './trust.js';

/** Namespace of bundle and file approvals (docs/SPEC.md, "Approvals"). */
const APPROVAL_NAMESPACE = 'approval@countersign';

/** What a signature told about its key. `PublicKey` fits. */
export interface KeyQuery {
  readonly fingerprint: string;
  readonly blob?: Uint8Array;
}

export type KeyState = 'current' | 'not-yet' | 'expired' | 'withdrawn';

/** The person whom the reader's own list gives for a key, and how that key stands. */
export interface SignerMatch {
  readonly person: Person;
  readonly key: TrustedKey;
  readonly state: KeyState;
  /** RFC 3339, only when `state` is `withdrawn`. */
  readonly withdrawnAt?: string;
}

/**
 * Finds who owns a key. Whole fingerprints are compared, and whole keys where the list has them; what a
 * signature file says of itself plays no part. A key listed several times is judged by its best listing:
 * one for approvals before one for another namespace, one in its window before one outside.
 *
 * @param judgedAt - milliseconds since 1970: `now`, or an earlier proven time. Never a claimed time.
 * @returns null when nobody in the list has this key.
 */
export function findSigner(trust: Trust, key: KeyQuery, judgedAt: number): SignerMatch | null {
  const matches = trust.people.flatMap((person) =>
    person.keys
      .filter((candidate) => isSameKey(candidate, key))
      .map((candidate) => ({ person, key: candidate, state: windowState(candidate, judgedAt) })),
  );
  const best = matches.toSorted((a, b) => rank(a) - rank(b))[0];
  if (best === undefined) return null;
  const withdrawnAt = withdrawalOf(trust, key.fingerprint, judgedAt);
  return withdrawnAt === null ? best : { ...best, state: 'withdrawn', withdrawnAt };
}

/** Whether the reader's list lets this key sign in `namespace`; only OpenSSH lists narrow that. */
export function mayUseNamespace(key: TrustedKey, namespace: string = APPROVAL_NAMESPACE): boolean {
  return key.namespaces === undefined || key.namespaces.includes(namespace);
}

/** Origins that a passkey of this person may sign from: the pinned ones, else its own domain. */
export function allowedOrigins(key: TrustedKey, application: string): readonly string[] {
  return key.origins ?? [`https://${application}`];
}

function isSameKey(listed: TrustedKey, key: KeyQuery): boolean {
  if (listed.fingerprint !== key.fingerprint) return false;
  return listed.blob === undefined || key.blob === undefined || equalBytes(listed.blob, key.blob);
}

const STATES: readonly KeyState[] = ['current', 'expired', 'not-yet', 'withdrawn'];

function rank({ key, state }: SignerMatch): number {
  return (mayUseNamespace(key) ? 0 : STATES.length) + STATES.indexOf(state);
}

/** Start inclusive, end exclusive. A bound that cannot be read closes the window. */
function windowState({ from, until }: TrustedKey, judgedAt: number): KeyState {
  const start = from === undefined ? -Infinity : (parseTime(from) ?? Infinity);
  const end = until === undefined ? Infinity : (parseTime(until) ?? -Infinity);
  if (judgedAt >= end) return 'expired';
  return judgedAt < start ? 'not-yet' : 'current';
}

/** The earliest withdrawal in force at `judgedAt`; one with a time that cannot be read is in force. */
function withdrawalOf(trust: Trust, fingerprint: string, judgedAt: number): string | null {
  const inForce = trust.withdrawn
    .filter((withdrawal) => withdrawal.fingerprint === fingerprint)
    .map(({ at }) => ({ at, epochMs: parseTime(at) ?? -Infinity }))
    .filter(({ epochMs }) => epochMs <= judgedAt)
    .toSorted((a, b) => a.epochMs - b.epochMs);
  return inForce[0]?.at ?? null;
}
