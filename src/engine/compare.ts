import type { Platform } from '../core/bytes/platform.js';
import { sourceOfBytes, type ByteSource } from '../core/bytes/source.js';
import {
  bundleSide,
  ChangedMeanwhileError,
  diffOneText,
  diffSides,
  folderSide,
  textsOfFile,
  type BothTexts,
  type FolderFile,
  type Side,
  type TextOptions,
} from '../core/diff.js';
import type { Diff, DiffFile, DiffText } from '../core/generated/diff.js';
import type { Finding, Report } from '../core/generated/report.js';
import { limitsProfiles } from '../core/limits.js';
import { finding } from '../core/messages/finding.js';
import type { Reading } from '../core/verify.js';
import type { VerifyInput, VerifyOptions, VerifyRequest } from './engine.js';
import type { InlineEngine } from './inline.js';
import { toolInfo } from './tool.js';

export type { BothTexts, FolderFile } from '../core/diff.js';

/** One side: a bundle as for verifying, or the files of a folder. */
export type CompareInput =
  | ({ readonly kind: 'bundle' } & VerifyInput)
  | { readonly kind: 'folder'; readonly name: string; readonly files: readonly FolderFile[] };

/** Both bundles are judged by the same documents at the same time. */
export interface CompareRequest extends Omit<VerifyRequest, 'inputs'> {
  readonly before: CompareInput;
  readonly after: CompareInput;
}

export interface Comparison {
  readonly diff: Diff;
  /** The lines of one of `diff.files.changes`, read for themselves. */
  text(file: DiffFile, options?: TextOptions & { readonly signal?: AbortSignal }): Promise<DiffText>;
  /** Both whole texts of one of them; null where it has none, or one that is too long. */
  texts(file: DiffFile, signal?: AbortSignal): Promise<BothTexts | null>;
}

export interface CompareTools {
  readonly engine: InlineEngine;
  readonly platform: Platform;
  /** Blob to ByteSource, where the platform has Blobs. */
  readonly sourceOfBlob?: (blob: Blob) => ByteSource;
}

/** Nothing was compared; `finding` says why and what to do. */
export class CompareError extends Error {
  override readonly name = 'CompareError';

  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}

/**
 * Judges both sides by the code that verifies, then compares them.
 *
 * @throws CompareError for a supplement, or a file that changes meanwhile; what the engine throws.
 */
export async function compare(
  request: CompareRequest,
  tools: CompareTools,
  options: VerifyOptions = {},
): Promise<Comparison> {
  const { before, after, ...documents } = request;
  const bundles = [before, after].filter((input) => input.kind === 'bundle');
  const asked: VerifyRequest = { ...documents, inputs: bundles };
  const readings: Reading[] = [];
  for (const index of bundles.keys()) readings.push(await tools.engine.read(asked, index, options));
  const supplement = readings.find((reading) => reading.supplement);
  if (supplement !== undefined)
    throw new CompareError(finding('compare-supplement', {}, { where: { file: supplement.name } }));
  const report = await tools.engine.judge(asked, readings);
  let next = 0;
  const sideOf = async (input: CompareInput): Promise<Side> => {
    if (input.kind === 'folder') return openFolder(input, tools, options);
    const index = next++;
    return bundleSide(readings[index]!, report.inputs[index]!, sourceOf(input, tools), {
      platform: tools.platform,
      limits: { ...limitsProfiles[request.limitsProfile ?? 'default'], ...request.limits },
    });
  };
  return orCompareError(async () => between(await sideOf(before), await sideOf(after), report, options));
}

async function between(
  before: Side,
  after: Side,
  { rule, now }: Report,
  { signal }: VerifyOptions,
): Promise<Comparison> {
  const stop = signal === undefined ? {} : { signal };
  const diff = await diffSides(before, after, { tool: toolInfo, now, rule, ...stop });
  return {
    diff,
    text: (file, options) => orCompareError(() => diffOneText(before, after, file, options)),
    texts: (file, stopped) => orCompareError(() => textsOfFile(before, after, file, stopped)),
  };
}

async function openFolder(
  { name, files }: Extract<CompareInput, { kind: 'folder' }>,
  { platform }: CompareTools,
  { signal, onProgress }: VerifyOptions,
): Promise<Side> {
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  return folderSide(name, files, {
    platform,
    ...(signal === undefined ? {} : { signal }),
    onProgress: (readBytes, path) => onProgress?.({ input: 0, inputs: 1, name, readBytes, totalBytes, path }),
  });
}

async function orCompareError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ChangedMeanwhileError)) throw error;
    const { path } = error;
    throw new CompareError(finding('compare-file-changed', { path }, { where: { path } }));
  }
}

function sourceOf({ source }: VerifyInput, { sourceOfBlob }: CompareTools): ByteSource {
  if (source instanceof Uint8Array) return sourceOfBytes(source);
  if ('open' in source) return source;
  if (sourceOfBlob === undefined) throw new TypeError('give bytes or a ByteSource: there are no Blobs here');
  return sourceOfBlob(source);
}
