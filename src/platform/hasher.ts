import { concatBytes } from '../core/bytes/bytes.js';
import type { Platform, Sha256 } from '../core/bytes/platform.js';
import { HelperLostError } from './helper.js';

const MIB = 1024 * 1024;
/** Small files go over in batches of this size: a message costs as much as hashing some ten kilobytes. */
const BATCH_BYTES = MIB;
/** Bytes that wait over there; the reader pauses until fewer do. */
const WAITING_BYTES_MAX = 24 * MIB;
const SHA256_BYTES = 32;
/** What is longer has a message of its own. */
const PART_BYTES_MAX = BATCH_BYTES / 4;

/** One message: parts of files to hash each for itself, or the next piece of one long stream. */
interface Work {
  readonly buffer: ArrayBuffer;
  /** Lengths of the parts, one after the other from the start of `buffer`. */
  readonly lengths: readonly number[];
  /** The stream that the one part belongs to, or null. */
  readonly stream: number | null;
  /** That stream ends with this part. */
  readonly last: boolean;
}

/** The answer, in the order of the questions: digests one after the other, and the buffer for its next use. null: it failed. */
interface Done {
  readonly buffer: ArrayBuffer;
  readonly digests: Uint8Array;
}

/** A worker, seen from either side. */
export interface HashPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
}

/** What the side that hashes needs. */
type Hashes = Pick<Platform, 'sha256' | 'sha256Many' | 'sha256ManyBytesMax' | 'createSha256'>;

/** The side that hashes. Answers strictly in order. */
export function serveHasher(port: HashPort, starting: Promise<Hashes>): void {
  const streams = new Map<number, Sha256>();
  let before: Promise<void> = Promise.resolve();
  port.addEventListener('message', ({ data }) => {
    const work = data as Work;
    before = before.then(async () => {
      try {
        const digests = await hash(work, await starting, streams);
        const done: Done = { buffer: work.buffer, digests };
        port.postMessage(done, [work.buffer]);
      } catch {
        port.postMessage(null, []);
      }
    });
  });
}

async function hash(work: Work, platform: Hashes, streams: Map<number, Sha256>): Promise<Uint8Array> {
  if (work.stream === null && work.lengths.every((length) => length <= (platform.sha256ManyBytesMax ?? -1)))
    return platform.sha256Many!(new Uint8Array(work.buffer), work.lengths);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const length of work.lengths) {
    parts.push(new Uint8Array(work.buffer, at, length));
    at += length;
  }
  if (work.stream === null)
    return concatBytes(await Promise.all(parts.map(async (part) => platform.sha256(part))));
  const stream = streams.get(work.stream) ?? platform.createSha256();
  streams.set(work.stream, stream);
  for (const part of parts) stream.update(part);
  if (!work.last) return new Uint8Array(0);
  streams.delete(work.stream);
  return stream.digest();
}

/** {@link Sha256} whose digest is on its way. */
interface Collected extends Sha256 {
  digest(): Promise<Uint8Array>;
}

interface Owed {
  readonly bytes: number;
  readonly tell: (digests: Uint8Array) => void;
  readonly refuse: (error: HelperLostError) => void;
}

/**
 * The side that reads: SHA-256 in another worker while this one inflates. Bytes are copied, so that the caller may
 * go on with them; when the other side dies every digest that it owes is refused with {@link HelperLostError}.
 */
export class RemoteHasher {
  private readonly owed: Owed[] = [];
  private waitingBytes = 0;
  private readonly spare: ArrayBuffer[] = [];
  private batch = new Filling();
  private streams = 0;
  /** Begun in the batch and not ended; `start` is its first byte there. */
  private part: { start: number } | null = null;
  private lost: HelperLostError | null = null;
  private caughtUp: (() => void) | null = null;

  constructor(
    private readonly port: HashPort,
    private readonly soon: () => Promise<void>,
  ) {
    port.addEventListener('message', ({ data }) => this.take(data as Done | null));
    for (const type of ['error', 'messageerror']) port.addEventListener(type, () => this.lose());
  }

  get isLost(): boolean {
    return this.lost !== null;
  }

  /** SHA-256 of bytes whole in memory. */
  sha256(bytes: Uint8Array): Promise<Uint8Array> {
    const collected = this.collectSha256(bytes.length);
    collected.update(bytes);
    return collected.digest();
  }

  /** SHA-256 of messages that stand one after the other: the digests, one after the other. */
  sha256Many(bytes: Uint8Array, lengths: readonly number[]): Promise<Uint8Array> {
    // Of their own length: what waits is counted by its bytes, and many of these may wait.
    const filling = new Filling(new Uint8Array(bytes).buffer, bytes.length);
    filling.lengths.push(...lengths);
    return this.ask(filling, null, false);
  }

  /** SHA-256 of at most `size` bytes that come in pieces. A few at a time go over in one message. */
  collectSha256(size: number): Collected {
    if (this.lost) return { update: () => undefined, digest: () => Promise.reject(this.lost!) };
    // One after the other: what is begun while another is open has a message of its own.
    return size > PART_BYTES_MAX || this.part !== null ? this.collectAlone(size) : this.collectPart(size);
  }

  /** Nothing that was begun before will end: its reader gave up. */
  begin(): void {
    if (this.part !== null) this.batch.length = this.part.start;
    this.part = null;
  }

  private collectAlone(size: number): Collected {
    const filling = new Filling(new ArrayBuffer(size));
    return {
      update: (bytes) => filling.append(bytes),
      digest: () => this.ask(filling, null, false),
    };
  }

