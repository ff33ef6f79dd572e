import '../texts.js';
import type { Report } from '../../src/core/generated/report.js';
import type { TextKey } from '../../src/lib/strings/en.js';
import { translate, type Locale, type TextParams } from '../../src/lib/strings/translate.js';
import type { Driver, GivenFile } from './driver.js';
import { keepSaves, lastSave } from './saves.js';
import { openPage } from './site.js';

/** The verify page as a person uses it: found by the words that it shows, read by what it shows and saves. */

export interface SeenRow {
  readonly name: string;
  readonly text: string;
  readonly code: string;
}

/** What is on the page now. */
export interface Seen {
  /** Headline of the open verdict; null while the list is shown. */
  readonly verdict: string | null;
  /** Whole text of the question about a trust list, if one is asked. */
  readonly offer: string | null;
  /** Name of the trust list that is asked about. */
  readonly offered: string | null;
  readonly refused: boolean;
  readonly notices: readonly string[];
  readonly rows: readonly SeenRow[];
  readonly working: boolean;
}

/** Runs in the page. */
function look(texts: { cancelAll: string; refused: string }): Seen {
  const textOf = (selector: string): string | null => {
    const found = document.querySelector<HTMLElement>(selector);
    return found === null ? null : (found.textContent ?? '').replace(/\s+/g, ' ').trim();
  };
  const words = (element: Element): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim();
  const buttons = [...document.querySelectorAll('button')].map(words);
  return {
    verdict: textOf('article.verdict h1'),
    offer: textOf('section.offer'),
    offered: textOf('section.offer > p strong'),
    refused: textOf('section.offer h2') === texts.refused,
    notices: [...document.querySelectorAll('.notices p')].map(words),
    rows: [...document.querySelectorAll<HTMLElement>('.rows > li')].map((row) => ({
      name: words(row.querySelector('.open bdi:last-of-type') ?? row),
      text: words(row),
      code: words(row.querySelector('.code-name') ?? row),
    })),
    working: buttons.includes(texts.cancelAll),
  };
}

/** Gives one element that a person would see a mark, so that the driver can find it. Runs in the page. */
function mark(selector: string, words: string | readonly string[] | null): boolean {
  for (const old of document.querySelectorAll('[data-marked]')) old.removeAttribute('data-marked');
  const found = [...document.querySelectorAll<HTMLElement>(selector)].find((element) => {
    const said = (element.getAttribute('aria-label') ?? element.textContent ?? '')
      .replace(/\s+/g, ' ')
      .trim();
    return (words === null || [words].flat().includes(said)) && element.getClientRects().length > 0;
  });
  found?.setAttribute('data-marked', '');
  return found !== undefined;
}

/** For tidying up: the list is drawn anew while it is read, and no driver hits what is being replaced. Runs in the page. */
function clickFirst(selector: string): boolean {
  const first = document.querySelector<HTMLElement>(selector);
  first?.click();
  return first !== null;
}

/** Sets what the page takes for the time of day; null gives it back. Runs in the page. */
function setClock(now: string | null): void {
  const scope = globalThis as unknown as { Date: DateConstructor; realDate?: DateConstructor };
  const Real = (scope.realDate ??= scope.Date);
  if (now === null) {
    scope.Date = Real;
    return;
  }
  const fixed = Real.parse(now);
  scope.Date = class extends Real {
    constructor(...args: readonly []) {
      if (args.length === 0) super(fixed);
      else super(...args);
    }
    static override now(): number {
      return fixed;
    }
  } as DateConstructor;
}

/** How many lists the page keeps: signers files, and the list of people when the last change left one. Runs in the page. */
async function keptTrust(): Promise<number> {
  const all = (name: string, table: string): Promise<unknown[]> =>
    new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onerror = () => resolve([]);
      // Looking must not make the store before the page does.
      opening.onupgradeneeded = () => opening.transaction?.abort();
      opening.onsuccess = () => {
        const database = opening.result;
        const reading = database.transaction(table).objectStore(table).getAll();
        reading.onsuccess = () => {
          database.close();
          resolve(reading.result as unknown[]);
        };
        reading.onerror = () => reject(new Error('the store does not answer'));
      };
    });
  const changes = (await all('countersign-people', 'changes')) as { document: unknown }[];
  const signers = await all('countersign-reader', 'trust');
  return signers.length + ((changes.at(-1)?.document ?? null) === null ? 0 : 1);
}

