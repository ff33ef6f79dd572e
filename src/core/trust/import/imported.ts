import type { Finding } from '../../generated/report.js';
import type { Trust, TrustedKey } from '../trust.js';

/** What a file turned out to be. */
export type ImportKind =
  | 'trust'
  | 'allowed-signers'
  | 'key-lines'
  | 'openpgp'
  | 'older-roles'
  | 'specular-config'
  | 'approval-policy'
  | 'withdrawal'
  | 'unknown';

/** A key that came without a word on whose it is. */
export interface LooseKey {
  readonly key: TrustedKey;
  /** What stands beside the key in the file; hostile text that proves nothing. */
  readonly comment: string;
  /** The comment, when it has the form of a person's address: a proposal to be confirmed by the reader. */
  readonly suggestedId: string | null;
}

/** A file read for taking people over. Nothing is changed by reading it. */
export interface Imported {
  readonly kind: ImportKind;
  /** People, withdrawals and rules; null when the file has none or was refused. */
  readonly trust: Trust | null;
  readonly keys: readonly LooseKey[];
  readonly findings: readonly Finding[];
}

export function refusedImport(kind: ImportKind, ...findings: readonly Finding[]): Imported {
  return { kind, trust: null, keys: [], findings };
}

/** Names that can stand in a trust list: an address, no spaces, no wildcards. */
export function isPersonId(text: string): boolean {
  return text.length > 0 && text.length <= 320 && /^[^\s\p{C}*?!,"]+$/u.test(text);
}
