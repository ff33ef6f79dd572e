import type { Finding } from '../core/generated/report';
import type { Difference } from '../core/trust/difference';
import type { Trust, TrustRead } from '../core/trust/trust';
import type { StoredTrust } from '../store/reader';

/**
 * What a trust document says, for showing it. The engine reads the same bytes again when it judges. The readers
 * carry a YAML parser, so they are loaded only when there is a document.
 */
export async function readTrustDocument({ name, kind, bytes }: StoredTrust): Promise<TrustRead> {
  if (kind === 'trust') return (await import('../core/trust/readTrust')).readTrust({ name, bytes });
  return (await import('../core/trust/allowedSigners')).readAllowedSigners({ name, bytes });
}

/** Why a list must not take the place of the present one, when its serial goes back. */
export async function serialFindings(trust: Trust, present: Trust): Promise<readonly Finding[]> {
  return (await import('../core/trust/serial')).checkSerial(trust, present, false);
}

export async function whatChanges(before: Trust, after: Trust): Promise<readonly Difference[]> {
  return (await import('../core/trust/diff')).diffTrust(before, after);
}
