import type { FindingParams } from '../core/generated/messages.js';
import type { Finding } from '../core/generated/report.js';
import { part } from '../core/generated/storeMessages.js';
import { findingOf } from '../core/messages/make.js';

/** A finding about what this device keeps; the pages that only verify load no other part of the catalogue. */
export function storageFinding<C extends keyof typeof part>(code: C, params: FindingParams[C]): Finding {
  return findingOf(code, part[code], params);
}
