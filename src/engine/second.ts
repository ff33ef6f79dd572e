import { equalBytes } from '../core/bytes/bytes.js';
import type { ByteSource } from '../core/bytes/source.js';
import type { Platform } from '../core/bytes/platform.js';
import { RemoteHasher, withRemoteHasher, type HashPort } from '../platform/hasher.js';
import { workerAddress } from './address.js';

/** The name of the worker that only hashes. */
export const HASHER_NAME = 'countersign-hasher';

/** Below this size in bytes, packed, a second one has not been measured to bring more than its start costs. */
const SECOND_BYTES_MIN = 8 * 1024 * 1024;
const START_WITHIN_MS = 5000;
/** Smaller files are hashed where they are read. */
const REMOTE_BYTES_MIN = 4 * 1024;

/**
 * For the engine's worker: a platform that hashes in a second worker, for inputs that are worth it, else null. The
 * second one runs `script` from a blob, so the policy of the page binds it, too. Where it cannot start, or has died,
 * the answer is null from then on and everything is hashed where it is read.
 */
export function secondWorker(
  platform: Promise<Platform>,
  script: string,
): (source: ByteSource) => Promise<Platform | null> {
  let remote: RemoteHasher | null | undefined;
  return async (source) => {
    if (source.sizeBytes === null || source.sizeBytes < SECOND_BYTES_MIN || !source.reopenable) return null;
    const own = await platform;
    if (remote === undefined) remote = start(script, own);
    if (remote === null || remote.isLost) return null;
    remote.begin();
    return withRemoteHasher(own, remote, REMOTE_BYTES_MIN);
  };
}

/** Reading begins while it starts; it must soon answer, and with the digest that is known here. */
function start(script: string, platform: Platform): RemoteHasher | null {
  try {
    const address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
    const worker = new Worker(workerAddress(address), { name: HASHER_NAME }) as HashPort;
    const remote = new RemoteHasher(worker, async () => platform.yieldToEvents?.());
    const sample = new Uint8Array(REMOTE_BYTES_MIN).fill(0x61);
    const late = setTimeout(() => remote.lose(), START_WITHIN_MS);
    remote
      .sha256(sample)
      .then((answer) => !equalBytes(answer, platform.sha256Sync(sample)) && remote.lose())
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(late);
        URL.revokeObjectURL(address);
      });
    return remote;
  } catch {
    return null;
  }
}
