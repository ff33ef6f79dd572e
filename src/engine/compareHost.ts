import { fromUtf8 } from '../core/bytes/text.js';
import type { Diff, DiffFile, DiffText } from '../core/generated/diff.js';
import type { Finding } from '../core/generated/report.js';
import { IGNORE_FILE, selectFiles } from '../core/project/ignore.js';
import { sourceOfBlob } from '../platform/web.js';
import { fileOfBlob } from '../platform/webFolder.js';
import {
  compare,
  CompareError,
  type BothTexts,
  type CompareInput,
  type CompareRequest,
  type Comparison,
} from './compare.js';
import type { Progress, VerifyRequest } from './engine.js';
import type { JudgingTools } from './judgingTools.js';

/** One side as it crosses into a worker. */
export type GivenSide =
  | { readonly kind: 'bundle'; readonly name: string; readonly source: Blob }
  | {
      readonly kind: 'folder';
      readonly name: string;
      readonly files: readonly { readonly path: string; readonly blob: Blob }[];
    };

export interface GivenPair extends Omit<VerifyRequest, 'inputs'> {
  readonly before: GivenSide;
  readonly after: GivenSide;
}

/** An error with its finding does not cross; a value does. */
export type Answer<T> = { readonly value: T } | { readonly refused: Finding };
export type OnProgress = ((progress: Progress) => void) | null;

/** What the compare worker offers. A caller stops it by ending it. */
export interface CompareHost {
  ping(): Promise<true>;
  /** Compares and remembers both sides, so that single files can be asked for. */
  compare(pair: GivenPair, onProgress: OnProgress): Promise<Answer<Diff>>;
  /** The lines of one file of the last comparison, whole where one side does not have it. */
  text(file: DiffFile, ignoreWhitespace: boolean): Promise<Answer<DiffText>>;
  /** Both whole texts of one file of the last comparison; null where it has none that may be shown. */
  texts(file: DiffFile): Promise<Answer<BothTexts | null>>;
}

const PROGRESS_EVERY_MS = 50;
const IGNORE_BYTES_MAX = 1_048_576;

/** The worker's side. `clock` is in milliseconds from any origin. */
export function hostComparing(starting: Promise<JudgingTools>, clock: () => number): CompareHost {
  let last: Comparison | null = null;
  return {
    ping: async () => (await starting, true),
    async compare(pair, onProgress) {
      last = null;
      const tools = { ...(await starting), sourceOfBlob };
      return orRefused(async () => {
        last = await compare(await openPair(pair), tools, thinned(onProgress, clock));
        return last.diff;
      });
    },
    text: (file, ignoreWhitespace) =>
      orRefused(() => compared(last).text(file, { ignoreWhitespace, whole: true })),
    texts: (file) => orRefused(() => compared(last).texts(file)),
  };
}

function compared(last: Comparison | null): Comparison {
  if (last === null) throw new Error('nothing was compared');
  return last;
}

async function openPair({ before, after, ...documents }: GivenPair): Promise<CompareRequest> {
  return { ...documents, before: await openSide(before), after: await openSide(after) };
}

/** Of a folder only what a bundle of it would hold. */
async function openSide(side: GivenSide): Promise<CompareInput> {
  if (side.kind === 'bundle') return side;
  const ignore = side.files.find(({ path }) => path === IGNORE_FILE)?.blob;
  const bytes =
    ignore === undefined ? null : new Uint8Array(await ignore.slice(0, IGNORE_BYTES_MAX).arrayBuffer());
  const rules = { ignoreFile: bytes === null ? null : fromUtf8(bytes), include: [], exclude: [] };
  const { packed } = selectFiles(side.files, rules);
  return { ...side, files: packed.map(({ path, blob }) => fileOfBlob(path, blob)) };
}

async function orRefused<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof CompareError)) throw error;
    return { refused: error.finding };
  }
}

/** At most one message in 50 ms, and the last one of each input. */
function thinned(onProgress: OnProgress, clock: () => number): { onProgress?: (progress: Progress) => void } {
  if (onProgress === null) return {};
  let last = -Infinity;
  return {
    onProgress(progress) {
      const now = clock();
      if (progress.readBytes !== progress.totalBytes && now - last < PROGRESS_EVERY_MS) return;
      last = now;
      onProgress(progress);
    },
  };
}
