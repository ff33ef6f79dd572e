import type { Engine } from '../engine/engine';

let starting: Promise<Engine> | undefined;

/** The engine of this page, started at the first use. Everything that the pages show comes from its reports. */
export function engine(): Promise<Engine> {
  starting ??= start();
  return starting;
}

async function start(): Promise<Engine> {
  // `vite build --mode fake` alone: every other build drops this line, so no canned report can reach a reader.
  if (import.meta.env.MODE === 'fake') return (await import('../engine/fake')).createFakeEngine();
  return (await import('../engine/worker')).createWorkerEngine();
}
