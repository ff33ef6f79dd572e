import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { approval, bundle, pack } from '../vectorgen/bundle.js';
import { alice, carol, releaseRule, releaseTrust } from '../vectorgen/cast.js';
import { trustText } from '../vectorgen/trustText.js';
import { axeViolations, still } from './axe.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { keepSaves, lastSave } from './saves.js';
import { openPage, serveBuild, type Site } from './site.js';

/** What is kept in the browser: over reloads, in two tabs, with a rule that changed, carried away and back. */

const POLL = { timeout: 60_000, interval: 100 };
const NOW = '2026-11-20T10:00:00Z';
const text = new TextEncoder();

/** Approved by Alice as pm, which is all that it asks for. */
function release(version: string, files?: Readonly<Record<string, string>>): GivenFile {
  const made = bundle({ roles: ['pm'], manifest: { version }, ...(files === undefined ? {} : { files }) });
  return {
    name: `api-${version}.sbundle.tgz`,
    bytes: pack(made, approval(made, { role: 'pm', by: alice })),
  };
}

const pm = { people: [alice.id] };
const trusts = [
  releaseTrust({ rules: [releaseRule({ roles: { pm } })] }),
  releaseTrust({ rules: [releaseRule({ roles: { pm, security: { people: [carol.id] } } })] }),
].map((trust, index) => ({
  name: 'trust.yaml',
  bytes: text.encode(trustText(trust).replace('serial: 1', `serial: ${index + 1}`)),
}));

interface Shown {
  readonly name: string;
  readonly headline: string;
  readonly change: string;
}

/** The rows in sight. Runs in the page. */
function look(): Shown[] {
  return [...document.querySelectorAll<HTMLElement>('li[data-digest]')].map((row) => ({
    name: row.querySelector('strong')?.textContent ?? '',
    headline: row.querySelector('.headline')?.textContent?.trim() ?? '',
    change: row.querySelector('.change p')?.textContent?.trim() ?? '',
  }));
}

/** Records in each table, or null when there is no such database. Runs in the page. */
async function stored(name = 'countersign-library'): Promise<Record<string, number> | null> {
  const database = await new Promise<IDBDatabase | null>((resolve) => {
    const opening = indexedDB.open(name);
    opening.onerror = () => resolve(null);
    opening.onupgradeneeded = () => opening.transaction?.abort();
    opening.onsuccess = () => resolve(opening.result);
  });
  if (database === null) return null;
  const tables = [...database.objectStoreNames];
  const counts = await Promise.all(
    tables.map(
      (table) =>
        new Promise<[string, number]>((resolve, reject) => {
          const counting = database.transaction(table).objectStore(table).count();
          counting.onsuccess = () => resolve([table, counting.result]);
          counting.onerror = () => reject(new Error(`${table} cannot be counted`));
        }),
    ),
  );
  database.close();
  return Object.fromEntries(counts);
}

/** Runs in the page. */
function erase(): Promise<string> {
  return new Promise((resolve) => {
    const erasing = indexedDB.deleteDatabase('countersign-library');
    erasing.onsuccess = () => resolve('erased');
    erasing.onerror = () => resolve('failed');
    erasing.onblocked = () => undefined;
  });
}

