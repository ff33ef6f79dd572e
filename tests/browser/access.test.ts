import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import type { Locale } from '../../src/lib/strings/translate.js';
import { artefacts, root } from '../../src/tools/project.mjs';
import { vectorsRoot } from '../vectors.js';
import { axeViolations, still } from './axe.js';
import { zeros } from './big.js';
import { openDesk, pause, type Desk } from './desk.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** Every state of the pages for everybody: by axe, by keyboard, narrow, mirrored, translated, printed. */

const bytesOf = (name: string, file: string): Uint8Array =>
  new Uint8Array(readFileSync(join(vectorsRoot, name, file)));
const NAME = 'valid/loose-pair';

/** One state of the application, and the way there from the state before it. */
interface Step {
  readonly name: string;
  readonly go: (desk: Desk, url: string) => Promise<Desk | void>;
}

async function verdict(desk: Desk, files: Parameters<Desk['drop']>[0]): Promise<void> {
  await desk.clear();
  await desk.drop(files);
  await desk.until('a verdict', (seen) => seen.verdict !== null);
}

const tab = (name: string): Step => ({
  name: `tab-${name}`,
  go: (desk) => desk.clickOn(`#tab-${name}`),
});
const sample = (index: number, name: string): Step => ({
  name,
  async go(desk) {
    await desk.clear();
    await desk.clickOn(`#samples-title ~ ul li:nth-child(${index + 1}) button`);
    await desk.until('a verdict', (seen) => seen.verdict !== null);
  },
});
const page = (path: string, name: string): Step => ({
  name,
  go: (desk, url) => openPage(desk.driver, `${url}${path}`),
});

/** The way through every state; each begins where the one before ended. */
function walk(long: Uint8Array): readonly Step[] {
  const bundle = { name: 'release.sbundle.tgz', bytes: bytesOf(NAME, 'input.sbundle.tgz') };
  const trust = { name: 'trust.yaml', bytes: bytesOf(NAME, 'trust.yaml') };
  return [
    { name: 'empty', go: (desk) => desk.clear() },
    {
      name: 'paste',
      go: (desk) => desk.clickOn('.drop .actions button:nth-child(3)'),
    },
    {
      name: 'offer',
      async go(desk) {
        await desk.driver.press('Escape');
        await desk.drop([bundle, trust]);
        await desk.until('the question', (seen) => seen.offer !== null);
      },
    },
    {
      name: 'incomplete',
      async go(desk) {
        await desk.acceptTrust();
        await desk.until('a verdict', (seen) => seen.verdict !== null);
      },
    },
    tab('people'),
    tab('findings'),
    tab('files'),
    {
      name: 'viewer',
      async go(desk) {
        await desk.clickOn('#panel-files .row button');
        await expect.poll(() => desk.driver.text('dialog[open] .body')).toMatch(/product|deny/);
      },
    },
    {
      name: 'tab-raw',
      async go(desk) {
        await desk.driver.press('Escape');
        await desk.clickOn('#tab-raw');
      },
    },
    tab('method'),
    sample(0, 'confirmed'),
    sample(1, 'rejected'),
    tab('findings'),
    sample(2, 'unknown'),
    tab('people'),
    {
      name: 'unreadable',
      go: (desk) => verdict(desk, [{ name: 'cut.sbundle.tgz', bytes: bundle.bytes.subarray(0, 300) }]),
    },
    {
      name: 'batch',
      async go(desk) {
        await desk.clear();
        await desk.drop([
          bundle,
          { name: 'cut.sbundle.tgz', bytes: bundle.bytes.subarray(0, 300) },
          {
            name: 'a-very-long-name-of-a-release-that-somebody-wanted-to-be-complete-2026-11-20.sbundle.tgz',
            bytes: bundle.bytes,
          },
          { name: 'letter.pdf', bytes: new TextEncoder().encode('%PDF-1.7\n') },
        ]);
        await desk.settled(3);
      },
    },
    {
      name: 'reading',
      async go(desk) {
        await desk.clear();
        await desk.drop([{ name: 'long.sbundle.tgz', bytes: long }, bundle]);
        await desk.until('the reading', (seen) => seen.working && seen.rows.length === 2);
      },
    },
    {
      name: 'stopped',
      async go(desk) {
        await desk.clickOn('[aria-labelledby=queue-title] .tools button');
        await desk.until('the end of work', (seen) => !seen.working);
      },
    },
    {
      name: 'shortcuts',
      go: (desk) => desk.driver.press('?'),
    },
    page('settings', 'settings'),
    page('codes', 'codes'),
    page('codes/B-INCOMPLETE', 'code-verdict'),
    page('codes/role-missing', 'code-finding'),
    page('', 'home'),
  ];
}