  private collectPart(size: number): Collected {
    if (this.batch.length + size > BATCH_BYTES) this.flush();
    this.batch.buffer ??= this.takeBuffer();
    const part = (this.part = { start: this.batch.length });
    return {
      update: (bytes) => part === this.part && this.batch.append(bytes),
      digest: () => (part === this.part ? this.endPart(part.start) : Promise.reject(this.gone())),
    };
  }

  private endPart(start: number): Promise<Uint8Array> {
    const { batch } = this;
    this.part = null;
    if (batch.digests === null) {
      batch.digests = new Promise((tell, refuse) => Object.assign(batch, { tell, refuse }));
      // Whoever waits for a part hears of a refusal; the batch itself has no other listener.
      batch.digests.catch(() => undefined);
      void this.soon().then(() => batch === this.batch && this.flush());
    }
    const at = batch.lengths.length * SHA256_BYTES;
    batch.lengths.push(batch.length - start);
    return batch.digests.then((digests) => digests.slice(at, at + SHA256_BYTES));
  }

  private gone(): HelperLostError {
    return this.lost ?? new HelperLostError('another reading has begun');
  }

  /** SHA-256 of a stream; its digest is a promise. */
  createSha256(): Sha256 {
    const id = this.streams++;
    let filling = new Filling();
    return {
      update: (bytes) => {
        for (let at = 0; at < bytes.length;) {
          filling.buffer ??= this.takeBuffer();
          const part = bytes.subarray(at, at + BATCH_BYTES - filling.length);
          filling.append(part);
          at += part.length;
          if (filling.length < BATCH_BYTES) continue;
          void this.ask(filling, id, false).catch(() => undefined);
          filling = new Filling();
        }
      },
      digest: () => this.ask(filling, id, true),
    };
  }

  /** Resolves when the other side is not too far behind. */
  async keepUp(): Promise<void> {
    if (this.waitingBytes <= WAITING_BYTES_MAX || this.lost) return;
    await new Promise<void>((resolve) => (this.caughtUp = resolve));
  }

  /** Sends what is complete; a part that is still open goes on in the next batch. */
  private flush(): void {
    const { batch, part } = this;
    if (batch.digests === null) return;
    const open = part === null ? null : new Uint8Array(batch.buffer!, part.start, batch.length - part.start);
    this.batch = new Filling();
    if (part !== null && open !== null) {
      this.batch.buffer = this.takeBuffer();
      this.batch.append(open);
      batch.length = part.start;
      part.start = 0;
    }
    this.ask(batch, null, false).then(batch.tell, batch.refuse);
  }

  private ask(filling: Filling, stream: number | null, last: boolean): Promise<Uint8Array> {
    if (this.lost) return Promise.reject(this.lost);
    const buffer = filling.buffer ?? new ArrayBuffer(0);
    const lengths = stream === null && filling.lengths.length > 0 ? filling.lengths : [filling.length];
    const work: Work = { buffer, lengths, stream, last };
    this.waitingBytes += filling.length;
    return new Promise((tell, refuse) => {
      this.owed.push({ bytes: filling.length, tell, refuse });
      this.port.postMessage(work, [buffer]);
    });
  }

  private take(done: Done | null): void {
    if (done === null) return this.lose();
    const { buffer, digests } = done;
    const owed = this.owed.shift();
    if (owed === undefined) return;
    if (buffer.byteLength === BATCH_BYTES) this.spare.push(buffer);
    this.waitingBytes -= owed.bytes;
    owed.tell(digests);
    if (this.waitingBytes <= WAITING_BYTES_MAX / 2) this.resume();
  }

  /** Ends it from this side: what it owes is refused, what it says later is not heard. */
  lose(): void {
    this.lost ??= new HelperLostError('the worker that hashes has stopped');
    this.flush();
    for (const { refuse } of this.owed.splice(0)) refuse(this.lost);
    this.resume();
  }

  private resume(): void {
    this.caughtUp?.();
    this.caughtUp = null;
  }

  private takeBuffer(): ArrayBuffer {
    return this.spare.pop() ?? new ArrayBuffer(BATCH_BYTES);
  }
}

/** A buffer on its way to being full. */
class Filling {
  readonly lengths: number[] = [];
  digests: Promise<Uint8Array> | null = null;
  tell: (digests: Uint8Array) => void = () => undefined;
  refuse: (error: unknown) => void = () => undefined;

  constructor(
    public buffer: ArrayBuffer | null = null,
    public length = 0,
  ) {}

  append(bytes: Uint8Array): void {
    new Uint8Array(this.buffer!).set(bytes, this.length);
    this.length += bytes.length;
  }
}

/** `platform`, but whatever is worth a message is hashed by `remote`. */
export function withRemoteHasher(platform: Platform, remote: RemoteHasher, remoteBytesMin: number): Platform {
  return {
    ...platform,
    sha256: (bytes) => (bytes.length < remoteBytesMin ? platform.sha256(bytes) : remote.sha256(bytes)),
    sha256ManyBeside: (bytes, lengths) => remote.sha256Many(bytes, lengths),
    createSha256: () => remote.createSha256(),
    collectSha256: (size) => (size < remoteBytesMin ? null : remote.collectSha256(size)),
    async yieldToEvents() {
      await platform.yieldToEvents?.();
      await remote.keepUp();
    },
  };
}
