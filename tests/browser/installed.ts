import { present } from '../../src/tools/browsers.mjs';
import type { EngineName } from './driver.js';

/** Path of an installed engine (of its driver for WebKit); `BROWSER_PATH` belongs to the engine named by `BROWSER`. */
export function findOne(engine: EngineName): string {
  if (process.env['BROWSER'] === engine && process.env['BROWSER_PATH']) return process.env['BROWSER_PATH'];
  const path = present(engine);
  if (path === null) throw new Error(`${engine} is not installed here`);
  return path;
}

/** Engines of this run: the one named by `BROWSER`, else every installed one. */
export function enginesHere(): readonly EngineName[] {
  const named = process.env['BROWSER'];
  const all: readonly EngineName[] = ['chromium', 'firefox', 'webkit'];
  return named === undefined
    ? all.filter((engine) => present(engine) !== null)
    : all.filter((one) => one === named);
}
