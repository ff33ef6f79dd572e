import type { InflaterThread } from '../platform/nodeInflater.js';
import type { Threads } from '../platform/nodeThreads.js';
import type { Paint } from './paint.js';

/** Everything that the command line takes from its surroundings; tests give their own. */
export interface Io {
  /** Results only. */
  readonly out: (text: string) => void;
  /** Messages and progress. */
  readonly err: (text: string) => void;
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** True when progress may be drawn on standard error. */
  readonly drawsProgress: boolean;
  /** For standard output. */
  readonly paint: Paint;
  /** RFC 3339 in UTC. */
  readonly clock: () => string;
  readonly signal: AbortSignal;
  /** Asks on the terminal without showing what is typed; null when there is no terminal to ask on. */
  readonly askSecret: (question: string) => Promise<string | null>;
  /** Registers what has to go also when the program is interrupted; runs once, synchronously. */
  readonly atEnd: (cleanup: () => void) => void;
  /** Starts threads for a long build; null, or not there, where everything is done in this one. */
  readonly startThreads?: () => Threads | null;
  /** Starts a thread that inflates large bundles; null, or not there, where this one does. */
  readonly startInflater?: () => InflaterThread | null;
}

const HIDDEN =
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb]|\udb40[\udc00-\udfff]/g;

/** One JSON document, safe on a terminal: what would not be seen is written as `\uXXXX`. */
export function jsonText(value: unknown): string {
  return `${visibleJson(JSON.stringify(value, null, 2))}\n`;
}

/** The same JSON with hidden characters, which can only stand in strings there, written as escapes. */
export function visibleJson(text: string): string {
  return text.replace(HIDDEN, escaped);
}

function escaped(hidden: string): string {
  return Array.from(
    { length: hidden.length },
    (_, at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
