import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { validate } from '../../src/core/generated/diff.validate.js';
import type { Diff } from '../../src/core/generated/diff.js';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { cases, made, policy } from '../core/diffCases.js';
import { describeShared, sharedPath } from '../shared.js';
import { releaseTrust } from '../vectorgen/cast.js';
import { trustText } from '../vectorgen/trustText.js';
import { axeViolations, still } from './axe.js';
import { comparePage, POLL } from './comparePage.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { keepSaves, lastSave } from './saves.js';
import { keptHere, openPage, serveBuild, type Site } from './site.js';

/** Two bundles, or a bundle and a folder, side by side: what counts stands above the files. */

/** What nobody would see, but for the ends of lines and tabs. */
const HIDDEN = /(?![\n\t])\p{Cc}|[\u200b-\u200f\u202a-\u202e]/u;
function pair(name: string): GivenFile[] {
  const { before, after } = cases[name]!;
  return [
    { name: 'api-1.9.0.sbundle.tgz', bytes: before },
    { name: 'api-1.10.0.sbundle.tgz', bytes: after },
  ];
}

/** Marks every bundle of the library as approved by its reader. Runs in the page. */
async function markApproved(at: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const opening = indexedDB.open('countersign-library');
    opening.onerror = () => reject(new Error('there is no library'));
    opening.onsuccess = () => {
      const work = opening.result.transaction('items', 'readwrite');
      const walking = work.objectStore('items').openCursor();
      walking.onsuccess = () => {
        const cursor = walking.result;
        if (cursor === null) return;
        const item = cursor.value as Record<string, unknown>;
        cursor.update({ ...item, approvedByMe: [{ role: 'pm', user: 'alice@example.org', at }] });
        cursor.continue();
      };
      work.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      work.onerror = () => reject(new Error('the library does not take it'));
    };
  });
}

/** Gives a folder to an input as a browser does. Runs in the page. */
async function giveFolder(selector: string, files: Readonly<Record<string, string>>): Promise<void> {
  const input = document.querySelector<HTMLInputElement>(selector);
  if (input === null) throw new Error('no such input');
  const list = Object.entries(files).map(([path, body]) => {
    const file = new File([body], path.slice(path.lastIndexOf('/') + 1));
    Object.defineProperty(file, 'webkitRelativePath', { value: `project/${path}` });
    return file;
  });
  Object.defineProperty(input, 'files', { value: list, configurable: true });
  input.dispatchEvent(new Event('change', { bubbles: true }));
  await Promise.resolve();
}

/** Opens every file whose row is closed, and says whether all were open before. Runs in the page. */
function openAll(): 'all' | 'some' | 'none' {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-file] > button')];
  const closed = rows.filter((row) => row.getAttribute('aria-expanded') !== 'true');
  for (const row of closed) row.click();
  if (rows.length === 0) return 'none';
  return closed.length === 0 ? 'all' : 'some';
}

