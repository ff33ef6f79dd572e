import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, By, Key, type WebDriver } from 'selenium-webdriver';
import type { Driver } from './driver.js';
import { encode, gatheredErrors, giveFiles, visibleText, watchErrors } from './inPage.js';
import { bound, PAGE_LOAD_MS, SCRIPT_MS } from './silence.js';

const browsers = [
  '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
  '/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
  '/usr/libexec/webkit2gtk-4.1/MiniBrowser',
];

export async function launchWebkit(driverPath: string): Promise<Driver> {
  const home = mkdtempSync(join(tmpdir(), 'countersign-webkit-'));
  const screen = process.env['DISPLAY'] ? null : await startScreen();
  const port = await freePort();
  const service = spawn(driverPath, [`--port=${port}`], {
    stdio: 'ignore',
    // A group of its own, so that what it started ends with it.
    detached: true,
    env: {
      ...process.env,
      ...(screen === null ? {} : { DISPLAY: screen.display }),
      HOME: home,
      XDG_DATA_HOME: join(home, 'data'),
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
      // Without WebKit's DMA-BUF path a screenshot never comes, so that one stays as it is.
      LIBGL_ALWAYS_SOFTWARE: '1',
      NO_AT_BRIDGE: '1',
    },
  });
  await answers(port);
  const binary = process.env['WEBKIT_BROWSER_PATH'] ?? browsers.find((one) => existsSync(one));
  const web = await new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    })
    .build();
  bound(web);
  await web.manage().setTimeouts({ script: SCRIPT_MS, pageLoad: PAGE_LOAD_MS });
  await web.manage().window().setRect({ width: 1280, height: 900 });
  return driverOf(web, async () => {
    await web.quit().catch(() => undefined);
    end(service);
    screen?.process.kill();
    removeLater(home);
  });
}

/** Kills a process with everything that it started. */
function end({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** The browser's last processes still write their caches for a moment. A folder that is left is no failed test. */
function removeLater(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (fault) {
    console.warn(`left behind: ${folder} (${fault instanceof Error ? fault.message : 'unknown'})`);
  }
}

function driverOf(web: WebDriver, close: () => Promise<void>): Driver {
  const driver: Driver = {
    engine: 'webkit',
    async open(url) {
      await web.get(url);
      await web.executeScript(`(${watchErrors.toString()})()`);
    },
    evaluate: (fn, ...args) => evaluate(web, fn, args),
    setFiles: (selector, files) => driver.evaluate(giveFiles, selector, encode(files), 'input' as const),
    dropFiles: (selector, files) => driver.evaluate(giveFiles, selector, encode(files), 'drop' as const),
    text: (selector) => driver.evaluate(visibleText, selector),
    click: (selector) => click(web, selector),
    press: (key) => press(web, key),
    async setViewport(width, height) {
      await web.manage().window().setRect({ width, height });
    },
    async screenshot(path) {
      writeFileSync(path, Buffer.from(await web.takeScreenshot(), 'base64'));
    },
    emulate: async () => false,
    passkeys: async () => false,
    consoleErrors: () => driver.evaluate(gatheredErrors),
    requests: () => null,
    close,
  };
  return driver;
}

/** Something fixed may lie over the element for a moment; a person scrolls or waits, and so does this. */
async function click(web: WebDriver, selector: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const element = await web.findElement(By.css(selector));
    try {
      await element.click();
      return;
    } catch (fault) {
      // WebKit also calls an element out of reach while the page is still moving to it; one that was drawn anew is
      // another element in the same place.
      const reasons = [
        'ElementClickInterceptedError',
        'ElementNotInteractableError',
        'StaleElementReferenceError',
      ];
      const covered = fault instanceof Error && reasons.includes(fault.name);
      if (!covered) throw fault;
      if (attempt === 40) {
        const above = await web.executeScript<string>(`return (${lying.toString()})()`);
        throw new Error(`${fault.name}: ${above}`, { cause: fault });
      }
      const toMiddle = `document.querySelector(${JSON.stringify(selector)})?.scrollIntoView({ block: 'center' })`;
      await web.executeScript(toMiddle);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** What lies over the element that was to be clicked on, for the message. Runs in the page. */
function lying(): string {
  const wanted = document.querySelector('[data-marked]') ?? document.body;
  const { left, top, width, height } = wanted.getBoundingClientRect();
  const above = document.elementFromPoint(left + width / 2, top + height / 2);
  return `${above?.outerHTML.slice(0, 300) ?? 'nothing'} lies over ${wanted.outerHTML.slice(0, 300)}`;
}

/**
 * Answers and failures come back as one JSON text, because WebDriver turns exceptions of promises into a timeout. A
 * script that began in a page that was just being left is lost with it: it runs again in the next one.
 */
async function evaluate<A extends readonly unknown[], R>(
  web: WebDriver,
  fn: (...args: A) => R | Promise<R>,
  args: A,
): Promise<R> {
  for (let attempt = 0; ; attempt += 1) {
    const mark = String(Math.random());
    try {
      return await evaluateOnce(web, fn, args, mark);
    } catch (fault) {
      if (!(fault instanceof Error) || fault.name !== 'ScriptTimeoutError' || attempt === 2) throw fault;
      const here = await web.executeScript<boolean>('return window.startedHere === arguments[0]', mark);
      if (here) throw new Error(`nothing came of ${fn.toString().slice(0, 100)}`, { cause: fault });
    }
  }
}

async function evaluateOnce<A extends readonly unknown[], R>(
  web: WebDriver,
  fn: (...args: A) => R | Promise<R>,
  args: A,
  mark: string,
): Promise<R> {
  const script = `
    const done = arguments[arguments.length - 1];
    window.startedHere = arguments[1];
    (async () => (${fn.toString()})(...JSON.parse(arguments[0])))().then(
      (value) => done(JSON.stringify({ value })),
      (error) => done(JSON.stringify({ error: String(error) })),
    );`;
  const text = await web.executeAsyncScript<string>(script, JSON.stringify(args), mark);
  const answer = JSON.parse(text) as { value?: R; error?: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.value as R;
}

async function press(web: WebDriver, key: string): Promise<void> {
  const parts = key.split('+').map(keyCode);
  const actions = web.actions();
  for (const one of parts) actions.keyDown(one);
  for (const one of parts.reverse()) actions.keyUp(one);
  await actions.perform();
}

function keyCode(name: string): string {
  if (name.length === 1) return name;
  const seleniumName = name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  const code = Key[seleniumName];
  if (code === undefined) throw new Error(`no key ${name}`);
  return code;
}

/** A screen of its own under Xvfb, which picks a free number and tells it. */
function startScreen(): Promise<{ display: string; process: ChildProcess }> {
  return new Promise((resolve, reject) => {
    const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    xvfb.on('error', reject);
    xvfb.stdio[3]?.once('data', (number: Buffer) => {
      resolve({ display: `:${number.toString().trim()}`, process: xvfb });
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const ok = await fetch(`http://127.0.0.1:${port}/status`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('WebKitWebDriver does not answer');
}
