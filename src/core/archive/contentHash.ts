import { concatBytes } from '../bytes/bytes.js';
import { toHex } from '../bytes/hex.js';
import type { Platform, Sha256 } from '../bytes/platform.js';

const MIB = 1024 * 1024;
const WHOLE_BYTES_MAX = MIB;

/** SHA-256 of bytes that arrive in pieces: collected while they are few, then streamed; the platform says up to where. */
export class ContentHash {
  private parts: Uint8Array[] = [];
  private collected = 0;
  private stream: Sha256 | null = null;

  /** `sizeBytes`: total when known, else null. */
  constructor(
    private readonly platform: Platform,
    sizeBytes: number | null,
  ) {
    if (sizeBytes !== null && sizeBytes > this.wholeMax()) this.stream = platform.createSha256();
  }

  update(bytes: Uint8Array): void {
    if (!this.stream && this.collected + bytes.length > this.wholeMax()) this.startStream();
    if (this.stream) return this.stream.update(bytes);
    this.parts.push(bytes);
    this.collected += bytes.length;
  }

  /** Lower-case hex, at once where the platform can. */
  digest(): string | Promise<string> {
    if (this.stream) return hexOf(this.stream.digest());
    const bytes = this.parts.length === 1 ? this.parts[0]! : concatBytes(this.parts);
    this.parts = [];
    return hexOf(this.platform.sha256(bytes));
  }

  private wholeMax(): number {
    return this.platform.wholeHashBytesMax ?? WHOLE_BYTES_MAX;
  }

  private startStream(): void {
    this.stream = this.platform.createSha256();
    for (const part of this.parts) this.stream.update(part);
    this.parts = [];
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
