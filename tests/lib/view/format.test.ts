import { describe, expect, it } from 'vitest';
import {
  daysBetween,
  formatBinary,
  formatBytes,
  formatDate,
  formatRelative,
  formatTime,
  groupedHex,
  shortDigest,
} from '../../../src/lib/view/format';
import { visibleSlice } from '../../../src/lib/view/window';
import { hexDump, viewBytes } from '../../../src/lib/view/viewer';

describe('numbers and times', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [48_123, '48.1 kB'],
    [1_000_000, '1 MB'],
    [123_456_789, '123 MB'],
  ])('%d bytes', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('names limits in powers of two', () => {
    expect(formatBinary(1024 ** 3)).toBe('1 GiB');
    expect(formatBinary(100 * 1024 ** 2)).toBe('100 MiB');
    expect(formatBinary(1000)).toBe('1000 B');
  });

  it('gives dates with their zone, and leaves what is no date alone', () => {
    expect(formatTime('2026-11-20T21:40:12Z')).toBe('20 Nov 2026 21:40 UTC');
    expect(formatDate('2026-11-20T23:59:59+05:00')).toBe('20 Nov 2026');
    expect(formatTime('next tuesday')).toBe('next tuesday');
    expect(formatRelative('2026-11-14T10:00:00Z', '2026-11-20T10:00:00Z')).toBe('6 days ago');
    expect(daysBetween('2026-11-02T00:00:00Z', '2026-11-20T00:00:00Z')).toBe(18);
  });

  it('shortens digests without losing both ends', () => {
    const hex = '3f9a1c7e'.repeat(7) + '5512d204';
    expect(shortDigest(`sha256:${hex}`)).toBe('sha256 3f9a1c7e…d204');
    expect(groupedHex('3f9a1c7e5512d204')).toBe('3f9a1c7e 5512d204');
  });
});

describe('long lists', () => {
  it('lays out only what is in view, at both ends too', () => {
    expect(visibleSlice(100_000, 40, 0, 400, 5)).toEqual({ first: 0, last: 15 });
    const end = visibleSlice(100_000, 40, 100_000 * 40 - 400, 400, 5);
    expect(end.last).toBe(100_000);
    expect(end.last - end.first).toBeLessThan(30);
    expect(visibleSlice(3, 40, 9999, 400)).toEqual({ first: 3, last: 3 });
  });
});

describe('the file viewer', () => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('numbers lines and marks what is hidden', () => {
    const view = viewBytes(utf8('a\r\n<b>\u202e\n'), false);
    expect(view.kind).toBe('text');
    if (view.kind !== 'text') return;
    expect(
      view.lines.map(({ number, parts }) => `${number}:${parts.map(({ text }) => text).join('')}`),
    ).toEqual(['1:a', '2:<b><U+202E>', '3:']);
  });

  it('shows bytes that are not text as hex, and a cut character as text', () => {
    expect(viewBytes(Uint8Array.of(0x00, 0xff), false)).toEqual({
      kind: 'hex',
      text: hexDump(Uint8Array.of(0, 0xff)),
    });
    expect(viewBytes(utf8('grün').subarray(0, 3), false).kind).toBe('hex');
    expect(viewBytes(utf8('grün').subarray(0, 3), true).kind).toBe('text');
  });
});
