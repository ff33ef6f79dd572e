import type { Input, Size } from './inputs.js';

/** One program under measure. */
export interface Contender {
  readonly name: string;
  /** What it is for: the measure of all ratios, ours, or only for comparison. */
  readonly role: 'reference' | 'ours' | 'other';
  /** Inputs that it can read. */
  takes(size: Size): boolean;
  /** Milliseconds for one run. Throws when it finds something else than the input holds. */
  run(input: Input): Promise<number>;
  /** Peak memory above idle of one run, MiB; null where it cannot be measured. */
  memory?(input: Input): Promise<number | null>;
  close?(): Promise<void>;
}

/** A contender that is not here, and why. */
export interface Absent {
  readonly name: string;
  readonly why: string;
}
