import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { describeShared, sharedPath } from '../shared.js';
import { approval, bundle, pack } from '../vectorgen/bundle.js';
import { alice } from '../vectorgen/cast.js';
import { vectorsRoot } from '../vectors.js';
import { tiny, zeros } from './big.js';
import { openDesk, pause, type Desk } from './desk.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { keptHere, openPage, serveBuild, serveLacking, serveUpdatable, type Site } from './site.js';

/** The page alone: no request while it works, no server after the first visit, nothing that a bundle says runs. */

const smallest = {
  name: 'smallest.sbundle.tgz',
  bytes: new Uint8Array(readFileSync(join(vectorsRoot, 'valid/smallest', 'input.sbundle.tgz'))),
};

const POLL = { timeout: 60_000, interval: 50 };

async function judged(desk: Desk): Promise<string> {
  await desk.clear();
  await desk.clickOn('#samples-title ~ ul li:nth-child(2) button');
  const { rows } = await desk.until('a verdict', (seen) => seen.verdict !== null);
  return rows[0]?.code ?? '';
}

/** Waits until everything is on the device, which no version before had been. */
async function offlineReady({ driver }: Desk): Promise<void> {
  await expect.poll(() => keptHere(driver), { timeout: 90_000 }).toBe('all');
  expect(await driver.text('.foot')).toContain(en['global.offline']);
  expect(await driver.text('.toasts')).not.toContain(en['pwa.update']);
}

