/** One difference between two policies, in the policy's own terms. */
export interface PolicyChange {
  readonly effect: 'weaker' | 'stronger' | 'changed';
  /** JSON pointer (RFC 6901) in the newer policy, or in the older one where something went. */
  readonly pointer: string;
  /** Line in that file, 1-based; null when not known. */
  readonly line: number | null;
  /** What changed. May repeat hostile text. */
  readonly what: string;
  readonly why: string;
}
