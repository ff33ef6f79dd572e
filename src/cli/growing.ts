import { open } from 'node:fs/promises';
import type { ByteSource } from '../core/bytes/source.js';

const PIECE_BYTES = 256 * 1024;

/** A file that is read while it is still being written: what reads it waits for what writes it. */
export class GrowingFile {
  private path: string | null = null;
  private bytes = 0;
  private ended = false;
  private error: Error | null = null;
  private wake: () => void = () => undefined;

  readonly source: ByteSource = { sizeBytes: null, reopenable: false, open: () => this.read() };

  /** So many bytes of the file at `path` are there. It may be renamed afterwards. */
  grown(path: string, bytes: number): void {
    this.path ??= path;
    this.bytes = bytes;
    this.wake();
  }

  /** It is whole; or, with an error, will never be. */
  end(error: Error | null = null): void {
    this.ended = true;
    this.error = error;
    this.wake();
  }

  private async *read(): AsyncGenerator<Uint8Array> {
    while (this.path === null && !this.ended) await this.more();
    this.check();
    if (this.path === null) return;
    const file = await open(this.path, 'r');
    try {
      for (let at = 0; ;) {
        this.check();
        if (at === this.bytes) {
          if (this.ended) return;
          await this.more();
          continue;
        }
        const piece = new Uint8Array(Math.min(PIECE_BYTES, this.bytes - at));
        const { bytesRead } = await file.read(piece, 0, piece.length, at);
        if (bytesRead === 0) throw new Error('the file became shorter while it was read');
        at += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  private check(): void {
    const { error } = this;
    if (error !== null) throw error;
  }

  private more(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}
