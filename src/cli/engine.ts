import { createInlineEngine, type InlineEngine } from '../engine/inline.js';
import { nodePlatform } from '../platform/node.js';
import { inflatedBeside } from '../platform/nodeInflater.js';
import type { Io } from './io.js';

let engine: InlineEngine | null = null;

/** The one engine of this process: its self-test runs once, however many files follow. */
export function openEngine({ startInflater }: Io): InlineEngine {
  engine ??= createInlineEngine(nodePlatform(), { helped: inflatedBeside(() => startInflater?.() ?? null) });
  return engine;
}
