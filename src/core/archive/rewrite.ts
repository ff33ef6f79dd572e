import type { ByteSource } from '../bytes/source.js';
import { toHex } from '../bytes/hex.js';
import type { Platform } from '../bytes/platform.js';
import type { Limits } from '../limits.js';
import { TarReader, type TarSink } from './tar.js';
import { writeArchiveStream, type ArchiveStreamInput, type PiecePacker } from './writeArchive.js';
import { compareInBundle } from './writeTar.js';

export interface RewriteOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  /** Digest of the archive as it was read before, lower-case hex: a second reading must meet the same bytes. */
  readonly archiveSha256: string;
  /** Whatever packs one stream; without it, plain script. The bytes are the same. */
  readonly startPacker?: () => PiecePacker;
  readonly signal?: AbortSignal;
}

/** The file is not the one that was read before, so nothing written so far may be used. */
export class ArchiveChangedError extends Error {
  override readonly name = 'ArchiveChangedError';
}

type TarEvent =
  | { readonly is: 'start'; readonly path: string; readonly size: number }
  | { readonly is: 'body'; readonly bytes: Uint8Array }
  | { readonly is: 'end' };

/**
 * A bundle with `files` added, or put in the place of entries of the same path; every other entry keeps its bytes,
 * and the order is that of our dialect. Read and written in pieces: memory does not grow with the bundle. The source
 * must have been read without fault before, and be reopenable; nobody may use the output before its end was reached.
 *
 * Reading the result throws {@link ArchiveChangedError} when the source is another than before, or the abort's reason.
 */
export function rewriteArchive(
  source: ByteSource,
  files: ReadonlyMap<string, Uint8Array>,
  options: RewriteOptions,
): ByteSource {
  return {
    sizeBytes: null,
    reopenable: source.reopenable,
    open: () =>
      writeArchiveStream(
        mergedEntries(source, files, options),
        options.startPacker?.(),
        options.platform.crc32,
      ),
  };
}

/**
 * The files of an archive that was read without fault before, in its order and in pieces. What is not wanted may be
 * passed over unread. Reading on to the end throws {@link ArchiveChangedError} when the source is another than before.
 */
export async function* readEntries(
  source: ByteSource,
  options: RewriteOptions,
): AsyncGenerator<ArchiveStreamInput> {
  const events = tarEvents(source, options);
  try {
    for (let event = await events.next(); !event.done; event = await events.next()) {
      if (event.value.is !== 'start') continue;
      const { path, size } = event.value;
      yield { path, size, chunks: bodyOf(events) };
    }
  } finally {
    await events.return(undefined);
  }
}

async function* mergedEntries(
  source: ByteSource,
  files: ReadonlyMap<string, Uint8Array>,
  options: RewriteOptions,
): AsyncGenerator<ArchiveStreamInput> {
  const waiting = [...files].sort(([a], [b]) => compareInBundle(a, b));
  const events = tarEvents(source, options);
  try {
    for (let event = await events.next(); !event.done; event = await events.next()) {
      if (event.value.is !== 'start') continue;
      const { path, size } = event.value;
      while (waiting.length > 0 && compareInBundle(waiting[0]![0], path) < 0)
        yield entryOf(...waiting.shift()!);
      if (!files.has(path)) yield { path, size, chunks: bodyOf(events) };
    }
  } finally {
    await events.return(undefined);
  }
  for (const [path, bytes] of waiting) yield entryOf(path, bytes);
}

function entryOf(path: string, bytes: Uint8Array): ArchiveStreamInput {
  return { path, size: bytes.length, chunks: [bytes] };
}

async function* bodyOf(events: AsyncGenerator<TarEvent>): AsyncGenerator<Uint8Array> {
  for (
    let event = await events.next();
    !event.done && event.value.is !== 'end';
    event = await events.next()
  ) {
    if (event.value.is === 'body') yield event.value.bytes;
  }
}

async function* tarEvents(source: ByteSource, options: RewriteOptions): AsyncGenerator<TarEvent> {
  const { platform, limits, archiveSha256, signal } = options;
  const hash = platform.createSha256();
  const sink = new EventSink();
  const tar = new TarReader(limits, sink);
  for await (const chunk of platform.gunzip(tapped(source, (bytes) => hash.update(bytes)))) {
    signal?.throwIfAborted();
    tar.push(chunk);
    yield* sink.take();
    await platform.yieldToEvents?.();
  }
  tar.finish();
  yield* sink.take();
  if (toHex(await hash.digest()) !== archiveSha256)
    throw new ArchiveChangedError('the archive changed meanwhile');
}

function tapped(source: ByteSource, see: (bytes: Uint8Array) => void): ByteSource {
  return {
    sizeBytes: source.sizeBytes,
    reopenable: false,
    async *open() {
      for await (const chunk of source.open()) {
        see(chunk);
        yield chunk;
      }
    },
  };
}

class EventSink implements TarSink {
  private events: TarEvent[] = [];

  startFile(path: string, size: number): void {
    this.events.push({ is: 'start', path, size });
  }

  body(bytes: Uint8Array): void {
    this.events.push({ is: 'body', bytes: bytes.slice() });
  }

  endFile(): void {
    this.events.push({ is: 'end' });
  }

  directory(): void {}

  /** The first reading had no complaint; a complaint now means other bytes, and the digest says so at the end. */
  report(): void {}

  take(): readonly TarEvent[] {
    const { events } = this;
    this.events = [];
    return events;
  }
}
