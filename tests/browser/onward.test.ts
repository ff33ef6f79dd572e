import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { made } from '../core/diffCases.js';
import { vectorsRoot } from '../vectors.js';
import { axeViolations } from './axe.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** A bundle goes on from one page to the next: nobody looks for the same file twice. */

const POLL = { timeout: 60_000, interval: 50 };
const first: GivenFile = { name: 'api-1.9.0.sbundle.tgz', bytes: made({ 'a.txt': 'one\n' }) };
const second: GivenFile = { name: 'api-1.10.0.sbundle.tgz', bytes: made({ 'a.txt': 'two\n' }) };
const vector = (name: string): GivenFile => ({
  name: `${name}.sbundle.tgz`,
  bytes: new Uint8Array(readFileSync(join(vectorsRoot, name, 'input.sbundle.tgz'))),
});

/** Runs in the page. */
async function eraseLibrary(): Promise<void> {
  await new Promise<void>((resolve) => {
    const erasing = indexedDB.deleteDatabase('countersign-library');
    erasing.onsuccess = () => resolve();
    erasing.onerror = () => resolve();
    erasing.onblocked = () => undefined;
  });
}

/** What lies there for the page that compares, after `put` was laid there. Runs in the page. */
async function laidOut(put: string | null): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('countersign-reader');
    opening.onerror = () => reject(new Error('there is no store'));
    opening.onsuccess = () => {
      const values = opening.result.transaction('values', 'readwrite').objectStore('values');
      if (put !== null)
        values.put({ mark: 'another', files: [{ name: put, file: new ArrayBuffer(8) }] }, 'left-for-compare');
      const asking = values.get('left-for-compare');
      asking.onsuccess = () => {
        opening.result.close();
        resolve(asking.result === null || asking.result === undefined ? 'nothing' : 'something');
      };
    };
  });
}

describe.each(enginesHere())('onward in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let desk: Desk;
  const screens = join(artefacts, 'screens', engine);

  beforeAll(async () => {
    mkdirSync(screens, { recursive: true });
    driver = await launch(engine);
    site = await serveBuild();
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });
  beforeEach(async () => {
    await driver.setViewport(1280, 900);
    await openPage(driver, `${site.url}codes.html`);
    await driver.evaluate(eraseLibrary);
    desk = await openDesk(driver, site.url);
    await desk.clear();
  });

  const title = (): Promise<string | null> => driver.text('main h1').catch(() => null);
  const next = (): Promise<string[]> =>
    driver.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('[data-next]')].map((one) => one.dataset['next'] ?? ''),
    );

  async function judge(file: GivenFile): Promise<void> {
    await desk.drop([file]);
    await desk.until('a verdict', (seen) => seen.verdict !== null);
    await expect.poll(() => driver.text('article.verdict h1'), POLL).not.toBeNull();
  }

  it('from a verdict to the page that compares, by its key', async () => {
    await judge(second);
    expect(await next()).toEqual(['compare', 'apply']);
    await driver.press('d');
    await expect.poll(title, POLL).toBe(en['compare.title']);
    await expect.poll(() => driver.text('[data-slot=after]'), POLL).toContain(second.name);
    await driver.setFiles('[data-files=before]', [first]);
    await expect.poll(() => driver.text('[data-result] .sum'), POLL).toContain('1 file differs');
    // Once: a reload does not bring it again.
    await openPage(driver, `${site.url}compare.html`);
    await expect.poll(() => driver.text('main'), POLL).toContain(en['compare.empty']);
    expect(await driver.text('[data-slot=after]')).not.toContain(second.name);
  });

  it('not with what another tab laid out, or what nobody came for', async () => {
    for (const address of ['compare.html', 'compare.html#left-mine']) {
      await openPage(driver, `${site.url}codes.html`);
      expect(await driver.evaluate(laidOut, second.name)).toBe('something');
      await openPage(driver, site.url + address);
      await expect.poll(title, POLL).toBe(en['compare.title']);
      await expect.poll(() => driver.evaluate(laidOut, null).catch(() => null), POLL).toBe('nothing');
      await driver.setFiles('[data-files=before]', [first]);
      await expect.poll(() => driver.text('main'), POLL).toContain(en['compare.waiting']);
      expect(await driver.text('[data-slot=after]')).not.toContain(second.name);
    }
  });

  it('from a verdict to the page that applies', async () => {
    await judge(second);
    await driver.click('[data-next=apply]');
    await expect.poll(title, POLL).toBe(en['apply.title']);
    await expect.poll(() => driver.text('[data-verdict]'), POLL).not.toBeNull();
    expect(await driver.text('main')).toContain(second.name);
  });

  it('nowhere from a file that cannot be read, and not to a folder from one that was changed', async () => {
    await judge({ ...first, bytes: first.bytes.subarray(0, 100) });
    expect(await next()).toEqual([]);
    await driver.press('d');
    expect(await driver.text('article.verdict h1')).not.toBeNull();
    await desk.clear();
    await judge(vector('forged/content-byte'));
    expect(await next()).toEqual(['compare']);
  });

  it('from the library to both, and in their own slots', async () => {
    await openPage(driver, `${site.url}library.html`);
    await driver.dropFiles('main', [first]);
    await expect.poll(() => driver.text('li[data-digest] .headline'), POLL).not.toBeNull();
    const follow = async (words: string): Promise<void> => {
      await openPage(driver, `${site.url}library.html`);
      await desk.clickOn('li[data-digest] .end [aria-expanded=false]');
      await desk.press(words, 'li[data-digest] a');
    };
    await follow(en['library.compare']);
    await expect.poll(title, POLL).toBe(en['compare.title']);
    await expect.poll(() => driver.text('[data-slot=after]'), POLL).toContain(first.name);
    await follow(en['library.apply']);
    await expect.poll(() => driver.text('[data-verdict]'), POLL).not.toBeNull();
    expect(await driver.text('main')).toContain(first.name);
    // The slot of the page itself.
    await openPage(driver, `${site.url}apply.html`);
    await driver.click('[data-pick=apply-library]');
    await desk.clickOn('dialog[open] input[type=radio]');
    await desk.press(en['pick.take'], 'dialog[open] button');
    await expect.poll(() => driver.text('[data-verdict]'), POLL).not.toBeNull();
    expect(await axeViolations(driver)).toEqual([]);
    await driver.screenshot(join(screens, 'apply-from-library.png'), true);
  });

  it('is offered where a phone shows it, clean by axe', async () => {
    await judge(vector('valid/legacy-approved'));
    expect(await next()).toEqual(['compare', 'apply', 'migrate']);
    for (const theme of ['light', 'dark']) {
      await driver.evaluate(
        (wanted: string) => void (document.documentElement.dataset['theme'] = wanted),
        theme,
      );
      expect(await axeViolations(driver), theme).toEqual([]);
      await driver.screenshot(join(screens, `onward-${theme}.png`), true);
    }
    await driver.evaluate(() => void delete document.documentElement.dataset['theme']);
    await driver.setViewport(360, 720);
    expect(await axeViolations(driver), '360').toEqual([]);
    const shown = (): boolean =>
      [...document.querySelectorAll('[data-next]')].every((one) => one.getClientRects().length > 0) &&
      document.documentElement.scrollWidth <= document.documentElement.clientWidth;
    expect(await driver.evaluate(shown)).toBe(true);
    await driver.screenshot(join(screens, 'onward-360.png'), true);
  });
});