/** Width of the page and of what would need sideways scrolling. */
function overflow(): { width: number; wide: string[] } {
  const width = document.documentElement.clientWidth;
  const scrolls = document.documentElement.scrollWidth > width;
  const inScroller = (element: Element): boolean => {
    for (let at = element.parentElement; at !== null; at = at.parentElement)
      if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(at).overflowX)) return true;
    return false;
  };
  const wide = scrolls
    ? [...document.body.querySelectorAll('*')]
        .filter((one) => {
          const { left, right } = one.getBoundingClientRect();
          return (right > width + 1 || left < -1) && !inScroller(one) && one.getClientRects().length > 0;
        })
        .map((one) => `${one.tagName}.${one.className.toString()} ${(one.textContent ?? '').slice(0, 40)}`)
    : [];
  return {
    width,
    wide: scrolls ? [`scrollWidth ${document.documentElement.scrollWidth}`, ...wide.slice(0, 5)] : [],
  };
}

/**
 * Words of ours that did not come from a catalogue: the test language has no plain vowel, and marks the values in its
 * sentences. What a file says of itself stands in a `bdi` that is no sentence.
 */
function untranslated(): string[] {
  const ours =
    'bdi:not([data-sentence]), code, pre, kbd, time, .code-name, .claim, .mono, option, script, style, .words';
  const found: string[] = [];
  const withoutValues = (text: string): string => {
    const without = text.replace(/‹[^‹›]*›/g, '');
    return without === text ? text : withoutValues(without);
  };
  const look = (text: string, where = ''): void => {
    if (/[aeiou]/.test(withoutValues(text))) found.push(where + text);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const parent = node.parentElement;
    if (parent === null || parent.closest(ours) !== null || parent.getClientRects().length === 0) continue;
    // A sentence with hidden characters in it is shown in parts.
    if (parent.closest('bdi') === null) look((node.textContent ?? '').replace(/\s+/g, ' ').trim());
  }
  for (const sentence of document.querySelectorAll('bdi[data-sentence]'))
    if (sentence.closest('pre, code') === null && sentence.getClientRects().length > 0)
      look(sentence.textContent ?? '');
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
    for (const name of ['aria-label', 'title', 'placeholder'])
      if (element.closest(ours) === null) look(element.getAttribute(name) ?? '', `@${name} `);
  return [...new Set(found)];
}

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** True when what is plain in a text are values put into it: names of files, builds, packages, dates, units. */
function isKnownValue(text: string): boolean {
  const values = [
    // Which attribute it was found in.
    /^@[a-z-]+ /g,
    /[\w./-]+\.(tgz|yaml|txt|json)/g,
    /\b[0-9a-f]{12}\b/g,
    /\d{1,2} \w{3} \d{4}/g,
    /[\d,.]+ [KMG]iB/g,
    /^countersign\b/g,
    // Sections of the specification are cited by their names.
    /(?<=^\[Špéç[^\]]*\] ).*/g,
    /Apache-2\.0|BSD-3-Clause|LGPL-3\.0-or-later|OpenPGP\.js|SvelteKit, Svelte/g,
    new RegExp(Object.keys(dependencies).join('|'), 'g'),
  ];
  return !/[aeiou]/.test(values.reduce((rest, value) => rest.replace(value, ''), text));
}

function inkOnly(): string[] {
  const grey = (colour: string): boolean => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    return alpha === 0 || (Math.abs(red - green) < 3 && Math.abs(green - blue) < 3);
  };
  return [...document.querySelectorAll<HTMLElement>('body, body *')]
    .filter((one) => one.getClientRects().length > 0)
    .flatMap((one) => {
      const style = getComputedStyle(one);
      return (['color', 'backgroundColor', 'borderTopColor', 'fill', 'stroke'] as const)
        .filter((name) => style[name].startsWith('rgb') && !grey(style[name]))
        .map((name) => `${one.tagName}.${one.className.toString()} ${name} ${style[name]}`);
    });
}

