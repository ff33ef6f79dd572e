import type { Report } from '../core/generated/report';
import { saveText } from './copy';
import { reportFileName } from './view/report';

/** Saves the whole report as JSON: one document valid under `schemas/report.schema.json`. */
export function saveReport(report: Report, name: string): void {
  saveText(reportFileName(name), `${JSON.stringify(report, null, 2)}\n`, 'application/json');
}
