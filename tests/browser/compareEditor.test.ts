import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { made, policy } from '../core/diffCases.js';
import { comparePage, POLL } from './comparePage.js';
import { openDesk } from './desk.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { serveBuild, type Site } from './site.js';

/** The large editor within the page that compares. */

/** What the large editor itself logs in WebKit: that it may not touch the clipboard, and that a view was closed under its work. */
function ofTheEditor(engine: string, text: string): boolean {
  return engine === 'webkit' && /NotAllowedError|^Canceled: Canceled$/.test(text);
}

describe.each(enginesHere())('comparing in the large editor in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  const page = comparePage(() => ({ driver, url: site.url }));
  const { drop, choose, editorNow } = page;

  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild();
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });
  beforeEach(async () => {
    await (await openDesk(driver, site.url)).clear();
    await page.open();
  });

  /** Two bundles whose texts differ in a few ways, and the row of a file opened. */
  async function openTexts(wanted: string): Promise<void> {
    const long = Array.from({ length: 80 }, (_, at) => `line ${at}\n`).join('');
    const { files: rows } = await drop([
      {
        name: 'a1.sbundle.tgz',
        bytes: made({ 'notes.txt': `${long}one\n`, 'p.yaml': policy, 'b.bin': 'a\0b' }),
      },
      {
        name: 'a2.sbundle.tgz',
        bytes: made({
          'notes.txt': `first\n${long}two\u202egpj\n`,
          'p.yaml': policy.replace('  allow_local: false', '    allow_local: true'),
          'b.bin': 'a\0c',
        }),
      },
    ]);
    const at = rows.findIndex((row) => row.includes(wanted));
    expect(at, rows.join(' | ')).toBeGreaterThanOrEqual(0);
    await driver.evaluate(
      (index: number) => document.querySelectorAll<HTMLElement>('[data-file] > button')[index]?.click(),
      at,
    );
  }

  it('opens the large editor when asked, in one column and side by side, and remembers the choice', async () => {
    await driver.evaluate(() => localStorage.removeItem('countersign.compare-view'));
    await page.open();
    await openTexts('notes.txt');
    // What everybody sees at once.
    await expect.poll(() => driver.text('.diff'), POLL).toContain('first');
    expect((await editorNow()).sides).toBeNull();
    await driver.press('s');
    await expect
      .poll(async () => (await editorNow()).lines.replaceAll('\u00a0', ' '), POLL)
      .toContain('first');
    expect((await editorNow()).sides).toBe('true');
    // What would not be seen is written out.
    await expect.poll(async () => (await editorNow()).lines, POLL).toContain('two<U+202E>gpj');
    expect(await driver.text('.diff')).toBeNull();
    await choose('column');
    await expect.poll(async () => (await editorNow()).sides, POLL).toBe('false');
    await page.open();
    await openTexts('p.yaml');
    await expect.poll(async () => (await editorNow()).lines, POLL).toContain('allow_local');
    expect((await editorNow()).sides).toBe('false');
    // A file without a text says so, whatever is chosen.
    await driver.evaluate(() => {
      for (const button of document.querySelectorAll<HTMLElement>('[data-file] > button'))
        if (button.textContent?.includes('b.bin') === true) button.click();
    });
    await expect.poll(() => driver.text('[data-shown=binary]'), POLL).toBe(en['compare.text.binary']);
    await choose('lines');
    await expect.poll(() => driver.text('.diff'), POLL).toContain('allow_local');
    expect((await driver.consoleErrors()).filter((text) => !ofTheEditor(engine, text))).toEqual([]);
  });

  it('shows in the large editor what differs in white space alone, until told to ignore it', async () => {
    await page.open();
    await drop([
      { name: 'a1.sbundle.tgz', bytes: made({ 'a.txt': 'one\ntwo\nthree\n' }) },
      { name: 'a2.sbundle.tgz', bytes: made({ 'a.txt': 'one\n  two\nthree\n' }) },
    ]);
    await driver.click('[data-file] > button');
    await choose('column');
    const marked = (): Promise<number> =>
      driver.evaluate(() => document.querySelectorAll('[data-editor=diff] .line-insert').length);
    await expect.poll(marked, POLL).toBeGreaterThan(0);
    await driver.evaluate(() => document.querySelector<HTMLElement>('h1')?.focus());
    await driver.press('w');
    await expect.poll(() => driver.text('main'), POLL).toContain(en['compare.view.whitespace.editor']);
    await expect.poll(marked, POLL).toBe(0);
    await driver.press('w');
    await choose('lines');
  });

  it('leads into the two texts and out of them by Tab, and names both sides whatever is changed', async () => {
    await openTexts('p.yaml');
    await choose('sides');
    const names = ['p.yaml, before', 'p.yaml, after'];
    await expect.poll(async () => (await editorNow()).names, POLL).toEqual(names);
    for (const view of ['column', 'sides', 'column', 'sides']) {
      await choose(view);
      await expect.poll(async () => (await editorNow()).sides, POLL).toBe(String(view === 'sides'));
      expect((await editorNow()).names).toEqual(names);
    }
    await driver.evaluate(() =>
      document.querySelector<HTMLElement>('[data-change][aria-expanded=true]')?.focus(),
    );
    const where = (): Promise<string> =>
      driver.evaluate(() => {
        const at = document.activeElement;
        if (at?.closest('[data-editor=diff]') === null) return 'outside';
        return at?.getAttribute('aria-label') ?? at?.tagName ?? '';
      });
    const way: string[] = [];
    for (let step = 0; step < 14; step++) {
      await driver.press('Tab');
      way.push(await where());
    }
    expect(way).toEqual(expect.arrayContaining(names));
    expect(way.at(-1), way.join(' > ')).toBe('outside');
    await choose('lines');
  });

  it('keeps the plain lines where the large editor cannot be had', async () => {
    await driver.evaluate(() => {
      Object.defineProperty(globalThis, 'MonacoEnvironment', {
        get() {
          throw new TypeError('not in this browser');
        },
      });
    });
    await openTexts('p.yaml');
    await choose('sides');
    await expect.poll(() => driver.text('[data-editor=failed]'), POLL).toContain(en['compare.view.failed']);
    await expect.poll(() => driver.text('.diff .pair'), POLL).not.toBeNull();
    await choose('lines');
  });
});