describe.each(enginesHere())('for everybody in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let desk: Desk;
  let long: Uint8Array;
  const screens = join(artefacts, 'screens', engine);

  beforeAll(async () => {
    mkdirSync(screens, { recursive: true });
    long = await zeros(9, 104_857_600);
    driver = await launch(engine);
    site = await serveBuild();
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  async function start(settings: { readonly locale?: Locale }): Promise<void> {
    await openPage(driver, `${site.url}verify`);
    await driver.evaluate(
      (text: string) => localStorage.setItem('countersign.settings', text),
      JSON.stringify(settings),
    );
    desk = await openDesk(driver, site.url, settings.locale);
  }

  async function narrow(width: number): Promise<number> {
    await driver.setViewport(width, 720);
    // An engine whose windows cannot be so narrow stays wider, which the caller says.
    for (let round = 0; round < 10; round += 1) {
      if ((await driver.evaluate(() => innerWidth)) === width) break;
      await pause(50);
    }
    await still(driver);
    return driver.evaluate(() => innerWidth);
  }

  it('axe finds nothing in any state, light or dark', async () => {
    await driver.setViewport(1280, 800);
    await start({});
    const problems: string[] = [];
    for (const step of walk(long)) {
      await step.go(desk, site.url);
      for (const theme of ['light', 'dark']) {
        await driver.evaluate(
          (name: string) => void (document.documentElement.dataset['theme'] = name),
          theme,
        );
        problems.push(...(await axeViolations(driver)).map((one) => `${step.name} ${theme}: ${one}`));
        await driver.screenshot(join(screens, `${step.name}-${theme}.png`), true);
      }
      await driver.evaluate(() => void delete document.documentElement.dataset['theme']);
    }
    expect(problems).toEqual([]);
    expect(await driver.consoleErrors()).toEqual([]);
  }, 400_000);

  it('nothing needs sideways scrolling at 360 and 320 pixels', async () => {
    await start({});
    const problems: string[] = [];
    const widths = new Set<number>();
    for (const step of walk(long)) {
      await driver.setViewport(1280, 800);
      await step.go(desk, site.url);
      for (const width of [360, 320]) {
        widths.add(await narrow(width));
        const { wide } = await driver.evaluate(overflow);
        if (wide.length > 0) problems.push(`${step.name} at ${width}: ${wide.join(' | ')}`);
      }
      await driver.screenshot(join(screens, `${step.name}-320.png`), true);
    }
    await driver.setViewport(1280, 800);
    if (!widths.has(320))
      console.warn(`NOT RUN at 320 pixels: ${engine} has windows of ${[...widths].join(', ')} pixels`);
    expect(problems).toEqual([]);
  }, 400_000);

  it('mirrored, in the test language: every text is translated, nothing runs out of the page', async () => {
    await start({ locale: 'pseudo-rtl' });
    const problems: string[] = [];
    // The words of the core are loaded when the language is chosen: a picture may be drawn before they are there.
    const englishLeft = async (): Promise<string[]> => {
      let left: string[] = [];
      for (let round = 0; round < 20; round += 1) {
        left = (await driver.evaluate(untranslated)).filter((text) => !isKnownValue(text));
        if (left.length === 0) break;
        await pause(100);
      }
      return left;
    };
    for (const step of walk(long)) {
      await driver.setViewport(1280, 800);
      await step.go(desk, site.url);
      expect(await driver.evaluate(() => document.documentElement.dir)).toBe('rtl');
      const catalogued = !step.name.startsWith('code');
      const plain = catalogued ? await englishLeft() : [];
      problems.push(...plain.map((text) => `${step.name}: untranslated "${text}"`));
      await driver.screenshot(join(screens, `${step.name}-rtl.png`), true);
      for (const width of [1280, 320]) {
        await narrow(width);
        const { wide } = await driver.evaluate(overflow);
        if (wide.length > 0) problems.push(`${step.name} at ${width}: ${wide.join(' | ')}`);
      }
    }
    await driver.setViewport(1280, 800);
    await driver.evaluate(() => localStorage.clear());
    expect(problems).toEqual([]);
  }, 400_000);

  it('the whole way by keyboard, with the focus in sight', async () => {
    await start({});
    await desk.clear();
    const unseen: string[] = [];
    const focus = (): { words: string; seen: boolean; id: string } => {
      const at = document.activeElement as HTMLElement;
      const style = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const outlined = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2;
      return {
        words: (at.getAttribute('aria-label') ?? at.textContent ?? '')
          .replace(/\s+/g, ' ')
          .trim()
          .slice(0, 80),
        seen: outlined && box.width > 0 && box.bottom > 0 && box.top < innerHeight,
        id: at.id,
      };
    };
    const tabTo = async (words: string, limit = 60): Promise<void> => {
      for (let pressed = 0; pressed < limit; pressed += 1) {
        await driver.press('Tab');
        const at = await driver.evaluate(focus);
        if (!at.seen) unseen.push(at.words);
        if (at.words.startsWith(words)) return;
      }
      throw new Error(`Tab does not reach "${words}"`);
    };
    await tabTo(en['samples.changed']);
    await driver.press('Enter');
    await desk.until(
      'the changed sample',
      (seen) => seen.rows[0]?.code === 'B-CHANGED' && seen.verdict !== null,
    );
    await expect.poll(() => driver.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    for (const [index, name] of ['evidence', 'people', 'findings', 'files', 'raw', 'method'].entries()) {
      await driver.press(String(index + 1));
      await expect.poll(async () => (await driver.evaluate(focus)).id).toBe(`tab-${name}`);
      expect(
        await driver.evaluate((id: string) => document.getElementById(id)?.hidden, `panel-${name}`),
      ).toBe(false);
    }
    await driver.press('n');
    await expect.poll(async () => (await driver.evaluate(focus)).id).toMatch(/^finding-/);
    const first = (await driver.evaluate(focus)).id;
    await driver.press('n');
    await driver.press('p');
    await expect.poll(async () => (await driver.evaluate(focus)).id).toBe(first);
    await driver.press('Escape');
    await desk.until('the list', (seen) => seen.verdict === null);
    await expect.poll(async () => (await driver.evaluate(focus)).words).toContain('appointments');
    await driver.press('?');
    await expect
      .poll(() => driver.evaluate(() => document.querySelector('dialog[open]') !== null))
      .toBe(true);
    await driver.press('Escape');
    await expect
      .poll(() => driver.evaluate(() => document.querySelector('dialog[open]') !== null))
      .toBe(false);
    await driver.press('g');
    await driver.press('s');
    await expect
      .poll(() => driver.evaluate(() => document.querySelector('h1')?.textContent))
      .toBe(en['settings.title']);
    expect(unseen).toEqual([]);
  });

  it('a headline is spoken first: an alert when it is rejected, a status otherwise', async () => {
    await start({});
    for (const [index, role] of ['status', 'alert', 'status'].entries()) {
      await sample(index, '').go(desk, site.url);
      const spoken = (): (string | null)[] => {
        const region = document.querySelector('article.verdict [role]');
        return [region?.getAttribute('role') ?? null, region?.querySelector('h1')?.textContent ?? null];
      };
      expect(await driver.evaluate(spoken)).toEqual([role, (await desk.see()).verdict]);
    }
  });

  it('with forced colours, with less motion, and printed in one ink', async () => {
    await start({});
    if (!(await driver.emulate({ forcedColors: 'active', reducedMotion: 'reduce' }))) {
      console.warn(`NOT RUN: ${engine} cannot pretend forced colours, less motion or a printer`);
      return;
    }
    const moving = (): string[] =>
      [...document.querySelectorAll('*')]
        .filter((one) => {
          const { transitionDuration, animationName } = getComputedStyle(one);
          return (
            animationName !== 'none' ||
            transitionDuration.split(',').some((each) => Number.parseFloat(each) > 0)
          );
        })
        .map((one) => one.tagName);
    const problems: string[] = [];
    for (const step of walk(long).filter(({ name }) =>
      /confirmed|rejected|unknown|incomplete|unreadable|offer|batch|tab-files/.test(name),
    )) {
      await step.go(desk, site.url);
      await driver.emulate({ forcedColors: 'active', reducedMotion: 'reduce' });
      problems.push(...(await driver.evaluate(moving)).map((one) => `${step.name}: ${one} moves`));
      await driver.screenshot(join(screens, `${step.name}-forced.png`), true);
      await driver.emulate({ media: 'print', colorScheme: 'dark' });
      await expect
        .poll(() => driver.evaluate(() => matchMedia('print').matches), { timeout: 15_000 })
        .toBe(true);
      await still(driver);
      problems.push(...(await driver.evaluate(inkOnly)).map((one) => `${step.name} printed: ${one}`));
      await driver.screenshot(join(screens, `${step.name}-print.png`), true);
      await driver.emulate(null);
    }
    expect(problems).toEqual([]);
  });
});
