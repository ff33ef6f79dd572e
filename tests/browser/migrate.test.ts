import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { NOW, runHere } from '../cli/run.js';
import { packItems } from '../vectorgen/bundle.js';
import { legacyBundle } from '../vectorgen/legacyBundle.js';
import { vectorsRoot } from '../vectors.js';
import { made } from '../core/diffCases.js';
import { axeViolations, still } from './axe.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** Older bundles in the form of today: the same bytes as the command line, and what could not come along. */

const POLL = { timeout: 60_000, interval: 50 };
const work = mkdtempSync(join(tmpdir(), 'countersign-migrate-page-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const older: GivenFile = {
  name: 'older.sbundle.tgz',
  bytes: new Uint8Array(readFileSync(join(vectorsRoot, 'forged/legacy-embedded', 'input.sbundle.tgz'))),
};

interface Answer {
  readonly bundleDigest: string;
  readonly notCarried: readonly { readonly what: string; readonly name: string }[];
  readonly renew: readonly unknown[];
  /** Of the file that was written. */
  readonly archive: string;
}

/** What the command line makes of it. */
async function byCommand(file: GivenFile, ...more: string[]): Promise<Answer> {
  const path = join(work, file.name);
  writeFileSync(path, file.bytes);
  const out = join(work, 'new.tgz');
  const ran = await runHere(['migrate', path, '--out', out, '--force', '--json', ...more]);
  expect(ran.err).toBe('');
  const archive = `sha256:${createHash('sha256').update(readFileSync(out)).digest('hex')}`;
  return { ...(JSON.parse(ran.out) as Omit<Answer, 'archive'>), archive };
}

describe.each(enginesHere())('migrating in %s', (engine) => {
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
    desk = await openDesk(driver, site.url);
    await desk.clear();
  });

  async function openMigrate(file: GivenFile): Promise<void> {
    await openPage(driver, `${site.url}migrate.html`);
    await expect.poll(() => driver.text('main h1'), POLL).toBe(en['migrate.title']);
    await desk.setClock(NOW);
    await driver.setFiles('[data-files]', [file]);
    await expect.poll(() => driver.text('[data-verdict], [data-not]'), POLL).not.toBeNull();
  }

  const said = (selector: string, name: string): Promise<string | null> =>
    driver.evaluate(
      (where, what) => document.querySelector(where)?.getAttribute(what) ?? null,
      selector,
      name,
    );

  it('is offered with the verdict, and writes what the command line writes', async () => {
    const answer = await byCommand(older);
    await desk.setClock(NOW);
    await desk.drop([older]);
    await desk.until('a verdict', (seen) => seen.verdict !== null);
    await desk.clickOn('[data-next=migrate]');
    await expect.poll(() => driver.text('main h1'), POLL).toBe(en['migrate.title']);
    await expect.poll(() => said('[data-lost]', 'data-lost'), POLL).toBe(String(answer.notCarried.length));
    for (const { name } of answer.notCarried) expect(await driver.text('[data-lost]')).toContain(name);
    expect(await said('[data-renew]', 'data-renew')).toBe(String(answer.renew.length));
    await driver.press('Control+Enter');
    await expect.poll(() => said('[data-made]', 'data-made'), POLL).toBe(answer.bundleDigest);
    expect(await said('[data-made]', 'data-archive')).toBe(answer.archive);
    // The focus is where the answer is, and the older bundle was kept inside unless told otherwise.
    expect(await driver.evaluate(() => document.activeElement?.id)).toBe('made-title');
    await driver.click('.keep input');
    await expect.poll(() => said('[data-made]', 'data-made'), POLL).toBeNull();
    await driver.click('[data-do]');
    const without = await byCommand(older, '--without-original');
    expect(without.bundleDigest).not.toBe(answer.bundleDigest);
    await expect.poll(() => said('[data-made]', 'data-made'), POLL).toBe(without.bundleDigest);
    await driver.click('[data-made] [data-verify]');
    const { rows } = await desk.settled(2);
    expect(rows.map(({ code }) => code)).toContain('B-NOSIG');
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('says so when there is nothing to do, and when nothing can be done', async () => {
    await openMigrate({ name: 'today.sbundle.tgz', bytes: made({ 'a.txt': 'x\n' }) });
    await expect.poll(() => driver.text('[data-not]'), POLL).toContain('migrate-refused');
    expect(await driver.text('[data-do]')).toBeNull();
    await openMigrate({ name: 'cut.sbundle.tgz', bytes: older.bytes.subarray(0, 300) });
    await expect.poll(() => driver.text('[data-not]'), POLL).not.toBeNull();
    expect(await said('[data-verdict]', 'data-verdict')).toBe('B-UNREADABLE');
    await driver.setFiles('[data-files]', [older]);
    await expect.poll(() => driver.text('[data-do]'), POLL).not.toBeNull();
  });

  it('asks for roles that today has a place for, and for the reason of what looks like a secret', async () => {
    const files = { 'spec.yaml': 'product: a\n', 'conf.txt': 'aws_key = AKIAQ3EGTEXAMPLE7XYZ\n' };
    const bytes = packItems(legacyBundle({ files, roles: ['Chief Officer'] }).items);
    const file = { name: 'odd.sbundle.tgz', bytes };
    await openMigrate(file);
    await expect.poll(() => driver.text('[data-what=role]'), POLL).toContain('Chief Officer');
    const dead = (): Promise<boolean> =>
      driver.evaluate(() => document.querySelector<HTMLButtonElement>('[data-do]')?.disabled === true);
    expect(await dead()).toBe(true);
    await driver.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('#roles');
      if (field === null) throw new Error('no field for roles');
      field.value = 'chief';
      field.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await expect.poll(dead, POLL).toBe(false);
    await driver.click('[data-do]');
    await expect.poll(() => driver.text('[data-secret]'), POLL).toContain('conf.txt');
    expect(await driver.text('[data-made]')).toBeNull();
    await driver.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('#secret-0');
      if (field === null) throw new Error('no field for a reason');
      field.value = 'an example of the manual';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await desk.press(en['build.secret.allow'], '[data-secret] button');
    await driver.click('[data-do]');
    const reason = ['--allow-secrets', '--reason', 'an example of the manual'];
    const answer = await byCommand(file, '--require-approvals', 'chief', ...reason);
    await expect.poll(() => said('[data-made]', 'data-made'), POLL).toBe(answer.bundleDigest);
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
        await driver.screenshot(join(screens, `migrate-${name}-${theme}.png`), true);
      }
      await driver.evaluate(() => void delete document.documentElement.dataset['theme']);
      await driver.setViewport(360, 720);
      await still(driver);
      const wide = await driver.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (wide > 0) problems.push(`${name}: ${wide} pixels wider than the window`);
      problems.push(...(await axeViolations(driver)).map((one) => `${name} 360: ${one}`));
      await driver.screenshot(join(screens, `migrate-${name}-360.png`), true);
      await driver.setViewport(1280, 900);
    };
    await openPage(driver, `${site.url}migrate.html`);
    await check('empty');
    await openMigrate(older);
    await expect.poll(() => driver.text('[data-do]'), POLL).not.toBeNull();
    await check('looked');
    await driver.press('Control+Enter');
    await expect.poll(() => driver.text('[data-made]'), POLL).not.toBeNull();
    await check('made');
    expect(problems).toEqual([]);
    // Found from where bundles are built, too.
    await openPage(driver, `${site.url}build.html`);
    await desk.press(en['build.start.migrate'], 'main a');
    await expect.poll(() => driver.text('main h1'), POLL).toBe(en['migrate.title']);
  });
});
