import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { InputReport } from '../../src/core/generated/report.js';
import { createInlineEngine } from '../../src/engine/inline.js';
import { all as en } from '../../src/lib/strings/all.js';
import { nodePlatform } from '../../src/platform/node.js';
import { bundle, pack } from '../vectorgen/bundle.js';
import { trustText } from '../vectorgen/trustText.js';
import { approverOf, toolbox, useTrustFile, type Approver, type Toolbox } from './approver.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { again } from './silence.js';
import type { Saved } from './saves.js';
import { openPage, serveBeside, serveBuild, type Site } from './site.js';

/** What signing asks of a person: a keyboard is enough, one tab is enough, and a frame is never enough. */

const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;
const USER = 'pat@example.org';
const WAIT = { timeout: 60_000, interval: 60 };
const STOPS = 150;
const engine = createInlineEngine(nodePlatform(), { withoutControls: true });

/** How the element reads that has the focus. Runs in the page. */
function focused(): { readonly words: string; readonly id: string; readonly outlined: boolean } {
  const one = document.activeElement;
  if (!(one instanceof HTMLElement)) return { words: '', id: '', outlined: false };
  const label = one.closest('label')?.textContent ?? one.getAttribute('aria-label') ?? one.textContent ?? '';
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
  const outlined = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  return { words: label.replace(/\s+/g, ' ').trim(), id: one.id, outlined };
}

async function judged(bytes: Uint8Array, trust: string, loose: readonly Saved[]): Promise<InputReport> {
  const report = await engine.verify({
    inputs: [{ name: 'a.sbundle.tgz', source: bytes }],
    loose,
    trust: { name: 'trust.yaml', bytes: Buffer.from(trust) },
    now: `${new Date(Date.now() + 2000).toISOString().slice(0, 19)}Z`,
  });
  return report.inputs[0]!;
}

