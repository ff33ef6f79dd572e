import type { TrustRead } from '../core/trust/trust';
import type { StoredTrust } from '../store/reader';

/**
 * What a trust document says, for showing it. The engine reads the same bytes again when it judges. The readers
 * carry a YAML parser, so they are loaded only when there is a document.
 */
export async function readTrustDocument({ name, kind, bytes }: StoredTrust): Promise<TrustRead> {
  if (kind === 'trust') return (await import('../core/trust/readTrust')).readTrust({ name, bytes });
  return (await import('../core/trust/allowedSigners')).readAllowedSigners({ name, bytes });
}
