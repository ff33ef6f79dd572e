import type { Finding } from '../generated/report.js';
import { finding } from '../messages/finding.js';
import { say } from '../messages/say.js';
import { approvalFindings, outcome, type CheckContext, type CheckOutcome } from './check.js';
import type { JudgedApproval } from './approvals.js';

const SIGNER_CLASS = 'UNTRUSTED_KEY';

/** Approvals that speak of this bundle; the others are listed, never judged here. */
function ofThisBundle({ approvals }: CheckContext): JudgedApproval[] {
  return approvals.filter(({ binding }) => binding !== 'other' && binding !== 'stale');
}

export function checkSignatures(context: CheckContext): CheckOutcome {
  const about = ofThisBundle(context);
  const findings = approvalFindings(context, 'signers').filter((one) => one.class !== SIGNER_CLASS);
  if (about.length === 0) return outcome('not-applicable', say('signatures-none'), findings);
  const good = about.filter(({ signature }) => signature === 'true').length;
  const detail = say('signatures-looked-at', { approvals: about.length, good });
  return outcome(statusOfSignatures(about, context, findings), detail, findings);
}

/** A bad extra approval is a warning; a role that has nothing better is a failure. */
function statusOfSignatures(
  about: readonly JudgedApproval[],
  { roles }: CheckContext,
  findings: readonly Finding[],
): CheckOutcome['status'] {
  if (roles.some(({ state }) => state === 'false-signature')) return 'fail';
  if (about.every(({ signature }) => signature === 'could-not-check')) return 'could-not-check';
  const clean =
    about.every(({ signature }) => signature === 'true') &&
    findings.every(({ severity }) => severity === 'info');
  if (clean) return 'pass';
  return about.some(({ signature }) => signature === 'true' || signature === 'weak') ? 'warn' : 'fail';
}

export function checkKnownSigners(context: CheckContext): CheckOutcome {
  const findings = approvalFindings(context, 'signers').filter((one) => one.class === SIGNER_CLASS);
  const signed = ofThisBundle(context).filter(
    ({ signature }) => signature === 'true' || signature === 'weak',
  );
  if (signed.length === 0) return outcome('not-applicable', say('known-none-signed'), findings);
  const known = signed.filter(({ signer }) => signer !== null).length;
  const detail = say('known-counted', { known, keys: signed.length });
  if (context.trust === null) {
    return outcome('not-checked', say('known-no-list'), [finding('trust-missing', {}), ...findings]);
  }
  if (known === 0) return outcome('fail', detail, findings);
  return outcome(known === signed.length && findings.length === 0 ? 'pass' : 'warn', detail, findings);
}
