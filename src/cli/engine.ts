import { createInlineEngine } from '../engine/inline.js';
import type { Engine } from '../engine/engine.js';
import { nodePlatform } from '../platform/node.js';

/** The one place where the command line chooses how it verifies. */
export function openEngine(): Engine {
  return createInlineEngine(nodePlatform());
}
