import { proxy } from 'comlink';
import type { Diff, DiffFile, DiffText } from '../core/generated/diff.js';
import type { BothTexts } from './compare.js';
import type { Answer, CompareHost, GivenPair, OnProgress } from './compareHost.js';
import type { Progress } from './engine.js';
import { startSeat, type Seat } from './seat.js';
import { seated } from './seated.js';

export type { Answer, GivenPair, GivenSide } from './compareHost.js';

/** Compares beside the page. A new comparison ends the one before it. */
export interface Comparer {
  compare(
    pair: GivenPair,
    call: { readonly signal?: AbortSignal; readonly onProgress?: (progress: Progress) => void },
  ): Promise<Answer<Diff>>;
  /** The lines of one file of the last comparison. Works also after its worker was lost. */
  text(file: DiffFile, ignoreWhitespace: boolean): Promise<Answer<DiffText>>;
  /** Both whole texts of one file, as {@link Comparer.text} reads it; null where it has none that may be shown. */
  texts(file: DiffFile): Promise<Answer<BothTexts | null>>;
  close(): void;
}

type Start = () => Promise<Seat<CompareHost>>;

async function startFromBlob(): Promise<Seat<CompareHost>> {
  const { default: source } = await import('../../workers/compare.worker.ts?self-contained');
  return startSeat<CompareHost>(source, 'countersign-compare');
}

/** Where workers cannot start, the page does the work itself. */
async function inPage(): Promise<CompareHost> {
  const [{ hostComparing }, { judgingTools }] = await Promise.all([
    import('./compareHost.js'),
    import('./judgingTools.js'),
  ]);
  return hostComparing(judgingTools(), () => performance.now());
}

export function createComparer(start: Start = startFromBlob): Comparer {
  let pair: GivenPair | null = null;
  /** What the host has compared: it has to be told again after it was ended. */
  let told: GivenPair | null = null;
  const desk = seated(start, inPage, () => (told = null));

  async function ask(host: CompareHost, onProgress: OnProgress): Promise<Answer<Diff>> {
    const asked = pair;
    if (asked === null) throw new Error('nothing was compared');
    const answer = await host.compare(asked, onProgress);
    told = asked;
    return answer;
  }

  /** Compares again first, when the host that did was lost. */
  function afterwards<T>(work: (host: CompareHost) => Promise<Answer<T>>): Promise<Answer<T>> {
    return desk.run(async (host) => {
      if (told !== pair) {
        const again = await ask(host, null);
        if ('refused' in again) return again;
      }
      return work(host);
    });
  }

  return {
    compare(given, { signal, onProgress }) {
      pair = given;
      return desk.run((host) => ask(host, onProgress === undefined ? null : proxy(onProgress)), signal);
    },
    text: (file, ignoreWhitespace) => afterwards((host) => host.text(file, ignoreWhitespace)),
    texts: (file) => afterwards((host) => host.texts(file)),
    close: () => desk.close(),
  };
}
