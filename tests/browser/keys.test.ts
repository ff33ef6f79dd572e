import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all as en, type TextKey } from '../../src/lib/strings/all.js';
import { root } from '../../src/tools/project.mjs';
import { serve } from '../../src/tools/serve.mjs';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import { keepSaves, takeSaves, type Saved } from './saves.js';
import { openPage, serveBuild, type Site } from './site.js';

const PASSPHRASE = 'correct horse battery';
const USER = 'alice@acme.org';
const WAIT = { timeout: 60_000, interval: 100 };
const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;

/** Marks the first visible element that reads so. Runs in the page. */
function mark(selector: string, words: string | null): boolean {
  for (const old of document.querySelectorAll('[data-marked]')) old.removeAttribute('data-marked');
  const found = [...document.querySelectorAll<HTMLElement>(selector)].find((one) => {
    const said = (one.textContent ?? '').replace(/\s+/g, ' ').trim();
    const free = !(one instanceof HTMLButtonElement) || !one.disabled;
    return free && (words === null || said === words) && one.getClientRects().length > 0;
  });
  found?.setAttribute('data-marked', '');
  return found !== undefined;
}

function fill(selector: string, nth: number, value: string): boolean {
  const input = document.querySelectorAll<HTMLInputElement>(selector)[nth];
  if (input === undefined) return false;
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

/** What the cards say: kind, standing. Runs in the page. */
function cards(): string[] {
  return [...document.querySelectorAll<HTMLElement>('article[data-kind]')].map(
    ({ dataset }) => `${dataset['kind']} ${dataset['standing']}`,
  );
}

/** Empties the table of keys, as a browser that needs space does. Runs in the page. */
function eraseKeys(): Promise<number> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('countersign-keys');
    opening.onerror = () => reject(new Error('no database'));
    opening.onsuccess = () => {
      const table = opening.result.transaction('keys', 'readwrite').objectStore('keys');
      const count = table.count();
      table.clear().onsuccess = () => {
        opening.result.close();
        resolve(count.result);
      };
    };
  });
}

/** Tries to read the private half of every kept browser key. Runs in the page. */
async function stealKeys(): Promise<string[]> {
  const records = await new Promise<{ secret: { how: string; key?: CryptoKey } }[]>((resolve, reject) => {
    const opening = indexedDB.open('countersign-keys');
    opening.onerror = () => reject(new Error('no database'));
    opening.onsuccess = () => {
      const reading = opening.result.transaction('keys').objectStore('keys').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result as { secret: { how: string; key?: CryptoKey } }[]);
      };
    };
  });
  const tries = records.flatMap(({ secret: { key } }) =>
    key === undefined
      ? []
      : (['pkcs8', 'jwk', 'raw'] as const).map((format) =>
          crypto.subtle.exportKey(format, key).then(
            () => 'exported',
            () => 'refused',
          ),
        ),
  );
  return Promise.all(tries);
}