export interface Desk {
  readonly driver: Driver;
  see(): Promise<Seen>;
  /** Waits until the page shows it; the failure says what it showed instead. */
  until(what: string, shown: (seen: Seen) => boolean, timeoutMs?: number): Promise<Seen>;
  /** Drops files onto the page. */
  drop(files: readonly GivenFile[]): Promise<void>;
  /** Presses what reads so; waits until it is there. */
  press(words: string, selector?: string): Promise<void>;
  clickOn(selector: string): Promise<void>;
  /** Answers every question about a trust list with yes; a list that cannot be used is closed. Gives what was shown. */
  acceptTrust(): Promise<readonly { readonly refused: boolean; readonly text: string }[]>;
  /** All rows that are there have their answer. */
  settled(rows: number, timeoutMs?: number): Promise<Seen>;
  /** Saves the report: of the open verdict, or of all bundles. */
  save(): Promise<Report>;
  backToList(): Promise<void>;
  /** An empty page: no bundle in the list, no trust list in use. */
  clear(): Promise<void>;
  setClock(now: string | null): Promise<void>;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function openDesk(driver: Driver, siteUrl: string, locale: Locale = 'en'): Promise<Desk> {
  await openPage(driver, `${siteUrl}verify`);
  await keepSaves(driver);
  return deskOf(driver, locale);
}

function deskOf(driver: Driver, locale: Locale): Desk {
  const words = <K extends TextKey>(key: K, ...params: TextParams<K>): string =>
    translate(locale, key, ...params);
  const texts = { cancelAll: words('queue.cancelAll'), refused: words('offer.refusedTitle') };
  const see = (): Promise<Seen> => driver.evaluate(look, texts);

  async function until(what: string, shown: (seen: Seen) => boolean, timeoutMs = 60_000): Promise<Seen> {
    for (const deadline = Date.now() + timeoutMs; ;) {
      const seen = await see();
      if (shown(seen)) return seen;
      if (Date.now() > deadline)
        throw new Error(`${what}: the page shows ${JSON.stringify(seen).slice(0, 3000)}`);
      await pause(30);
    }
  }

  async function find(selector: string, said: string | readonly string[] | null): Promise<void> {
    for (const deadline = Date.now() + 15_000; !(await driver.evaluate(mark, selector, said));) {
      if (Date.now() > deadline)
        throw new Error(
          `nothing to press reads "${String(said ?? selector)}": ${JSON.stringify(await see()).slice(0, 2000)}`,
        );
      await pause(30);
    }
  }

  async function press(said: string | null, selector: string): Promise<void> {
    await find(selector, said);
    await driver.click('[data-marked]');
  }

  const desk: Desk = {
    driver,
    see,
    until,
    drop: (files) => driver.dropFiles('main', files),
    press: (said, selector = 'button, a, summary, label') => press(said, selector),
    clickOn: (selector) => press(null, selector),
    async acceptTrust() {
      const answered: { refused: boolean; text: string }[] = [];
      for (;;) {
        const { offer, offered, refused } = await see();
        if (offer === null) return answered;
        answered.push({ refused, text: offer });
        await press(null, 'section.offer .primary');
        await until('the next question or none', (seen) => seen.offered !== offered);
      }
    },
    settled: (rows, timeoutMs = 120_000) =>
      until(
        `${rows} bundles with an answer`,
        (seen) => !seen.working && seen.rows.length === rows,
        timeoutMs,
      ),
    async save() {
      // A single verdict opens by itself, perhaps only now: either button saves what there is.
      const either = [words('action.save'), words('queue.saveAll')];
      await find('button', either);
      await driver.click('[data-marked]');
      for (const deadline = Date.now() + 15_000; ;) {
        const saved = await lastSave(driver);
        if (saved !== null) return JSON.parse(saved.bytes.toString()) as Report;
        if (Date.now() > deadline) throw new Error('nothing was saved');
        await pause(20);
      }
    },
    async backToList() {
      if ((await see()).verdict === null) return;
      await press(null, '.back .button');
      await until('the list', (seen) => seen.verdict === null);
    },
    async clear() {
      await desk.backToList();
      if ((await see()).rows.length > 0) await press(words('queue.clear'), 'button');
      // Kept lists come in a moment after the page is awake.
      for (;;) {
        if (await driver.evaluate(clickFirst, '.judged li button')) continue;
        if ((await driver.evaluate(keptTrust)) === 0) break;
        await pause(20);
      }
      await until('an empty page', (seen) => seen.rows.length === 0);
    },
    setClock: (now) => driver.evaluate(setClock, now),
  };
  return desk;
}
