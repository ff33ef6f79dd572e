import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyLine } from '../core/trust/keys.js';
import { all as en } from '../../src/lib/strings/all.js';
import { vectorsRoot } from '../vectors.js';
import { axeViolations } from './axe.js';
import { openDesk } from './desk.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** Whose keys are known and whose approval is needed: what a person does with the page of people. */

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const vector = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(join(vectorsRoot, 'valid/loose-pair', file)));
const list = (serial: number, threshold: number): string => `schema: "countersign.trust/v1"
id: "acme"
serial: ${serial}
people:
  - id: "alice@acme.org"
    name: "Alice Ang"
    keys: [{ssh: "${keyLine(1)}"}]
  - id: "bob@acme.org"
    keys: [{ssh: "${keyLine(2)}"}]
rules:
  - name: "production"
    roles:
      pm: {people: ["alice@acme.org", "bob@acme.org"], threshold: ${threshold}}
defaultRule: "production"
`;

function clickNamed(name: string, within: string): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(`${within} button, ${within} summary`)];
  const found = all.find(
    (one) =>
      (one.getAttribute('aria-label') ?? one.innerText.trim()) === name &&
      one.checkVisibility() &&
      !(one as HTMLButtonElement).disabled,
  );
  found?.click();
  return found !== undefined;
}

