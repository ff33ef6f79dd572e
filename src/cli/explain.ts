import { explanations } from '../core/generated/explanations.js';
import { catalogue, type FindingCode } from '../core/generated/messages.js';
import type { VerdictCode } from '../core/generated/report.js';
import { exitCodes, exitOfVerdict, verdictsOfExit } from '../core/report/exitCodes.js';
import { verdictPages } from '../core/report/verdictPages.js';
import { verdictRow } from '../core/report/verdicts.js';
import { nearest, UsageError } from './usage.js';

/** The page of a finding code, a verdict code or an exit code as plain text. Throws {@link UsageError} when there is none. */
export function explain(code: string): string {
  const wanted = code.trim();
  if (/^\d+$/.test(wanted)) return explainExit(Number(wanted));
  const verdict = wanted.toUpperCase();
  if (isVerdict(verdict)) return explainVerdict(verdict);
  const found = wanted.toLowerCase();
  if (isFinding(found)) return explainFinding(found);
  const near = nearest(found, Object.keys(catalogue)) ?? nearest(verdict, Object.keys(verdictPages));
  throw new UsageError(
    `There is no code "${wanted}".${near === null ? '' : ` Did you mean "${near}"?`}`,
    'verify',
  );
}

function explainExit(exit: number): string {
  const row = exitCodes.find((candidate) => candidate.exit === exit);
  if (row === undefined) {
    throw new UsageError(
      `There is no exit code ${exit}. There are: ${exitCodes.map((one) => one.exit).join(', ')}.`,
      'verify',
    );
  }
  const verdicts = verdictsOfExit(exit);
  const given = verdicts.length === 0 ? '' : `Verdicts: ${verdicts.join(', ')}.\n`;
  return `Exit code ${row.exit}: ${row.name}\n\n${row.meaning}\n${given}\nWhat to do: ${row.action}\n`;
}

function explainVerdict(code: VerdictCode): string {
  const page = verdictPages[code];
  return (
    `${code}: ${verdictRow(code).look}, exit code ${exitOfVerdict(code)}\n\n${page.means}\n\n` +
    `Most likely cause: ${page.cause}\nWhat to do: ${page.action}\n`
  );
}

function explainFinding(code: FindingCode): string {
  const entry = catalogue[code];
  return (
    `${code}: ${entry.severity}, class ${entry.class}, axis ${entry.axis}\n\n${entry.message}\n\n${explanations[code] ?? ''}\n\n` +
    `Most likely cause: ${entry.cause}\nWhat to do: ${entry.action}\n`
  );
}

function isVerdict(code: string): code is VerdictCode {
  return Object.hasOwn(verdictPages, code);
}

function isFinding(code: string): code is FindingCode {
  return Object.hasOwn(catalogue, code);
}
