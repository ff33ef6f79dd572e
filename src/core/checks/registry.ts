import type { CheckResult, Finding } from '../generated/report.js';
import type { Check, CheckContext, CheckId, CheckOutcome } from './check.js';
import { say, saysOf, type Said } from '../messages/say.js';
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

const readable: readonly CheckId[] = ['container', 'names', 'limits', 'manifest'];
const unchanged: readonly CheckId[] = [...readable, 'file-list', 'file-bytes', 'integrity', 'checksums'];

/**
 * Every check there is, in the order in which reports show them. Data for the runner, the pages, the command
 * line and the docs; a test demands one passing and one failing vector of each.
 */
export const checks: readonly Check[] = [
  {
    id: 'container',
    axis: 'readable',
    needs: [],
    gate: true,
    spec: 'Container',
    run: checkContainer,
  },
  {
    id: 'names',
    axis: 'readable',
    needs: [],
    gate: true,
    spec: 'Container',
    run: checkNames,
  },
  {
    id: 'limits',
    axis: 'readable',
    needs: [],
    gate: true,
    spec: 'Limits',
    run: checkLimits,
  },
  {
    id: 'manifest',
    axis: 'readable',
    needs: [],
    gate: true,
    spec: 'Manifest',
    run: checkManifest,
  },
  {
    id: 'file-list',
    axis: 'unchanged',
    needs: readable,
    gate: true,
    spec: 'Manifest',
    run: checkFileList,
  },
  {
    id: 'file-bytes',
    axis: 'unchanged',
    needs: readable,
    gate: true,
    spec: 'Digests',
    run: checkFileBytes,
  },
  {
    id: 'integrity',
    axis: 'unchanged',
    needs: readable,
    gate: true,
    spec: 'Digests',
    run: checkIntegrity,
  },
  {
    id: 'checksums',
    axis: 'unchanged',
    needs: readable,
    gate: true,
    spec: 'Digests',
    run: checkChecksums,
  },
  {
    id: 'external-files',
    axis: 'unchanged',
    needs: readable,
    gate: true,
    spec: 'External files',
    run: checkExternalFiles,
  },
  {
    id: 'signatures',
    axis: 'signers',
    needs: unchanged,
    gate: false,
    spec: 'Approvals',
    run: checkSignatures,
  },
  {
    id: 'known-signers',
    axis: 'signers',
    needs: unchanged,
    gate: false,
    spec: 'Trust',
    run: checkKnownSigners,
  },
  {
    id: 'required-roles',
    axis: 'approvals',
    needs: unchanged,
    gate: true,
    spec: 'Rule',
    run: checkRequiredRoles,
  },
  {
    id: 'level',
    axis: 'approvals',
    needs: unchanged,
    gate: true,
    spec: 'Levels',
    run: checkLevel,
  },
  {
    id: 'dialect',
    axis: 'approvals',
    needs: unchanged,
    gate: true,
    spec: 'Dialects',
    run: checkDialect,
  },
  {
    id: 'attestations',
    axis: 'approvals',
    needs: unchanged,
    gate: true,
    spec: 'Attestations',
    run: checkAttestations,
  },
  {
    id: 'windows',
    axis: 'time',
    needs: unchanged,
    gate: true,
    spec: 'Time',
    run: checkWindows,
  },
  {
    id: 'proven-time',
    axis: 'time',
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
            detail: say('not-assessed', { check: titleOf(blocked) }),
            findings: [],
          };
    if (ran.status === 'fail' || (check.axis === 'readable' && ran.status === 'not-checked'))
      failed.add(check.id);
    const { id, axis, spec } = check;
    const title = titleOf(id);
    const first = findings.length;
    findings.push(...ran.findings);
    results.push({
      id,
      axis,
      title: title.text,
      spec,
      status: ran.status,
      detail: ran.detail.text,
      findings: ran.findings.map((_, i) => first + i),
      says: saysOf({ title, detail: ran.detail }),
    });
  }
  return { checks: results, findings };
}

function titleOf(id: CheckId): Said {
  return say(`check-${id}`);
}