function fill(label: string, value: string): boolean {
  const found = [...document.querySelectorAll('label')].find(
    (one) => one.innerText.trim() === label && one.checkVisibility(),
  );
  const field = document.getElementById(found?.htmlFor ?? '') as HTMLInputElement | null;
  if (field === null) return false;
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

async function forgetEverybody(): Promise<void> {
  for (const name of ['countersign-people', 'countersign-reader'])
    await new Promise<void>((resolve, reject) => {
      const removing = indexedDB.deleteDatabase(name);
      removing.onsuccess = () => resolve();
      removing.onerror = () => reject(new Error(`${name} stays`));
    });
}

describe.each(enginesHere())('people and rules in %s', (engine) => {
  let driver: Driver;
  let site: Site;

  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild();
  });
  afterAll(async () => {
    await driver.close();
    await site.close();
  });

  const main = async (): Promise<string> => (await driver.text('main')) ?? '';
  const shows = (text: string): Promise<void> => expect.poll(main, { timeout: 30_000 }).toContain(text);
  const hides = (text: string): Promise<void> => expect.poll(main, { timeout: 30_000 }).not.toContain(text);
  const press = (name: string, within = 'body'): Promise<void> =>
    expect
      .poll(() => driver.evaluate(clickNamed, name, within), { timeout: 30_000, message: name })
      .toBe(true);
  const type = (label: string, value: string): Promise<void> =>
    expect.poll(() => driver.evaluate(fill, label, value), { timeout: 30_000, message: label }).toBe(true);
  const give = (name: string, text: string): Promise<void> =>
    driver.setFiles('main input[type=file]', [{ name, bytes: bytesOf(text) }]);
  const open = async (): Promise<void> => {
    await openPage(driver, `${site.url}people`);
    await shows(en['folk.import']);
  };
  /** Each story begins with its own list, so that none stands on another. */
  const begin = async (text: string | null): Promise<void> => {
    await open();
    await driver.evaluate(forgetEverybody);
    await open();
    await shows(en['folk.empty.title']);
    if (text === null) return;
    await give('trust.yaml', text);
    await press(en['folk.preview.keep']);
    await shows('Alice Ang');
  };

  it('a newcomer is told how to begin; a pasted key becomes a person only after a look', async () => {
    await begin(null);
    await press(en['folk.paste']);
    await expect
      .poll(() =>
        driver.evaluate(
          (value: string) => {
            const area = document.querySelector<HTMLTextAreaElement>('#folk-paste');
            if (area === null || !area.checkVisibility()) return false;
            area.value = value;
            area.dispatchEvent(new Event('input', { bubbles: true }));
            return true;
          },
          `${keyLine(3)} carol@acme.org`,
        ),
      )
      .toBe(true);
    await press(en['folk.paste.use'], 'dialog');
    await shows(en['folk.preview.loose'].one);
    expect(await driver.evaluate(() => document.querySelector('[data-person]') === null)).toBe(true);
    await type(en['folk.form.name'], 'Carol');
    await type(en['folk.form.checked'], 'words read out on the phone');
    await press(en['folk.preview.keep']);
    await shows('carol@acme.org');
    await shows('words read out on the phone');
    await shows(en['folk.rule.none']);
    // It is there after a reload, too.
    await open();
    await shows('Carol');
  });

  it('another list is first offered as an addition; it replaces only when asked to', async () => {
    await begin(list(7, 2));
    await give('other.yaml', list(1, 1).replace('"acme"', '"other"'));
    await shows(en['folk.preview.mode']);
    await driver.evaluate(() => document.querySelector<HTMLInputElement>('input[value="replace"]')?.click());
    await shows('The list is another one');
    await press(en['folk.preview.discard']);
    await shows('2 approvals from');
  });

  it('a list is shown as what it changes; what weakens it is said first, and undo brings it back', async () => {
    await begin(list(7, 2));
    await give('trust.yaml', list(8, 1));
    await shows('Rule production: pm needs 1 person instead of 2 people.');
    await shows(en['folk.diff.weaker'].one.replace('{n}', '1'));
    await press(en['folk.preview.keep']);
    await shows('1 approval from');
    await press('Undo: Imported trust.yaml', 'main');
    await shows('2 approvals from');

    // The serial went on: the list that was undone is an older one now.
    await give('trust.yaml', list(8, 1));
    await shows('has the serial 8');
    await press(en['folk.preview.discard']);
    await expect.poll(() => driver.evaluate(() => document.querySelector('.preview') === null)).toBe(true);
  });

  it('a rule is edited under the eyes of the code that judges', async () => {
    await begin(list(7, 2));
    await press('Edit the rule production');
    await shows(en['folk.rule.canBeMet']);
    await type(en['folk.rule.threshold'], '3');
    await shows('wants 3 people for pm but names 2');
    await type(en['folk.rule.why'], 'a test');
    expect(await driver.evaluate(clickNamed, en['folk.rule.save'], 'main')).toBe(false);
    await type(en['folk.rule.threshold'], '1');
    await shows('pm needs 1 person instead of 2 people');
    await press(en['folk.rule.save']);
    await shows('1 approval from');
    await shows('a test');
  });

  it('a key is withdrawn by a typed word; its owner no longer counts', async () => {
    await begin(list(7, 1));
    await press('Withdraw a key of bob@acme.org');
    await type(en['folk.withdraw.reason'], 'lost laptop');
    expect(await driver.evaluate(clickNamed, en['folk.withdraw.do'], 'main')).toBe(false);
    await type(`Type ${en['folk.withdraw.word']} to confirm`, en['folk.withdraw.word']);
    await press(en['folk.withdraw.do']);
    await shows(en['folk.state.withdrawn']);
    await shows('lost laptop');
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('a key that belongs to somebody else already is refused with the reason', async () => {
    await begin(list(7, 1));
    await give('mallory.pub', `${keyLine(1)} mallory@evil.example\n`);
    await type(en['folk.form.id'], 'mallory@evil.example');
    await shows('is listed for alice@acme.org and for mallory@evil.example');
    expect(await driver.evaluate(clickNamed, en['folk.preview.keep'], 'main')).toBe(false);
    await press(en['folk.preview.discard']);
  });

  it('serves everybody: axe in light and dark, a narrow screen, the keyboard alone', async () => {
    await begin(list(7, 1));
    await press('Edit the rule production');
    await shows(en['folk.rule.check']);
    for (const scheme of [null, { colorScheme: 'dark' as const }]) {
      if (!(await driver.emulate(scheme)) && scheme !== null) continue;
      expect(await axeViolations(driver)).toEqual([]);
    }
    await driver.emulate(null);
    await driver.setViewport(360, 740);
    const wider = (): number => document.documentElement.scrollWidth - innerWidth;
    await expect.poll(() => driver.evaluate(wider)).toBeLessThanOrEqual(0);
    await driver.setViewport(1280, 900);
    await open();
    // From the top of the page, Tab reaches the first button of the page, and Enter opens it.
    const focused = (): string => (document.activeElement as HTMLElement | null)?.innerText ?? '';
    for (let i = 0; i < 40 && (await driver.evaluate(focused)) !== en['folk.add']; i++)
      await driver.press('Tab');
    expect(await driver.evaluate(focused)).toBe(en['folk.add']);
    await driver.press('Enter');
    await expect.poll(() => driver.evaluate(focused)).toBe(en['folk.form.addTitle']);
  });

  it('a verdict can be asked as of another day, and says when it changes', async () => {
    await begin(null);
    const desk = await openDesk(driver, site.url);
    await desk.drop([
      { name: 'release.sbundle.tgz', bytes: vector('input.sbundle.tgz') },
      { name: 'trust.yaml', bytes: vector('trust.yaml') },
      { name: 'security-1.json', bytes: vector('loose/security-1.json') },
      { name: 'security-1.json.sig', bytes: vector('loose/security-1.json.sig') },
    ]);
    await desk.until('the question', (seen) => seen.offer !== null);
    await desk.acceptTrust();
    await desk.until('a verdict', (seen) => seen.verdict !== null && !seen.working);
    const headline = (await driver.text('article.verdict h1')) ?? '';
    await press(en['asOf.title'], 'main');
    await type(en['asOf.day'], '2020-01-01');
    await press(en['asOf.judge']);
    await shows('As of 1 Jan 2020');
    await shows(en['asOf.by.none']);
    await shows(headline);
    const report = await desk.save();
    expect(report.now).toBe('2020-01-01T23:59:59Z');
    expect(report.trust.sources).toEqual([]);
    await press(en['asOf.back']);
    await hides('As of 1 Jan 2020');
    expect(await driver.text('article.verdict h1')).toBe(headline);
    await press(en['asOf.next']);
    await expect
      .poll(main, { timeout: 60_000 })
      .toMatch(/If nothing else changes: from|Not by itself: no key ends/);
    expect(await driver.consoleErrors()).toEqual([]);
  });
});
