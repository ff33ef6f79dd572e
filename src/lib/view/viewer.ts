import { hostileView, type HostilePart } from './hostile';

/** Longest line shown, in UTF-16 code units. */
const LINE_MAX = 2000;
const HEX_BYTES_MAX = 4096;

export interface TextLine {
  readonly number: number;
  readonly parts: readonly HostilePart[];
  readonly capped: boolean;
}

export type FileView =
  | { readonly kind: 'text'; readonly lines: readonly TextLine[] }
  | { readonly kind: 'hex'; readonly text: string };

/** Text with line numbers, or a hex dump when the bytes are not UTF-8 text. Nothing is ever rendered as markup. */
export function viewBytes(bytes: Uint8Array, truncated: boolean): FileView {
  const text = decode(bytes, truncated);
  if (text === null) return { kind: 'hex', text: hexDump(bytes.subarray(0, HEX_BYTES_MAX)) };
  const lines = text.split('\n').map((line, index) => {
    const view = hostileView(line.replace(/\t/g, '    ').replace(/\r$/, ''), LINE_MAX);
    return { number: index + 1, parts: view.parts, capped: view.capped };
  });
  return { kind: 'text', lines };
}

function decode(bytes: Uint8Array, truncated: boolean): string | null {
  if (bytes.includes(0)) return null;
  try {
    // `stream` lets a cut character at the end of a truncated view pass.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: truncated });
  } catch {
    return null;
  }
}

/** Sixteen bytes a line: offset, hex, printable ASCII. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}
