import { say } from '../messages/say.js';
import { approvalFindings, outcome, type CheckContext, type CheckOutcome } from './check.js';

export function checkWindows(context: CheckContext): CheckOutcome {
  const { approvals, roles } = context;
  const findings = approvalFindings(context, 'time');
  const known = approvals.filter(
    ({ signer, binding }) => signer !== null && (binding === 'bundle' || binding === 'archive'),
  );
  if (known.length === 0) return outcome('not-applicable', say('windows-nobody-known'), findings);
  const late = roles.filter(({ state }) => state === 'expired' || state === 'withdrawn');
  const detail = say('windows-judged', { judged: known.length });
  return outcome(late.length === 0 ? 'pass' : 'fail', detail, findings);
}

export function checkProvenTime({ approvals, reading }: CheckContext): CheckOutcome {
  const tokens = reading.archive.entries.filter(
    ({ path }) => path.startsWith('approvals/') && path.endsWith('.tsr'),
  ).length;
  if (tokens > 0) return outcome('could-not-check', say('time-stamps', { stamps: tokens }));
  const claimed = approvals.filter(({ claims }) => claims.signedAt !== undefined).length;
  if (claimed === 0) return outcome('not-applicable', say('time-none'));
  return outcome('not-applicable', say('time-claimed', { times: claimed }));
}
