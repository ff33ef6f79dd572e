import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { runHere } from '../cli/run.js';
import { describeShared, sharedPath } from '../shared.js';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { filesBelow, giveFolder } from './folders.js';
import { check, press, type } from './hand.js';
import { enginesHere } from './installed.js';
import { keepSaves, lastSave } from './saves.js';
import { openPage, serveBuild, type Site } from './site.js';

/** The build page as a newcomer uses it, with the sample project, and the same from the command line. */

const POLL = { timeout: 60_000, interval: 100 };
const CREATED = '2026-11-20T10:00:00Z';

async function forget(): Promise<void> {
  for (const name of ['countersign-project', 'countersign-library', 'countersign-build'])
    await new Promise<void>((resolve) => {
      const erasing = indexedDB.deleteDatabase(name);
      erasing.onsuccess = erasing.onerror = erasing.onblocked = () => resolve();
    });
}

describeShared('building in the page', () => {
  for (const engine of enginesHere()) {
    let driver: Driver;
    let site: Site;
    const screens = join(artefacts, 'screens', engine);
    const folder = mkdtempSync(join(tmpdir(), 'countersign-build-page-'));
    const project = sharedPath('samples', 'project');

    beforeAll(async () => {
      mkdirSync(screens, { recursive: true });
      driver = await launch(engine);
      site = await serveBuild();
    });
    afterAll(async () => {
      await driver?.close();
      await site?.close();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      await openPage(driver, `${site.url}build.html`);
      await driver.evaluate(forget);
      await openPage(driver, `${site.url}build.html`);
      await keepSaves(driver);
    });

    const main = async (): Promise<string> => (await driver.text('main')) ?? '';
    const shows = (text: string): Promise<void> => expect.poll(main, POLL).toContain(text);
    const hides = (text: string): Promise<void> => expect.poll(main, POLL).not.toContain(text);
    const does = (words: string, within = 'main'): Promise<void> =>
      expect.poll(() => driver.evaluate(press, words, within), { ...POLL, message: words }).toBe(true);
    const fill = (label: string, value: string): Promise<void> =>
      expect.poll(() => driver.evaluate(type, label, value), { ...POLL, message: label }).toBe(true);
    const tick = (path: string): Promise<void> =>
      expect.poll(() => driver.evaluate(check, path), { ...POLL, message: path }).toBe(true);
    const axeClean = async (): Promise<void> => expect(await axeViolations(driver)).toEqual([]);

    async function openProject(files = filesBelow(project)): Promise<void> {
      await driver.evaluate(giveFolder, 'project', files);
      await does(en['build.start.pick']);
      await shows(en['build.parts.title']);
    }

    async function ready(): Promise<string> {
      const digest = (): Promise<string | null> =>
        driver.evaluate(
          () => document.querySelector<HTMLElement>('dd[data-digest]')?.dataset['digest'] ?? null,
        );
      await expect.poll(digest, POLL).toMatch(/^sha256:[0-9a-f]{64}$/);
      return (await digest()) ?? '';
    }

    async function setCreated(): Promise<void> {
      await does(en['build.form.more']);
      await fill(en['build.form.created'], CREATED);
    }

    async function built(): Promise<{ name: string; bytes: Buffer }> {
      await does(en['build.do']);
      await expect
        .poll(() => driver.evaluate(() => document.querySelector('[data-made]') !== null), POLL)
        .toBe(true);
      const saved = await lastSave(driver);
      if (saved === null) throw new Error('nothing was saved');
      return saved;
    }

    async function byCommand(name: string, ...more: string[]): Promise<Buffer> {
      const out = join(folder, name);
      const words = ['build', '--dir', project, '--out', out, '--created', CREATED, '--force', ...more];
      const ran = await runHere(words);
      expect(ran.err).toBe('');
      expect(ran.code).toBe(0);
      return readFileSync(out);
    }

    const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

    it(`${engine}: a newcomer builds the sample project; the command line gives the same bytes`, async () => {
      await shows(en['build.start.drop']);
      await axeClean();
      await openProject();
      expect(await driver.evaluate(() => document.querySelector<HTMLInputElement>('#build-id')?.value)).toBe(
        'acme/healthcare-api',
      );
      await shows('goals, non_functional, acceptance and milestones are not covered by the lock.');
      await shows('All 4 features are as locked.');
      await setCreated();
      await fill(en['build.form.roles'], 'pm, security');
      const digest = await ready();
      await driver.screenshot(join(screens, 'build-ready.png'), true);
      await axeClean();
      const { name, bytes } = await built();
      expect(name).toBe('healthcare-api-1.3.0.sbundle.tgz');
      expect(await driver.text('[data-made]')).toContain(digest.slice(7, 15));
      const same = await byCommand('same.sbundle.tgz', '--require-approvals', 'pm,security');
      expect(sha256(bytes)).toBe(sha256(same));
      await driver.screenshot(join(screens, 'build-done.png'), true);
      await axeClean();
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: the planted secret stops it, with place and reason; a typed reason goes into the manifest`, async () => {
      await openProject();
      await setCreated();
      await ready();
      await tick('.env');
      await shows('.env, line 1');
      await shows(en['secret.api-key']);
      expect(await main()).not.toContain('EXAMPLE-NOT-A-KEY');
      expect(await driver.evaluate(press, en['build.do'], 'main')).toBe(false);
      await driver.screenshot(join(screens, 'build-secret.png'), true);
      await axeClean();
      // Without a reason nothing is overruled.
      await does(en['build.secret.allow']);
      await shows(en['build.secret.empty']);
      await fill(en['build.secret.reason'], 'it is no key');
      await does(en['build.secret.allow']);
      await ready();
      const { bytes } = await built();
      const shown = (await driver.text('[data-command]')) ?? '';
      expect(shown).toContain("--include /.env --allow-secret '.env:1=it is no key'");
      const same = await byCommand(
        'secret.sbundle.tgz',
        '--include',
        '/.env',
        '--allow-secret',
        '.env:1=it is no key',
      );
      expect(sha256(bytes)).toBe(sha256(same));
      // Changed afterwards: the page says that the bundle is older than the choices.
      await does(en['build.secret.undoName'].replace('{place}', '.env:1'));
      await shows(en['build.done.old']);
      await does(en['build.secret.leaveName'].replace('{path}', '.env'));
      await ready();
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: every choice gives what the command line gives`, async () => {
      await openProject();
      await setCreated();
      await fill(en['build.form.description'], 'Release of "November"');
      await fill(en['build.form.external'], 'docs/');
      await does(en['build.form.metadataAdd']);
      await driver.evaluate(() => {
        for (const [index, value] of ['job_id', '42'].entries()) {
          const field = document.querySelectorAll<HTMLInputElement>('fieldset .row input')[index];
          if (field === undefined) throw new Error('no field');
          field.value = value;
          field.dispatchEvent(new Event('input', { bubbles: true }));
        }
      });
      await tick('COMPLIANCE.md');
      await shows(en['build.contents.external']);
      await ready();
      const { bytes } = await built();
      const options = ['--description', 'Release of "November"', '--metadata', 'job_id=42'];
      const paths = ['--exclude', '/COMPLIANCE.md', '--external', 'docs/'];
      const outside = join(folder, 'outside.tgz');
      const same = await byCommand('all.sbundle.tgz', ...options, ...paths, '--supplement', outside);
      expect(sha256(bytes)).toBe(sha256(same));
      await does(en['build.done.supplement']);
      const saved = await lastSave(driver);
      expect(sha256(saved?.bytes ?? Buffer.alloc(0))).toBe(sha256(readFileSync(outside)));
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: what is missing is told when asked, with the level that the project is ready for`, async () => {
      await openProject(filesBelow(project).filter(({ path }) => path !== '.specular/spec.lock.json'));
      await does(en['build.doctor.look']);
      await shows('countersign lock --product-version V writes the lock.');
      await shows('Required L4, ready for no level');
      await shows('A run costs at most 20 US dollars; providers share it.');
      await driver.screenshot(join(screens, 'build-doctor.png'), true);
      await axeClean();
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: what cannot be built says why, beside what to do`, async () => {
      await openProject();
      await ready();
      await driver.evaluate(() => {
        const level = document.querySelector<HTMLSelectElement>('#build-level');
        if (level === null) throw new Error('no level');
        level.value = 'L3';
        level.dispatchEvent(new Event('change', { bubbles: true }));
      });
      await shows('Level L3 needs 2 required roles; 0 are given.');
      await fill(en['build.form.version'], '');
      await shows('The version cannot be written into a manifest as it is.');
      expect(await driver.evaluate(press, en['build.do'], 'main')).toBe(false);
      await fill(en['build.form.version'], '1.3.1');
      await fill(en['build.form.roles'], 'pm security');
      await ready();
      await hides('stands in the way');
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: a template becomes a project in this browser, stays over a reload, and is built`, async () => {
      await does(en['build.template.use'].replace('{name}', 'strict'));
      await shows(en['build.form.versionNone']);
      expect(await driver.evaluate(() => document.querySelector<HTMLInputElement>('#build-id')?.value)).toBe(
        'my/strict-project',
      );
      await fill(en['build.form.version'], '0.1.0');
      await ready();
      await built();
      await openPage(driver, `${site.url}build.html`);
      await does(en['build.kept.open'].replace('{name}', 'my/strict-project'));
      await shows(en['build.project.kept']);
      await does(en['build.project.other']);
      await does(en['build.kept.remove'].replace('{name}', 'my/strict-project'));
      await hides(en['build.kept.title']);
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: what was built is asked approvals for, and opens in the page that verifies`, async () => {
      await openProject();
      await fill(en['build.form.roles'], 'pm');
      await ready();
      await built();
      await does(en['build.done.verify']);
      await expect.poll(() => driver.text('article.verdict h1'), POLL).toContain('nobody signed it');
      await openPage(driver, `${site.url}build.html`);
      await openProject();
      await fill(en['build.form.roles'], 'pm');
      await ready();
      await keepSaves(driver);
      await built();
      await does(en['build.done.ask']);
      const place = (): string => location.pathname.replace(/.*\//, '') + location.hash.slice(0, 7);
      await expect
        .poll(() => driver.evaluate(place).catch(() => ''), POLL)
        .toMatch(/^approve(\.html)?#draft-$/);
      await shows(en['pane.who']);
    });

    it(`${engine}: choices for a folder outlive the page and are offered again; a reason has to be given again`, async () => {
      await openProject();
      await fill(en['build.form.version'], '2.0.0');
      await fill(en['build.form.roles'], 'pm, legal');
      await tick('.env');
      await shows('.env, line 1');
      await fill(en['build.secret.reason'], 'it is no key');
      await does(en['build.secret.allow']);
      await driver.press('Control+s');
      await expect.poll(() => driver.text('body'), POLL).toContain(en['build.draft.keptNow']);
      await openPage(driver, `${site.url}build.html`);
      await keepSaves(driver);
      await openProject();
      await shows(en['build.draft.title']);
      expect(await main()).not.toContain('2.0.0.sbundle');
      await driver.screenshot(join(screens, 'build-draft.png'), true);
      await axeClean();
      await does(en['build.draft.use']);
      // The file is in again, and stops the build until somebody looks at it again.
      await shows('.env, line 1');
      expect(await driver.evaluate(press, en['build.do'], 'main')).toBe(false);
      const typed = (id: string): string | undefined =>
        document.querySelector<HTMLInputElement>(`#${id}`)?.value;
      expect(await driver.evaluate(typed, 'secret-0')).toBe('it is no key');
      expect(await driver.evaluate(typed, 'build-roles')).toBe('pm, legal');
      await does(en['build.secret.allow']);
      await ready();
      expect((await built()).name).toBe('healthcare-api-2.0.0.sbundle.tgz');
      // Another folder is asked nothing, and what is forgotten stays so.
      await driver.evaluate(giveFolder, 'other', filesBelow(project));
      await does(en['build.project.other']);
      await does(en['build.start.pick']);
      await ready();
      expect(await main()).not.toContain(en['build.draft.title']);
      await does(en['build.project.other']);
      await openProject();
      await does(en['build.draft.forget']);
      await hides(en['build.draft.title']);
      await openPage(driver, `${site.url}build.html`);
      await openProject();
      await ready();
      expect(await main()).not.toContain(en['build.draft.title']);
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: a long build can be stopped, leaves nothing, and gives the same bytes when it is done again`, async () => {
      // Long enough for the browser's own folder, where it has one.
      const dir = join(folder, 'long');
      mkdirSync(dir, { recursive: true });
      const times = 50_000;
      const texts = Array.from({ length: 10 }, (_, n) => `file ${n} of a project that takes a while\n`);
      texts.forEach((text, n) => writeFileSync(join(dir, `f${n}.txt`), text.repeat(times)));
      await openProject(
        texts.map((text, n) => ({ path: `f${n}.txt`, base64: Buffer.from(text).toString('base64'), times })),
      );
      await setCreated();
      await fill(en['build.form.id'], 'acme/long');
      await fill(en['build.form.version'], '1');
      await ready();
      // Stopped by the page's own button, as soon as it packs: chance must not decide.
      await driver.evaluate((cancel: string) => {
        const look = (): void => {
          const packs = [...document.querySelectorAll('[role=status]')].some((one) =>
            (one.textContent ?? '').startsWith('Packing'),
          );
          const button = [...document.querySelectorAll('button')].find(
            (one) => (one.textContent ?? '').trim() === cancel,
          );
          if (!packs || button === undefined) return;
          watch.disconnect();
          button.click();
        };
        const watch = new MutationObserver(look);
        watch.observe(document.body, { subtree: true, childList: true, characterData: true });
      }, en['common.cancel']);
      await does(en['build.do']);
      await shows(en['build.preview.stopped']);
      const kept = async (): Promise<number> => {
        let files = 0;
        try {
          const root = await navigator.storage.getDirectory();
          const top = await root.getDirectoryHandle('countersign-build');
          const sessions = (top as unknown as { keys(): AsyncIterable<string> }).keys();
          for await (const name of sessions) {
            const session = await top.getDirectoryHandle(name);
            const inner = (session as unknown as { keys(): AsyncIterable<string> }).keys();
            for await (const one of inner) files += one === '' ? 0 : 1;
          }
        } catch {
          return 0;
        }
        return files;
      };
      await expect.poll(() => driver.evaluate(kept), POLL).toBe(0);
      expect(await lastSave(driver)).toBeNull();
      const { bytes: saved } = await built();
      const out = join(folder, 'long.tgz');
      const words = ['--id', 'acme/long', '--bundle-version', '1', '--created', CREATED];
      expect((await runHere(['build', '--dir', dir, '--out', out, ...words])).code).toBe(0);
      expect(sha256(saved)).toBe(sha256(readFileSync(out)));
      expect(await driver.consoleErrors()).toEqual([]);
    });

    it(`${engine}: serves everybody: dark, a narrow screen, the keyboard alone`, async () => {
      await driver.emulate({ colorScheme: 'dark' });
      await driver.setViewport(360, 740);
      await axeClean();
      await openProject();
      await ready();
      await axeClean();
      await driver.screenshot(join(screens, 'build-narrow-dark.png'), true);
      expect(await driver.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await driver.emulate(null);
      await driver.setViewport(1200, 900);
      // From the top of the page, by Tab alone, to the button, and the build by a key.
      await driver.evaluate(() => document.querySelector<HTMLElement>('h1')?.focus());
      const reached = (words: string): Promise<boolean> =>
        driver.evaluate(
          (wanted: string) => (document.activeElement?.textContent ?? '').trim() === wanted,
          words,
        );
      for (let steps = 0; !(await reached(en['build.do'])); steps += 1) {
        if (steps > 120) throw new Error('the button is not reached by Tab');
        await driver.press('Tab');
      }
      await driver.press('Enter');
      await expect.poll(() => driver.text('#made-title'), POLL).toContain('healthcare-api');
      // What came out is where the reader is.
      await expect
        .poll(() => driver.evaluate(() => document.activeElement?.id ?? ''), POLL)
        .toBe('made-title');
      expect(await driver.consoleErrors()).toEqual([]);
    });
  }
});
