import { catalogue, type FindingCode, type FindingParams } from '../generated/messages.js';
import type { Finding } from '../generated/report.js';
import { findingOf, type FindingDetail } from './make.js';

export type { FindingDetail };

/** Makes one finding from the catalogue (`src/core/messages/*.md`). */
export function finding<C extends FindingCode>(
  code: C,
  params: FindingParams[C],
  detail: FindingDetail = {},
): Finding {
  return findingOf(code, catalogue[code], params, detail);
}
