/**
 * Countersign as a library: bytes in, report out, offline. One source for pages, workers and Node. A verdict that is
 * not "confirmed" is data, never an exception; exceptions are for misuse and for an aborted signal.
 *
 * @packageDocumentation
 */
import { sourceOfBytes, type ByteSource } from './core/bytes/source.js';
import type { Platform } from './core/bytes/platform.js';
import { toUtf8 } from './core/bytes/text.js';
import { formatTime, parseTime } from './core/bytes/time.js';
import type { CheckResult, Report } from './core/generated/report.js';
import { limitsProfiles, type Limits, type LimitsProfile } from './core/limits.js';
import type { Proof } from './core/generated/proof.js';
import {
  checkProof as checkProofBytes,
  proveInclusion,
  type ProofCheck,
  type ProofExpectation,
} from './core/prove.js';
import { judgeReadings, readBundle } from './core/verify.js';
import type { Engine, NamedDocument, Progress, VerifyInput, VerifyRequest } from './engine/engine.js';
import { createInlineEngine } from './engine/inline.js';
import { toolInfo } from './engine/tool.js';

export type { ByteSource } from './core/bytes/source.js';
export type * from './core/generated/report.js';
export type { Proof } from './core/generated/proof.js';
export type { ProofCheck, ProofExpectation } from './core/prove.js';
export type { Limits, LimitsProfile } from './core/limits.js';
export type { NamedDocument, Progress } from './engine/engine.js';

/** A bundle in any of the forms that pages, workers and Node hand around. */
export type BundleData = Uint8Array | ArrayBuffer | Blob | ReadableStream<Uint8Array> | ByteSource;

/** A bundle with the name that the report shows for it. */
export interface NamedBundle {
  readonly name: string;
  readonly data: BundleData;
}

/** A small document: text, bytes, or either with a name. */
export type DocumentData = string | Uint8Array | NamedDocument;

