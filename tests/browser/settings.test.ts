import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { approverOf, type Approver } from './approver.js';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** What is chosen on one device, carried to another. */

function stored(): Record<string, unknown> {
  return JSON.parse(localStorage.getItem('countersign.settings') ?? '{}') as Record<string, unknown>;
}

describe.each(enginesHere())('settings in %s', (engineName) => {
  let driver: Driver;
  let site: Site;
  let page: Approver;

  beforeAll(async () => {
    driver = await launch(engineName);
    site = await serveBuild();
    page = approverOf(driver, site.url);
  }, 180_000);
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  const give = (value: string): Promise<void> =>
    driver.setFiles('input[data-settings-file]', [{ name: 'settings.json', bytes: Buffer.from(value) }]);

  it('go to a file and come back, whole; what nobody can mean has its default; nothing else is taken', async () => {
    await openPage(driver, `${site.url}settings.html`);
    await page.until(en['settings.file']);
    await driver.evaluate(() => {
      const chosen = { theme: 'dark', density: 'compact', shortcuts: false, readOnly: true };
      localStorage.setItem('countersign.settings', JSON.stringify(chosen));
    });
    await openPage(driver, `${site.url}settings.html`);
    await page.keep();
    await page.press('settings.file.save');
    const [saved] = await page.saves(1);
    expect(saved!.name).toBe('countersign-settings.json');
    await driver.evaluate(() => localStorage.removeItem('countersign.settings'));
    await openPage(driver, `${site.url}settings.html`);
    await give(saved!.bytes.toString());
    const chosen = { theme: 'dark', density: 'compact', shortcuts: false, readOnly: true };
    await expect.poll(() => driver.evaluate(stored)).toMatchObject(chosen);
    expect(await axeViolations(driver)).toEqual([]);

    await give(
      JSON.stringify({
        schema: 'countersign.settings/v1',
        settings: { theme: 7, limits: { entriesMax: -1 } },
      }),
    );
    await expect.poll(() => driver.evaluate(stored)).toMatchObject({ theme: 'auto', limits: {} });
    await give('{"theme":"dark"}');
    await page.until(en['settings.file.refused'].replace('{name}', 'settings.json'));
    expect(await driver.evaluate(stored)).toMatchObject({ theme: 'auto' });
  });
});
