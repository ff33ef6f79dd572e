import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../src/tools/project.mjs';
import { scriptSize } from '../bench/script.js';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** Every page of the build; of the pages for codes, which are made from one template, the first two. */
function pages(): readonly string[] {
  const names = readdirSync(join(root, 'build'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) =>
      name
        .replaceAll('\\', '/')
        .replace(/\.html$/, '')
        .replace(/^index$/, ''),
    )
    .sort();
  const codes = names.filter((name) => name.startsWith('codes/'));
  return [...names.filter((name) => !codes.includes(name)), ...codes.slice(0, 2)];
}

/** Of script, compressed, before anything is given to the page. */
const FIRST_LOAD_GZ_BYTES_MAX = 90_000;

it('the verify page loads at most 90 kB of script', () => {
  const size = scriptSize();
  expect(size?.files).toBeGreaterThan(3);
  expect(size?.gzBytes).toBeLessThanOrEqual(FIRST_LOAD_GZ_BYTES_MAX);
});

describe.each(enginesHere())('every page in %s', (engine) => {
  let driver: Driver;
  let site: Site;

  beforeAll(async () => {
    driver = await launch(engine);
    // The hardest host: below a sub-path, and without a single header of ours.
    site = await serveBuild({ base: '/some/where/', bare: true });
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });

  it.each(pages())('/%s opens without an error, asks nobody else, and axe finds nothing', async (page) => {
    await openPage(driver, `${site.url}${page}`);
    expect(await driver.evaluate(() => document.title)).not.toBe('');
    expect(await driver.evaluate(() => document.querySelectorAll('h1').length)).toBe(1);
    expect(await axeViolations(driver)).toEqual([]);
    expect(await driver.consoleErrors()).toEqual([]);
    const elsewhere = (driver.requests() ?? []).filter(
      (url) => !url.startsWith(site.url) && !/^(blob|data):/.test(url),
    );
    expect(elsewhere).toEqual([]);
    expect(site.asked.filter((path) => !path.startsWith('/some/where/') && path !== '/favicon.ico')).toEqual(
      [],
    );
  });

  it('shows the same address with and without .html', async () => {
    for (const address of ['verify', 'verify.html']) {
      await openPage(driver, `${site.url}${address}`);
      expect(await driver.evaluate(() => document.querySelector('input[type=file]') !== null)).toBe(true);
    }
  });
});
