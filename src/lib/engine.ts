import type { Engine } from '../engine/engine';

let starting: Promise<Engine> | undefined;

/** The engine of this page, started at the first use. Everything that the pages show comes from its reports. */
export function engine(): Promise<Engine> {
  starting ??= start();
  return starting;
}

/**
 * Starts the engine and its self-test while the reader still looks for the file, so that the first verdict does not
 * wait for them. A failure shows where it matters: at the first verdict.
 */
export function warmUp(): void {
  const later = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 200));
  later(() => {
    // Whoever has given a file meanwhile has started both.
    if (starting !== undefined) return;
    engine()
      .then((each) => each.runControls())
      .catch(() => undefined);
  });
}

async function start(): Promise<Engine> {
  // `vite build --mode fake` alone: every other build drops this line, so no canned report can reach a reader.
  if (import.meta.env.MODE === 'fake') return (await import('../engine/fake')).createFakeEngine();
  return (await import('../engine/worker')).createWorkerEngine();
}
