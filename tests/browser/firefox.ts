import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type KeyInput } from 'puppeteer-core';
import type { Driver } from './driver.js';
import { encode, giveFiles, isOnTop, visibleText } from './inPage.js';

const endedLoad = /error loading dynamically imported module|A ServiceWorker intercepted the request/;

export async function launchFirefox(executablePath: string): Promise<Driver> {
  const profile = mkdtempSync(join(tmpdir(), 'countersign-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    userDataDir: profile,
    protocolTimeout: 180_000,
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  let errors: string[] = [];
  let requests: string[] = [];
  let opening = false;
  /** Firefox also tells which loads of the page before were ended by opening the next one. */
  const tell = (error: string): void => {
    if (!opening || !endedLoad.test(error)) errors.push(error);
  };
  page.on('console', (message) => {
    if (message.type() === 'error') tell(message.text());
  });
  page.on('pageerror', (error) => tell(String(error)));
  page.on('request', (request) => requests.push(request.url()));

  const driver: Driver = {
    engine: 'firefox',
    async open(url) {
      errors = [];
      requests = [];
      opening = true;
      await page.goto(url, { waitUntil: 'load' }).finally(() => (opening = false));
    },
    evaluate: (fn, ...args) => evaluate(fn, args),
    setFiles: (selector, files) => driver.evaluate(giveFiles, selector, encode(files), 'input' as const),
    dropFiles: (selector, files) => driver.evaluate(giveFiles, selector, encode(files), 'drop' as const),
    text: (selector) => driver.evaluate(visibleText, selector),
    click: (selector) => click(selector),
    async press(key) {
      const parts = key.split('+') as KeyInput[];
      const last = parts.pop() ?? 'Enter';
      for (const held of parts) await page.keyboard.down(held);
      await page.keyboard.press(last);
      for (const held of parts) await page.keyboard.up(held);
    },
    setViewport: (width, height) => page.setViewport({ width, height }),
    async screenshot(path, whole = false) {
      await page.screenshot({ path: `${path.replace(/\.png$/, '')}.png`, fullPage: whole });
    },
    emulate: async () => false,
    passkeys: async () => false,
    consoleErrors: async () => errors,
    requests: () => requests,
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  /** The locator does not look whether something fixed lies over the element; a person would. */
  async function click(selector: string): Promise<void> {
    for (let attempt = 0; attempt < 80; attempt += 1) {
      if (await evaluate(isOnTop, [selector])) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await page.locator(selector).click();
  }
  async function evaluate<A extends readonly unknown[], R>(
    fn: (...args: A) => R | Promise<R>,
    args: A,
  ): Promise<R> {
    const expression = `(${fn.toString()})(...${JSON.stringify(args)})`;
    return (await page.evaluate(expression)) as R;
  }
  return driver;
}