describe.each(enginesHere())('without a network in %s', (engine) => {
  let driver: Driver;
  beforeAll(async () => {
    driver = await launch(engine);
  });
  afterAll(async () => {
    await driver?.close();
  });

  it('asks for nothing while it judges, shows and saves', async () => {
    const site = await serveBuild();
    try {
      let desk = await openDesk(driver, site.url);
      await offlineReady(desk);
      desk = await openDesk(driver, site.url);
      await judged(desk);
      const before = site.asked.length;
      const told = driver.requests()?.length ?? null;
      await desk.clear();
      await desk.drop([smallest]);
      await desk.until('a verdict', (seen) => seen.verdict !== null);
      for (const tab of ['people', 'findings', 'files', 'raw', 'method']) await desk.clickOn(`#tab-${tab}`);
      await desk.save();
      await pause(500);
      // The one thing is the engine's own: after a page has loaded it looks for a newer service worker.
      expect(site.asked.slice(before).filter((path) => path !== '/service-worker.js')).toEqual([]);
      // What the engine itself counts, those answered by the service worker included; blobs are our own.
      const outside = (driver.requests() ?? [])
        .slice(told ?? 0)
        .filter((url) => !/^(blob|data):|\/service-worker\.js$/.test(url));
      expect(outside).toEqual([]);
      if (told === null)
        console.warn(`NOT RUN: ${engine} does not tell its requests; the server's log stands alone`);
      expect(await driver.consoleErrors()).toEqual([]);
    } finally {
      await site.close();
    }
  });

  it.each([
    ['at the root, with our headers', { base: '/', bare: false }],
    ['below a sub-path, on a host without our headers', { base: '/sub/path/', bare: true }],
  ])('works after the server has gone: %s', async (_, options) => {
    const site = await serveBuild(options);
    let open = true;
    try {
      const desk = await openDesk(driver, site.url);
      await offlineReady(desk);
      await site.close();
      open = false;
      await expect(fetch(site.url)).rejects.toThrow();
      const again = await openDesk(driver, site.url);
      expect(await judged(again)).toBe('B-CHANGED');
      expect(await driver.consoleErrors()).toEqual([]);
      for (const path of [
        '',
        'settings',
        'codes',
        'codes/B-CHANGED',
        'codes/file-differs-digest',
        'verify.html',
      ]) {
        await openPage(driver, `${site.url}${path}`);
        expect(await driver.text('h1'), path).not.toBe('');
      }
    } finally {
      if (open) await site.close();
    }
  });

  /** Opens a policy in the page of policies, and waits for the large editor to show it. */
  async function editorOpens(url: string): Promise<void> {
    await driver.setViewport(1280, 900);
    await openPage(driver, `${url}policies.html`);
    await expect.poll(() => driver.text('main'), POLL).toContain(en['author.start.choose']);
    const text = new TextEncoder().encode('execution:\n  allow_local: false\n');
    await driver.setFiles('#document-file', [{ name: 'policy.yaml', bytes: text }]);
    const drawn = (): boolean => document.querySelector('[data-editor=full] .view-line') !== null;
    await expect.poll(() => driver.evaluate(drawn), POLL).toBe(true);
  }

  it('has the large editor, too, after one visit to the page that verifies', async () => {
    const site = await serveBuild();
    let open = true;
    try {
      const desk = await openDesk(driver, site.url);
      await offlineReady(desk);
      await openPage(driver, `${site.url}settings.html`);
      await expect.poll(() => driver.text('[data-editor-kept=true]'), POLL).toBe(en['settings.offline.kept']);
      expect(site.asked.some((path) => /\/editor\.[^/]+\.js/.test(path))).toBe(true);
      await site.close();
      open = false;
      await editorOpens(site.url);
    } finally {
      if (open) await site.close();
    }
  });

  it('works without the large editor when that cannot be had, and fetches it at a later visit', async () => {
    const site = await serveLacking(/[\\/]chunks[\\/]editor\./);
    try {
      const desk = await openDesk(driver, site.url);
      await expect.poll(() => driver.text('.foot'), { timeout: 90_000 }).toContain(en['global.offline']);
      const tried = (): boolean => site.asked.some((path) => /\/editor\.[^/]+\.js/.test(path));
      await expect.poll(tried, POLL).toBe(true);
      expect(await judged(desk)).toBe('B-CHANGED');
      await openPage(driver, `${site.url}settings.html`);
      // A page learns what is kept from the service worker, some time after it has woken up.
      await expect.poll(() => keptHere(driver), POLL).toBe('core');
      expect(await driver.text('[data-editor-kept=false]')).toBe(en['settings.offline.notYet']);
      site.giveBack();
      await offlineReady(await openDesk(driver, site.url));
    } finally {
      await site.close();
    }
  });

  it('offers a new version, never takes it during work, and takes it when told', async () => {
    const site = await serveUpdatable();
    try {
      let desk = await openDesk(driver, site.url);
      await offlineReady(desk);
      site.update();
      desk = await openDesk(driver, site.url);
      await expect.poll(() => driver.text('.toasts'), { timeout: 90_000 }).toContain(en['pwa.update']);
      await driver.evaluate(() => void ((globalThis as { before?: boolean }).before = true));
      await desk.drop([{ name: 'long.sbundle.tgz', bytes: await zeros(9, 104_857_600) }]);
      await desk.until('the reading', (seen) => seen.working);
      await desk.press(en['pwa.updateNow']);
      await expect.poll(() => driver.text('.toasts')).toContain(en['pwa.busy']);
      expect(await driver.evaluate(() => (globalThis as { before?: boolean }).before)).toBe(true);
      await desk.press(en['queue.cancelAll']);
      await desk.press(en['pwa.updateNow']);
      const reloaded = (): boolean =>
        (globalThis as { before?: boolean }).before === undefined && document.readyState === 'complete';
      await expect.poll(() => driver.evaluate(reloaded).catch(() => false), { timeout: 30_000 }).toBe(true);
      const waiting = async (): Promise<boolean> =>
        ((await navigator.serviceWorker.getRegistration())?.waiting ?? null) !== null;
      expect(await driver.evaluate(waiting)).toBe(false);
      desk = await openDesk(driver, site.url);
      expect(await judged(desk)).toBe('B-CHANGED');
    } finally {
      await site.close();
    }
  });
});

