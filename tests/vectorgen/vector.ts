import type { Octets } from './raw.js';

/** A verdict code and the look that belongs to it, written out again here so that the engine's own table is not trusted. */
export const looks = {
  'B-UNREADABLE': 'unreadable',
  'B-NEWER': 'unreadable',
  'B-CHANGED': 'rejected',
  'B-SIGBAD': 'rejected',
  'B-WITHDRAWN': 'rejected',
  'B-STALE': 'incomplete',
  'B-NOCHECK': 'incomplete',
  'B-NOSIG': 'unknown',
  'B-UNKNOWN': 'unknown',
  'B-EXPIRED': 'incomplete',
  'B-INCOMPLETE': 'incomplete',
  'B-NORULE': 'incomplete',
  'B-OK': 'confirmed',
} as const;

export type Code = keyof typeof looks;

export interface NamedOctets {
  readonly name: string;
  readonly bytes: Octets;
}

/** What has to come out, stated by hand; never taken from the engine. */
export interface Expected {
  readonly code: Code;
  /** Every finding of the input, as `code` (its catalogue severity) or `code/severity`. Repeats count once. */
  readonly findings?: readonly string[];
  /** Findings of the trust file and of loose files, in the same form. */
  readonly trustFindings?: readonly string[];
  readonly looseFindings?: readonly string[];
  /** Checks that are not what `checksOf` gives for the code. */
  readonly checks?: Readonly<Record<string, string>>;
  /** People whose approvals count, by role. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
}

export interface Vector {
  readonly family: 'valid' | 'forged' | 'truncated' | 'archive';
  readonly name: string;
  /** One sentence: what is wrong, or what is special. */
  readonly about: string;
  readonly input: Octets;
  /** Text of the manifest that was packed; the generator takes the digests of it. */
  readonly manifest?: string;
  /** Content root where the manifest is not of our dialect; null where there is none. */
  readonly root?: string | null;
  readonly loose?: readonly NamedOctets[];
  readonly trust?: Octets | null;
  readonly allowedSigners?: Octets;
  readonly ruleName?: string;
  readonly now?: string;
  readonly limitsProfile?: 'default' | 'large';
  readonly limits?: Readonly<Record<string, number>>;
  readonly expect: Expected;
}

/** The clock of every vector that does not say otherwise. */
export const NOW = '2026-11-20T12:00:00Z';
