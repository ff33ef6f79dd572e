import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright';
import { findOne } from '../browser/installed.js';
import { serveBuild, type Site } from '../browser/site.js';
import type { Contender } from './contender.js';
import { changedInput, type Input } from './inputs.js';
import { peakOf, processesWith, renderersOf, resetPeak, residentOf } from './memory.js';

/** The built verify page in Chromium, a file chosen by its path as a person would. */
export interface BenchPage {
  readonly contender: Contender;
  /** Drop to verdict in a page that has just been opened, and of the next drop in the same page. Milliseconds. */
  firstAndLater(input: Input): Promise<{ first: number; later: number }>;
}

interface Seen {
  readonly ms: number;
  readonly code: string;
  readonly files: number;
}

const flags = [
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
];
const PATIENCE_MS = 180_000;

export async function openBenchPage(): Promise<BenchPage> {
  const site = await serveBuild();
  const profile = mkdtempSync(join(tmpdir(), 'countersign-bench-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findOne('chromium'),
    headless: true,
    args: [...flags, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${site.url}verify`);
  await page.evaluate(() => localStorage.setItem('countersign.settings', '{"limitsProfile":"large"}'));
  const bench = new Bench(context, page, site, profile);
  await bench.refusesChanged();
  return bench;
}

class Bench implements BenchPage {
  readonly contender: Contender;

  constructor(
    private readonly context: BrowserContext,
    private page: Page,
    private readonly site: Site,
    private readonly profile: string,
  ) {
    this.contender = {
      name: 'ours, page in Chromium',
      role: 'ours',
      takes: () => true,
      run: (input) => this.run(input),
      memory: (input) => this.memory(input),
      close: () => this.close(),
    };
  }

  async refusesChanged(): Promise<void> {
    await this.open();
    const { code } = await this.drop(await changedInput());
    if (code !== 'B-CHANGED') throw new Error(`the page says ${code} of a changed bundle`);
  }

  /** In a page that has had the time to start its worker. */
  private async run(input: Input): Promise<number> {
    await this.open();
    await this.page.waitForTimeout(1500);
    return this.judged(input, await this.drop(input.path));
  }

  async firstAndLater(input: Input): Promise<{ first: number; later: number }> {
    await this.open();
    const first = this.judged(input, await this.drop(input.path));
    await this.page.waitForTimeout(500);
    await this.page.evaluate(() => history.back());
    await this.page.locator('[data-row]').waitFor();
    const buttons = this.page.locator('.tools button');
    await buttons.last().click();
    await this.page.locator('[data-row]').waitFor({ state: 'detached' });
    const later = this.judged(input, await this.drop(input.path));
    return { first, later };
  }

  private async memory(input: Input): Promise<number | null> {
    await this.open();
    await this.page.waitForTimeout(1500);
    const browser = processesWith(this.profile).find((pid) => renderersOf(pid).length > 0);
    const renderers = browser === undefined ? [] : renderersOf(browser);
    const before = renderers.map((pid) => residentOf(pid) ?? 0);
    renderers.forEach(resetPeak);
    this.judged(input, await this.drop(input.path));
    const deltas = renderers.map((pid, i) => (peakOf(pid) ?? 0) - before[i]!);
    return deltas.length === 0 ? null : Math.max(...deltas);
  }

  private async close(): Promise<void> {
    await this.context.close();
    await this.site.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 3 });
  }

  /** A new tab, so that nothing of the run before is left. */
  private async open(): Promise<void> {
    const before = this.page;
    this.page = await this.context.newPage();
    await before.close();
    await this.page.goto(`${this.site.url}verify`);
    await this.page.waitForFunction(() => document.documentElement.dataset['density'] !== undefined);
  }

  private judged(input: Input, { ms, code, files }: Seen): number {
    if (code === 'B-CHANGED' || code === 'B-UNREADABLE' || files !== input.files)
      throw new Error(`the page says ${code} and lists ${files} files of ${input.files}`);
    return ms;
  }

  /** From the moment that the page gets the file to the frame that shows the verdict. */
  private async drop(path: string): Promise<Seen> {
    await this.page.evaluate(watch);
    await this.page.setInputFiles('input[type=file]:not([webkitdirectory])', path);
    const seen = await this.page.waitForFunction(
      () => (globalThis as { benchSeen?: Seen }).benchSeen,
      undefined,
      { timeout: PATIENCE_MS, polling: 50 },
    );
    return (await seen.jsonValue()) as Seen;
  }
}

/** Runs in the page: notes when a file is given and when the verdict stands in a frame. */
function watch(): void {
  const scope = globalThis as { benchSeen?: Seen };
  delete scope.benchSeen;
  let start = 0;
  document.addEventListener('change', () => (start = performance.now()), { capture: true, once: true });
  const observer = new MutationObserver(() => {
    const tab = document.querySelector('#tab-files .count');
    const code = document.querySelector('#details ~ .print-only');
    if (tab === null || code === null || start === 0) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const text = code.textContent ?? '';
      scope.benchSeen = {
        ms: performance.now() - start,
        code: /[BC]-[A-Z-]+/.exec(text)?.[0] ?? text,
        files: Number((tab.textContent ?? '').replace(/\D/g, '')),
      };
    });
  });
  observer.observe(document.body, { childList: true, subtree: true });
}
