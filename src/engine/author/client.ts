import { proxy } from 'comlink';
import type { NamedText } from '../../core/author/compare.js';
import type { Explanation, Suggestions } from '../../core/author/help.js';
import type { AuthorKind } from '../../core/author/kindWords.js';
import { startSeat, WorkerLostError, type Seat } from '../seat.js';
import type { AuthorHost, Look, LookRequest, ReplayAnswer, ReplayProgress } from './host.js';

/** The worker of the editor: it answers while the page stays free for typing. */
export interface Author {
  look(request: LookRequest): Promise<Look>;
  suggest(kind: AuthorKind, text: string, at: number): Promise<Suggestions>;
  explain(kind: AuthorKind, text: string, at: number): Promise<Explanation | null>;
  /**
   * Runs past decisions in a worker of its own.
   *
   * @throws The reason of `signal` when it aborts: the worker is ended at once.
   */
  replay(
    policy: NamedText,
    traces: readonly Blob[],
    onProgress: ReplayProgress,
    signal: AbortSignal,
  ): Promise<ReplayAnswer>;
}

type AuthorSeat = Pick<Seat<AuthorHost>, 'run' | 'stop' | 'alive'>;

async function start(): Promise<AuthorSeat> {
  const { default: source } = await import('../../../workers/author.worker.ts?self-contained');
  return startSeat<AuthorHost>(source, 'countersign-author');
}

/** Where no worker starts, the page answers itself. */
async function inPage(): Promise<AuthorSeat> {
  const { hostAuthor } = await import('./host.js');
  const host = hostAuthor();
  return {
    alive: true,
    stop: () => undefined,
    run: (call) => call(host as unknown as Parameters<typeof call>[0]),
  };
}

/** An author whose worker starts with the first question, and again after it was lost. */
export function createAuthor(): Author {
  let seat: Promise<AuthorSeat> | undefined;
  const seated = async (): Promise<AuthorSeat> => {
    const asked = (seat ??= start().catch(inPage));
    const now = await asked;
    if (now.alive) return now;
    // The first who meets a lost worker starts another; the others wait for the same one.
    if (seat === asked) seat = start().catch(inPage);
    return seat;
  };
  const ask = async <T>(call: (host: AuthorHost) => Promise<T>): Promise<T> => {
    const once = async (): Promise<T> => (await seated()).run((host) => call(host as unknown as AuthorHost));
    return once().catch((error: unknown) => {
      if (error instanceof WorkerLostError) return once();
      throw error;
    });
  };
  return {
    look: (request) => ask((host) => host.look(request)),
    suggest: (kind, text, at) => ask((host) => host.suggest(kind, text, at)),
    explain: (kind, text, at) => ask((host) => host.explain(kind, text, at)),
    async replay(policy, traces, onProgress, signal) {
      const own = await start().catch(inPage);
      try {
        return await own.run(
          (host) => (host as unknown as AuthorHost).replay(policy, traces, proxy(onProgress)),
          signal,
        );
      } finally {
        own.stop(new DOMException('Stopped.', 'AbortError'));
      }
    },
  };
}
