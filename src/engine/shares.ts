import type { LooseReport, Report } from '../core/generated/report.js';
import type { Progress, VerifyInput, VerifyRequest } from './engine.js';

/** One worker's part of a request; `inputs[i]` of it is `request.inputs[indexes[i]]` of the whole. */
export interface Share {
  readonly indexes: readonly number[];
  readonly request: VerifyRequest;
}

/**
 * Divides a request into at most `shares` parts of about the same size in bytes, so that both cores
 * work when several inputs wait. Each part carries the whole trust and every loose file, hence each
 * input is judged exactly as it would be alone.
 */
export function divide(request: VerifyRequest, shares: number): readonly Share[] {
  const count = Math.min(shares, request.inputs.length);
  if (count <= 1) return [{ indexes: request.inputs.map((_, index) => index), request }];
  const parts = Array.from({ length: count }, () => ({ bytes: 0, indexes: [] as number[] }));
  const largestFirst = request.inputs
    .map((input, index) => ({ index, bytes: sizeOf(input) }))
    .sort((a, b) => b.bytes - a.bytes || a.index - b.index);
  for (const { index, bytes } of largestFirst) {
    const lightest = parts.reduce((least, part) => (part.bytes < least.bytes ? part : least));
    lightest.indexes.push(index);
    // An empty file still costs a turn.
    lightest.bytes += bytes + 1;
  }
  return parts.map(({ indexes }) => {
    const inOrder = indexes.sort((a, b) => a - b);
    const inputs = inOrder.flatMap((index) => request.inputs[index] ?? []);
    return { indexes: inOrder, request: { ...request, inputs } };
  });
}

function sizeOf({ source }: VerifyInput): number {
  if (source instanceof Uint8Array) return source.length;
  if ('sizeBytes' in source) return source.sizeBytes ?? 0;
  return source.size;
}

/** The same progress, told in the numbers of the whole request. */
export function progressOfWhole(progress: Progress, share: Share, inputs: number): Progress {
  return { ...progress, input: share.indexes[progress.input] ?? progress.input, inputs };
}

/**
 * Puts the reports of all shares together as if one engine had judged everything.
 * Throws when a share's report does not have one entry for each of its inputs: a missing row must
 * never look like a short list.
 */
export function merge(shares: readonly Share[], reports: readonly Report[]): Report {
  const [first] = reports;
  if (first === undefined || reports.length !== shares.length)
    throw new Error('a part of the report is missing');
  const placed = shares.flatMap((share, part) => {
    const inputs = reports[part]?.inputs ?? [];
    if (inputs.length !== share.indexes.length) throw new Error('a part of the report lacks inputs');
    return inputs.map((input, at) => ({ index: share.indexes[at] ?? -1, input }));
  });
  placed.sort((a, b) => a.index - b.index);
  return {
    ...first,
    controls: worstControls(reports),
    inputs: placed.map(({ input }) => input),
    loose: first.loose.map((_, at) => mergeLoose(shares, reports, at)),
  };
}

function worstControls(reports: readonly Report[]): Report['controls'] {
  return reports
    .map(({ controls }) => controls)
    .reduce((worst, one) => {
      if (worst === null || one === null) return null;
      return one.total - one.behaved > worst.total - worst.behaved ? one : worst;
    });
}

/** A loose file that one share could place is placed; "belongs to nothing here" holds only when every share says so. */
function mergeLoose(shares: readonly Share[], reports: readonly Report[], at: number): LooseReport {
  const told = reports.map(({ loose }, part) => {
    const one = loose[at];
    if (one === undefined) throw new Error('a part of the report lacks loose files');
    return { one, inputs: one.inputs.map((input) => shares[part]?.indexes[input] ?? -1) };
  });
  const chosen = told.find(({ inputs }) => inputs.length > 0) ?? told[0];
  if (chosen === undefined) throw new Error('a part of the report lacks loose files');
  return { ...chosen.one, inputs: told.flatMap(({ inputs }) => inputs).sort((a, b) => a - b) };
}
