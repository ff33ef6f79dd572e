import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright';
import { findOne } from '../browser/installed.js';
import type { Contender } from './contender.js';

/**
 * A page that checks nothing: its worker inflates the file by the browser's own means and hashes what comes out, the page
 * then shows one word. What it takes for a small file no page can do without.
 */
export async function barePage(): Promise<Contender> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><input type="file"><p></p><script>(${inPage.toString()})()</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: findOne('chromium'),
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    name: 'a page that only inflates and hashes',
    role: 'other',
    takes: (size) => ['1mb', '100mb', '100k-tiny'].includes(size),
    async run({ path }) {
      const page = await browser.newPage();
      await page.goto(url);
      await page.waitForTimeout(500);
      await page.setInputFiles('input', path);
      const ms = await page.waitForFunction(() => (globalThis as { shownMs?: number }).shownMs);
      const taken = (await ms.jsonValue()) as number;
      await page.close();
      return taken;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** Runs in the page. */
function inPage(): void {
  const work = async ({ data }: { readonly data: Blob }): Promise<void> => {
    const unpacked = data.stream().pipeThrough(new DecompressionStream('gzip'));
    const digest = await crypto.subtle.digest('SHA-256', await new Response(unpacked).arrayBuffer());
    postMessage(new Uint8Array(digest));
  };
  const script = new Blob([`onmessage = ${work.toString()}`], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(script));
  let start = 0;
  worker.onmessage = () => {
    document.querySelector('p')!.textContent = 'hashed';
    requestAnimationFrame(() => Object.assign(globalThis, { shownMs: performance.now() - start }));
  };
  document.querySelector('input')!.addEventListener('change', ({ target }) => {
    start = performance.now();
    worker.postMessage((target as HTMLInputElement).files![0]);
  });
}