describe.each(enginesHere())('comparing in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let desk: Desk;
  const page = comparePage(() => ({ driver, url: site.url }));
  const { seen, drop, choose, editorNow } = page;
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
    await openCompare();
  });

  async function openCompare(): Promise<void> {
    await page.open();
    await keepSaves(driver);
  }

  it('says who may say yes before any file, and both values of it', async () => {
    const { groups, lines, files, sides } = await drop(pair('role-removed'));
    expect(groups).toEqual(['who', 'approvals', 'rules', 'routing', 'spec', 'said', 'files']);
    expect(lines[0]).toContain('Weaker legal (no longer a required role)');
    expect(lines[0]).toContain(`${en['compare.line.before']} asked for by the bundle`);
    expect(lines[0]).toContain(`${en['compare.line.after']} not asked for by the bundle`);
    expect(files).toEqual([expect.stringContaining('Added a.txt')]);
    // Two files of one drop stand in the order of their numbers, not of their letters.
    expect(sides[0]).toContain('api-1.9.0');
    expect(sides[1]).toContain(en['compare.side.notConfirmed']);
  });

  it('says of the specification what it asks for less, with both texts, before any file', async () => {
    const { lines } = await drop(pair('specification'));
    expect(lines[0]).toContain('Weaker Feature login: success criterion removed');
    expect(lines[0]).toContain(`${en['compare.line.before']} locks after five failures`);
    const told = lines.join('\n');
    for (const words of [
      'Changed Feature share added',
      'Changed Feature audit is called log now',
      'Changed Acceptance criterion in other words',
      'test coverage is at least 0.90',
    ])
      expect(told).toContain(words);
    await driver.screenshot(join(screens, 'compare-specification.png'), true);
    expect(await axeViolations(driver)).toEqual([]);
  });

  it('shows lines when asked, inline and side by side, with and without white space, and goes from change to change', async () => {
    // Narrow, so that the plain lines stand side by side themselves: there is no large editor on such a screen.
    await driver.setViewport(700, 900);
    await openCompare();
    // The worker that keeps the application for later fetches the editor on the first visit; the page does not.
    await expect.poll(() => keptHere(driver), { timeout: 90_000 }).toBe('all');
    const requests = site.asked.length;
    await drop([
      { name: 'a1.sbundle.tgz', bytes: made({ 'a.txt': 'one  1\ntwo\nthree\n', 'p.yaml': policy }) },
      {
        name: 'a2.sbundle.tgz',
        bytes: made({ 'a.txt': 'one 1\n2\nthree\n', 'p.yaml': policy.replace('false', 'true') }),
      },
    ]);
    await driver.press('n');
    const focused = () => driver.evaluate(() => (document.activeElement?.textContent ?? '').trim());
    expect(await focused()).toContain('/execution/allow_local');
    await driver.press('p');
    expect(await focused()).toContain('/execution/allow_local');
    for (let at = 0; at < 2; at++) await driver.press('n');
    expect(await focused()).toContain('a.txt');
    await driver.press('Enter');
    await expect.poll(() => driver.text('.diff'), POLL).toContain('one 1');
    const rows = (kind: string) =>
      driver.evaluate((one: string) => document.querySelectorAll(`.diff .line.${one}`).length, kind);
    expect([await rows('removed'), await rows('added')]).toEqual([2, 2]);
    await driver.press('s');
    await expect
      .poll(() => driver.evaluate(() => document.querySelectorAll('.diff .pair').length), POLL)
      .toBe(3);
    await driver.press('w');
    await expect.poll(() => driver.text('main'), POLL).toContain(en['compare.view.whitespace.on']);
    await expect.poll(() => rows('removed'), POLL).toBe(1);
    expect(await driver.evaluate(() => document.querySelectorAll('[name=view]').length)).toBe(2);
    expect(site.asked.slice(requests).filter((path) => /\/editor\.[^/]+\.js/.test(path))).toEqual([]);
    await driver.setViewport(1280, 900);
  });

  it('turns round, and saves what it shows', async () => {
    await drop(pair('role-added'));
    await driver.press('x');
    await expect.poll(async () => (await seen()).lines[0], POLL).toContain('no longer a required role');
    await desk.press(en['compare.saveJson'], 'header button');
    const json = String((await lastSave(driver))?.bytes);
    const diff = JSON.parse(json) as Diff;
    expect(validate(diff)).toBe(true);
    expect(diff.groups[0].lines[0]?.kind).toBe('role-removed');
    expect(diff.before.name).toBe('api-1.10.0.sbundle.tgz');
  });

  it('saves a report that can be read without the page', async () => {
    await drop(pair('hostile'));
    await desk.press(en['compare.save'], 'header button');
    const text = String((await lastSave(driver))?.bytes);
    expect(text).toContain('# Comparison');
    expect(text).not.toMatch(HIDDEN);
    // Nothing of a bundle came alive on the way.
    expect(
      await driver.evaluate(() => document.querySelectorAll('main img, main a[href^=javascript]').length),
    ).toBe(0);
  });

  it('compares with a folder, and says that nobody judged it', async () => {
    const files = { 'spec.yaml': 'product: a\n', 'policies/p.yaml': policy, '.specularignore': 'notes/\n' };
    await driver.setFiles('[data-files=before]', [{ name: 'a.sbundle.tgz', bytes: made(files) }]);
    await driver.evaluate(giveFolder, '[data-folder=after]', { ...files, 'notes/mine.txt': 'not packed' });
    await expect.poll(async () => (await seen()).sum, POLL).toContain(en['compare.equal.folder']);
    expect((await seen()).sides[1]).toContain(en['compare.side.folder']);
    await driver.evaluate(giveFolder, '[data-folder=after]', {
      ...files,
      'policies/p.yaml': policy.replace('allow_local: false', 'allow_local: true'),
    });
    await expect.poll(async () => (await seen()).lines[0], POLL).toContain('/execution/allow_local');
  });

  it('still shows the side that can be read', async () => {
    const [good] = pair('role-added');
    await driver.dropFiles('main', [good!, { name: 'cut.sbundle.tgz', bytes: good!.bytes.subarray(0, 200) }]);
    await expect.poll(() => driver.text('[data-result]'), POLL).not.toBeNull();
    const { sum, sides, groups } = await seen();
    expect(sum).toContain(en['compare.not']);
    expect(groups).toEqual([]);
    expect(sides[0]).toContain('version 1.3.0');
    expect(sides[1]).toContain('B-UNREADABLE');
  });

  it('refuses a file that is no bundle without losing the other', async () => {
    await driver.setFiles('[data-files=before]', pair('equal').slice(0, 1));
    await expect.poll(() => driver.text('main'), POLL).toContain(en['compare.waiting']);
    await driver.dropFiles('main', [
      { name: 'picture.png', bytes: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]) },
    ]);
    await expect.poll(() => driver.text('[data-result], main [role=alert]'), POLL).not.toBeNull();
    expect(await driver.text('[data-slot=before]')).toContain('api-1.9.0.sbundle.tgz');
  });

  it('takes a bundle of the library, under the rule of the reader', async () => {
    const trust = { name: 'trust.yaml', bytes: new TextEncoder().encode(trustText(releaseTrust())) };
    const [before, after] = pair('approvals-lost');
    desk = await openDesk(driver, site.url);
    await desk.drop([trust]);
    await desk.until('the question', ({ offer }) => offer !== null);
    await desk.acceptTrust();
    await openPage(driver, `${site.url}library.html`);
    await desk.setClock('2026-11-20T10:00:00Z');
    await driver.dropFiles('main', [before!]);
    await expect.poll(() => driver.text('li[data-digest] .headline'), POLL).not.toBeNull();
    await openCompare();
    await desk.setClock('2026-11-20T10:00:00Z');
    await desk.clickOn('[data-slot=before] .actions button:nth-child(3)');
    await desk.clickOn('dialog[open] input[type=radio]');
    await desk.press(en['pick.take'], 'dialog[open] button');
    await driver.setFiles('[data-files=after]', [after!]);
    await expect
      .poll(async () => (await seen()).lines.join(' | '), POLL)
      .toContain('Lost: security by carol@example.org');
    expect((await seen()).sides[0]).toContain('B-OK');
    // One bundle alone: the version that was approved last is offered, and becomes the side before.
    await driver.evaluate(markApproved, '2026-11-11T10:00:00Z');
    await openCompare();
    await driver.dropFiles('main', [after!]);
    await desk.press(en['compare.lastApproved.use'], 'main button');
    await expect
      .poll(async () => (await seen()).sides.map((side) => /api-1\.\d+/.exec(side)?.[0]), POLL)
      .toEqual(['api-1.9', 'api-1.10']);
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
        await driver.screenshot(join(screens, `compare-${name}-${theme}.png`), true);
      }
      await driver.evaluate(() => void delete document.documentElement.dataset['theme']);
      await driver.setViewport(360, 720);
      await still(driver);
      const wide = await driver.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) problems.push(`${name}: ${wide} pixels wider than the window`);
      problems.push(...(await axeViolations(driver)).map((one) => `${name} 360: ${one}`));
      await driver.screenshot(join(screens, `compare-${name}-360.png`), true);
      await driver.setViewport(1280, 900);
    };
    await check('empty');
    await drop(pair('policy-weaker'));
    // The list may be shown anew while it is being opened.
    await expect.poll(() => driver.evaluate(openAll), POLL).toBe('all');
    await expect.poll(() => driver.text('.diff'), POLL).not.toBeNull();
    await check('lines');
    for (const view of ['sides', 'column']) {
      await choose(view);
      await expect.poll(async () => (await editorNow()).sides, POLL).toBe(String(view === 'sides'));
      await expect.poll(async () => (await editorNow()).lines, POLL).not.toBe('');
      await check(`editor-${view}`);
    }
    await choose('lines');
    await openCompare();
    await drop(pair('equal'));
    await check('equal');
    expect(problems).toEqual([]);
  });

  describeShared('the sample bundles', () => {
    it('1.3.0 and 1.4.0 read the added role legal before any file', async () => {
      const files = ['1.3.0', '1.4.0'].map((one): GivenFile => {
        const path = sharedPath('samples', 'bundles', `healthcare-api-${one}.sbundle.tgz`);
        return { name: basename(path), bytes: new Uint8Array(readFileSync(path)) };
      });
      const { lines, files: rows } = await drop(files);
      expect(lines[0]).toContain('Stronger legal (new required role)');
      const text = (await driver.text('[data-result]')) ?? '';
      const result = text.slice(text.indexOf('legal (new required role)'));
      for (const name of ['COMPLIANCE.md', 'policies/policy_2.yaml', 'spec.lock.json', 'spec.yaml'])
        expect(result).toContain(name);
      expect(text.slice(0, text.indexOf('legal (new required role)'))).not.toMatch(
        /COMPLIANCE|policy_2|spec\./,
      );
      expect(rows).toHaveLength(4);
      await driver.screenshot(join(screens, 'compare-samples.png'), true);
    });
  });
});
