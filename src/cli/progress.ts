import type { Progress } from '../engine/engine.js';
import type { Io } from './io.js';
import { claim, sizeWords } from './words.js';

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  /** Wipes the line, so that results begin on a clean one. */
  readonly clear: () => void;
}

const WIPE = '\r\u001b[K';
const LENGTH_MAX = 78;
const PAUSE_MS = 100;

/** One line on standard error that is drawn over and over; nothing where no terminal is. */
export function createProgressLine(io: Io): ProgressLine {
  if (!io.drawsProgress) return { show: () => undefined, clear: () => undefined };
  let last = 0;
  let drawn = false;
  return {
    show(progress) {
      const now = performance.now();
      if (now - last < PAUSE_MS) return;
      last = now;
      drawn = true;
      io.err(`${WIPE}${progressText(progress).slice(0, LENGTH_MAX)}`);
    },
    clear() {
      if (drawn) io.err(WIPE);
      drawn = false;
    },
  };
}

function progressText({ input, inputs, name, readBytes, totalBytes }: Progress): string {
  const share =
    totalBytes === null || totalBytes === 0
      ? sizeWords(readBytes)
      : `${Math.floor((100 * readBytes) / totalBytes)} %`;
  return `${inputs > 1 ? `${input + 1}/${inputs} ` : ''}${share} ${claim(name, 50)}`;
}
