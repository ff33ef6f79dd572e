import { finding } from '../../core/messages/finding.js';
import { startSeat, type Seat } from '../../engine/seat.js';
import { SignerError } from '../../engine/signer.js';
import type { Answer, SignHost } from './host.js';

/** Which of the two signing workers: OpenPGP needs a large library, so its worker starts only for its keys. */
export type SigningFamily = 'ssh' | 'openpgp';

export type StartSigning = (family: SigningFamily) => Promise<SignHostClient>;

/** One signing worker. */
export interface SignHostClient {
  run<T>(call: (host: SignHost) => Promise<T>, signal?: AbortSignal): Promise<T>;
  stop(): void;
}

/** Starts a worker from a blob, so that the document's `connect-src 'none'` binds it too. */
export async function startSigningWorker(family: SigningFamily): Promise<SignHostClient> {
  const { default: source } =
    family === 'ssh'
      ? await import('../../../workers/sign.worker.ts?self-contained')
      : await import('../../../workers/signOpenPgp.worker.ts?self-contained');
  const seat: Seat<SignHost> = await startSeat<SignHost>(source, 'countersign-signing');
  return {
    // A remote object has every method of the host, each answering with a promise; so does the host itself.
    run: (call, signal) => seat.run((host) => call(host as unknown as SignHost), signal),
    stop: () => seat.stop(new DOMException('Stopped.', 'AbortError')),
  };
}

/** Runs one call in a worker of its own and ends it: with it goes every byte that it held. */
export async function inSigningWorker<T>(
  start: StartSigning,
  family: SigningFamily,
  call: (host: SignHost) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const worker = await start(family);
  try {
    return await worker.run(call, signal);
  } finally {
    worker.stop();
  }
}

/** The value of an answer. @throws SignerError with the first finding otherwise. */
export function valueOf<T>(answer: Answer<T>): T {
  if ('value' in answer) return answer.value;
  const [first] = answer.findings;
  throw new SignerError(first ?? finding('key-record-damaged', { problem: 'nothing more is known' }));
}
