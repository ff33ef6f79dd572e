import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verdictPages } from '../../../src/core/report/verdictPages';
import { all as en, type TextKey } from '../../../src/lib/strings/all';
import { direction, pseudo, translate } from '../../../src/lib/strings/translate';

const source = new URL('../../../src', import.meta.url).pathname;

function svelteFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.svelte'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const templates = [...svelteFiles(join(source, 'lib')), ...svelteFiles(join(source, 'routes'))];

describe('texts', () => {
  it('fills named values and groups numbers', () => {
    expect(translate('en', 'judged.people', { n: 1 })).toBe('1 person');
    expect(translate('en', 'judged.people', { n: 1234 })).toBe('1,234 people');
    expect(translate('en', 'queue.progress', { read: 3, total: 200 })).toBe('3 of 200 read');
  });

  it('never fills a value into another value', () => {
    expect(translate('en', 'copy.copyWhat', { what: '{what}' })).toBe('Copy {what}');
  });

  it('keeps placeholders and lengthens everything else in the test language', () => {
    expect(pseudo('Trust {name} now')).toMatch(/^\[Ťřüšť \{name\} ñöw ·+\]$/);
    expect(pseudo('A longer sentence').length).toBeGreaterThan('A longer sentence'.length * 1.15);
    expect(translate('pseudo', 'queue.progress', { read: 3, total: 5 })).toContain('3');
    expect(direction('pseudo-rtl')).toBe('rtl');
  });

  it('has the same named values in both plural forms', () => {
    const names = (text: string): string[] =>
      [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort();
    for (const [key, entry] of Object.entries(en)) {
      if (typeof entry === 'string') continue;
      expect([key, names(entry.one)]).toEqual([key, names(entry.other)]);
    }
  });

  it('uses none of the words that say more than was checked', () => {
    const refused = /\b(valid|invalid|trusted|untrusted|secure|ok|please|sorry|oops)\b/i;
    const texts = Object.values(en).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : [entry.one, entry.other],
    );
    const pages = Object.values(verdictPages).flatMap((page) => Object.values(page) as string[]);
    expect([...texts, ...pages].filter((text) => refused.test(text))).toEqual([]);
  });

  it('has no key that no page uses', () => {
    const code = [
      ...templates,
      ...readdirSync(join(source, 'lib'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .map((entry) => join(entry.parentPath, entry.name)),
    ]
      .filter((file) => !file.includes('/strings/'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const dynamic = [...code.matchAll(/`([a-zA-Z.-]+)\$\{/g)].map(([, prefix]) => prefix ?? '');
    const used = (key: string): boolean =>
      code.includes(`'${key}'`) || dynamic.some((prefix) => key.startsWith(prefix));
    expect((Object.keys(en) as TextKey[]).filter((key) => !used(key))).toEqual([]);
  });

  it('is where every visible text of a page comes from', () => {
    for (const file of templates) {
      const markup = readFileSync(file, 'utf8')
        .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(/<svg[\s\S]*?<\/svg>/g, '');
      const text = withoutExpressions(markup).replace(/<[^>]*>/g, ' ');
      expect([file, text.match(/[A-Za-z]{2,}/g) ?? []]).toEqual([file, []]);
      const attributes = [
        ...withoutExpressions(markup).matchAll(
          /\s(?:aria-label|title|placeholder|alt)="([^"]*[A-Za-z][^"]*)"/g,
        ),
      ];
      expect([file, attributes.map(([, value]) => value)]).toEqual([file, []]);
    }
  });
});

/** Drops `{…}` with everything nested in it. */
function withoutExpressions(markup: string): string {
  let depth = 0;
  let kept = '';
  for (const letter of markup) {
    if (letter === '{') depth += 1;
    else if (letter === '}') depth -= 1;
    else if (depth === 0) kept += letter;
  }
  return kept;
}
