import type { Finding } from '../generated/report.js';
import type { PublicKey, SignatureCheck } from './signature.js';

/** Codes that say "this build cannot calculate that", neither right nor false. */
const NOT_CHECKED: ReadonlySet<string> = new Set([
  'key-type-unknown',
  'signature-kind-not-checked',
  'sk-not-checkable',
]);

export function refused(key: PublicKey | null, problem: Finding): SignatureCheck {
  return { outcome: 'false', key, findings: [problem] };
}

/** `true` without findings; otherwise `false`, unless every finding only says that nothing was calculated. */
export function checked(
  key: PublicKey | null,
  findings: readonly Finding[],
  origin?: string,
): SignatureCheck {
  const shown = origin === undefined ? {} : { origin };
  if (findings.length === 0) return { outcome: 'true', key, findings, ...shown };
  const open = findings.every(({ code }) => NOT_CHECKED.has(code));
  return { outcome: open ? 'could-not-check' : 'false', key, findings, ...shown };
}
