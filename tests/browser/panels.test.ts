import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { vectorsRoot } from '../vectors.js';
import { openDesk, type Desk } from './desk.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { serveBuild, type Site } from './site.js';

/** What nobody sees yet is drawn behind the verdict: never later than it is asked for. */

const smallest = {
  name: 'smallest.sbundle.tgz',
  bytes: new Uint8Array(readFileSync(join(vectorsRoot, 'valid/smallest', 'input.sbundle.tgz'))),
};

/** How much stands in each panel besides its title. Runs in the page. */
function drawn(): Record<string, boolean> {
  const panels = [...document.querySelectorAll('.panel')];
  return Object.fromEntries(
    panels.map(({ id, children }) => [id.slice('panel-'.length), children.length > 1]),
  );
}

const all = { evidence: true, people: true, findings: true, files: true, method: true };
const seenAtOnce = { evidence: true, people: false, findings: false, files: false, method: false };

describe.each(enginesHere())('the panels of a verdict in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let desk: Desk;
  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild();
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  /** A verdict in a page that never rests. */
  beforeEach(async () => {
    desk = await openDesk(driver, site.url);
    await driver.evaluate(() => void (globalThis.requestIdleCallback = () => 0));
    await desk.drop([smallest]);
    await desk.until('a verdict', (seen) => seen.verdict !== null);
    expect(await driver.evaluate(drawn)).toMatchObject(seenAtOnce);
  });

  it('are complete on paper, however soon it is printed', async () => {
    await driver.evaluate(() => void dispatchEvent(new Event('beforeprint')));
    expect(await driver.evaluate(drawn)).toMatchObject(all);
  });

  it('are there when one is chosen', async () => {
    await desk.clickOn('#tab-method');
    expect(await driver.evaluate(drawn)).toMatchObject(all);
  });

  it('come by themselves when the page rests', async () => {
    desk = await openDesk(driver, site.url);
    await desk.drop([smallest]);
    await expect.poll(() => driver.evaluate(drawn), { timeout: 15_000 }).toMatchObject(all);
  });
});
