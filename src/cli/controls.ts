import type { Arguments } from './args.js';
import { openEngine } from './engine.js';
import { jsonText, type Io } from './io.js';
import { line } from './words.js';

/** `countersign controls`: exit 0 when every control behaved, else 1. */
export async function runControls(args: Arguments, io: Io): Promise<number> {
  const engine = openEngine();
  try {
    const result = await engine.runControls();
    const good = result.total > 0 && result.behaved === result.total && result.failures.length === 0;
    if (!args.flags.has('quiet')) {
      if (args.flags.has('json')) io.out(jsonText(result));
      else {
        const failed = result.failures.map((failure) => `  ${line(failure)}\n`).join('');
        io.out(`${result.behaved} of ${result.total} controls behaved as they must\n${failed}`);
      }
    }
    return good ? 0 : 1;
  } finally {
    engine.close();
  }
}
