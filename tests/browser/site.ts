import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HASHER_NAME } from '../../src/engine/second.js';
import { root } from '../../src/tools/project.mjs';
import { serve } from '../../src/tools/serve.mjs';
import type { Driver } from './driver.js';

/**
 * Opens a page of the application and waits until it listens: a file given to a page that is still waking up is lost,
 * as it would be for a person.
 */
export async function openPage(driver: Driver, url: string): Promise<void> {
  await driver.open(url);
  const awake = (): boolean => document.documentElement.dataset['density'] !== undefined;
  for (const deadline = Date.now() + 30_000; !(await driver.evaluate(awake));) {
    if (Date.now() > deadline)
      throw new Error(`${url} does not wake up: ${(await driver.consoleErrors()).join('; ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What of the application lies on the device, as the page says it: nothing, all but the large editor, or all. */
export function keptHere(driver: Driver): Promise<string | null> {
  return driver.evaluate(() => document.querySelector<HTMLElement>('[data-kept]')?.dataset['kept'] ?? null);
}

export interface Site {
  /** Address of the start page, with a slash at the end. */
  readonly url: string;
  /** Paths asked for so far, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Serves the built application on a port of its own; with `bare` as a host that sends no policy headers. */
export async function serveBuild(options: { base?: string; bare?: boolean } = {}): Promise<Site> {
  const asked: string[] = [];
  const { url, close } = await serve({ ...options, port: 0, onRequest: (path) => void asked.push(path) });
  return { url, asked, close };
}

/**
 * Serves a copy of the built application whose service worker can be made a newer one: a build that differs in its
 * name alone.
 */
export async function serveUpdatable(): Promise<Site & { readonly update: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-updatable-'));
  cpSync(join(root, 'build'), folder, { recursive: true });
  const asked: string[] = [];
  const site = await serve({ folder, port: 0, onRequest: (one) => void asked.push(one) });
  return {
    url: site.url,
    asked,
    update() {
      const path = join(folder, 'service-worker.js');
      writeFileSync(path, `${readFileSync(path, 'utf8')}\n/* a newer build */\n`);
    },
    async close() {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Serves a copy of the built application that lacks the files whose paths match, until they are given back. */
export async function serveLacking(lacking: RegExp): Promise<Site & { readonly giveBack: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-lacking-'));
  const whole = join(root, 'build');
  cpSync(whole, folder, { recursive: true });
  const gone = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    lacking.test(path),
  );
  for (const path of gone) rmSync(join(folder, path));
  const asked: string[] = [];
  const site = await serve({ folder, port: 0, onRequest: (one) => void asked.push(one) });
  return {
    url: site.url,
    asked,
    giveBack: () => gone.forEach((path) => cpSync(join(whole, path), join(folder, path))),
    async close() {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Serves a copy of the built application with pages beside it that are not ours, as a host that sends no policy. */
export async function serveBeside(pages: Readonly<Record<string, string>>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-beside-'));
  cpSync(join(root, 'build'), folder, { recursive: true });
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, name), text);
  const asked: string[] = [];
  const site = await serve({ folder, bare: true, port: 0, onRequest: (one) => void asked.push(one) });
  return {
    url: site.url,
    asked,
    async close() {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Serves a copy of the built application in which the engine worker begins with `code`. */
export async function servePlanted(code: string, options: { bare?: boolean } = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-planted-'));
  cpSync(join(root, 'build'), folder, { recursive: true });
  const chunks = join(folder, '_app', 'immutable', 'chunks');
  const start = /(["'`])\(function\(\)\{/;
  const hit = readdirSync(chunks).filter((name) => {
    const text = readFileSync(join(chunks, name), 'utf8');
    return text.length > 50_000 && start.test(text.slice(0, 200)) && text.includes(HASHER_NAME);
  });
  if (hit.length !== 1)
    throw new Error(`expected one chunk with the text of the engine worker, found ${hit.length}`);
  const path = join(chunks, hit[0] ?? '');
  const text = readFileSync(path, 'utf8');
  const quote = start.exec(text)?.[1] ?? '"';
  const escaped = code
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('${', '\\${');
  writeFileSync(
    path,
    text.replace(start, (found) => `${found}${escaped}`),
  );
  const asked: string[] = [];
  const site = await serve({ folder, ...options, port: 0, onRequest: (one) => void asked.push(one) });
  return {
    url: site.url,
    asked,
    async close() {
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
