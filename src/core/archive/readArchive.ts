import { concatBytes } from '../bytes/bytes.js';
import { GunzipError, type GunzipProblem, type Platform } from '../bytes/platform.js';
import type { ByteSource } from '../bytes/source.js';
import type { Finding, Place } from '../generated/report.js';
import type { Limits } from '../limits.js';
import { finding } from '../messages/finding.js';
import type { Archive } from './archive.js';
import { EntryCollector } from './collector.js';
import { gunzipExactly } from './gzip.js';
import { describeFormat } from './sniff.js';
import { Tap, type ReadProgress } from './tap.js';
import { TarReader, type TarSink } from './tar.js';

export interface ReadArchiveOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  /** True for the small documents whose bytes are wanted in {@link Archive.kept}. `path` is attacker-controlled. */
  keep(path: string, size: number): boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: ((progress: ReadProgress) => void) | undefined;
}

type Gunzip = Platform['gunzip'];

/** Unpacked bytes between two moments in which a cancel is heard. */
const PAUSE_BYTES = 4 * 1024 * 1024;
const PROGRESS_BYTES = 256 * 1024;
/** Problems that are found before any inflater runs: there is nothing more to learn about them. */
const FOUND_IN_HEADER: readonly GunzipProblem[] = ['empty', 'not-gzip', 'header', 'extra-field'];

/**
 * Reads a `.sbundle.tgz` to its end, once, in bounded memory: gzip and tar by the one strict profile
 * (docs/SPEC.md, "Container"), the SHA-256 of every file and of the archive itself. Whatever is wrong
 * becomes a finding; `where.byte` counts in the compressed file for gzip, in the unpacked archive for the
 * rest. Throws only the reason of an abort.
 *
 * Where the platform refuses the compressed data and the source can be opened again, it is read a second time
 * by {@link gunzipExactly}, so that reason and listing are the same in every engine. A refusal stays a refusal.
 */
export async function readArchive(source: ByteSource, options: ReadArchiveOptions): Promise<Archive> {
  const { platform } = options;
  const first = await readOnce(source, options, (tap) => platform.gunzip(tap), null);
  if (first.refusal === null || FOUND_IN_HEADER.includes(first.refusal.problem) || !source.reopenable)
    return first.archive;
  const second = await readOnce(source, options, gunzipExactly, first.refusal);
  return second.archive;
}

interface Pass {
  readonly archive: Archive;
  readonly refusal: GunzipError | null;
}

async function readOnce(
  source: ByteSource,
  options: ReadArchiveOptions,
  gunzip: Gunzip,
  earlierRefusal: GunzipError | null,
): Promise<Pass> {
  const collector = new EntryCollector(options);
  const tar = new TarReader(options.limits, collector);
  const tap = openTap(source, options, () => collector.current);
  try {
    const failure = await pump(gunzip, tap, tar, options, async () => {
      if (collector.digests.full) await collector.digests.settle();
    });
    const refusal = failure ?? (tar.state === 'stopped' || tap.sourceError !== null ? null : earlierRefusal);
    if (!refusal && tap.sourceError === null) tar.finish();
    await drain(tap, options);
    await collector.settle();
    return { archive: await conclude(tap, tar, collector, refusal), refusal };
  } finally {
    await tap.close();
  }
}

function openTap(source: ByteSource, options: ReadArchiveOptions, current: () => string | null): Tap {
  let told = 0;
  return new Tap(source, options.platform, options.signal, (readBytes) => {
    if (readBytes - told < PROGRESS_BYTES && readBytes !== source.sizeBytes) return;
    told = readBytes;
    const path = current();
    options.onProgress?.({ readBytes, totalBytes: source.sizeBytes, ...(path === null ? {} : { path }) });
  });
}

/** Drives unpacked bytes into `tar` until the end or a limit. The refusal of the compressed data, or null. */
async function pump(
  gunzip: Gunzip,
  tap: Tap,
  tar: TarReader,
  options: Pick<ReadArchiveOptions, 'platform' | 'signal'>,
  afterChunk: () => Promise<void> | void,
  isDone: () => boolean = () => false,
): Promise<GunzipError | null> {
  let sincePause = 0;
  try {
    for await (const chunk of gunzip(tap)) {
      options.signal?.throwIfAborted();
      tar.push(chunk);
      await afterChunk();
      if (tar.state === 'stopped' || isDone()) break;
      sincePause += chunk.length;
      if (sincePause < PAUSE_BYTES) continue;
      sincePause = 0;
      await options.platform.yieldToEvents?.();
    }
    return null;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (tap.sourceError !== null) return null;
    if (error instanceof GunzipError) return error;
    throw error;
  }
}