/** Texts that try to be more than text. */
const hostile: readonly string[] = [
  '<script>globalThis.owned = 1</script>',
  '<img src=x onerror="globalThis.owned = 1">',
  '<svg onload="globalThis.owned = 1"></svg>',
  '"><iframe srcdoc="<script>parent.owned = 1</script>"></iframe>',
  'javascript:globalThis.owned=1',
  '[link](javascript:globalThis.owned=1) ![x](https://example.invalid/x.png)',
  '{{constructor.constructor("globalThis.owned=1")()}} ${globalThis.owned=1}',
  '\u202Egpj.elif\u202C \u2066isolated\u2069 zero\u200Bwidth \u{E0041}tag',
  `Z${'\u0300'.repeat(300)}algo`,
  'VERIFIED ✔ all approvals valid 🔒',
  'раураl and paypal',
  'W'.repeat(5000),
  '\u0627\u0644\u0639\u0631\u0628\u064A\u0629 123 abc',
];

describe.each(enginesHere())('hostile text in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let desk: Desk;
  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild();
    desk = await openDesk(driver, site.url);
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  /** A bundle that says the text wherever it may say anything, and the text as the page has to show it. */
  async function shown(text: string, index: number): Promise<readonly string[]> {
    const legal = text.replace(/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029]/gu, '?');
    const cut = (length: number): string => [...legal].slice(0, length).join('');
    const made = bundle({
      files: { 'notes.txt': `${legal}\n`, [`n${index}.txt`]: 'x' },
      manifest: { description: cut(1000), metadata: { note: cut(200) } },
    });
    const evidence = approval(made, { role: 'pm', by: alice, predicate: { comment: cut(500) } });
    await desk.clear();
    await desk.drop([
      { name: `${cut(100).replace(/[/\\:]/g, '_')}.sbundle.tgz`, bytes: pack(made, evidence) },
    ]);
    await desk.until('a verdict', (seen) => seen.verdict !== null);
    const problems: string[] = [];
    const report = await desk.save();
    const comment = report.inputs[0]?.approvals[0]?.claims.comment ?? '';
    if (comment === '')
      problems.push(`${index}: the comment did not arrive: ${report.inputs[0]?.verdict.code}`);
    await desk.clickOn('#tab-people');
    const seen = await driver.evaluate(() => {
      const rows = [...document.querySelectorAll<HTMLElement>('#panel-people bdi')].map(
        (one) => one.textContent ?? '',
      );
      return {
        rows,
        // Hidden characters of any kind that reached the page.
        hidden: /[\u200b-\u200f\u202a-\u202e\u2060-\u2069]|\udb40/.test(document.body.textContent ?? ''),
        owned: (globalThis as { owned?: unknown }).owned !== undefined,
        planted: document.querySelectorAll(
          'main script, main iframe, main img, main a[href^="javascript"], main a[href^="http"]',
        ).length,
        wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        title: document.title,
      };
    });
    if (seen.owned) problems.push(`${index}: a script ran`);
    if (seen.planted > 0) problems.push(`${index}: markup of the bundle became markup of the page`);
    if (seen.hidden) problems.push(`${index}: hidden characters reached the page`);
    if (seen.wide) problems.push(`${index}: the page is wider than its window`);
    const plain = /^[\x20-\x7e]{1,150}$/.test(comment);
    if (plain && !seen.rows.includes(comment)) problems.push(`${index}: "${comment}" is not shown as it is`);
    await desk.clickOn('#tab-files');
    await desk.press('View notes.txt', '#panel-files button');
    await expect
      .poll(() => driver.text('dialog[open] .body'), { timeout: 15_000 })
      .not.toContain(en['viewer.reading']);
    const viewed = (await driver.text('dialog[open] .body')) ?? '';
    if (plain && !viewed.includes(comment.slice(0, 60)))
      problems.push(`${index}: the viewer shows ${viewed.slice(0, 80)}`);
    // A key that comes while the browser's window is only taking the focus is lost: a person presses it again.
    const closed = async (): Promise<boolean> => {
      await driver.press('Escape');
      return driver.evaluate(() => document.querySelector('dialog[open]') === null);
    };
    await expect.poll(closed, { timeout: 15_000, interval: 200 }).toBe(true);
    return problems;
  }

  it(`is shown and does nothing: ${hostile.length} texts`, async () => {
    const problems: string[] = [];
    for (const [index, text] of hostile.entries()) problems.push(...(await shown(text, index)));
    await driver.screenshot(join(artefacts, 'screens', engine, 'hostile.png'), true).catch(() => undefined);
    expect(problems).toEqual([]);
    expect(await driver.consoleErrors()).toEqual([]);
  }, 300_000);

  describeShared('of the published lists', () => {
    it('is shown and does nothing: strings known for breaking programs', async () => {
      const naughty = JSON.parse(
        readFileSync(sharedPath('corpora', 'names', 'naughty-strings.json'), 'utf8'),
      ) as string[];
      const trojan = JSON.parse(
        readFileSync(sharedPath('corpora', 'names', 'trojan-source-strings.json'), 'utf8'),
      ) as { text: string }[];
      const all = [...naughty, ...trojan.map(({ text }) => text)].filter((text) => text.trim() !== '');
      // Many in one bundle: the first words of each stand in one comment and one file.
      const problems: string[] = [];
      for (let at = 0; at < all.length; at += 12) {
        const text = all
          .slice(at, at + 12)
          .map((one) => [...one].slice(0, 40).join(''))
          .join(' | ');
        problems.push(...(await shown(text, 1000 + at)));
      }
      expect(problems).toEqual([]);
      expect(await driver.consoleErrors()).toEqual([]);
    }, 300_000);
  });

  it('a hundred thousand files are listed by the rows in sight', async () => {
    const count = 100_000;
    await driver.evaluate(() =>
      localStorage.setItem('countersign.settings', JSON.stringify({ limitsProfile: 'large' })),
    );
    desk = await openDesk(driver, site.url);
    await desk.clear();
    await desk.drop([{ name: 'tiny.sbundle.tgz', bytes: await tiny(count) }]);
    await driver.evaluate(() => {
      const scope = globalThis as unknown as { gaps: number[] };
      scope.gaps = [];
      let last = performance.now();
      const beat = (): void => {
        const now = performance.now();
        scope.gaps.push(now - last);
        last = now;
        setTimeout(beat, 0);
      };
      beat();
    });
    await desk.until('a verdict', (seen) => seen.verdict !== null, 180_000);
    await desk.clickOn('#tab-files');
    const rows = (): { drawn: number; said: string; last: string } => ({
      drawn: document.querySelectorAll('#panel-files [role=row]').length,
      said: document.querySelector('#panel-files [role=table]')?.getAttribute('aria-rowcount') ?? '',
      last: [...document.querySelectorAll('#panel-files [role=row] .path')].at(-1)?.textContent ?? '',
    });
    const top = await driver.evaluate(rows);
    expect(top.said).toBe(String(count));
    expect(top.drawn).toBeGreaterThan(5);
    expect(top.drawn).toBeLessThan(100);
    const scrollTo = (part: number): void => {
      const table = document.querySelector('#panel-files [role=table]');
      if (table !== null) table.scrollTop = table.scrollHeight * part;
    };
    // The rows in sight are drawn a moment after the scrolling: how long, is the engine's affair.
    for (const [share, last] of [
      [0.25, /entries\/2[45]\//],
      [0.5, /entries\/(49|50)\//],
      [0.75, /entries\/7[45]\//],
      [1, /entries\/99\/099999\.txt/],
    ] as const)
      await expect
        .poll(
          async () => {
            await driver.evaluate(scrollTo, share);
            return (await driver.evaluate(rows)).last;
          },
          { timeout: 60_000, interval: 100 },
        )
        .toMatch(last);
    expect((await driver.evaluate(rows)).drawn).toBeLessThan(100);
    // A figure of this machine at this moment: printed, not asserted.
    const longest = await driver.evaluate(() => {
      const { gaps } = globalThis as unknown as { gaps: number[] };
      return gaps
        .sort((a, b) => b - a)
        .slice(0, 5)
        .map(Math.round);
    });
    console.log(
      `${engine}, 100,000 files: the longest times that the page did not answer, in ms: ${longest.join(', ')}`,
    );
    await driver.evaluate(() => localStorage.clear());
  }, 300_000);
});