describe.each(enginesHere())('signing by a person in %s', again, (engineName) => {
  let driver: Driver;
  let site: Site;
  let page: Approver;
  let box: Toolbox;
  let trust: string;

  beforeAll(async () => {
    site = await serveBuild();
    box = toolbox();
    if (!openssh) return start();
    const key = { ssh: box.sshKey('pat'), from: '2026-01-01T00:00:00Z', checked: 'in person' };
    trust = trustText({
      people: [{ id: USER, name: 'Pat', keys: [key] }],
      rules: [{ name: 'release', roles: { pm: { people: [USER] } } }],
      defaultRule: 'release',
    });
    await start();
  }, 180_000);
  beforeEach(async ({ task }) => {
    if ((task.result?.retryCount ?? 0) === 0) return;
    await driver.close();
    await start();
  }, 180_000);
  afterAll(async () => {
    await driver?.close();
    await site?.close();
    box?.close();
  });

  /** A browser with nothing in it but the trust list. */
  async function start(): Promise<void> {
    driver = await launch(engineName);
    page = approverOf(driver, site.url);
    if (openssh) await useTrustFile(driver, site.url, trust);
  }

  /** Moves the focus on with Tab until what has it reads so, and sees that each stop can be seen. */
  async function tabTo(words: string | RegExp, id?: string): Promise<void> {
    const passed: string[] = [];
    for (let stop = 0; stop < STOPS; stop += 1) {
      await driver.press('Tab');
      const at = await driver.evaluate(focused);
      if (at.words !== '' && !at.outlined) throw new Error(`the focus on "${at.words}" cannot be seen`);
      passed.push(at.words.slice(0, 40));
      const reads = typeof words === 'string' ? at.words.includes(words) : words.test(at.words);
      if (id === undefined ? reads : at.id === id) return;
    }
    throw new Error(`Tab never comes to "${String(words)}"; it passed ${passed.join(' | ')}`);
  }

  async function typeKeys(text: string): Promise<void> {
    for (const key of text) await driver.press(key);
  }

  const release = (version: string): ReturnType<typeof bundle> =>
    bundle({ roles: ['pm'], manifest: { version } });

  it('needs a keyboard and nothing else', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    const made = release('1.3.0');
    await page.open();
    await page.give([{ name: 'a-1.3.0.sbundle.tgz', bytes: pack(made) }]);
    await page.until(en['review.first']);
    for (const pane of [/who must approve/i, /rules and policies/i, /files/i]) {
      await tabTo(pane);
      await driver.press(' ');
    }
    await tabTo(en['review.next']);
    await driver.press('Enter');
    await page.until(en['said.title']);
    if ((await driver.evaluate(() => document.querySelector('input#said-user')?.id ?? '')) !== '') {
      await tabTo('', 'said-user');
      await typeKeys(USER);
    }
    await tabTo(en['said.next']);
    await driver.press('Enter');
    await page.until(en['sign.key']);
    // The dialog that chooses a file belongs to the browser; what it gives is given here.
    await tabTo(en['sign.useFile']);
    await driver.setFiles('input[data-keyfile]', [{ name: 'id_ed25519', bytes: box.read('pat') }]);
    await page.until(en['sign.file.next']);
    await tabTo('Approve as pm');
    await driver.press('Enter');
    await page.until('Signed: approved as pm');
    await tabTo(en['receipt.pair']);
    await driver.press('Enter');
    const files = await page.saves(2);
    const input = await judged(pack(made), trust, files);
    expect(input.verdict.code).toBe('B-OK');
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('is reviewed with single keys, and warns when the clock is behind the bundle', async () => {
    const made = bundle({ roles: ['pm'], manifest: { version: '9.0.0', created: '2099-01-01T00:00:00Z' } });
    await page.open();
    await page.give([{ name: 'a-9.0.0.sbundle.tgz', bytes: pack(made) }]);
    await page.until(en['review.blocked']);
    // The page gives the focus to its heading when everything is read.
    await expect.poll(async () => (await driver.evaluate(focused)).words, WAIT).toMatch(/^Review:/);
    await page.until('I have read this: Files');
    // From there: k goes back to the last mark, j on from there.
    await driver.press('k');
    expect((await driver.evaluate(focused)).words).toMatch(/I have read this/);
    await driver.press('x');
    for (const rest of ['x', 'x']) {
      await driver.evaluate(() => (document.activeElement as HTMLElement).blur());
      await driver.press(rest);
    }
    await expect
      .poll(() => driver.evaluate(() => document.querySelectorAll('[data-pane]:checked').length), WAIT)
      .toBe(3);
    await driver.press('Control+Enter');
    await page.until(en['said.title']);
    expect(await page.until('The clock of this device says')).toContain('made at 2099-01-01T00:00:00Z');
  });

  it('is taken back with the same key, and the verdict says so', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    const made = release('1.4.0');
    const approval = await signWithFile(made);
    expect((await judged(pack(made), trust, approval)).verdict.code).toBe('B-OK');
    await page.press('receipt.withdraw');
    await page.until(en['receipt.withdraw.about']);
    await page.type('#back-reason', 'the wrong build');
    await page.press('receipt.withdraw.do');
    const withdrawal = await page.saves(2);
    expect(withdrawal.map(({ name }) => name)).toEqual(['pm-withdrawal.json', 'pm-withdrawal.json.sig']);
    expect(withdrawal[0]!.bytes.toString()).toContain('the wrong build');
    const input = await judged(pack(made), trust, [...approval, ...withdrawal]);
    expect(input.verdict.code).not.toBe('B-OK');
    expect(input.findings.map(({ code }) => code)).toContain('approval-taken-back');
    // This device judges by it from now on.
    await page.until('0 of 1 given: pm missing');
    await openPage(driver, `${site.url}keys.html`);
    await expect.poll(() => driver.text('main'), WAIT).toContain('Approval withdrawn');
  });

  it('prints a receipt with the exact words and nothing to press', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    await signWithFile(release('1.4.5'));
    if (!(await driver.emulate({ media: 'print' }))) {
      console.warn(`NOT RUN: ${engineName} cannot be asked how it prints`);
      return;
    }
    const printed = await driver.evaluate(() => {
      const seen = (one: HTMLElement): boolean => one.checkVisibility();
      return {
        text: (document.querySelector('main')?.innerText ?? '').replace(/\s+/g, ' '),
        exact: [...document.querySelectorAll<HTMLElement>('p.exact')]
          .filter(seen)
          .map((one) => one.innerText),
        controls: [...document.querySelectorAll<HTMLElement>('button, input, nav')].filter(seen).length,
      };
    });
    await driver.emulate(null);
    expect(printed.text).toContain(en['receipt.printed']);
    expect(printed.text).toContain('Signed: approved as pm');
    expect(printed.exact.join('')).toContain('{"_type":"https://in-toto.io/Statement/v1"');
    expect(printed.controls).toBe(0);
  });

  it('happens once, whichever of two tabs is asked', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    await page.open();
    await page.give([{ name: 'a-1.5.0.sbundle.tgz', bytes: pack(release('1.5.0')) }]);
    await page.until(en['review.next']);
    await page.toSign('pm', USER);
    await page.press(null, 'input[value="elsewhere"]');
    await page.press('else.save');
    const [statement] = await page.saves(1);
    const signature = box.sshSign('pat', statement!.bytes).toString();
    const opened = await driver.evaluate(() => {
      const other = open(location.href);
      (globalThis as { other?: Window | null }).other = other;
      return other !== null;
    });
    if (!opened) return console.warn(`NOT RUN: ${engineName} opens no second tab for a test`);
    const inOther = (what: string | null): string => {
      const { document: other } = (globalThis as unknown as { other: Window }).other;
      if (what === null) return other.querySelector('main')?.textContent ?? '';
      const choice = other.querySelector<HTMLInputElement>('input[value="elsewhere"]');
      const text = other.querySelector<HTMLTextAreaElement>('#else-text');
      if (text === null) {
        choice?.click();
        return '';
      }
      text.value = what;
      text.dispatchEvent(new Event('input', { bubbles: true }));
      return text.value;
    };
    await expect.poll(() => driver.evaluate(inOther, null), WAIT).toContain(en['sign.key']);
    await expect.poll(() => driver.evaluate(inOther, signature), WAIT).toBe(signature);
    await page.type('#else-text', signature);
    await page.press('else.take');
    await page.until('Signed: approved as pm');
    await driver.evaluate((words: string) => {
      const { document: other } = (globalThis as unknown as { other: Window }).other;
      [...other.querySelectorAll('button')].find((one) => one.textContent?.trim() === words)?.click();
    }, en['else.take']);
    await expect.poll(() => driver.evaluate(inOther, null), WAIT).toContain('approve-already-done');
    await driver.evaluate(() => (globalThis as unknown as { other: Window }).other.close());
    await page.open();
    const mine = (await page.text()).match(/1\.5\.0/g) ?? [];
    expect(mine.length).toBe(1);
  });

  it('is not offered inside a frame of another page', async () => {
    const around = await serveBeside({
      'around.html': '<!doctype html><title>around</title><iframe src="approve.html"></iframe>',
      'keys-around.html': '<!doctype html><title>around</title><iframe src="keys.html"></iframe>',
    });
    const inside = (): string =>
      document.querySelector('iframe')?.contentDocument?.querySelector('main')?.textContent ?? '';
    for (const name of ['around.html', 'keys-around.html']) {
      await driver.open(`${around.url}${name}`);
      await expect.poll(() => driver.evaluate(inside), WAIT).toContain(en['mykeys.framed.title']);
      const usable = await driver.evaluate(
        () =>
          document
            .querySelector('iframe')
            ?.contentDocument?.querySelectorAll('main :is(button, input, textarea)').length,
      );
      expect(usable).toBe(0);
    }
    await around.close();
  });

  async function signWithFile(made: ReturnType<typeof bundle>): Promise<readonly Saved[]> {
    await page.open();
    await page.give([{ name: `a-${made.version}.sbundle.tgz`, bytes: pack(made) }]);
    await page.until(en['review.next']);
    await page.toSign('pm', USER);
    await driver.setFiles('input[data-keyfile]', [{ name: 'id_ed25519', bytes: box.read('pat') }]);
    await page.until(en['sign.file.next']);
    await page.press(null, 'button[data-sign]');
    await page.until('Signed: approved as pm');
    await page.press(null, 'button[data-pair]');
    return page.saves(2);
  }
});
