import type { Finding } from '../generated/report.js';

/** A public key as OpenSSH writes it. */
export interface PublicKey {
  /** Key type name, for example `ssh-ed25519`, `ecdsa-sha2-nistp256`, `webauthn-sk-ecdsa-sha2-nistp256@openssh.com` (listed as its key type `sk-ecdsa-sha2-nistp256@openssh.com`). */
  readonly algorithm: string;
  /** The SSH wire encoding. */
  readonly blob: Uint8Array;
  /** `SHA256:` + base64 without padding of SHA-256 of the blob. */
  readonly fingerprint: string;
  /** Application of a security key (`sk-` types), for example `ssh:` or a passkey's rpId. */
  readonly application?: string;
}

/**
 * What a signature check established. `true`: the key signed exactly these bytes. `weak`: it did, by an
 * algorithm that no longer proves it. `false`: it did not, or the encoding is refused. `could-not-check`: a kind
 * that this build does not judge.
 */
export interface SignatureCheck {
  readonly outcome: 'true' | 'weak' | 'false' | 'could-not-check';
  readonly key: PublicKey | null;
  readonly findings: readonly Finding[];
  /** Passkeys only: origin as signed in clientDataJSON. */
  readonly origin?: string;
  /** OpenPGP only: what the key's own certificate says about its time. RFC 3339 UTC; `until` is exclusive. */
  readonly terms?: { readonly revokedAt?: string; readonly until?: string };
  /** OpenPGP only: the certificate that was used, without foreign certifications, binary. */
  readonly certificate?: Uint8Array;
}
