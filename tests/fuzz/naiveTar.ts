/**
 * A short reader of tar archives that our reader has accepted. It exists to disagree with it: it trusts its input
 * and knows nothing but files, folders and PAX names.
 */
export interface NaiveEntry {
  readonly path: string;
  readonly size: number;
  /** Offset of the body. */
  readonly at: number;
}

const decoder = new TextDecoder();

function field(tar: Uint8Array, at: number, length: number): string {
  const bytes = tar.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Regular files in their order. Stops at the first block of zeros, whatever follows. */
export function naiveFiles(tar: Uint8Array): NaiveEntry[] {
  const entries: NaiveEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + 512 <= tar.length;) {
    const name = field(tar, at, 100);
    const prefix = field(tar, at + 345, 155);
    const type = String.fromCharCode(tar[at + 156]!);
    const size = Math.max(0, Number.parseInt(field(tar, at + 124, 12).trim(), 8) || 0);
    const body = at + 512;
    if (tar.subarray(at, body).every((byte) => byte === 0)) break;
    if (type === 'x') longName = paxPath(tar.subarray(body, body + size));
    else {
      const path = longName ?? (prefix === '' ? name : `${prefix}/${name}`);
      if (type !== '5') entries.push({ path, size, at: body });
      longName = undefined;
    }
    at = body + Math.ceil(size / 512) * 512;
  }
  return entries;
}

function paxPath(body: Uint8Array): string | undefined {
  for (let at = 0; at < body.length;) {
    const length = Number.parseInt(decoder.decode(body.subarray(at, at + 8)), 10);
    if (!(length > 0)) return undefined;
    const record = decoder.decode(body.subarray(at, at + length));
    if (/^\d+ path=/.test(record)) return record.slice(record.indexOf('=') + 1, -1);
    at += length;
  }
  return undefined;
}
