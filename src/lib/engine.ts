import type { Engine } from '../engine/engine';
import { engineScript } from '../engine/script';

let starting: Promise<Engine> | undefined;

/** The engine of this page, started at the first use. Everything that the pages show comes from its reports. */
export function engine(): Promise<Engine> {
  starting ??= start();
  return starting;
}

/**
 * Starts the engine and its self-test at once, while the reader still looks for the file, so that the first verdict
 * does not wait for them: both run beside the page. A failure shows where it matters: at the first verdict.
 */
export function warmUp(): void {
  // Whoever has given a file meanwhile has started both.
  if (starting !== undefined) return;
  engine()
    .then((each) => each.runControls())
    .catch(() => undefined);
}

async function start(): Promise<Engine> {
  // `vite build --mode fake` alone: every other build drops this line, so no canned report can reach a reader.
  if (import.meta.env.MODE === 'fake') return (await import('../engine/fake')).createFakeEngine();
  // Fetched side by side: the engine is of no use without it.
  void engineScript().catch(() => undefined);
  return (await import('../engine/worker')).createWorkerEngine();
}
