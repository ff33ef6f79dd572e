import { toHex } from '../bytes/hex.js';
import type { Platform, Sha256 } from '../bytes/platform.js';
import { SHA256_BYTES, sha256Many, type ManyHasher } from '../bytes/sha256.js';

const MIB = 1024 * 1024;
const WHOLE_BYTES_MAX = MIB;

/** SHA-256 of bytes that arrive in pieces: collected while they are few, then streamed; the platform says up to where. */
export class ContentHash {
  /** As long as what it is told to expect, or as what came so far. */
  private collected = new Uint8Array(0);
  private fill = 0;
  /** All of it, when it came in one piece: that lasts until the next, and is asked for before. */
  private whole: Uint8Array | null = null;
  private stream: Sha256 | null = null;

  /** `sizeBytes`: total when known, else null; `exact`: no more will come, whatever the input says. */
  constructor(
    private readonly platform: Platform,
    private readonly sizeBytes: number | null,
    exact = false,
  ) {
    if (sizeBytes === null) return;
    if (sizeBytes > this.wholeMax()) this.stream = platform.createSha256();
    else if (exact) this.stream = platform.collectSha256?.(sizeBytes) ?? null;
  }

  update(bytes: Uint8Array): void {
    const before = this.whole?.length ?? this.fill;
    if (!this.stream && before + bytes.length > this.wholeMax()) this.startStream();
    if (this.stream) return this.stream.update(bytes);
    if (bytes.length === this.sizeBytes && this.fill === 0 && this.whole === null) {
      this.whole = bytes;
      return;
    }
    // Longer than was said: a source may be, whose pieces last; a file of an archive never is.
    if (this.whole !== null) this.collect(this.whole);
    this.whole = null;
    this.collect(bytes);
  }

  /** Lower-case hex, at once where the platform can. */
  digest(): string | Promise<string> {
    if (this.stream) return hexOf(this.stream.digest());
    return hexOf(this.platform.sha256(this.whole ?? this.collected.subarray(0, this.fill)));
  }

  private wholeMax(): number {
    return this.platform.wholeHashBytesMax ?? WHOLE_BYTES_MAX;
  }

  private collect(bytes: Uint8Array): void {
    const needed = this.fill + bytes.length;
    if (needed > this.collected.length) {
      const grown = new Uint8Array(Math.max(needed, this.sizeBytes ?? 2 * this.collected.length));
      grown.set(this.collected.subarray(0, this.fill));
      this.collected = grown;
    }
    this.collected.set(bytes, this.fill);
    this.fill = needed;
  }

  private startStream(): void {
    this.stream = this.platform.createSha256();
    this.stream.update(this.whole ?? this.collected.subarray(0, this.fill));
    this.collected = new Uint8Array(0);
  }
}

const TOGETHER_BYTES = 65_536;
const TOGETHER_MAX = 1024;
const HEX_DIGITS = 2 * SHA256_BYTES;

/**
 * SHA-256 of small messages, one after the other, hashed together when there are enough of them. The last ones only
 * with {@link flush}.
 */
export class HashesTogether {
  private readonly bytes = new Uint8Array(TOGETHER_BYTES);
  private fill = 0;
  /** Where the last message that has ended ends: one that never ends is forgotten. */
  private ended = 0;
  private lengths: number[] = [];
  private digested: { sha256: string }[] = [];

  /** `window`: for digests that are made on another thread. */
  constructor(
    private readonly platform: ManyHasher & Pick<Platform, 'sha256ManyBeside'>,
    private readonly window: DigestWindow,
  ) {}

  /** Begins a message of at most `size` bytes, which are at most {@link TOGETHER_BYTES}. */
  begin(size: number): void {
    if (this.ended + size > TOGETHER_BYTES || this.lengths.length === TOGETHER_MAX) this.flush();
    this.fill = this.ended;
  }

  update(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.fill);
    this.fill += bytes.length;
  }

  /** `of` is given the digest in lower-case hex. */
  end(of: { sha256: string }): void {
    this.lengths.push(this.fill - this.ended);
    this.ended = this.fill;
    this.digested.push(of);
  }

  flush(): void {
    const { digested, lengths, platform } = this;
    const bytes = this.bytes.subarray(0, this.ended);
    this.fill = this.ended = 0;
    this.lengths = [];
    this.digested = [];
    const store = (hex: string): void =>
      digested.forEach((of, i) => (of.sha256 = hex.slice(HEX_DIGITS * i, HEX_DIGITS * (i + 1))));
    const beside = digested.length > 0 ? platform.sha256ManyBeside?.(bytes, lengths) : undefined;
    if (beside) this.window.add(beside.then(toHex), bytes.length, store);
    else store(toHex(sha256Many(bytes, lengths, platform)));
  }
}

function hexOf(digest: Uint8Array | Promise<Uint8Array>): string | Promise<string> {
  return digest instanceof Uint8Array ? toHex(digest) : digest.then(toHex);
}

/** Digests in flight are bounded by bytes and by number, so that memory is, too. */
const IN_FLIGHT_BYTES_MAX = 32 * MIB;
const IN_FLIGHT_MAX = 1024;

/** Digests that the platform computes in the background. */
export class DigestWindow {
  private pending: Promise<void>[] = [];
  private bytes = 0;

  add(digest: Promise<string>, size: number, store: (hex: string) => void): void {
    const stored = digest.then(store);
    // A refusal is heard where all are awaited; until then it is no unhandled one.
    stored.catch(() => undefined);
    this.pending.push(stored);
    this.bytes += size;
  }

  get full(): boolean {
    return this.bytes > IN_FLIGHT_BYTES_MAX || this.pending.length > IN_FLIGHT_MAX;
  }

  async settle(): Promise<void> {
    const pending = this.pending;
    this.pending = [];
    this.bytes = 0;
    await Promise.all(pending);
  }
}
