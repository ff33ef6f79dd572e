import type { InputReport, Report } from '../../core/generated/report';

/** A bundle that was written here and read back by the code that verifies. */
export interface NewBundle {
  readonly name: string;
  readonly bundle: Blob;
  /** The files that stay outside; null when there are none. */
  readonly supplement: Blob | null;
  readonly report: Report;
  readonly input: InputReport;
}
