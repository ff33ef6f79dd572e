/**
 * Bytes that can be read as a stream. `open` may be called again only when `reopenable`;
 * chunks may have any size and must not be changed by the reader.
 */
export interface ByteSource {
  /** Total bytes when known beforehand, else null. */
  readonly sizeBytes: number | null;
  readonly reopenable: boolean;
  open(): AsyncIterable<Uint8Array>;
  /** The same bytes in one piece, where they are few enough to be held; null where they are not. */
  readonly whole?: () => Promise<Uint8Array> | null;
}

export function sourceOfBytes(bytes: Uint8Array, chunkBytes = 65_536): ByteSource {
  return {
    sizeBytes: bytes.length,
    reopenable: true,
    async *open() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}
