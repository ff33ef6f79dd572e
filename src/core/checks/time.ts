import { approvalFindings, outcome, type CheckContext, type CheckOutcome } from './check.js';

export function checkWindows(context: CheckContext): CheckOutcome {
  const { approvals, roles } = context;
  const findings = approvalFindings(context, 'time');
  const known = approvals.filter(
    ({ signer, binding }) => signer !== null && (binding === 'bundle' || binding === 'archive'),
  );
  if (known.length === 0)
    return outcome('not-applicable', 'No known key signed, so there is no window to judge.', findings);
  const late = roles.filter(({ state }) => state === 'expired' || state === 'withdrawn');
  const detail = `${known.length} keys and approvals judged at the time of this report.`;
  return outcome(late.length === 0 ? 'pass' : 'fail', detail, findings);
}

export function checkProvenTime({ approvals, reading }: CheckContext): CheckOutcome {
  const tokens = reading.archive.entries.filter(
    ({ path }) => path.startsWith('approvals/') && path.endsWith('.tsr'),
  ).length;
  if (tokens > 0)
    return outcome('could-not-check', `${tokens} time stamps are there; this version does not judge them.`);
  const claimed = approvals.filter(({ claims }) => claims.signedAt !== undefined).length;
  if (claimed === 0) return outcome('not-applicable', 'Nothing here claims a time.');
  return outcome(
    'not-applicable',
    `${claimed} times are claimed. Nothing proves them, and nothing here rests on them.`,
  );
}
