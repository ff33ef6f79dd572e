import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseTrust } from '../vectorgen/cast.js';
import { trustText } from '../vectorgen/trustText.js';
import { openDesk, pause } from './desk.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** A page that is left while it reads its databases, and perhaps kept for its reader to come back to. */

const trust = { name: 'trust.yaml', bytes: new TextEncoder().encode(trustText(releaseTrust())) };

describe.each(enginesHere())('a page that is left early in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild();
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  it('holds up no other page of ours', async () => {
    for (let visit = 1; visit <= 6; visit += 1) {
      await openPage(driver, `${site.url}compare.html`);
      const desk = await openDesk(driver, site.url);
      await desk.drop([trust]);
      await desk.until(`the question of visit ${visit}`, ({ offer }) => offer !== null);
      // Ends when the list is kept, or when it is said that it is not.
      expect(await desk.acceptTrust()).toHaveLength(1);
      await desk.clear();
    }
  });

  it('works when its reader comes back to it', async () => {
    await openPage(driver, `${site.url}people.html`);
    const desk = await openDesk(driver, site.url);
    await openPage(driver, `${site.url}compare.html`);
    await driver.evaluate(() => history.back());
    const back = (): boolean =>
      location.pathname.endsWith('/verify') && document.documentElement.dataset['density'] !== undefined;
    await expect.poll(() => driver.evaluate(back).catch(() => false), { timeout: 30_000 }).toBe(true);
    // One that was left at work is loaded anew now, and loses what was dropped before that.
    const asked = async (): Promise<boolean> => {
      await desk.drop([trust]);
      await pause(500);
      return (await desk.see()).offer !== null;
    };
    await expect.poll(() => asked().catch(() => false), { timeout: 30_000 }).toBe(true);
    expect((await desk.acceptTrust()).length).toBeGreaterThan(0);
  });
});
