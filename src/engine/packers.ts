import { equalBytes } from '../core/bytes/bytes.js';
import { writeArchive, writeArchiveStream } from '../core/archive/writeArchive.js';
import { concatBytes } from '../core/bytes/bytes.js';
import { SharedPacker, type PackPort } from '../platform/packer.js';
import { workerAddress } from './address.js';

/** The name under which the build worker's own script only packs. */
export const PACKER_NAME = 'countersign-packer';

/** More do not help: each has to look at all bytes. */
const PACKERS_MAX = 4;
const START_WITHIN_MS = 5000;

/** What browsers and the inside of a worker agree on. */
interface Scope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
}

export function packPort(scope: Scope): PackPort {
  return {
    post: (message, transfer) => scope.postMessage(message, transfer),
    listen(onMessage, onLost) {
      scope.addEventListener('message', ({ data }) => onMessage(data));
      for (const type of ['error', 'messageerror']) scope.addEventListener(type, onLost);
    },
  };
}

/**
 * For the build worker: packers that run the same script from the same blob, so the policy of the page binds them, too.
 * They end with the worker that started them. Null where they cannot start, or do not give the bytes known here.
 */
export async function startPackers(address: string): Promise<SharedPacker | null> {
  if (!startsSeveral()) return null;
  const count = Math.min(PACKERS_MAX, Math.max(2, globalThis.navigator?.hardwareConcurrency ?? 2));
  const workers: Worker[] = [];
  try {
    for (let n = 0; n < count; n += 1)
      workers.push(new Worker(workerAddress(address), { name: PACKER_NAME }));
    const packer = new SharedPacker(workers.map((worker) => packPort(worker as Scope)));
    const answered = await Promise.race([isRight(packer), late()]);
    if (answered) return packer;
  } catch {
    // Refused by a policy, or lost: everything is packed where it is read.
  }
  for (const worker of workers) worker.terminate();
  return null;
}

/**
 * Firefox now and then never comes back from the start of a second worker within a worker (in 3 of 30 builds), which
 * nothing inside that worker can end. It packs where it reads.
 */
function startsSeveral(): boolean {
  return !/\bFirefox\//.test(globalThis.navigator?.userAgent ?? '');
}

/** Long enough that each packer has its turn. */
async function isRight(packer: SharedPacker): Promise<boolean> {
  const bytes = new Uint8Array(PACKERS_MAX * 600_000).map((_, at) => (at >> 3) % 251);
  const out: Uint8Array[] = [];
  const entry = { path: 'sample', size: bytes.length, chunks: [bytes] };
  for await (const chunk of writeArchiveStream([entry], packer)) out.push(chunk);
  return equalBytes(concatBytes(out), writeArchive([{ path: 'sample', bytes }]));
}

function late(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), START_WITHIN_MS));
}
