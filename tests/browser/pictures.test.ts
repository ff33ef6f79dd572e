import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { describeShared, sharedPath } from '../shared.js';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { filesBelow, giveFolder, type FolderFile } from './folders.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** The pictures of plan and routing on the build page: what waits for what, and what a run costs at most. */

const POLL = { timeout: 60_000, interval: 100 };
const HOSTILE = '<img src=x onerror=alert(1)>\u202e✓ login';

const file = (path: string, text: string): FolderFile => ({
  path,
  base64: Buffer.from(text).toString('base64'),
});
const task = (id: string, waits: readonly string[], feature = 'patient-records'): object => ({
  id,
  feature_id: feature,
  depends_on: waits,
});
const planFile = (tasks: readonly object[]): FolderFile => file('plan.json', JSON.stringify({ tasks }));

/** Runs in the page. */
function pressPick(words: string): boolean {
  const found = [...document.querySelectorAll('button')].find(
    (one) => (one.textContent ?? '').trim() === words,
  );
  found?.click();
  return found !== undefined;
}

interface Box {
  readonly state: string;
  readonly label: string;
  readonly x: number;
}

/** The boxes of the plan, in their order. Runs in the page. */
function boxes(): Box[] {
  return [...document.querySelectorAll<SVGGElement>('[data-node]')].map((one) => ({
    state: one.dataset['node'] ?? '',
    label: one.getAttribute('aria-label') ?? '',
    x: one.getBoundingClientRect().x,
  }));
}

