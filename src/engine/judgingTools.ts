import type { Platform } from '../core/bytes/platform.js';
import { sourceOfBlob, webPlatform } from '../platform/web.js';
import { createInlineEngine, type InlineEngine } from './inline.js';

/** What a host needs that judges by itself: within a worker, or in a page where none can start. */
export interface JudgingTools {
  readonly platform: Platform;
  readonly engine: InlineEngine;
}

export async function judgingTools(): Promise<JudgingTools> {
  const platform = await webPlatform();
  return { platform, engine: createInlineEngine(platform, { sourceOfBlob }) };
}
