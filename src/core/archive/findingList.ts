import { finding } from '../messages/finding.js';
import type { Finding } from '../generated/report.js';

/** Findings of one archive that are listed one by one; the rest is counted. */
export const FINDINGS_MAX = 500;

/** Collects findings of hostile input in bounded memory. */
export class FindingList {
  private readonly listed: Finding[] = [];
  private unlisted = 0;
  private unlistedErrors = 0;

  add(one: Finding): void {
    if (this.listed.length < FINDINGS_MAX) this.listed.push(one);
    else {
      this.unlisted++;
      if (one.severity === 'error') this.unlistedErrors++;
    }
  }

  get hasErrors(): boolean {
    return this.unlistedErrors > 0 || this.listed.some((one) => one.severity === 'error');
  }

  all(): readonly Finding[] {
    if (this.unlisted === 0) return this.listed;
    const severity = this.unlistedErrors > 0 ? 'error' : 'warning';
    return [...this.listed, finding('archive-more-problems', { count: this.unlisted }, { severity })];
  }
}
