import { closeSync, openSync, read } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteSource } from '../core/bytes/source.js';

const PIECE_BYTES = 256 * 1024;
const readAt = promisify(read);

/** A file that is read while it is still being written: what reads it waits for what writes it. */
export class GrowingFile {
  private file: number | null = null;
  private bytes = 0;
  private ended = false;
  private error: Error | null = null;
  private wake: () => void = () => undefined;

  readonly source: ByteSource = { sizeBytes: null, reopenable: false, open: () => this.read() };

  /** So many bytes of the file at `path` are there. It may be renamed at once: from here on it lies open. */
  grown(path: string, bytes: number): void {
    this.file ??= openSync(path, 'r');
    this.bytes = bytes;
    this.wake();
  }

  /** It is whole; or, with an error, will never be. */
  end(error: Error | null = null): void {
    this.ended = true;
    this.error = error;
    this.wake();
  }

  /** When nobody reads any more. */
  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  private async *read(): AsyncGenerator<Uint8Array> {
    for (let at = 0; ;) {
      this.check();
      const { file } = this;
      if (file === null || at === this.bytes) {
        if (this.ended) return;
        await this.more();
        continue;
      }
      const piece = new Uint8Array(Math.min(PIECE_BYTES, this.bytes - at));
      const { bytesRead } = await readAt(file, piece, 0, piece.length, at);
      if (bytesRead === 0) throw new Error('the file became shorter while it was read');
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
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
