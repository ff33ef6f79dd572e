import type { Finding } from '../generated/report.js';

/** One key of a person. Exactly one of the identifying fields is set by the schema; keys are compared by `fingerprint` where there is one. */
export interface TrustedKey {
  readonly kind: 'ssh' | 'fingerprint' | 'passkey' | 'openpgp' | 'sigstore';
  /** `SHA256:…` for ssh, fingerprint and passkey; upper-case hex for openpgp; `issuer identity` for sigstore. */
  readonly fingerprint: string;
  /** SSH wire encoding where the file gave the whole key. */
  readonly blob?: Uint8Array;
  /** OpenPGP certificate with this fingerprint, armored or binary, where the file gave it. */
  readonly certificate?: Uint8Array;
  /** Allowed origins of a passkey; default `https://<rpId>`. */
  readonly origins?: readonly string[];
  /** RFC 3339 UTC, start inclusive, end exclusive. */
  readonly from?: string;
  readonly until?: string;
  readonly checked?: string;
  /** Namespaces that the key may sign; absent means any of ours. */
  readonly namespaces?: readonly string[];
}

export interface Person {
  readonly id: string;
  readonly also: readonly string[];
  readonly name?: string;
  readonly keys: readonly TrustedKey[];
}

export interface Withdrawal {
  readonly fingerprint: string;
  readonly at: string;
  readonly reason?: string;
}

export interface RoleRule {
  readonly role: string;
  readonly people: readonly string[];
  readonly threshold: number;
  readonly maxAgeDays?: number;
}

export interface Rule {
  readonly name: string;
  readonly level?: 'L1' | 'L2' | 'L3' | 'L4';
  readonly roles: readonly RoleRule[];
  readonly differentPeople: boolean;
  readonly legacyDialects: boolean;
  /** Predicate types of attestations that must be there. */
  readonly attestations: readonly string[];
}

/** Who is known, by the reader's word alone. Never built from anything inside a bundle. */
export interface Trust {
  readonly id?: string;
  readonly serial?: number;
  readonly people: readonly Person[];
  readonly withdrawn: readonly Withdrawal[];
  readonly rules: readonly Rule[];
  readonly defaultRule?: string;
}

/** A document read whole: the value, or null with the findings that say why not. */
export interface TrustRead {
  readonly trust: Trust | null;
  readonly findings: readonly Finding[];
}
