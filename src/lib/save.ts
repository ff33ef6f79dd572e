import type { Report } from '../core/generated/report';
import { saveText } from './copy';
import { reportFileName } from './view/report';

/** Saves the whole report as JSON: one document valid under `schemas/report.schema.json`. */
export function saveReport(report: Report, name: string): void {
  saveText(reportFileName(name), `${JSON.stringify(report, null, 2)}\n`, 'application/json');
}

/** Hands bytes to the reader as a file. */
export function saveBytes(name: string, bytes: Uint8Array<ArrayBuffer>, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
