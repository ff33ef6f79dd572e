import { expect } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import type { Driver, GivenFile } from './driver.js';
import { openPage } from './site.js';

/** The page that compares, as its tests see it. */

export const POLL = { timeout: 60_000, interval: 50 };

type Seen = ReturnType<typeof look>;

export interface ComparePage {
  readonly open: () => Promise<void>;
  readonly seen: () => Promise<Seen>;
  /** Drops files, and waits for what they come to. */
  readonly drop: (files: readonly GivenFile[]) => Promise<Seen>;
  /** Chooses how lines are looked at. */
  readonly choose: (view: string) => Promise<void>;
  /** The lines that the two sides of the large editor show, and what screen readers call them. */
  readonly editorNow: () => Promise<{ lines: string; names: string[]; sides: string | null }>;
}

/** `where`: the browser and the address of the site, once they are there. */
export function comparePage(where: () => { readonly driver: Driver; readonly url: string }): ComparePage {
  const seen = () => where().driver.evaluate(look);
  return {
    async open() {
      const { driver, url } = where();
      await openPage(driver, `${url}compare.html`);
      await expect.poll(() => driver.text('main h1'), POLL).toBe(en['compare.title']);
    },
    seen,
    async drop(files) {
      await where().driver.dropFiles('main', files);
      let now = await seen();
      await expect.poll(async () => (now = await seen()).sum, POLL).not.toBe('');
      return now;
    },
    choose: (view) =>
      where().driver.evaluate(
        (value: string) => document.querySelector<HTMLInputElement>(`[name=view][value=${value}]`)?.click(),
        view,
      ),
    editorNow: () =>
      where().driver.evaluate(() => {
        const host = document.querySelector<HTMLElement>('[data-editor=diff]');
        return {
          lines: [...(host?.querySelectorAll('.view-line') ?? [])].map((one) => one.textContent).join('\n'),
          names: [...(host?.querySelectorAll('textarea') ?? [])].map(
            (one) => one.getAttribute('aria-label') ?? '',
          ),
          sides: host?.dataset['sides'] ?? null,
        };
      }),
  };
}

/** What stands on the page from top to bottom. Runs in the page. */
function look(): { groups: string[]; lines: string[]; files: string[]; sum: string; sides: string[] } {
  const words = (element: Element): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
  const list = (selector: string): string[] => [...document.querySelectorAll(selector)].map(words);
  return {
    groups: [...document.querySelectorAll<HTMLElement>('[data-group]')].map(
      (one) => one.dataset['group'] ?? '',
    ),
    lines: list('[data-group] li[data-change]'),
    files: list('[data-group=files] [data-file] > button'),
    sum: list('[data-result] .sum').join(''),
    sides: list('[data-side]'),
  };
}
