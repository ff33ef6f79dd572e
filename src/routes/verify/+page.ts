import { browser } from '$app/environment';
import { warmUp } from '$lib/engine';

/** The engine starts on its own thread while this page is still being made. */
export function load(): void {
  if (browser) warmUp();
}