async function drain(tap: Tap, options: ReadArchiveOptions): Promise<void> {
  try {
    await tap.drain(options.limits.unpackedBytesMax, async () => options.platform.yieldToEvents?.());
  } catch (error) {
    options.signal?.throwIfAborted();
    if (tap.sourceError === null) throw error;
  }
}

async function conclude(
  tap: Tap,
  tar: TarReader,
  collector: EntryCollector,
  refusal: GunzipError | null,
): Promise<Archive> {
  const findings = [...frontFindings(tap, refusal), ...usefulFindings(collector.findings.all(), refusal)];
  const complete = refusal === null && tap.sourceError === null && tar.state === 'ended';
  return {
    readable: complete && !findings.some((one) => one.severity === 'error'),
    complete,
    entries: collector.entries.filter((entry) => entry.sha256 !== ''),
    directories: collector.directories,
    kept: collector.kept,
    archiveSha256: await tap.sha256(),
    sizeBytes: tap.ended ? tap.readBytes : (tap.sizeBytes ?? tap.readBytes),
    unpackedBytes: tar.bytes,
    findings,
  };
}

function frontFindings(tap: Tap, refusal: GunzipError | null): readonly Finding[] {
  if (tap.sourceError !== null) return [finding('input-unreadable', {}, { where: { byte: tap.readBytes } })];
  return refusal ? [gunzipFinding(refusal, tap.start)] : [];
}

function gunzipFinding({ problem, byte }: GunzipError, start: Uint8Array): Finding {
  const where: Place = byte === null ? {} : { byte };
  switch (problem) {
    case 'empty':
      return finding('archive-empty', {}, { where });
    case 'not-gzip':
      return finding('archive-not-gzip', { what: describeFormat(start) }, { where });
    case 'header':
      return finding('gzip-header', {}, { where });
    case 'extra-field':
      return finding('gzip-extra-field', {}, { where });
    case 'ends-early':
      return finding('gzip-ends-early', {}, { where });
    case 'data-after-end':
      return finding('gzip-data-after-end', {}, { where });
    case 'checksum':
      return finding('gzip-checksum', {}, { where });
    case 'damaged':
    case 'unknown':
      return finding('gzip-damaged', {}, { where });
  }
}

/** Damaged compressed data makes a damaged archive: the second says nothing that the first does not. */
function usefulFindings(findings: readonly Finding[], refusal: GunzipError | null): readonly Finding[] {
  if (refusal === null || refusal.problem === 'data-after-end') return findings;
  return findings.filter((one) => one.class !== 'CORRUPTED_BUNDLE');
}

/** First bytes of one entry, for a viewer. */
export interface Extract {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** True when `bytes` is only the beginning. */
  readonly truncated: boolean;
}

/**
 * The first `bytesMax` bytes of the entry `path`, or null when the strict reader does not come to one. It reads
 * up to that entry only, so it proves nothing about the archive: show it beside a verdict, never instead.
 * Throws only the reason of an abort.
 */
export async function extractEntry(
  source: ByteSource,
  path: string,
  bytesMax: number,
  options: Pick<ReadArchiveOptions, 'platform' | 'limits' | 'signal'>,
): Promise<Extract | null> {
  const wanted = new WantedEntry(path, bytesMax);
  const tap = new Tap(source, options.platform, options.signal, () => {});
  try {
    const tar = new TarReader(options.limits, wanted);
    await pump(
      (input) => options.platform.gunzip(input),
      tap,
      tar,
      options,
      () => {},
      () => wanted.done,
    );
    return wanted.done ? wanted.result() : null;
  } finally {
    await tap.close();
  }
}

class WantedEntry implements TarSink {
  done = false;
  private readonly parts: Uint8Array[] = [];
  private size = 0;
  private taken = 0;
  private inside = false;

  constructor(
    private readonly path: string,
    private readonly bytesMax: number,
  ) {}

  startFile(path: string, size: number): void {
    if (this.done || path !== this.path) return;
    this.inside = true;
    this.size = size;
  }

  body(bytes: Uint8Array): void {
    if (!this.inside || this.taken >= this.bytesMax) return;
    const part = bytes.slice(0, this.bytesMax - this.taken);
    this.parts.push(part);
    this.taken += part.length;
    if (this.taken >= this.bytesMax) this.done = true;
  }

  endFile(): void {
    if (this.inside) this.done = true;
    this.inside = false;
  }

  directory(): void {}
  report(): void {}

  result(): Extract {
    return { bytes: concatBytes(this.parts), size: this.size, truncated: this.taken < this.size };
  }
}
