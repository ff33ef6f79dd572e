const encoder = new TextEncoder();

/** UTF-8 of `text`. Lone surrogates become U+FFFD: refuse them before you sign anything. */
export function toUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Strict UTF-8: null on any invalid sequence. A byte order mark is kept as U+FEFF, never swallowed. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