describe.each(enginesHere())('keys in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let folder: string;

  const shown = (): Promise<string[]> => driver.evaluate(cards);
  const text = (selector: string): Promise<string> => driver.text(selector).then((one) => one ?? '');

  async function press(key: TextKey | null, selector = 'button'): Promise<void> {
    const said = key === null ? null : (en[key] as string);
    await expect.poll(() => driver.evaluate(mark, selector, said), WAIT).toBe(true);
    await driver.click('[data-marked]');
  }
  async function type(selector: string, value: string, nth = 0): Promise<void> {
    await expect.poll(() => driver.evaluate(fill, selector, nth, value), WAIT).toBe(true);
  }
  async function open(page = 'keys'): Promise<void> {
    await openPage(driver, `${site.url}${page}`);
    await keepSaves(driver);
  }
  async function saved(count: number): Promise<readonly Saved[]> {
    const got: Saved[] = [];
    await expect
      .poll(async () => {
        got.push(...(await takeSaves(driver)));
        return got.length;
      }, WAIT)
      .toBe(count);
    return got;
  }
  async function begin(kind: string, label: string): Promise<void> {
    await press(null, `[data-kind="${kind}"]`);
    if (kind !== 'file') await type('#add input[id$="-label"]', label);
    await type('#add input[id$="-user"]', USER);
  }
  async function withdraw(kind: string, passphrase?: string): Promise<readonly Saved[]> {
    await press('mykeys.withdraw', `article[data-kind="${kind}"] button`);
    if (passphrase !== undefined) await type('dialog[open] input[type=password]', passphrase);
    await type('dialog[open] input[id$="-word"]', 'withdraw');
    await press('mykeys.withdraw.do', 'dialog[open] button');
    return saved(2);
  }
  /** Whether the verifier of OpenSSH accepts a withdrawal under the public key on its card. */
  function accepted([statement, signature]: readonly Saved[], line: string): boolean {
    writeFileSync(join(folder, 'signers'), `${USER} ${line}\n`);
    writeFileSync(join(folder, 'sig'), signature?.bytes ?? '');
    const who = ['-n', 'withdrawal@countersign', '-f', join(folder, 'signers'), '-I', USER];
    const args = ['-Y', 'verify', ...who, '-s', join(folder, 'sig')];
    return spawnSync('ssh-keygen', args, { input: statement?.bytes ?? '' }).status === 0;
  }
  /** The public key as the page hands it out, by its list entry. */
  async function publicKey(kind: string): Promise<string> {
    return driver.evaluate(
      (wanted) =>
        new Promise<string>((resolve) => {
          const opening = indexedDB.open('countersign-keys');
          opening.onsuccess = () => {
            const reading = opening.result.transaction('keys').objectStore('keys').getAll();
            reading.onsuccess = () => {
              opening.result.close();
              const all = reading.result as { kind: string; publicKey: string }[];
              resolve(all.find((one) => one.kind === wanted)?.publicKey ?? '');
            };
          };
        }),
      kind,
    );
  }

  beforeAll(async () => {
    driver = await launch(engine);
    site = await serveBuild({ bare: true });
    folder = mkdtempSync(join(tmpdir(), 'countersign-keys-page-'));
  });
  afterAll(async () => {
    await driver?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('begins by saying what is missing and what this engine has not', async () => {
    await open();
    await expect.poll(() => text('.standing'), WAIT).toContain(en['mykeys.unready.none']);
    const has = await driver.evaluate(() => typeof PublicKeyCredential !== 'undefined');
    const passkey = await text('[data-kind="passkey"]');
    if (has) expect(passkey).not.toContain('WebAuthn');
    else expect(passkey).toContain('this engine has no passkeys (WebAuthn)');
    // A colour may still be on its way to another.
    await expect.poll(() => axeViolations(driver), WAIT).toEqual([]);
  });

  it('makes a browser key by the keyboard alone; it survives a reload, cannot be read out, and does not approve yet', async () => {
    await open();
    await expect.poll(() => driver.evaluate(mark, '[data-kind="browser"]', null), WAIT).toBe(true);
    await driver.evaluate(() => document.querySelector<HTMLElement>('#add-title')?.focus());
    const focused = (): Promise<string | null> =>
      driver.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['kind'] ?? null);
    for (let step = 0; step < 10 && (await focused()) !== 'browser'; step += 1) await driver.press('Tab');
    expect(await focused()).toBe('browser');
    await driver.press('Enter');
    await type('#add input[id$="-label"]', 'Desk');
    await type('#add input[id$="-user"]', USER);
    await driver.evaluate(() => document.querySelector<HTMLElement>('#add input[id$="-user"]')?.focus());
    await driver.press('Enter');
    await expect.poll(shown, WAIT).toEqual(['browser closed']);
    await open();
    await expect.poll(shown, WAIT).toEqual(['browser closed']);
    expect(await text('article[data-kind="browser"]')).toContain('any code on this origin can sign with it');
    expect(await text('.standing')).toContain(en['mykeys.unready.only']);
    expect(await driver.evaluate(stealKeys)).toEqual(['refused', 'refused', 'refused']);
  });

  let backup: Saved;
  it('opens the gate when a passphrase key was backed up and read back', async () => {
    await begin('passphrase', 'Carried');
    await type('#add input[type=password]', PASSPHRASE, 0);
    await type('#add input[type=password]', 'another one', 1);
    await press(null, '#add button.primary');
    await expect.poll(() => text('#add [role="alert"]'), WAIT).toContain(en['mykeys.form.differ']);
    await type('#add input[type=password]', PASSPHRASE, 1);
    await press(null, '#add button.primary');
    await expect.poll(shown, WAIT).toEqual(['browser closed', 'passphrase closed']);
    await press(null, '.standing button.primary');
    await press('mykeys.backup.step1Button');
    [backup] = (await saved(1)) as [Saved];
    expect(backup.name).toMatch(/^carried-\d{4}-\d\d-\d\d\.countersign-key\.json$/);
    expect(await shown()).toEqual(['browser closed', 'passphrase closed']);
    const file = { name: backup.name, bytes: backup.bytes };
    await driver.setFiles('.panel input[type=file]', [file]);
    await type('.panel input[type=password]', 'not this one at all');
    await press('mykeys.backup.check');
    await expect.poll(() => text('.panel [role="alert"]'), WAIT).toContain('key-passphrase-wrong');
    await type('.panel input[type=password]', PASSPHRASE);
    await press('mykeys.backup.check');
    await expect.poll(shown, WAIT).toEqual(['browser open', 'passphrase open']);
  });

  it('is clean for axe in light and dark, and fits 360 px', async () => {
    const openAll = (): void =>
      document
        .querySelectorAll('article details')
        .forEach((one) => ((one as HTMLDetailsElement).open = true));
    await driver.evaluate(openAll);
    await driver.evaluate(openAll);
    await expect
      .poll(() => driver.evaluate(() => document.querySelectorAll('article svg[role=img]').length), WAIT)
      .toBe(2);
    // A colour may still be on its way to another.
    await expect.poll(() => axeViolations(driver), WAIT).toEqual([]);
    if (await driver.emulate({ colorScheme: 'dark', reducedMotion: 'reduce' })) {
      await driver.evaluate(() => void (document.documentElement.dataset['theme'] = 'dark'));
      // A colour may still be on its way to another.
      await expect.poll(() => axeViolations(driver), WAIT).toEqual([]);
      await driver.evaluate(() => void delete document.documentElement.dataset['theme']);
      await driver.emulate(null);
    }
    await driver.setViewport(360, 780);
    const wide = await driver.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('main *')]
        .filter((one) => one.getClientRects().length > 0 && one.closest('.visually-hidden, .scroll') === null)
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 80)),
    );
    expect(wide).toEqual([]);
    await driver.setViewport(1280, 900);
  });

  it('signs the withdrawal of a key with that key, and OpenSSH agrees', async () => {
    const line = await publicKey('passphrase');
    const files = await withdraw('passphrase', PASSPHRASE);
    await expect.poll(shown, WAIT).toEqual(['browser closed', 'passphrase withdrawn']);
    expect(files.map(({ name }) => name.replace(/^withdrawal-\w+/, ''))).toEqual(['.json', '.json.sig']);
    if (openssh) expect(accepted(files, line)).toBe(true);
    else console.log('NOT RUN: ssh-keygen is not installed');
  });

  it('says what the browser deleted, and brings back what has a backup', async () => {
    expect(await driver.evaluate(eraseKeys)).toBe(2);
    await open();
    await expect.poll(() => text('.lost'), WAIT).toContain('This browser has deleted 2 keys');
    expect(await text('.lost')).toContain('Desk');
    await press('mykeys.lost.restore');
    await driver.setFiles('#add input[type=file]', [{ name: backup.name, bytes: backup.bytes }]);
    await type('#add input[type=password]', PASSPHRASE);
    await press('mykeys.restore.do');
    // What was withdrawn stays withdrawn.
    await expect.poll(shown, WAIT).toEqual(['passphrase withdrawn']);
    await expect.poll(() => text('.lost'), WAIT).toContain('This browser has deleted 1 key');
    await press('mykeys.lost.forget');
    await expect.poll(() => driver.text('.lost'), WAIT).toBeNull();
  });

  it('shows a log whose export is whole, and the line where it was changed', async () => {
    await press('log.export');
    const [log] = (await saved(1)) as [Saved];
    const given = (name: string, content: string) => [{ name, bytes: Buffer.from(content) }];
    await driver.setFiles(
      'section[aria-labelledby="log-title"] input[type=file]',
      given('whole.jsonl', log.bytes.toString()),
    );
    await expect
      .poll(() => text('section[aria-labelledby="log-title"] [role=status]'), WAIT)
      .toContain('chain unbroken');
    const changed = log.bytes.toString().replace('"key-made"', '"key-used"');
    expect(changed).not.toBe(log.bytes.toString());
    await driver.setFiles(
      'section[aria-labelledby="log-title"] input[type=file]',
      given('changed.jsonl', changed),
    );
    await expect.poll(() => text('#log-checked'), WAIT).toContain('activity-broken');
  });

  it('uses a key file for this visit and keeps nothing of it', async () => {
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    const path = join(folder, 'id');
    spawnSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', 'file words', '-C', 'my laptop', '-f', path]);
    await begin('file', '');
    await driver.setFiles('#add input[type=file]', [{ name: 'id', bytes: readFileSync(path) }]);
    await press(null, '#add button.primary');
    await expect.poll(() => text('#add [role="alert"]'), WAIT).toContain('key-passphrase-needed');
    await type('#add input[type=password]', 'file words');
    await press(null, '#add button.primary');
    await expect.poll(shown, WAIT).toEqual(['passphrase withdrawn', 'openssh open']);
    const files = await withdraw('openssh');
    expect(accepted(files, readFileSync(`${path}.pub`, 'utf8').trim())).toBe(true);
    await open();
    await expect.poll(shown, WAIT).toEqual(['passphrase withdrawn']);
  });

  it('deletes only what was named by typing', async () => {
    await press('mykeys.remove', 'article[data-kind="passphrase"] button');
    expect(await driver.evaluate(mark, 'dialog[open] button.primary', null)).toBe(false);
    await type('dialog[open] input', 'delete');
    await press('mykeys.delete.do', 'dialog[open] button');
    await expect.poll(async () => (await shown()).includes('passphrase withdrawn'), WAIT).toBe(false);
    expect(await driver.consoleErrors()).toEqual([]);
  });

  it('makes a passkey that needs a second place, and OpenSSH accepts what it signs', async () => {
    if (!(await driver.passkeys()))
      return console.log(`NOT RUN in ${engine}: its driver offers no authenticator`);
    await begin('passkey', 'Finger');
    await press(null, '#add button.primary');
    await expect.poll(shown, WAIT).toEqual(['passkey closed']);
    await begin('browser', 'Second');
    await press(null, '#add button.primary');
    await expect.poll(shown, WAIT).toEqual(['passkey open', 'browser open']);
    const line = await publicKey('passkey');
    expect(line).toMatch(/^sk-ecdsa-sha2-nistp256@openssh\.com /);
    // The browser forgets it; the device does not.
    await driver.evaluate(eraseKeys);
    await open();
    await press('mykeys.lost.restore');
    await type('#add input[id$="-line"]', line);
    await type('#add input[id$="-label"]', 'Finger');
    await type('#add input[id$="-user"]', USER);
    await press('mykeys.find.do');
    await expect.poll(shown, WAIT).toEqual(['passkey closed']);
    expect(await publicKey('passkey')).toBe(line);
    const files = await withdraw('passkey');
    await expect.poll(shown, WAIT).toEqual(['passkey withdrawn']);
    if (openssh) expect(accepted(files, line)).toBe(true);
  });

  it('hides what signs when the device is set to read only', async () => {
    const setReadOnly = (on: boolean): void => {
      const stored = JSON.parse(localStorage.getItem('countersign.settings') ?? '{}') as object;
      localStorage.setItem('countersign.settings', JSON.stringify({ ...stored, readOnly: on }));
    };
    await driver.evaluate(setReadOnly, true);
    await open();
    await expect.poll(() => text('main'), WAIT).toContain(en['mykeys.readOnly']);
    await expect.poll(() => text('main'), WAIT).toContain(en['log.title']);
    expect(await driver.evaluate(() => document.querySelector('#add'))).toBeNull();
    await driver.evaluate(setReadOnly, false);
  });

  it('refuses to be framed, also where no header forbids it', async () => {
    // From the same origin, so that the test may look inside.
    const copy = join(folder, 'site');
    cpSync(join(root, 'build'), copy, { recursive: true });
    writeFileSync(
      join(copy, 'frame.html'),
      '<!doctype html><title>a frame</title><iframe src="keys.html"></iframe>',
    );
    const framing = await serve({ folder: copy, port: 0, bare: true });
    try {
      await driver.open(`${framing.url}frame.html`);
      const inside = (): Promise<string> =>
        driver.evaluate(
          () => document.querySelector('iframe')?.contentDocument?.querySelector('main')?.textContent ?? '',
        );
      await expect.poll(inside, WAIT).toContain(en['mykeys.framed.about']);
      expect(await inside()).not.toContain(en['mykeys.add']);
    } finally {
      await framing.close();
    }
  });
});
