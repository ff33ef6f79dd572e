import { createInlineEngine, type InlineEngine } from '../engine/inline.js';
import { nodePlatform } from '../platform/node.js';

let engine: InlineEngine | null = null;

/** The one engine of this process: its self-test runs once, however many files follow. */
export function openEngine(): InlineEngine {
  engine ??= createInlineEngine(nodePlatform());
  return engine;
}
