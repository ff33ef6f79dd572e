import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { all as en } from '../../src/lib/strings/all.js';
import { artefacts } from '../../src/tools/project.mjs';
import { templates } from '../../src/templates/templates.js';
import { runHere } from '../cli/run.js';
import { describeShared, sharedPath } from '../shared.js';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { keptHere, openPage, serveBuild, type Site } from './site.js';

/** Policies written in the page: what is told while typing, in the large editor and in the plain field. */

const POLL = { timeout: 60_000, interval: 50 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const strict = templates[0]!.files[0]!.text;
const autonomy = templates.find(({ name }) => name === 'lab')!.files[2]!.text;

/** Runs in the page. */
function erase(): Promise<string> {
  localStorage.clear();
  return new Promise((resolve) => {
    const erasing = indexedDB.deleteDatabase('countersign-policies');
    erasing.onsuccess = () => resolve('erased');
    erasing.onerror = () => resolve('failed');
    erasing.onblocked = () => undefined;
  });
}

/** Writes into the plain field, as a person who pastes. Runs in the page. */
function write(text: string): void {
  const field = document.querySelector('textarea');
  if (field === null) throw new Error('there is no plain field');
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** What the page tells now. Runs in the page. */
function look(): { kind: string; checking: boolean; problems: string[]; full: boolean } {
  const at = (selector: string, name: string): string =>
    document.querySelector(selector)?.getAttribute(name) ?? '';
  return {
    kind: at('[data-kind]', 'data-kind'),
    checking: at('[data-checking]', 'data-checking') !== 'false',
    problems: [...document.querySelectorAll<HTMLElement>('[data-problem]')].map(
      (one) =>
        `${one.dataset['problem']}: ${one.querySelector('.where')?.textContent}: ${one.querySelector('.message')?.textContent}`,
    ),
    full: document.querySelector('[data-editor=full] .view-line') !== null,
  };
}

describe.each(enginesHere())('policies in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  const screens = join(artefacts, 'screens', engine);

  beforeAll(async () => {
    mkdirSync(screens, { recursive: true });
    driver = await launch(engine);
    site = await serveBuild({ bare: true });
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });
  beforeEach(async () => {
    await driver.setViewport(1280, 900);
    await openPage(driver, `${site.url}codes.html`);
    expect(await driver.evaluate(erase)).toBe('erased');
  });

  const see = (): Promise<ReturnType<typeof look>> => driver.evaluate(look);
  const settled = (kind: string): Promise<void> =>
    expect.poll(async () => (await see()).kind + String((await see()).checking), POLL).toBe(`${kind}false`);
  const attribute = (selector: string, name: string): Promise<string | null> =>
    driver.evaluate(
      (where, what) => document.querySelector(where)?.getAttribute(what) ?? null,
      selector,
      name,
    );

  /** The page with a document open, in the field that is asked for. */
  async function openDocument(name: string, text: string, editor: 'plain' | 'full' = 'plain'): Promise<void> {
    await driver.evaluate((choice) => localStorage.setItem('countersign.editor', choice), editor);
    await openPage(driver, `${site.url}policies.html`);
    await expect.poll(() => driver.text('main'), POLL).toContain(en['author.start.choose']);
    await driver.setFiles('#document-file', [{ name, bytes: bytes(text) }]);
    await expect.poll(async () => (await see()).checking, POLL).toBe(false);
    if (editor === 'full') await expect.poll(async () => (await see()).full, POLL).toBe(true);
  }

  it('tells a mistake with its place while the text is written, and mends it', async () => {
    await openDocument('policy.yaml', strict);
    await settled('specular-policy');
    expect((await see()).problems.filter((one) => one.startsWith('error'))).toEqual([]);
    await driver.evaluate(write, strict.replace('allow_local', 'allow_locl'));
    await expect
      .poll(async () => (await see()).problems, POLL)
      .toContainEqual(expect.stringMatching(/^error: Line 3, column 3: "allow_locl" is not a field/));
    await driver.click('[data-problem=error] .fixes button');
    await expect
      .poll(async () => (await see()).problems.filter((one) => one.startsWith('error')), POLL)
      .toEqual([]);
    expect(await driver.evaluate(() => document.querySelector('textarea')?.value)).toBe(strict);
  });

  it('names what got weaker, and keeps the last good word greyed and dated while there is an error', async () => {
    await openDocument('policy.yaml', strict);
    await driver.click('#tab-changes');
    await expect.poll(() => attribute('[data-changes]', 'data-changes'), POLL).toBe('0');
    const weaker = strict
      .replace('allow_local: false', 'allow_local: true')
      .replace('network: none', 'network: host');
    await driver.evaluate(write, weaker);
    await expect.poll(() => attribute('[data-changes]', 'data-changes'), POLL).toBe('2');
    expect(await driver.text('#effect-weaker')).toContain(en['author.changes.weaker']);
    expect(await driver.text('#panel-changes')).toContain('/execution/allow_local');
    expect(await attribute('[data-stale]', 'class')).toBeNull();
    await driver.click('#panel-changes summary');
    await expect
      .poll(
        () => driver.evaluate(() => document.querySelectorAll('[data-editor=diff] .view-line').length),
        POLL,
      )
      .toBeGreaterThan(2);
    await driver.click('#panel-changes .choices .quiet');
    await expect.poll(() => driver.text('#panel-changes .lines .added'), POLL).toContain('allow_local: true');
    expect(await driver.consoleErrors()).toEqual([]);
    await driver.evaluate(write, `${weaker}: :`);
    await expect.poll(() => driver.text('[data-stale]'), POLL).toMatch(/\d\d:\d\d:\d\d/);
    expect(await driver.text('#panel-changes')).toContain('/execution/allow_local');
  });

  it('keeps versions with a note, and what was being written over a reload', async () => {
    await openDocument('policy.yaml', strict);
    await driver.click('.bar .primary');
    await expect.poll(() => driver.text('.noting'), POLL).not.toBeNull();
    await driver.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('.noting input');
      if (field === null) throw new Error('no field for a note');
      field.value = 'As approved';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await driver.click('.noting .primary');
    await expect.poll(() => driver.text('.toasts'), POLL).toContain(en['author.version.kept']);
    const weaker = strict.replace('secrets_scan: true', 'secrets_scan: false');
    await driver.evaluate(write, weaker);
    await driver.click('#tab-changes');
    await driver.evaluate(() => {
      const select = document.querySelector<HTMLSelectElement>('#baseline');
      if (select === null) throw new Error('no choice of what to compare with');
      select.value = 'version';
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await expect.poll(() => driver.text('#panel-changes'), POLL).toContain('/security/secrets_scan');
    const kept = (text: string): Promise<boolean> =>
      driver.evaluate(
        (wanted) =>
          new Promise<boolean>((resolve) => {
            const opening = indexedDB.open('countersign-policies');
            opening.onsuccess = () => {
              const reading = opening.result.transaction('drafts').objectStore('drafts').get('current');
              reading.onsuccess = () => {
                opening.result.close();
                resolve((reading.result as { text?: string } | undefined)?.text === wanted);
              };
            };
          }),
        text,
      );
    await expect.poll(() => kept(weaker), POLL).toBe(true);
    await openPage(driver, `${site.url}policies.html`);
    await expect
      .poll(() => driver.evaluate(() => document.querySelector('textarea')?.value ?? ''), POLL)
      .toBe(weaker);
    await driver.click('#tab-versions');
    await expect.poll(() => driver.text('[data-version]'), POLL).toContain('As approved');
  });

  it('stops a replay when told to, and counts nothing then', async () => {
    await openDocument('autonomy.yaml', autonomy);
    await settled('atlasbridge-0');
    await driver.click('#tab-replay');
    // A long trace is made in the page itself, and the button is pressed as soon as it is there.
    const pressed = await driver.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          const watcher = new MutationObserver(() => {
            const button = document.querySelector<HTMLButtonElement>('.running button');
            if (button === null) return;
            watcher.disconnect();
            button.click();
            resolve(true);
          });
          watcher.observe(document.body, { childList: true, subtree: true });
          const prompt_text = 'continue '.repeat(40);
          const row = { prompt_type: 'yes_no', confidence: 'high', prompt_text, action_type: 'deny' };
          const given = new DataTransfer();
          given.items.add(new File([`${JSON.stringify(row)}\n`.repeat(100_000)], 'long.jsonl'));
          const input = document.querySelector<HTMLInputElement>('#traces');
          if (input === null) return resolve(false);
          input.files = given.files;
          input.dispatchEvent(new Event('change', { bubbles: true }));
        }),
    );
    expect(pressed).toBe(true);
    await expect.poll(() => driver.text('#panel-replay'), POLL).toContain(en['author.replay.stopped']);
    expect(await attribute('[data-replay]', 'data-replay')).toBeNull();
  });

  it('writes in the large editor: marks, help, a way out for Tab, no error of the policy', async () => {
    await openDocument('policy.yaml', strict, 'full');
    expect(await driver.text('#editor-way')).toMatch(/Ctrl\+(?:Shift\+)?M/);
    const inside = (): boolean => document.activeElement?.closest('[data-editor=full]') !== null;
    await driver.click('[data-editor=full] .view-line:nth-child(2)');
    await expect.poll(() => driver.evaluate(inside), POLL).toBe(true);
    await driver.press('End');
    // A word without a colon among fields: a mistake of one line, made of keys that every driver knows.
    for (const key of ['Enter', 'x', 'y', 'z']) await driver.press(key);
    await expect
      .poll(async () => (await see()).problems, POLL)
      .toContainEqual(expect.stringMatching(/^error: Line \d+, column \d+: /));
    await expect
      .poll(() => driver.evaluate(() => document.querySelectorAll('.squiggly-error').length), POLL)
      .toBeGreaterThan(0);
    // Tab writes; after the way out it leaves.
    await driver.press('Tab');
    expect(await driver.evaluate(inside)).toBe(true);
    await driver.press('Control+m');
    await driver.press('Tab');
    expect(await driver.evaluate(inside)).toBe(false);
    await driver.press('F8');
    expect(await driver.evaluate(inside)).toBe(true);
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('gives the plain field where the large editor cannot be had, with the same checks', async () => {
    await driver.evaluate(() => localStorage.setItem('countersign.editor', 'full'));
    await openPage(driver, `${site.url}policies.html`);
    await expect.poll(() => driver.text('main'), POLL).toContain(en['author.start.choose']);
    // What the editor looks for first is broken, as by a browser that lacks it.
    await driver.evaluate(() => {
      Object.defineProperty(globalThis, 'MonacoEnvironment', {
        get() {
          throw new TypeError('not in this browser');
        },
      });
    });
    await driver.setFiles('#document-file', [
      { name: 'policy.yaml', bytes: bytes('execution:\n  allow_locl: true\n') },
    ]);
    await expect.poll(() => driver.text('#editor-way'), POLL).toContain('not in this browser');
    await expect
      .poll(async () => (await see()).problems, POLL)
      .toContainEqual(expect.stringContaining('Line 2, column 3'));
    expect(await driver.evaluate(() => document.querySelector('textarea') !== null)).toBe(true);
  });

  it('has the large editor without a server, too', async () => {
    const own = await serveBuild();
    try {
      await driver.evaluate(() => localStorage.clear());
      await openPage(driver, `${own.url}policies.html`);
      await expect.poll(() => driver.text('.foot'), POLL).toContain(en['global.offline']);
      await openPage(driver, `${own.url}policies.html`);
      await expect.poll(() => driver.text('main'), POLL).toContain(en['author.start.choose']);
      await driver.setFiles('#document-file', [{ name: 'policy.yaml', bytes: bytes(strict) }]);
      await expect.poll(async () => (await see()).full, POLL).toBe(true);
      const kept = async (): Promise<number> => {
        let found = 0;
        for (const name of await caches.keys())
          for (const { url } of await (await caches.open(name)).keys())
            if (/\/(?:chunks\/editor\.|assets\/(?:monaco|codicon))/.test(url)) found++;
        return found;
      };
      await expect.poll(() => driver.evaluate(kept), POLL).toBeGreaterThan(2);
    } finally {
      await own.close();
    }
    await openPage(driver, `${own.url}policies.html`);
    await expect.poll(async () => (await see()).full, POLL).toBe(true);
    await settled('specular-policy');
  });

  it('loads nothing of the large editor on a narrow screen, nor on another page', async () => {
    await driver.setViewport(360, 740);
    await openPage(driver, `${site.url}verify.html`);
    // The worker that keeps the application for later fetches it on the first visit; pages do not.
    await expect.poll(() => keptHere(driver), { timeout: 90_000 }).toBe('all');
    const before = site.asked.length;
    await openPage(driver, `${site.url}verify.html`);
    await openPage(driver, `${site.url}policies.html`);
    await expect.poll(() => driver.text('main'), POLL).toContain(en['author.start.choose']);
    await driver.setFiles('#document-file', [{ name: 'policy.yaml', bytes: bytes(strict) }]);
    await settled('specular-policy');
    expect(await driver.evaluate(() => document.querySelector('textarea') !== null)).toBe(true);
    expect(site.asked.slice(before).filter((path) => /\/editor\.[^/]+\.js/.test(path))).toEqual([]);
  });

  it('is clean by axe in every tab, dark and narrow, too', async () => {
    await openDocument('autonomy.yaml', autonomy.replace('assist', 'asist'), 'full');
    for (const tab of ['problems', 'changes', 'risk', 'replay', 'hash', 'versions']) {
      await driver.click(`#tab-${tab}`);
      expect(await axeViolations(driver), tab).toEqual([]);
    }
    await driver.click('#tab-changes');
    await driver.click('#panel-changes summary');
    const names = (): Promise<string[]> =>
      driver.evaluate(() =>
        [...document.querySelectorAll('[data-editor=diff] textarea')].map(
          (one) => one.getAttribute('aria-label') ?? '',
        ),
      );
    const called = ['autonomy.yaml, before', 'autonomy.yaml, after'];
    await expect.poll(names, POLL).toEqual(called);
    expect(await axeViolations(driver), 'two texts').toEqual([]);
    await driver.click('#panel-changes .choices .button:not(.quiet)');
    await expect.poll(() => attribute('[data-editor=diff]', 'data-sides'), POLL).toBe('true');
    expect(await names()).toEqual(called);
    expect(await axeViolations(driver), 'two texts side by side').toEqual([]);
    await driver.screenshot(join(screens, 'policies.png'), true);
    if (await driver.emulate({ colorScheme: 'dark' })) {
      await driver.click('#tab-risk');
      expect(await axeViolations(driver), 'dark').toEqual([]);
      await driver.screenshot(join(screens, 'policies-dark.png'), true);
      await driver.emulate(null);
    }
    await driver.setViewport(360, 740);
    expect(await axeViolations(driver), 'narrow').toEqual([]);
    expect(
      await driver.evaluate(
        () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      ),
    ).toBe(true);
  });

  describeShared('on the published samples', () => {
    const sample = (...path: string[]): string => readFileSync(sharedPath('samples', ...path), 'utf8');

    it('hashes and replays as the command line does', async () => {
      // Nothing in it looks at the words of a prompt, which the sample's trace does not hold.
      const edited = [
        'policy_version: "0"',
        'rules:',
        '  - {id: person, match: {prompt_type: [confirm_enter]}, action: {type: require_human}}',
        '  - {id: sure, match: {prompt_type: [yes_no], min_confidence: high}, action: {type: deny}}',
        '',
      ].join('\n');
      const file = join(tmpdir(), `countersign-${process.pid}-${engine}.yaml`);
      writeFileSync(file, edited);
      const trace = sharedPath('samples', 'atlasbridge', 'autopilot_decisions.jsonl');
      const cli = JSON.parse((await runHere(['policy', 'replay', file, trace, '--json'])).out) as {
        total: number;
        changed: unknown[];
        cannotTell: unknown[];
        byKind: Record<string, number>;
      };
      expect(cli.changed.length).toBeGreaterThan(0);
      await openDocument('policy_v0.yaml', edited);
      await settled('atlasbridge-0');
      await driver.click('#tab-replay');
      await driver.setFiles('#traces', [{ name: 'autopilot_decisions.jsonl', bytes: readFileSync(trace) }]);
      await expect
        .poll(() => attribute('[data-replay]', 'data-replay'), POLL)
        .toBe(`${cli.changed.length} ${cli.total}`);
      for (const [kind, count] of Object.entries(cli.byKind))
        expect(await driver.text(`[data-kind="${kind}"]`)).toContain(String(count));
      expect(await attribute('[data-cannot-tell]', 'data-cannot-tell')).toBe(
        cli.cannotTell.length === 0 ? null : String(cli.cannotTell.length),
      );
      const [hash] = JSON.parse((await runHere(['policy', 'hash', file, '--json'])).out) as [
        { sha256: string; canonical: string },
      ];
      await driver.click('#tab-hash');
      await expect.poll(() => driver.text('[data-hash=raw]'), POLL).toBe(hash.sha256);
      expect(await driver.text('[data-hash=canonical]')).toBe(hash.canonical);
    });

    it.each([
      ['project/.specular/spec.yaml', 'spec'],
      ['project/.specular/spec.lock.json', 'lock'],
      ['project/.specular/routing.yaml', 'routing'],
      ['project/.specular/policies.yaml', 'specular-governance'],
      ['atlasbridge/policy_v1.yaml', 'atlasbridge-1'],
      ['project/.specularignore', 'ignore'],
    ])('knows %s as what it is', async (path, kind) => {
      await openDocument(path.slice(path.lastIndexOf('/') + 1), sample(...path.split('/')));
      await settled(kind);
      expect((await see()).problems.filter((one) => one.startsWith('error'))).toEqual([]);
    });
  });
});
