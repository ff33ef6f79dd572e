import { createInlineEngine } from '../engine/inline.js';
import type { Engine } from '../engine/engine.js';
import { nodePlatform } from '../platform/node.js';

let engine: Engine | null = null;

/** The one engine of this process: its self-test runs once, however many files follow. */
export function openEngine(): Engine {
  engine ??= createInlineEngine(nodePlatform());
  return engine;
}