export interface VerifySettings {
  /** `trust.yaml` with people and rules. Without it nothing can be confirmed. */
  readonly trust?: DocumentData;
  /** Name of the rule in it; its `defaultRule` otherwise. */
  readonly rule?: string;
  /** OpenSSH allowed_signers files: they add people, never roles. */
  readonly allowedSigners?: readonly DocumentData[];
  /** OpenPGP public keys, armored or binary, that the trust file names by fingerprint. */
  readonly certificates?: readonly DocumentData[];
  /** Loose approvals, signatures and supplements. */
  readonly approvals?: readonly DocumentData[];
  /** Time to judge at, RFC 3339 or a Date; the clock of this machine when absent. */
  readonly now?: string | Date;
  readonly limitsProfile?: LimitsProfile;
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Answer of {@link verifyPack}, for portals that want one bit and the reasons. */
export interface PackResult {
  /** True only for the verdict B-OK. */
  readonly verified: boolean;
  /** SHA-256 of the pack as received, lower-case hex; null when it could not be read to its end. */
  readonly sha256: string | null;
  readonly checks: readonly CheckResult[];
  readonly report: Report;
}

/**
 * Judges one bundle or several by the reader's rule (docs/SPEC.md, "Verdict").
 *
 * @throws TypeError or RangeError on misuse; the reason of `signal` when it aborts.
 */
export async function verify(
  input: BundleData | NamedBundle | readonly (BundleData | NamedBundle)[],
  settings: VerifySettings = {},
): Promise<Report> {
  const { signal, onProgress } = settings;
  signal?.throwIfAborted();
  const request = buildRequest(Array.isArray(input) ? input : [input as BundleData | NamedBundle], settings);
  const engine = await openEngine();
  return engine.verify(request, {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
}

/** {@link verify} for one pack and, where it has them, its loose approvals: statement and signature files. */
export async function verifyPack(
  pack: BundleData | NamedBundle,
  signature?: DocumentData | readonly DocumentData[],
  settings: VerifySettings = {},
): Promise<PackResult> {
  const signatures =
    signature === undefined
      ? []
      : Array.isArray(signature)
        ? (signature as readonly DocumentData[])
        : [signature as DocumentData];
  const approvals = [...(settings.approvals ?? []), ...signatures];
  const report = await verify(pack, { ...settings, approvals });
  const [input] = report.inputs;
  return {
    verified: input?.verdict.code === 'B-OK' && report.inputs.length === 1,
    sha256: input?.archiveDigest?.replace('sha256:', '') ?? null,
    checks: input?.checks ?? [],
    report,
  };
}

/**
 * Proof that one file is listed in a bundle, checkable without the rest of it. The bundle must be readable and
 * agree with its own list.
 *
 * @throws RangeError when it does not, or does not list `path`.
 */
export async function prove(
  input: BundleData | NamedBundle,
  path: string,
  settings: Pick<VerifySettings, 'limitsProfile' | 'limits' | 'signal'> = {},
): Promise<Proof> {
  const { name, source } = toInput(input, 0);
  const platform = await openPlatform();
  const limits = { ...limitsProfiles[settings.limitsProfile ?? 'default'], ...settings.limits };
  const options = { platform, limits, ...(settings.signal === undefined ? {} : { signal: settings.signal }) };
  const reading = await readBundle(
    name,
    source instanceof Uint8Array ? sourceOfBytes(source) : (source as ByteSource),
    options,
  );
  const request = {
    loose: [],
    now: toNow(undefined),
    limitsProfile: settings.limitsProfile ?? 'default',
    limits,
    tool: toolInfo,
    controls: null,
    platform,
    allowedSigners: [],
  } as const;
  const [judged] = (await judgeReadings([reading], request)).inputs;
  if (judged === undefined || judged.axes.readable === 'fail' || judged.axes.unchanged === 'fail') {
    throw new RangeError(judged === undefined ? 'a supplement lists no files' : judged.verdict.headline);
  }
  const proof =
    reading.manifest === null || judged.bundleDigest === null
      ? null
      : proveInclusion(reading.manifest, path, judged.bundleDigest, platform);
  if (proof === null) throw new RangeError('the bundle does not list this path');
  return proof;
}

/**
 * Checks a proof against what its reader knows from elsewhere: the content root that somebody vouches for, and the
 * file. Without a root the outcome is never `proven`.
 */
export async function checkProof(
  proof: string | Uint8Array,
  expected: ProofExpectation = {},
): Promise<ProofCheck> {
  return checkProofBytes(typeof proof === 'string' ? toUtf8(proof) : proof, expected, await openPlatform());
}

let engine: Promise<Engine> | null = null;

/** One engine a process, so that its self-test runs once. */
function openEngine(): Promise<Engine> {
  engine ??= createEngine();
  return engine;
}

async function createEngine(): Promise<Engine> {
  const platform = await openPlatform();
  if (!isNode()) return createInlineEngine(platform);
  const { inflatedBeside, startInflater } = await import('./platform/nodeInflater.js');
  const script = new URL('./inflater.js', import.meta.url);
  return createInlineEngine(platform, { helped: inflatedBeside(() => startInflater(script)) });
}

function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return process?.versions?.node !== undefined;
}

async function openPlatform(): Promise<Platform> {
  if (isNode()) return (await import('./platform/node.js')).nodePlatform();
  return (await import('./platform/web.js')).webPlatform();
}

const NOT_A_BUNDLE = 'a bundle is bytes, a Blob, a ReadableStream or a ByteSource';

function buildRequest(
  inputs: readonly (BundleData | NamedBundle)[],
  settings: VerifySettings,
): VerifyRequest {
  const { trust, rule, allowedSigners, certificates, approvals, limitsProfile, limits } = settings;
  return {
    inputs: inputs.map(toInput),
    loose: (approvals ?? []).map((one, index) => toDocument(one, `approval-${index + 1}.json`)),
    ...(trust === undefined ? {} : { trust: toDocument(trust, 'trust.yaml') }),
    ...(rule === undefined ? {} : { ruleName: rule }),
    allowedSigners: (allowedSigners ?? []).map((one) => toDocument(one, 'allowed_signers')),
    certificates: (certificates ?? []).map((one, index) => toDocument(one, `certificate-${index + 1}.asc`)),
    now: toNow(settings.now),
    ...(limitsProfile === undefined ? {} : { limitsProfile }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function toInput(input: BundleData | NamedBundle, index: number): VerifyInput {
  if (typeof input !== 'object' || input === null) throw new TypeError(NOT_A_BUNDLE);
  const named = isNamed(input) ? input : { name: nameOf(input) ?? `bundle-${index + 1}`, data: input };
  return { name: named.name, source: toSource(named.data) };
}

function isNamed(input: BundleData | NamedBundle): input is NamedBundle {
  return typeof input === 'object' && 'data' in input && 'name' in input;
}

/** A File has a name; other forms have none. */
function nameOf(data: BundleData): string | null {
  return 'name' in data && typeof data.name === 'string' ? data.name : null;
}

function toSource(data: BundleData): Uint8Array | ByteSource {
  if (data instanceof Uint8Array) return data;
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if ('open' in data) return data;
  if ('getReader' in data) return sourceOfStream(data);
  if ('stream' in data) {
    return {
      sizeBytes: data.size,
      reopenable: true,
      open: () => chunksOf(data.stream() as ReadableStream<Uint8Array>),
    };
  }
  throw new TypeError(NOT_A_BUNDLE);
}

function sourceOfStream(stream: ReadableStream<Uint8Array>): ByteSource {
  return { sizeBytes: null, reopenable: false, open: () => chunksOf(stream) };
}

/** WebKit has no async iteration of streams, so the reader is driven by hand. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (!(value instanceof Uint8Array)) throw new TypeError('the stream gives something else than bytes');
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function toDocument(document: DocumentData, name: string): NamedDocument {
  if (typeof document === 'string') return { name, bytes: toUtf8(document) };
  if (document instanceof Uint8Array) return { name, bytes: document };
  return document;
}

function toNow(now: string | Date | undefined): string {
  if (typeof now !== 'string') return formatTime((now ?? new Date()).getTime());
  if (parseTime(now) === null) throw new RangeError(`now is not an RFC 3339 time with a zone: ${now}`);
  return now;
}
