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
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { keptHere, openPage, serveBuild, type Site } from './site.js';

/** Two bundles, or a bundle and a folder, side by side: what counts stands above the files. */

/** What nobody would see, but for the ends of lines and tabs. */
const HIDDEN = /(?![\n\t])\p{Cc}|[\u200b-\u200f\u202a-\u202e]/u;
const POLL = { timeout: 60_000, interval: 50 };

function pair(name: string): GivenFile[] {
  const { before, after } = cases[name]!;
  return [
    { name: 'api-1.9.0.sbundle.tgz', bytes: before },
    { name: 'api-1.10.0.sbundle.tgz', bytes: after },
  ];
}

/** What stands on the page from top to bottom. Runs in the page. */
function look(): { groups: string[]; lines: string[]; files: string[]; sum: string; sides: string[] } {
  const words = (element: Element): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
  const list = (selector: string): string[] => [...document.querySelectorAll(selector)].map(words);
  return {
    groups: [...document.querySelectorAll<HTMLElement>('[data-group]')].map(
      (one) => one.dataset['group'] ?? '',
    ),
    lines: list('[data-group] li[data-change]'),
    files: list('[data-group=files] [data-file] > button'),
    sum: list('[data-result] .sum').join(''),
    sides: list('[data-side]'),
  };
}

/** Keeps what the page would save, instead of a download. Runs in the page. */
function keepSaves(): void {
  const scope = globalThis as { kept?: Blob[] };
  const kept: Blob[] = (scope.kept = []);
  const real = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob: Blob) => {
    // The workers start from blobs, too.
    if (!/json|markdown/.test(blob.type)) return real(blob);
    kept.push(blob);
    return '#';
  };
}

/** Runs in the page. */
async function lastSaved(): Promise<string> {
  return (await (globalThis as { kept?: Blob[] }).kept?.at(-1)?.text()) ?? '';
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

/** What the large editor itself logs in WebKit: that it may not touch the clipboard, and that a view was closed under its work. */
function ofTheEditor(engine: string, text: string): boolean {
  return engine === 'webkit' && /NotAllowedError|^Canceled: Canceled$/.test(text);
}

describe.each(enginesHere())('comparing in %s', (engine) => {
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
    await openCompare();
  });

  async function openCompare(): Promise<void> {
    await openPage(driver, `${site.url}compare.html`);
    await expect.poll(() => driver.text('main h1'), POLL).toBe(en['compare.title']);
    await driver.evaluate(keepSaves);
  }

  const seen = () => driver.evaluate(look);

  async function drop(files: readonly GivenFile[]): Promise<Awaited<ReturnType<typeof seen>>> {
    await driver.dropFiles('main', files);
    await expect.poll(() => driver.text('[data-result]'), POLL).not.toBeNull();
    return seen();
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

  /** Two bundles whose texts differ in a few ways, and the row of a file opened. */
  async function openTexts(wanted: string): Promise<void> {
    const long = Array.from({ length: 80 }, (_, at) => `line ${at}\n`).join('');
    const { rows } = await drop([
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
    ]).then(({ files }) => ({ rows: files }));
    const at = rows.findIndex((row) => row.includes(wanted));
    expect(at, rows.join(' | ')).toBeGreaterThanOrEqual(0);
    await driver.evaluate(
      (index: number) => document.querySelectorAll<HTMLElement>('[data-file] > button')[index]?.click(),
      at,
    );
  }

  const choose = (view: string): Promise<void> =>
    driver.evaluate(
      (value: string) => document.querySelector<HTMLInputElement>(`[name=view][value=${value}]`)?.click(),
      view,
    );
  /** The lines that the two sides of the large editor show, and what screen readers call them. Runs in the page. */
  const editorNow = (): Promise<{ lines: string; names: string[]; sides: string | null }> =>
    driver.evaluate(() => {
      const host = document.querySelector<HTMLElement>('[data-editor=diff]');
      return {
        lines: [...(host?.querySelectorAll('.view-line') ?? [])].map((one) => one.textContent).join('\n'),
        names: [...(host?.querySelectorAll('textarea') ?? [])].map(
          (one) => one.getAttribute('aria-label') ?? '',
        ),
        sides: host?.dataset['sides'] ?? null,
      };
    });

  it('opens the large editor when asked, in one column and side by side, and remembers the choice', async () => {
    await driver.evaluate(() => localStorage.removeItem('countersign.compare-view'));
    await openCompare();
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
    await openCompare();
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
    await openCompare();
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

  it('turns round, and saves what it shows', async () => {
    await drop(pair('role-added'));
    await driver.press('x');
    await expect.poll(async () => (await seen()).lines[0], POLL).toContain('no longer a required role');
    await desk.press(en['compare.saveJson'], 'header button');
    const json = await driver.evaluate(lastSaved);
    const diff = JSON.parse(json) as Diff;
    expect(validate(diff)).toBe(true);
    expect(diff.groups[0].lines[0]?.kind).toBe('role-removed');
    expect(diff.before.name).toBe('api-1.10.0.sbundle.tgz');
  });

  it('saves a report that can be read without the page', async () => {
    await drop(pair('hostile'));
    await desk.press(en['compare.save'], 'header button');
    const text = await driver.evaluate(lastSaved);
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
    for (const by of await driver.evaluate(() =>
      [...document.querySelectorAll('[data-file] > button')].map((_, i) => i),
    ))
      await driver.evaluate(
        (at: number) => document.querySelectorAll<HTMLElement>('[data-file] > button')[at]?.click(),
        by,
      );
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
