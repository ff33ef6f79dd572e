import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright';
import { build, type Rollup } from 'vite';
import { root } from '../../src/tools/project.mjs';
import { selfContainedWorker } from '../../src/tools/worker-plugin.mjs';

export interface State {
  readonly kept: string;
  readonly problems: readonly string[];
}

/** What the page offers; see `killPage.ts`. */
interface KillPage {
  readonly names: readonly string[];
  reset(name: string): Promise<void>;
  run(name: string, stop: number): Promise<number>;
  state(): Promise<State>;
}

/** A browser whose pages, and which itself, can be killed without a chance to tidy up. */
export interface Killer {
  readonly names: readonly string[];
  reset(name: string): Promise<void>;
  /** Runs an operation to its end in a page of its own; gives its number of steps. */
  finish(name: string): Promise<number>;
  /** Kills the page when it stands still at this step of the operation. */
  killAt(name: string, step: number): Promise<void>;
  /** Kills the page, or the whole browser, so many milliseconds after the operation began. */
  killAfter(name: string, ms: number, whole: boolean): Promise<void>;
  /** Looks from a new page. */
  state(): Promise<State>;
  close(): Promise<void>;
}

const define = { __COUNTERSIGN_VERSION__: '"0"', __COUNTERSIGN_BUILD__: '"source"' };

/** The page of `killPage.ts` on an address of its own. */
async function servePage(): Promise<{ readonly url: string; readonly close: () => void }> {
  const made = (await build({
    configFile: false,
    root,
    logLevel: 'error',
    define,
    plugins: [selfContainedWorker(define)],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rollupOptions: { input: join(root, 'tests/browser/killPage.ts'), preserveEntrySignatures: false },
    },
  })) as Rollup.RollupOutput;
  const files = new Map(
    made.output.map((one) => [`/${one.fileName}`, 'code' in one ? one.code : one.source]),
  );
  const entry = made.output.find((one) => one.type === 'chunk' && one.isEntry)?.fileName ?? '';
  files.set('/', `<!doctype html><title>kill</title><script type="module" src="/${entry}"></script>`);
  const server = createServer((request, response) => {
    const body = files.get((request.url ?? '').split('?')[0] ?? '');
    const type = request.url === '/' ? 'text/html' : 'text/javascript';
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}

interface Running {
  readonly context: BrowserContext;
  readonly control: CDPSession;
}

export async function launchKiller(executablePath: string): Promise<Killer> {
  const site = await servePage();
  const profile = mkdtempSync(join(tmpdir(), 'countersign-kill-'));
  let running = await start(executablePath, profile);

  async function onPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
    const page = await running.context.newPage();
    try {
      await page.goto(site.url);
      await page.waitForFunction(() => 'kill' in globalThis);
      return await work(page);
    } finally {
      await page.close().catch(() => undefined);
    }
  }

  /** Begins an operation in a page whose process is known, and waits for the moment to kill it. */
  async function killing(
    name: string,
    step: number,
    moment: (page: Page) => Promise<void>,
    whole: boolean,
  ): Promise<void> {
    const page = await running.context.newPage();
    await page.goto(site.url);
    await page.waitForFunction(() => 'kill' in globalThis);
    const reached = moment(page);
    const ended = page
      .evaluate(([operation, at]) => (globalThis as unknown as { kill: KillPage }).kill.run(operation, at), [
        name,
        step,
      ] as const)
      .catch(() => undefined);
    // A step that is not reached must not keep everybody waiting: the kill then comes after the end.
    await Promise.race([reached, ended, new Promise((resolve) => setTimeout(resolve, 15_000))]);
    // There is no page but ours, so every process of pages may die.
    for (const id of await processes(running.control, whole ? 'browser' : 'renderer')) killNow(id);
    await ended;
    if (!whole) await within(2000, page.close());
    else {
      await within(5000, running.context.close());
      running = await start(executablePath, profile);
    }
  }

  return {
    names: await onPage((page) =>
      page.evaluate(() => (globalThis as unknown as { kill: KillPage }).kill.names),
    ),
    reset: (name) =>
      onPage((page) =>
        page.evaluate((one) => (globalThis as unknown as { kill: KillPage }).kill.reset(one), name),
      ),
    finish: (name) =>
      onPage((page) =>
        page.evaluate((one) => (globalThis as unknown as { kill: KillPage }).kill.run(one, 0), name),
      ),
    killAt: (name, step) =>
      killing(
        name,
        step,
        (page) =>
          new Promise((resolve) => {
            page.on('console', (message) => message.text() === 'stands still' && resolve());
          }),
        false,
      ),
    killAfter: (name, ms, whole) =>
      killing(name, 0, () => new Promise((resolve) => setTimeout(resolve, ms)), whole),
    state: () =>
      onPage((page) => page.evaluate(() => (globalThis as unknown as { kill: KillPage }).kill.state())),
    async close() {
      await running.context.close().catch(() => undefined);
      site.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function start(executablePath: string, profile: string): Promise<Running> {
  // Every page in a process of its own, so that one can be killed.
  const args = ['--disable-gpu', '--no-first-run', '--site-per-process', '--no-sandbox'];
  const asRoot = process.getuid?.() === 0;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: asRoot ? args : args.slice(0, -1),
  });
  const control = await context.browser()?.newBrowserCDPSession();
  if (control === undefined) throw new Error('the browser does not tell its processes');
  return { context, control };
}

function killNow(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // Gone by itself, meanwhile.
  }
}

/** What is dead does not always say so. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, ms))]);
}

/** Numbers of the browser's processes of one kind. */
async function processes(control: CDPSession, kind: string): Promise<readonly number[]> {
  const { processInfo } = await control.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === kind).map(({ id }) => id);
}
