import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, WebDriver } from 'selenium-webdriver';
import { afterAll, beforeAll, describe, expect, it, type TestError } from 'vitest';
import { serve } from '../../src/tools/serve.mjs';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { bound, FellSilent, silent } from './silence.js';

const page = `<!doctype html><meta charset="utf-8"><title>t</title><h1>Hello</h1><input id="in" type="file" multiple>
<button id="b">Press</button><p id="out"></p><script src="p.js"></script>`;
const script = `
document.querySelector('#b').addEventListener('click', () => { document.querySelector('#out').textContent = 'clicked'; });
document.querySelector('#in').addEventListener('change', async (event) => {
  const names = [];
  for (const file of event.target.files) names.push(file.name + ':' + (await file.text()));
  document.querySelector('#out').textContent = names.join(' ');
});
document.body.addEventListener('drop', (event) => {
  event.preventDefault();
  document.querySelector('#out').textContent = 'dropped ' + event.dataTransfer.files[0].name;
});
document.body.addEventListener('keydown', (event) => { document.querySelector('#out').textContent = 'key ' + event.key; });`;

describe.each(enginesHere())('driver of %s', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-driver-'));
  let driver: Driver;
  let site: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    writeFileSync(join(folder, 'index.html'), page);
    writeFileSync(join(folder, 'p.js'), script);
    site = await serve({ folder, port: 0, bare: true });
    driver = await launch(engine);
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens, reads, clicks, presses, gives files, takes pictures', async () => {
    await driver.open(site.url);
    expect(await driver.text('h1')).toBe('Hello');
    expect(await driver.text('#absent')).toBeNull();
    expect(await driver.evaluate(async (a: number, b: number) => a + b, 2, 3)).toBe(5);
    await driver.click('#b');
    expect(await driver.text('#out')).toBe('clicked');
    await driver.press('Escape');
    expect(await driver.text('#out')).toBe('key Escape');
    await driver.setFiles('#in', [
      { name: 'a.txt', bytes: Buffer.from('one') },
      { name: 'b.txt', bytes: Buffer.from('two') },
    ]);
    await expect.poll(() => driver.text('#out')).toBe('a.txt:one b.txt:two');
    await driver.dropFiles('body', [{ name: 'c.txt', bytes: Buffer.from('three') }]);
    await expect.poll(() => driver.text('#out')).toBe('dropped c.txt');
    const picture = join(folder, 'picture.png');
    await driver.screenshot(picture);
    expect(readFileSync(picture).subarray(1, 4).toString()).toBe('PNG');
    await expect(driver.evaluate(() => Promise.reject(new Error('told')))).rejects.toThrow(/told/);
  });

  it('lets axe find what is wrong', async () => {
    await driver.open(site.url);
    const violations = await axeViolations(driver);
    expect(violations.some((line) => line.startsWith('html-has-lang: '))).toBe(true);
    expect(violations.some((line) => line.startsWith('label: ') && line.includes('#in'))).toBe(true);
  });

  it('tells console errors', async () => {
    await driver.open(site.url);
    expect(await driver.consoleErrors()).toEqual([]);
    await driver.evaluate(() => console.error('something broke'));
    await expect.poll(() => driver.consoleErrors()).toEqual(['something broke']);
  });
});

describe('a driver that falls silent', () => {
  const command = (name: string): Command => ({ getName: () => name });
  /** Presses are never answered; scripts are. */
  function halfDeaf(): WebDriver {
    const web = {
      execute: (one: Command) =>
        one.getName() === 'clickElement'
          ? new Promise(() => undefined)
          : Promise.resolve('/approve complete'),
      executeScript: () => web.execute(command('executeScript')),
      executeAsyncScript: () => web.execute(command('executeAsyncScript')),
    };
    bound(web as unknown as WebDriver, () => 20);
    return web as unknown as WebDriver;
  }

  it('is told from one that answers, with what the page can still do', async () => {
    const web = halfDeaf();
    await expect(web.execute(command('getTitle'))).resolves.toBe('/approve complete');
    const fault = await web.execute(command('clickElement')).catch((one: unknown) => one);
    expect(fault).toBeInstanceOf(FellSilent);
    expect(String(fault)).toMatch(
      /clickElement has no answer.*page: \/approve complete.*before it: getTitle/,
    );
    // It goes on with what is answered.
    await expect(web.execute(command('getTitle'))).resolves.toBe('/approve complete');
  });

  it('lets a test begin again, and a failed expectation never', () => {
    const silence: TestError = { name: 'FellSilent', message: 'the driver fell silent' };
    const missed: TestError = {
      name: 'AssertionError',
      message: 'expected 1 to be 2: the driver fell silent',
    };
    expect(silent(silence)).toBe(true);
    expect(silent({ name: 'Error', message: 'not in time', cause: silence })).toBe(true);
    expect(silent(missed)).toBe(false);
    expect(silent({ name: 'Error', message: 'Test timed out' })).toBe(false);
  });
});
