/** The text that the engine's workers run: by far the largest part of this program, so whoever needs it soon asks early. */
export async function engineScript(): Promise<string> {
  return (await import('../../workers/engine.worker.ts?self-contained')).default;
}
