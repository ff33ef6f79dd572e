import { describe, expect, it } from 'vitest';
import { hostileView, mixesScripts } from '../../../src/lib/view/hostile';

const shown = (text: string, max?: number): string =>
  hostileView(text, max)
    .parts.map(({ text: part }) => part)
    .join('');

describe('text from a bundle', () => {
  it('shows hidden and reordering characters as marks', () => {
    const view = hostileView('ok \u202egnp.exe\u200b');
    expect(view.parts.filter(({ mark }) => mark).map(({ text }) => text)).toEqual(['<U+202E>', '<U+200B>']);
  });

  it('shows plain text as one part, nothing as none, and a written mark as a mark', () => {
    expect(hostileView('Acme, Inc. ~ 1')).toEqual({
      parts: [{ text: 'Acme, Inc. ~ 1', mark: false }],
      capped: false,
      mixed: false,
    });
    expect(hostileView('').parts).toEqual([]);
    expect(hostileView('a <U+202E> b').parts.map(({ mark }) => mark)).toEqual([false, true, false]);
    expect(hostileView('a\u007fb\tc').parts.filter(({ mark }) => mark)).toHaveLength(2);
  });

  it('never shows ticks, locks, shields or any pictograph', () => {
    const text = '✓ ✔ ☑ ✅ 🔒 🛡 ❌ 🟢';
    expect(shown(text)).not.toMatch(/[✓✔☑✅❌]|🔒|🛡|🟢/u);
    expect(shown('Größe © 2026 ™ #1')).toBe('Größe © 2026 ™ #1');
  });

  it('keeps markup as the text that it is', () => {
    expect(shown('<script>alert(1)</script>')).toBe('<script>alert(1)</script>');
  });

  it('cuts long text and says so', () => {
    const view = hostileView('a'.repeat(1000), 100);
    expect(view.capped).toBe(true);
    expect(shown('a'.repeat(1000), 100).length).toBeLessThanOrEqual(101);
    expect(hostileView('short').capped).toBe(false);
  });

  it('flags one word of two alphabets that look alike, not a sentence of two languages', () => {
    expect(mixesScripts('cаrol@acme.org')).toBe(true);
    expect(mixesScripts('Alice and Алиса')).toBe(false);
    expect(mixesScripts('日本語 policy')).toBe(false);
  });
});