describeShared('the pictures of a project', () => {
  for (const engine of enginesHere()) {
    let driver: Driver;
    let site: Site;
    const screens = join(artefacts, 'screens', engine);
    const project = filesBelow(sharedPath('samples', 'project'));

    beforeAll(async () => {
      mkdirSync(screens, { recursive: true });
      driver = await launch(engine);
      site = await serveBuild();
    });
    afterAll(async () => {
      await driver?.close();
      await site?.close();
    });
    beforeEach(() => openPage(driver, `${site.url}build.html`));

    /** The sample project with these files in place of its own. */
    async function openWith(...files: readonly FolderFile[]): Promise<void> {
      const given = [...project.filter(({ path }) => !files.some((one) => one.path === path)), ...files];
      await driver.evaluate(giveFolder, 'project', given);
      expect(await driver.evaluate(pressPick, en['build.start.pick'])).toBe(true);
      await expect.poll(() => driver.text('#plan-title'), POLL).toBe(en['picture.plan.title']);
    }

    const textOf = async (selector: string): Promise<string> =>
      ((await driver.text(selector)) ?? '').replace(/\s+/g, ' ').trim();
    const axeClean = async (): Promise<void> => expect(await axeViolations(driver)).toEqual([]);
    const focused = (): Promise<string> =>
      driver.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');

    it(`${engine}: say of the sample project what waits for what, and what a run costs at most`, async () => {
      await openWith();
      expect(await textOf('[data-plan-answer]')).toBe(en['picture.plan.whole']);
      const seen = await driver.evaluate(boxes);
      expect(seen.map(({ state }) => state)).toEqual(['same', 'same', 'same', 'same']);
      const [first, , third, last] = seen;
      expect(third?.label).toContain('task-003, break-glass, as planned. Waits for: task-001, task-002.');
      expect(first?.x).toBeLessThan(third?.x ?? 0);
      expect(third?.x).toBeLessThan(last?.x ?? 0);
      expect(await textOf('[data-cost-answer]')).toBe(
        'A run costs at most 20 US dollars, and anthropic alone may spend them.',
      );
      const bars = await driver.evaluate(() =>
        [...document.querySelectorAll<SVGGElement>('[data-bar]')].map(
          (one) => `${one.dataset['bar']} ${one.querySelectorAll('.bar').length}`,
        ),
      );
      expect(bars).toEqual(['free 0', 'bound 1']);
      await axeClean();
      await driver.screenshot(join(screens, 'pictures.png'), true);
    });

    it(`${engine}: go by the arrow keys along the arrows, and leave by Tab`, async () => {
      await openWith();
      await driver.evaluate(() => document.querySelector<SVGGElement>('[data-node]')?.focus());
      expect(await focused()).toContain('task-001');
      await driver.press('ArrowRight');
      expect(await focused()).toContain('task-003');
      expect(await textOf('[data-plan-chosen]')).toContain('Waits for: task-001, task-002.');
      const strong = (): Promise<number> =>
        driver.evaluate(() => document.querySelectorAll('[data-edge].strong').length);
      expect(await strong()).toBe(3);
      await driver.press('ArrowLeft');
      await driver.press('ArrowDown');
      expect(await focused()).toContain('task-002');
      await driver.press('End');
      expect(await focused()).toContain('task-004');
      await driver.press('Tab');
      expect(
        await driver.evaluate(() => document.activeElement?.closest('[data-plan-picture]') === null),
      ).toBe(true);
      await axeClean();
    });

    it(`${engine}: show what is wrong by shape and word, and hostile names as plain text`, async () => {
      await openWith(
        planFile([
          task('task-001', []),
          task('task-002', ['task-001'], 'billing'),
          task('task-003', ['task-004', 'task-001']),
          task('task-004', ['task-003']),
          task(HOSTILE, ['task-009']),
        ]),
        file('.specular/routing.yaml', 'providers:\n  - {name: far, models: {codegen: m}, enabled: true}\n'),
      );
      expect(await textOf('[data-part=plan]')).toContain('3 problems, 5 tasks');
      const answer = await textOf('[data-plan-answer]');
      expect(answer).toContain('task-002 (billing)');
      expect(answer).toContain('in a circle: task-003, task-004');
      expect(answer).toContain('(task-009)');
      const seen = await driver.evaluate(boxes);
      expect(seen.map(({ state }) => state).toSorted()).toEqual([
        'absent',
        'missing',
        'not-recorded',
        'not-recorded',
        'not-recorded',
        'not-recorded',
      ]);
      expect(seen.find(({ state }) => state === 'missing')?.label).toContain('feature gone');
      const outlines = await driver.evaluate(() =>
        ['missing', 'absent', 'not-recorded'].map(
          (state) => document.querySelector(`[data-node=${state}] .box`)?.getAttribute('d') ?? '',
        ),
      );
      expect(new Set(outlines).size).toBe(3);
      expect(await driver.evaluate(() => document.querySelectorAll('main img').length)).toBe(0);
      expect(await textOf('[data-plan]')).toContain('<U+202E>');
      expect(await textOf('[data-plan]')).not.toContain('\u202e');
      // Nothing bounds it: in words, with a bar that has no end, and never as 0.
      expect(await textOf('[data-cost-answer]')).toContain('Nothing bounds what a run may cost');
      const far = await driver.evaluate(
        () => document.querySelector('[data-cost] tbody tr')?.textContent?.replace(/\s+/g, ' ') ?? '',
      );
      expect(far).toContain(en['picture.cost.cell.no-bound']);
      expect(
        await driver.evaluate(() => document.querySelectorAll('[data-bar=no-bound] path.bar').length),
      ).toBe(1);
      await axeClean();
      await driver.screenshot(join(screens, 'pictures-wrong.png'), true);
    });

    it(`${engine}: never say that a feature is there where there is nothing to look it up in`, async () => {
      await openWith(file('.specular/spec.yaml', 'product: [\n'));
      expect(await textOf('[data-plan-answer]')).toContain(en['picture.plan.unchecked']);
      const seen = await driver.evaluate(boxes);
      expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(['not-checked']));
    });

    it(`${engine}: stay bounded, and the table has the rest`, async () => {
      const ids = Array.from({ length: 1000 }, (_, n) => `task-${n}`);
      await openWith(
        planFile(ids.map((id, n) => task(id, n === 0 ? [] : [ids[Math.floor((n - 1) / 3)] ?? '']))),
      );
      expect((await driver.evaluate(boxes)).length).toBe(400);
      expect(await textOf('[data-plan]')).toContain('The plan has 600 more tasks than the picture can show.');
      // It begins where something stands.
      const seen = (): Promise<boolean> =>
        driver.evaluate(() => {
          const region = document
            .querySelector('[data-plan-picture]')
            ?.parentElement?.getBoundingClientRect();
          const box = document.querySelector('[data-node]')?.getBoundingClientRect();
          return (
            region !== undefined && box !== undefined && box.top >= region.top && box.bottom <= region.bottom
          );
        });
      await expect.poll(seen, POLL).toBe(true);
      const rows = (): Promise<number> =>
        driver.evaluate(() => document.querySelectorAll('[data-task]').length);
      expect(await rows()).toBe(200);
      expect(await driver.evaluate(pressPick, 'Show 200 more tasks')).toBe(true);
      await expect.poll(rows, POLL).toBe(400);
      await driver.screenshot(join(screens, 'pictures-many.png'), true);
    });

    it(`${engine}: serve everybody: dark, a narrow screen`, async () => {
      await driver.emulate({ colorScheme: 'dark' });
      await driver.setViewport(360, 740);
      await openWith(planFile([task('task-001', []), task('task-002', ['task-001'], 'billing')]));
      await axeClean();
      expect(await driver.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await driver.screenshot(join(screens, 'pictures-narrow-dark.png'), true);
      await driver.emulate({ forcedColors: 'active' });
      await axeClean();
      await driver.screenshot(join(screens, 'pictures-forced.png'), true);
      await driver.emulate(null);
      await driver.setViewport(1200, 900);
    });
  }
});
