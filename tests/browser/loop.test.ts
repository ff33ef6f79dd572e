import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { runHere } from '../cli/run.js';
import { describeShared, sharedPath } from '../shared.js';
import { trustText } from '../vectorgen/trustText.js';
import { approverOf, toolbox, useTrustFile, type Approver, type Toolbox } from './approver.js';
import { openDesk } from './desk.js';
import { launch, type Driver } from './driver.js';
import { filesBelow, giveFolder } from './folders.js';
import { enginesHere } from './installed.js';
import { again } from './silence.js';
import { openPage, serveBuild, type Site } from './site.js';

/** A project through everything that is done with it: opened, edited, locked, built, approved, verified, compared, applied. */

const POLL = { timeout: 60_000, interval: 100 };
const USER = 'pat@example.org';
const SPEC = '.specular/spec.yaml';
const LOCK = '.specular/spec.lock.json';
const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;

/** Runs in the page. */
function valueOf(selector: string): string {
  return document.querySelector<HTMLTextAreaElement>(selector)?.value ?? '';
}

/** Runs in the page. */
function putInto(selector: string, value: string): boolean {
  const field = document.querySelector<HTMLTextAreaElement>(selector);
  if (field === null) return false;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

describeShared('a project through the whole loop', () => {
  for (const engine of enginesHere()) {
    let driver: Driver;
    let site: Site;
    let page: Approver;
    let box: Toolbox;
    const work = mkdtempSync(join(tmpdir(), 'countersign-loop-'));
    const project = sharedPath('samples', 'project');

    beforeAll(async () => {
      site = await serveBuild();
    });
    beforeEach(async () => {
      driver = await launch(engine);
      page = approverOf(driver, site.url);
      box = toolbox();
    }, 120_000);
    afterEach(async () => {
      await driver?.close();
      box?.close();
    });
    afterAll(async () => {
      await site?.close();
      rmSync(work, { recursive: true, force: true });
    });

    const there = (selector: string): Promise<void> =>
      expect
        .poll(() => driver.evaluate((one: string) => document.querySelector(one) !== null, selector), POLL)
        .toBe(true);

    const words = `${engine}: ends with the folder that it began with, and what was changed in it`;
    it(words, { ...again, timeout: 300_000 }, async () => {
      if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
      const key = { ssh: box.sshKey('pat'), from: '2026-01-01T00:00:00Z', checked: 'in person' };
      const trust = trustText({
        people: [{ id: USER, name: 'Pat', keys: [key] }],
        rules: [{ name: 'release', roles: { pm: { people: [USER] } } }],
        defaultRule: 'release',
      });
      await useTrustFile(driver, site.url, trust);

      // Open, and keep a copy to work on.
      await openPage(driver, `${site.url}build.html`);
      await page.keep();
      const files = filesBelow(project);
      await driver.evaluate(giveFolder, 'project', files);
      await page.press('build.start.pick');
      await page.until('All 4 features are as locked.');
      await page.press('build.project.keep');
      await page.until(en['build.project.kept']);

      // Edit: what is told while typing comes from the schema of a specification.
      await driver.evaluate(() => localStorage.setItem('countersign.editor', 'plain'));
      await page.press(null, `a[aria-label="Edit ${SPEC}"]`);
      await there('[data-write]');
      await expect.poll(() => driver.evaluate(valueOf, 'textarea'), POLL).toContain('id: patient-records');
      const before = await driver.evaluate(valueOf, 'textarea');
      const spec = before.replace('title: Patient record API', 'title: Record API of patients');
      expect(spec).not.toBe(before);
      expect(await driver.evaluate(putInto, 'textarea', spec)).toBe(true);
      await page.press(null, '[data-write]');
      await expect.poll(() => driver.text('body'), POLL).toContain(`${SPEC} is written into`);
      await page.press(null, 'a[href*="build.html#project="]');

      // The lock tells what drifted, and is made anew.
      await page.until('3 of 4 features are as locked');
      await page.keep();
      await page.type('#build-version', '1.4.0');
      await page.press('build.lock.do');
      await page.until('All 4 features are as locked.');
      await page.type('#build-version', '1.4.0');
      await page.type('#build-roles', 'pm');
      await page.press('build.do');
      await there('[data-made]');
      const [built] = await page.saves(1);
      expect(built!.name).toBe('healthcare-api-1.4.0.sbundle.tgz');

      // Approve with a key file, and put the approval into the bundle.
      await page.open();
      await page.give([{ name: built!.name, bytes: built!.bytes }]);
      await page.until(en['review.next']);
      await page.toSign('pm', USER);
      await driver.setFiles('input[data-keyfile]', [{ name: 'id_ed25519', bytes: box.read('pat') }]);
      await page.until(en['sign.file.next']);
      await page.press(null, 'button[data-sign]');
      await page.until('Signed: approved as pm');
      await page.press('attach.preview');
      await page.until(en['attach.same']);
      await page.press(null, 'button[data-attach-save]');
      const [approved] = await page.saves(1);
      const bundle = { name: built!.name, bytes: new Uint8Array(approved!.bytes) };

      // Verify.
      const desk = await openDesk(driver, site.url);
      await desk.drop([bundle]);
      await desk.until('a verdict', ({ verdict }) => verdict === 'Unchanged and fully approved');

      // Compare with what the project was: the released version, built by the command line.
      const old = join(work, 'old.sbundle.tgz');
      const fixed = ['--created', '2026-11-01T10:00:00Z', '--require-approvals', 'pm'];
      expect((await runHere(['build', '--dir', project, '--out', old, ...fixed])).code).toBe(0);
      await openPage(driver, `${site.url}compare.html`);
      await driver.setFiles('[data-files=before]', [{ name: 'old.sbundle.tgz', bytes: readFileSync(old) }]);
      await driver.setFiles('[data-files=after]', [bundle]);
      await there('[data-result] [data-group=files] [data-file]');
      const compared = await page.text();
      expect(compared.indexOf('pat@example.org')).toBeGreaterThan(0);
      expect(compared.indexOf('pat@example.org')).toBeLessThan(compared.indexOf(SPEC));
      expect(compared).toContain(LOCK);

      // Apply: as a zip, which every engine can save.
      await openPage(driver, `${site.url}apply.html`);
      await page.keep();
      await driver.setFiles('[data-files]', [bundle]);
      await there('[data-verdict="B-OK"]');
      await page.press(null, '[data-zip]');
      await page.press(null, '[data-do]');
      await there('[data-outcome="zipped"]');
      const [zip] = await page.saves(1);
      const applied = unzipSync(new Uint8Array(zip!.bytes));
      const named = Object.keys(applied).filter((path) => path !== '.specular/bundle.info');
      const expected = files.filter(({ path }) => path !== '.env').map(({ path }) => path);
      expect(named.sort()).toEqual(expected.sort());
      for (const { path, base64 } of files.filter((file) => named.includes(file.path)))
        if (path !== LOCK)
          expect(Buffer.from(applied[path]!).toString(), path).toBe(
            path === SPEC ? spec : Buffer.from(base64, 'base64').toString(),
          );
      expect(Buffer.from(applied[LOCK]!).toString()).toContain('"version": "1.4.0"');
      expect(await driver.consoleErrors()).toEqual([]);
    });
  }
});
