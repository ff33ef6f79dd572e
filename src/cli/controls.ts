import type { Engine } from '../engine/engine.js';
import type { Arguments } from './args.js';
import { openEngine } from './engine.js';
import { jsonText, type Io } from './io.js';
import { line } from './words.js';

/** `countersign controls`: exit 0 when every control behaved, else 1. */
export async function runControls(args: Arguments, io: Io): Promise<number> {
  const result = await openEngine(io).runControls();
  const good = result.total > 0 && result.behaved === result.total && result.failures.length === 0;
  if (args.flags.has('quiet')) return good ? 0 : 1;
  if (args.flags.has('json')) io.out(jsonText(result));
  else io.out(controlsText(result));
  return good ? 0 : 1;
}

function controlsText({ behaved, total, failures }: Awaited<ReturnType<Engine['runControls']>>): string {
  const rows = failures.map((failure) => `  ${line(failure)}\n`);
  return `${behaved} of ${total} controls behaved as they must\n${rows.join('')}`;
}