describe.each(enginesHere())('the library in %s', (engine) => {
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
    desk = await openDesk(driver, site.url);
    await desk.clear();
    expect(await driver.evaluate(erase)).toBe('erased');
    await openLibrary();
  });

  async function openLibrary(): Promise<void> {
    await openPage(driver, `${site.url}library.html`);
    await keepSaves(driver);
    await desk.setClock(NOW);
    await expect.poll(() => driver.text('main'), POLL).not.toContain(en['library.loading']);
  }

  const rows = (): Promise<Shown[]> => driver.evaluate(look);
  const names = async (): Promise<string[]> => (await rows()).map(({ name }) => name).sort();
  const headlines = async (): Promise<string[]> => (await rows()).map(({ headline }) => headline);

  async function addTo(files: readonly GivenFile[], total: number): Promise<void> {
    await driver.dropFiles('main', files);
    await expect.poll(async () => (await rows()).length, POLL).toBe(total);
    await idle();
  }

  async function idle(): Promise<void> {
    await expect.poll(() => driver.text('[data-result]'), POLL).not.toBeNull();
  }

  async function useTrust(index: 0 | 1): Promise<void> {
    desk = await openDesk(driver, site.url);
    const changes = async (): Promise<number> =>
      (await driver.evaluate(stored, 'countersign-people'))?.['changes'] ?? 0;
    const before = await changes();
    await desk.drop(trusts.slice(index, index + 1));
    await desk.until('the question', (seen) => seen.offer !== null);
    await desk.acceptTrust();
    // Leaving before it was kept would lose it.
    await expect.poll(changes, POLL).toBeGreaterThan(before);
    await openLibrary();
  }

  async function judgeAgain(): Promise<void> {
    await desk.press(en['library.again'], 'header button');
    await idle();
  }

  it('keeps bundles over a reload, and finds them by word, verdict and tag', async () => {
    expect(await driver.text('#empty-title')).toBe(en['library.empty.title']);
    await addTo([release('1.0.0'), release('1.1.0'), release('2.0.0')], 3);
    await openLibrary();
    await expect
      .poll(names, POLL)
      .toEqual(['1.0.0', '1.1.0', '2.0.0'].map((one) => `api-${one}.sbundle.tgz`));
    expect(await driver.evaluate(stored)).toEqual({ items: 3, bundles: 3, evidence: 3, state: 0 });
    await driver.press('/');
    for (const letter of '1.1') await driver.press(letter);
    await expect.poll(names, POLL).toEqual(['api-1.1.0.sbundle.tgz']);
    await desk.clickOn('[data-digest] [aria-expanded]');
    await driver.evaluate(() =>
      document.querySelector<HTMLInputElement>('[data-digest] form input')?.focus(),
    );
    for (const letter of 'live') await driver.press(letter);
    await driver.press('Enter');
    await expect.poll(() => driver.text('[data-digest] .tags'), POLL).toMatch(/^live\s*$/);
    await driver.evaluate(() => document.querySelector<HTMLInputElement>('.search input')?.focus());
    await driver.press('Escape');
    await expect.poll(async () => (await rows()).length, POLL).toBe(3);
    await driver.evaluate(() => {
      const choice = document.querySelector<HTMLSelectElement>('.tag select');
      if (choice === null) throw new Error('no choice of tags');
      choice.value = 'live';
      choice.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await expect.poll(names, POLL).toEqual(['api-1.1.0.sbundle.tgz']);
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('judges all again when the rule changed, and says what changed and why', async () => {
    await useTrust(0);
    await addTo([release('1.0.0'), release('1.1.0')], 2);
    await expect.poll(headlines, POLL).toEqual(Array(2).fill('Unchanged and fully approved'));
    await judgeAgain();
    expect(await driver.text('[data-result]')).toContain('No verdict changed');
    await useTrust(1);
    await judgeAgain();
    expect(await driver.text('[data-result]')).toContain('2 verdicts changed');
    const [first] = await rows();
    expect(first?.change).toMatch(
      /^On 20 Nov 2026 this was “Unchanged and fully approved”\. Now: “Still needs 1 approval.*”, because your rule “release” now asks for the role security\.$/,
    );
    await driver.screenshot(join(screens, 'library-changed.png'), true);
    // It stays until it was seen, over a reload, too.
    await openLibrary();
    await expect.poll(async () => (await rows()).filter(({ change }) => change !== '').length, POLL).toBe(2);
    await desk.clickOn('[data-digest] .change button');
    await expect.poll(async () => (await rows()).filter(({ change }) => change !== '').length, POLL).toBe(1);
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('takes a verdict from the verify page, and gives a bundle back to it', async () => {
    desk = await openDesk(driver, site.url);
    await desk.drop([release('1.0.0')]);
    await desk.until('a verdict', (seen) => seen.verdict !== null);
    await desk.press(en['library.keep'], 'article.verdict button');
    await expect.poll(() => driver.text('article.verdict .actions'), POLL).toContain(en['library.kept']);
    await openLibrary();
    await expect.poll(names, POLL).toEqual(['api-1.0.0.sbundle.tgz']);
    await desk.clickOn('[data-digest] .end .button');
    const { rows: judged } = await desk.until('the verdict', (seen) => seen.verdict !== null);
    expect(judged.map((row) => row.text)).toEqual([expect.stringContaining('api-1.0.0.sbundle.tgz')]);
    expect(await driver.evaluate(() => location.search + location.hash)).toBe('');
    await expect.poll(() => driver.text('article.verdict .actions'), POLL).toContain(en['library.kept']);
    // The approve page is another document: the digest in the fragment is all that goes there.
    await openLibrary();
    await desk.clickOn('[data-digest] [aria-expanded]');
    await desk.clickOn('[data-digest] a[href*="approve"]');
    const place = (): string => location.pathname.replace(/.*\//, '') + location.hash.slice(0, 7);
    await expect
      .poll(() => driver.evaluate(place).catch(() => ''), POLL)
      .toMatch(/^approve(\.html)?#draft-$/);
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('deletes, takes it back, and frees what was deleted', async () => {
    await addTo([release('1.0.0'), release('1.1.0')], 2);
    await desk.setClock(null);
    const deleteFirst = async (): Promise<void> => {
      await desk.clickOn('[data-digest]:first-child [aria-expanded]');
      await desk.clickOn('[data-digest]:first-child .more .actions button:last-child');
      await expect.poll(async () => (await rows()).length, POLL).toBe(1);
    };
    await deleteFirst();
    await desk.press(en['common.undo'], '.toasts button');
    await expect.poll(async () => (await rows()).length, POLL).toBe(2);
    await deleteFirst();
    await expect
      .poll(() => driver.evaluate(stored), { timeout: 90_000, interval: 500 })
      .toEqual({ items: 1, bundles: 1, evidence: 1, state: 0 });
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('carries everything away and back in one file, and takes nothing from a spoiled one', async () => {
    await useTrust(0);
    await addTo([release('1.0.0'), release('1.1.0')], 2);
    await desk.press(en['library.export'], 'button');
    await expect
      .poll(() => driver.text('[aria-labelledby=storage-title]'), POLL)
      .toContain(en['library.backup.at']);
    const saved = (await lastSave(driver))?.bytes ?? Buffer.alloc(0);
    expect(saved.subarray(0, 12).toString()).toBe('library.json');
    const take = async (bytes: Uint8Array): Promise<void> => {
      await openLibrary();
      await driver.setFiles(`input[aria-label="${en['library.import']}"]`, [{ name: 'library.tar', bytes }]);
      await desk.press(en['library.import.do'], 'dialog[open] button');
    };
    expect(await driver.evaluate(erase)).toBe('erased');
    await take(saved.subarray(0, saved.length - 512));
    await expect.poll(() => driver.text('.fault'), POLL).toContain('library-import-unreadable');
    expect(await rows()).toEqual([]);
    const flipped = Uint8Array.from(saved);
    const at = saved.lastIndexOf(Buffer.from([0x1f, 0x8b, 8])) + 100;
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    await take(flipped);
    await expect.poll(() => driver.text('main'), POLL).toContain('library-import-digest');
    await expect.poll(async () => (await rows()).length, POLL).toBe(1);
    await take(saved);
    await expect.poll(headlines, POLL).toEqual(Array(2).fill('Unchanged and fully approved'));
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('shows in one tab what another one did', async () => {
    const opened = await driver.evaluate((url: string) => {
      const other = open(url);
      (globalThis as { other?: Window | null }).other = other;
      return other !== null;
    }, `${site.url}library.html`);
    if (!opened) {
      console.warn(`NOT RUN: ${engine} opens no second tab for a test`);
      return;
    }
    const there = (): string =>
      (globalThis as { other?: Window }).other?.document.querySelector('main')?.textContent ?? '';
    await expect.poll(() => driver.evaluate(there), POLL).toContain(en['library.empty.title']);
    await addTo([release('1.0.0')], 1);
    await expect.poll(() => driver.evaluate(there), POLL).toContain('api-1.0.0.sbundle.tgz');
    await driver.evaluate(() => (globalThis as { other?: Window }).other?.close());
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('leaves a library of a newer version alone, and saves it as it is', async () => {
    await openPage(driver, `${site.url}settings.html`);
    expect(await driver.evaluate(erase)).toBe('erased');
    const made = await driver.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const opening = indexedDB.open('countersign-library', 99);
          opening.onupgradeneeded = () =>
            void opening.result.createObjectStore('items').put({ of: 'tomorrow' }, 'x');
          opening.onsuccess = () => {
            opening.result.close();
            resolve('made');
          };
          opening.onerror = () => resolve(String(opening.error));
        }),
    );
    expect(made).toBe('made');
    await openLibrary();
    await expect.poll(() => driver.text('.fault'), POLL).toContain('storage-newer');
    await desk.press(en['library.rescue'], 'button');
    await expect.poll(async () => String((await lastSave(driver))?.bytes), POLL).toContain('tomorrow');
    expect(await driver.evaluate(stored)).toEqual({ items: 1 });
  });

  it('is for everybody: axe, light and dark, narrow, by keyboard', async () => {
    const problems: string[] = [];
    const check = async (name: string): Promise<void> => {
      for (const theme of ['light', 'dark']) {
        await driver.evaluate(
          (wanted: string) => void (document.documentElement.dataset['theme'] = wanted),
          theme,
        );
        problems.push(...(await axeViolations(driver)).map((one) => `${name} ${theme}: ${one}`));
        await driver.screenshot(join(screens, `library-${name}-${theme}.png`), true);
      }
      await driver.evaluate(() => void delete document.documentElement.dataset['theme']);
      await driver.setViewport(360, 720);
      await still(driver);
      const wide = await driver.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) problems.push(`${name}: ${wide} pixels wider than the window`);
      await driver.screenshot(join(screens, `library-${name}-360.png`), true);
      await driver.setViewport(1280, 900);
    };
    await check('empty');
    const long = { ...release('1.0.0'), name: `${'a-very-long-name-'.repeat(8)}.sbundle.tgz` };
    await addTo([long, release('1.1.0')], 2);
    await desk.clickOn('[data-digest] [aria-expanded]');
    await check('details');
    // One step forward from a row's button is the next one of the same row.
    await driver.evaluate(() => document.querySelector<HTMLElement>('[data-digest] .end .button')?.focus());
    await driver.press('Tab');
    const focus = (): string => document.activeElement?.getAttribute('aria-label') ?? '';
    expect(await driver.evaluate(focus)).toContain('Details of');
    await driver.press('Enter');
    await expect
      .poll(() => driver.evaluate(() => document.activeElement?.getAttribute('aria-expanded') ?? ''), POLL)
      .toBe('false');
    expect(problems).toEqual([]);
    expect(await driver.consoleErrors()).toEqual([]);
  }, 240_000);
});
