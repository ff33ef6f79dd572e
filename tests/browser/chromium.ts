import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { Driver } from './driver.js';
import { encode, giveFiles, visibleText } from './inPage.js';

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param more - switches of this one browser, such as a camera that plays a file. */
export async function launchChromium(executablePath: string, more: readonly string[] = []): Promise<Driver> {
  const profile = mkdtempSync(join(tmpdir(), 'countersign-chromium-'));
  const asRoot = process.getuid?.() === 0;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [...flags, ...more, ...(asRoot ? ['--no-sandbox'] : [])],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  let errors: string[] = [];
  let requests: string[] = [];
  let authenticator = false;
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  context.on('request', (request) => requests.push(request.url()));

  const driver: Driver = {
    engine: 'chromium',
    async open(url) {
      errors = [];
      requests = [];
      await page.goto(url, { waitUntil: 'load' });
    },
    evaluate: (fn, ...args) => evaluate(fn, args),
    setFiles: (selector, files) => driver.evaluate(giveFiles, selector, encode(files), 'input' as const),
    setFolder: (selector, folder) => page.setInputFiles(selector, folder),
    dropFiles: (selector, files) => driver.evaluate(giveFiles, selector, encode(files), 'drop' as const),
    text: (selector) => driver.evaluate(visibleText, selector),
    click: (selector) => page.locator(selector).first().click(),
    press: (key) => page.keyboard.press(key),
    setViewport: (width, height) => page.setViewportSize({ width, height }),
    async screenshot(path, whole = false) {
      await page.screenshot({ path, fullPage: whole });
    },
    async emulate(wishes) {
      await page.emulateMedia({
        media: wishes?.media ?? null,
        forcedColors: wishes?.forcedColors ?? null,
        reducedMotion: wishes?.reducedMotion ?? null,
        colorScheme: wishes?.colorScheme ?? null,
      });
      return true;
    },
    async passkeys() {
      if (authenticator) return true;
      authenticator = true;
      const session = await context.newCDPSession(page);
      await session.send('WebAuthn.enable');
      const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true } as const;
      const person = { hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
      await session.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, ...person } });
      return true;
    },
    consoleErrors: async () => errors,
    requests: () => requests,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  // Over the debugging protocol the page's own policy does not stop the test's function.
  async function evaluate<A extends readonly unknown[], R>(
    fn: (...args: A) => R | Promise<R>,
    args: A,
  ): Promise<R> {
    const expression = `(${fn.toString()})(...${JSON.stringify(args)})`;
    return page.evaluate<R>(expression);
  }
  return driver;
}
