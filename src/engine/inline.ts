import { forgetAnswers } from '../core/bytes/answers.js';
import type { Platform } from '../core/bytes/platform.js';
import { sourceOfBytes, type ByteSource } from '../core/bytes/source.js';
import { extractEntry } from '../core/archive/readArchive.js';
import type { ReadProgress } from '../core/archive/tap.js';
import type { ControlsRun, Report } from '../core/generated/report.js';
import { limitsProfiles, type Limits, type LimitsProfile } from '../core/limits.js';
import { judgeReadings, readBundle, verifyBundles, type JudgeRequest, type Reading } from '../core/verify.js';
import { HelperLostError } from '../platform/helper.js';
import { runControls } from './controls/controls.js';
import type { Engine, VerifyInput, VerifyOptions, VerifyRequest } from './engine.js';
import { toolInfo } from './tool.js';

/** An engine that runs on the calling thread: Node, the worker's inside, tests. Its two halves can run in two workers. */
export interface InlineEngine extends Engine {
  /** The heavy half: one input, no judgement. */
  read(request: VerifyRequest, input: number, options?: VerifyOptions): Promise<Reading>;
  /** The light half: all inputs together. */
  judge(request: VerifyRequest, readings: readonly Reading[]): Promise<Report>;
}

export interface InlineEngineOptions {
  /** Blob to ByteSource, where the platform has Blobs. */
  readonly sourceOfBlob?: (blob: Blob) => ByteSource;
  /** A platform with help for this source (a second worker), or null. When the help is lost the source is read again without. */
  readonly helped?: (source: ByteSource) => Promise<Platform | null>;
  /** Only for running the controls themselves and for whole corpora in tests. */
  readonly withoutControls?: boolean;
}

/** Thrown when a control behaved otherwise: no verdict of this program can be relied on. */
export class ControlsError extends Error {
  override readonly name = 'ControlsError';
  constructor(readonly failures: readonly string[]) {
    super(`The self-test failed, so no verdict is given: ${failures.join('; ')}`);
  }
}

export function createInlineEngine(platform: Platform, options: InlineEngineOptions = {}): InlineEngine {
  let controls: Promise<ControlsRun & { readonly failures: readonly string[] }> | null = null;
  const controlsOnce = () =>
    (controls ??= runControls((request) =>
      verifyBundles({ ...judgeRequest(request, platform, null), inputs: sources(request, options) }),
    ));

  async function judge(request: VerifyRequest, readings: readonly Reading[]): Promise<Report> {
    return judgeReadings(readings, judgeRequest(request, platform, await earnedControls()));
  }

  async function earnedControls(): Promise<ControlsRun | null> {
    if (options.withoutControls === true) return null;
    const { behaved, total, failures } = await controlsOnce();
    if (failures.length > 0 || behaved !== total) throw new ControlsError(failures);
    return { behaved, total };
  }

  async function read(
    request: VerifyRequest,
    index: number,
    { signal, onProgress }: VerifyOptions = {},
  ): Promise<Reading> {
    const input = request.inputs[index];
    if (input === undefined) throw new RangeError(`there is no input ${index}`);
    const source = sourceOf(input, options);
    const settings = {
      limits: limitsOf(request),
      ...(signal === undefined ? {} : { signal }),
      ...(onProgress === undefined
        ? {}
        : {
            onProgress: (step: ReadProgress) =>
              onProgress({ ...step, input: index, inputs: request.inputs.length, name: input.name }),
          }),
    };
    const help = (await options.helped?.(source)) ?? null;
    try {
      return await readBundle(input.name, source, { ...settings, platform: help ?? platform });
    } catch (error) {
      if (!(error instanceof HelperLostError)) throw error;
      return readBundle(input.name, source, { ...settings, platform });
    }
  }

  return {
    read,
    judge,
    async verify(request, verifyOptions) {
      await earnedControls();
      const readings: Reading[] = [];
      for (const index of request.inputs.keys()) readings.push(await read(request, index, verifyOptions));
      return judge(request, readings);
    },
    extract: (input, path, bytesMax, signal) =>
      extractEntry(sourceOf(input, options), path, bytesMax, {
        platform,
        limits: limitsProfiles.large,
        ...(signal === undefined ? {} : { signal }),
      }),
    runControls() {
      controls = null;
      forgetAnswers();
      return controlsOnce();
    },
    close: () => undefined,
  };
}

function judgeRequest(
  request: VerifyRequest,
  platform: Platform,
  controls: ControlsRun | null,
): JudgeRequest {
  return {
    loose: request.loose,
    allowedSigners: request.allowedSigners ?? [],
    certificates: request.certificates ?? [],
    now: request.now,
    limitsProfile: profileOf(request),
    limits: limitsOf(request),
    tool: toolInfo,
    controls,
    platform,
    ...(request.trust === undefined ? {} : { trustDocument: request.trust }),
    ...(request.ruleName === undefined ? {} : { ruleName: request.ruleName }),
  };
}

function profileOf(request: VerifyRequest): LimitsProfile {
  return request.limitsProfile ?? 'default';
}

function limitsOf(request: VerifyRequest): Limits {
  return { ...limitsProfiles[profileOf(request)], ...request.limits };
}

function sources(
  request: VerifyRequest,
  options: InlineEngineOptions,
): { name: string; source: ByteSource }[] {
  return request.inputs.map((input) => ({ name: input.name, source: sourceOf(input, options) }));
}

function sourceOf({ source }: VerifyInput, { sourceOfBlob }: InlineEngineOptions): ByteSource {
  if (source instanceof Uint8Array) return sourceOfBytes(source);
  if ('open' in source) return source;
  if (sourceOfBlob === undefined)
    throw new TypeError('this engine reads no Blobs: give bytes or a ByteSource');
  return sourceOfBlob(source);
}
