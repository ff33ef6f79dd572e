import type { Finding } from '../core/generated/report.js';

/** Where the private half is and who guards it. */
export type KeyKind = 'passkey' | 'browser' | 'passphrase' | 'openssh' | 'openpgp';

/** What may be shown of a key. Nothing in it is secret. Times are RFC 3339 in UTC. */
export interface KeyCard {
  readonly id: string;
  readonly kind: KeyKind;
  readonly label: string;
  /** The person as the trust list names them, usually an e-mail address; null when nobody said. */
  readonly user: string | null;
  /** One line as in a `.pub` file, or an armored OpenPGP certificate. */
  readonly publicKey: string;
  /** `SHA256:…` of an SSH key, 40 or 64 hex digits of an OpenPGP key. */
  readonly fingerprint: string;
  /** The fingerprint for reading aloud; empty for OpenPGP keys, which have hex for that. */
  readonly words: string;
  readonly algorithm: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  /** From then on it signs nothing but its own withdrawal. */
  readonly endsAt: string | null;
  /** When its backup was read back and signed the same; for a key that came from a file, when it came. */
  readonly backedUpAt: string | null;
  readonly withdrawnAt: string | null;
  readonly lives: 'device' | 'session' | 'authenticator';
  /** Passkeys: the domain that they are bound to. */
  readonly rpId?: string;
  /** Passkeys: what stands under `origins:` in a trust list. */
  readonly origin?: string;
  /** `none`: any code on this origin can sign with it, and the card says so. */
  readonly wrapped: 'passphrase' | 'prf' | 'none';
  /**
   * Closed until losing one place does not lose the person their voice: the key has a backup that was read back, or
   * came from a file of its owner, or another key of the same user lives somewhere else (two keys that lie in the storage
   * of one browser without a backup are lost together, so they do not open each other's gate).
   */
  readonly gate: 'open' | 'needs-second-key-or-backup';
}

export interface SignRequest {
  readonly keyId: string;
  /** `approval@countersign` and its siblings. Not used by OpenPGP, whose statement says what it is. */
  readonly namespace: string;
  readonly message: Uint8Array;
  /** For keys with `wrapped: 'passphrase'` that live on the device. */
  readonly passphrase?: string;
  readonly signal?: AbortSignal;
}

export interface MadeSignature {
  readonly kind: 'sshsig' | 'openpgp';
  /** The armored file, already checked against the public key by the code that verifies. */
  readonly bytes: Uint8Array;
}

/** The only door to private keys. Documents that approve and that manage keys open it; what verifies never imports it. */
export interface Signer {
  list(): Promise<readonly KeyCard[]>;
  /**
   * Signs `message`. Call it from the handler of a click or key press: without a gesture it refuses.
   *
   * @throws SignerError cancelled, wrong passphrase, gate closed, withdrawn, ended, no such key, read-only mode.
   */
  sign(request: SignRequest): Promise<MadeSignature>;
  /**
   * Takes a private key file (OpenSSH or OpenPGP) into use for as long as this page lives. Nothing is written.
   *
   * @param passphrase - of the file, where it has one.
   * @throws SignerError `key-passphrase-needed` when the file is encrypted and none was given.
   */
  useFile(file: {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly passphrase?: string;
    readonly user: string | null;
  }): Promise<KeyCard>;
}

/** Nothing was signed, made or changed; `finding` says why and what to do. */
export class SignerError extends Error {
  override readonly name = 'SignerError';

  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}
