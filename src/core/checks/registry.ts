import type { CheckResult, Finding } from '../generated/report.js';
import type { Check, CheckContext, CheckOutcome } from './check.js';
import { checkContainer, checkLimits, checkManifest, checkNames } from './container.js';
import {
  checkChecksums,
  checkExternalFiles,
  checkFileBytes,
  checkFileList,
  checkIntegrity,
} from './content.js';
import { checkAttestations, checkDialect, checkLevel, checkRequiredRoles } from './rule.js';
import { checkKnownSigners, checkSignatures } from './signers.js';
import { checkProvenTime, checkWindows } from './time.js';

const readable = ['container', 'names', 'limits', 'manifest'];
const unchanged = [...readable, 'file-list', 'file-bytes', 'integrity', 'checksums'];

/**
 * Every check there is, in the order in which reports show them. Data for the runner, the pages, the command
 * line and the docs; a test demands one passing and one failing vector of each.
 */
export const checks: readonly Check[] = [
  {
    id: 'container',
    axis: 'readable',
    title: 'The archive is one complete gzip member with one tar',
    needs: [],
    gate: true,
    spec: 'Container',
    run: checkContainer,
  },
  {
    id: 'names',
    axis: 'readable',
    title: 'Every name is safe and stands once',
    needs: [],
    gate: true,
    spec: 'Container',
    run: checkNames,
  },
  {
    id: 'limits',
    axis: 'readable',
    title: 'Everything stays within the limits',
    needs: [],
    gate: true,
    spec: 'Limits',
    run: checkLimits,
  },
  {
    id: 'manifest',
    axis: 'readable',
    title: 'The manifest follows the rules of its dialect',
    needs: [],
    gate: true,
    spec: 'Manifest',
    run: checkManifest,
  },
  {
    id: 'file-list',
    axis: 'unchanged',
    title: 'Nothing is missing and nothing is extra',
    needs: readable,
    gate: true,
    spec: 'Manifest',
    run: checkFileList,
  },
  {
    id: 'file-bytes',
    axis: 'unchanged',
    title: 'Every file has the listed size and SHA-256',
    needs: readable,
    gate: true,
    spec: 'Digests',
    run: checkFileBytes,
  },
  {
    id: 'integrity',
    axis: 'unchanged',
    title: 'The integrity digest fits the list',
    needs: readable,
    gate: true,
    spec: 'Digests',
    run: checkIntegrity,
  },
  {
    id: 'checksums',
    axis: 'unchanged',
    title: 'checksums.txt agrees',
    needs: readable,
    gate: true,
    spec: 'Digests',
    run: checkChecksums,
  },
  {
    id: 'external-files',
    axis: 'unchanged',
    title: 'Files kept outside the archive were given',
    needs: readable,
    gate: true,
    spec: 'External files',
    run: checkExternalFiles,
  },
  {
    id: 'signatures',
    axis: 'signers',
    title: 'The signatures belong to these bytes',
    needs: unchanged,
    gate: false,
    spec: 'Approvals',
    run: checkSignatures,
  },
  {
    id: 'known-signers',
    axis: 'signers',
    title: 'The keys belong to people you know',
    needs: unchanged,
    gate: false,
    spec: 'Trust',
    run: checkKnownSigners,
  },
  {
    id: 'required-roles',
    axis: 'approvals',
    title: 'The right people approved in every needed role',
    needs: unchanged,
    gate: true,
    spec: 'Rule',
    run: checkRequiredRoles,
  },
  {
    id: 'level',
    axis: 'approvals',
    title: 'The governance level that your rule asks for is met',
    needs: unchanged,
    gate: true,
    spec: 'Levels',
    run: checkLevel,
  },
  {
    id: 'dialect',
    axis: 'approvals',
    title: 'Your rule accepts this kind of bundle',
    needs: unchanged,
    gate: true,
    spec: 'Dialects',
    run: checkDialect,
  },
  {
    id: 'attestations',
    axis: 'approvals',
    title: 'The attestations that your rule asks for are there',
    needs: unchanged,
    gate: true,
    spec: 'Attestations',
    run: checkAttestations,
  },
  {
    id: 'windows',
    axis: 'time',
    title: 'Keys and approvals are in date and not withdrawn',
    needs: unchanged,
    gate: true,
    spec: 'Time',
    run: checkWindows,
  },
  {
    id: 'proven-time',
    axis: 'time',
    title: 'Times are proven, not only claimed',
    needs: unchanged,
    gate: false,
    spec: 'Time',
    run: checkProvenTime,
  },
];

/** Checks that must have had data before anything can be confirmed. */
export const gates: ReadonlySet<string> = new Set(checks.filter(({ gate }) => gate).map(({ id }) => id));

/** Runs every check whose needs did not fail; the others are not-checked and say why. */
export function runChecks(context: CheckContext): { checks: CheckResult[]; findings: Finding[] } {
  const results: CheckResult[] = [];
  const findings: Finding[] = [];
  const failed = new Set<string>();
  for (const check of checks) {
    const blocked = check.needs.find((need) => failed.has(need));
    const ran: CheckOutcome =
      blocked === undefined
        ? check.run(context)
        : {
            status: 'not-checked',
            detail: `Not assessed, because the check "${titleOf(blocked)}" did not pass.`,
            findings: [],
          };
    if (ran.status === 'fail' || (check.axis === 'readable' && ran.status === 'not-checked'))
      failed.add(check.id);
    const { id, axis, title, spec } = check;
    const first = findings.length;
    findings.push(...ran.findings);
    results.push({
      id,
      axis,
      title,
      spec,
      status: ran.status,
      detail: ran.detail,
      findings: ran.findings.map((_, i) => first + i),
    });
  }
  return { checks: results, findings };
}

function titleOf(id: string): string {
  return checks.find((check) => check.id === id)?.title ?? id;
}
