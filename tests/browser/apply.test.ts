import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runHere } from '../cli/run.js';
import { axeViolations } from './axe.js';
import { launch, type Driver, type GivenFile } from './driver.js';
import { enginesHere } from './installed.js';
import { keepSaves, lastSave } from './saves.js';
import { openPage, serveBuild, type Site } from './site.js';

/** The apply page, with folders of the page's own file system in the place of folders of the disk. */

const POLL = { timeout: 60_000, interval: 100 };
const work = mkdtempSync(join(tmpdir(), 'countersign-apply-page-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;
const FIRST: Files = { 'a.txt': 'one\n', 'deep/er/b.txt': 'one\n', 'c.txt': 'one\n', 'gone.txt': 'one\n' };
const SECOND: Files = { 'a.txt': 'two\n', 'deep/er/b.txt': 'two\n', 'c.txt': 'two\n', 'new/d.txt': 'two\n' };

async function bundleOf(name: string, files: Files): Promise<GivenFile> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(work, name, path)), { recursive: true });
    writeFileSync(join(work, name, path), text);
  }
  const out = join(work, `${name}.sbundle.tgz`);
  const fixed = ['--created', '2026-11-20T10:00:00Z', '--id', 'acme/api', '--bundle-version', name];
  expect((await runHere(['build', '--dir', join(work, name), '--out', out, ...fixed])).code).toBe(0);
  return { name: `${name}.sbundle.tgz`, bytes: new Uint8Array(readFileSync(out)) };
}

/** Makes a folder of the page's own the one that the browser's dialog answers with. Runs in the page. */
async function offerFolder(name: string, files: Record<string, string> | null): Promise<boolean> {
  const root = await navigator.storage.getDirectory();
  if (files !== null) await root.removeEntry(name, { recursive: true }).catch(() => undefined);
  const top = await root.getDirectoryHandle(name, { create: true });
  for (const [path, text] of Object.entries(files ?? {})) {
    let folder = top;
    const steps = path.split('/');
    for (const step of steps.slice(0, -1)) folder = await folder.getDirectoryHandle(step, { create: true });
    const file = await folder.getFileHandle(steps.at(-1) ?? '', { create: true });
    const writing = await file.createWritable();
    await writing.write(text);
    await writing.close();
  }
  const scope = globalThis as { showDirectoryPicker?: () => Promise<unknown> };
  if (scope.showDirectoryPicker === undefined) return false;
  scope.showDirectoryPicker = () => Promise.resolve(top);
  return true;
}

/** Every file of such a folder with its text; the record without its time. Runs in the page. */
async function readFolder(name: string): Promise<Record<string, string>> {
  interface Walkable {
    values(): AsyncIterable<FileSystemHandle>;
  }
  const found: Record<string, string> = {};
  const walk = async (folder: FileSystemDirectoryHandle, prefix: string): Promise<void> => {
    let empty = true;
    for await (const entry of (folder as unknown as Walkable).values()) {
      empty = false;
      const path = prefix + entry.name;
      if (entry.kind === 'directory') await walk(entry as FileSystemDirectoryHandle, `${path}/`);
      else found[path] = await (await (entry as FileSystemFileHandle).getFile()).text();
    }
    if (empty && prefix !== '') found[prefix] = '';
  };
  const root = await navigator.storage.getDirectory();
  await walk(await root.getDirectoryHandle(name), '');
  return found;
}

function withoutRecord(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path !== '.specular/bundle.info'));
}

async function forget(): Promise<void> {
  await new Promise<void>((resolve) => {
    const erasing = indexedDB.deleteDatabase('countersign-apply');
    erasing.onsuccess = erasing.onerror = erasing.onblocked = () => resolve();
  });
}

/** Presses as the keyboard would, where it can be pressed now. Runs in the page. */
function press(selector: string): boolean {
  const found = [...document.querySelectorAll<HTMLButtonElement>(selector)].find(
    (one) => one.checkVisibility() && !one.disabled,
  );
  found?.click();
  return found !== undefined;
}

function giveReason(text: string): boolean {
  const field = document.querySelector<HTMLInputElement>('#reason');
  if (field === null) return false;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

describe.each(enginesHere())('applying in %s', (engine) => {
  let driver: Driver;
  let site: Site;
  let first: GivenFile;
  let second: GivenFile;

  beforeAll(async () => {
    site = await serveBuild();
    driver = await launch(engine);
    first = await bundleOf('1', FIRST);
    second = await bundleOf('2', SECOND);
  }, 120_000);
  afterAll(async () => {
    await driver?.close();
    await site?.close();
  });
  beforeEach(async () => {
    await openPage(driver, `${site.url}codes`);
    await driver.evaluate(forget);
    await openPage(driver, `${site.url}apply`);
  }, 60_000);

  const pressed = (selector: string): Promise<void> =>
    expect.poll(() => driver.evaluate(press, selector), POLL).toBe(true);
  const count = (action: string): Promise<string | null> => driver.text(`[data-count="${action}"]`);
  const folder = (name: string): Promise<Record<string, string>> => driver.evaluate(readFolder, name);

  async function give(file: GivenFile): Promise<void> {
    await driver.setFiles('[data-files]', [file]);
    await expect.poll(() => driver.text('[data-verdict="B-NOSIG"]'), POLL).not.toBeNull();
    await expect.poll(() => driver.evaluate(giveReason, 'a test'), POLL).toBe(true);
  }

  async function apply(file: GivenFile): Promise<void> {
    await give(file);
    await pressed('[data-folder]');
    await pressed('[data-do]');
    await expect.poll(() => driver.text('[data-outcome="written"]'), POLL).toContain('Written');
  }

  it('shows the plan and packs a zip where it writes to no folder', async () => {
    await keepSaves(driver);
    await give(first);
    await pressed('[data-zip]');
    await expect.poll(() => count('create'), POLL).toContain('4 to create');
    expect(await axeViolations(driver)).toEqual([]);
    await pressed('[data-do]');
    await expect.poll(() => driver.text('[data-outcome="zipped"]'), POLL).toContain('4 files');
    const text = new TextDecoder();
    const saved = await lastSave(driver);
    const files = Object.entries(unzipSync(new Uint8Array(saved?.bytes ?? [])));
    const found = Object.fromEntries(files.map(([path, bytes]) => [path, text.decode(bytes)]));
    expect(withoutRecord(found)).toEqual(FIRST);
    expect(JSON.parse(found['.specular/bundle.info'] ?? '')).toMatchObject({ id: 'acme/api', version: '1' });
    expect(await driver.consoleErrors()).toEqual([]);
  }, 120_000);

  if (engine !== 'chromium') return;

  it('writes nothing before the reason is given, then exactly the bundle and its record', async () => {
    await driver.evaluate(offerFolder, 'target', {});
    await driver.setFiles('[data-files]', [first]);
    await pressed('[data-folder]');
    await expect.poll(() => count('create'), POLL).toContain('4 to create');
    expect(await driver.evaluate(press, '[data-do]')).toBe(false);
    expect(await folder('target')).toEqual({});
    await driver.evaluate(giveReason, 'a test');
    await pressed('[data-do]');
    await expect.poll(() => driver.text('[data-outcome="written"]'), POLL).toContain('4 files');
    const found = await folder('target');
    expect(withoutRecord(found)).toEqual(FIRST);
    const record = JSON.parse(found['.specular/bundle.info'] ?? '') as { verdict: unknown };
    expect(record.verdict).toEqual({ code: 'B-NOSIG', look: 'unknown', rule: null, reason: 'a test' });
    await pressed('[data-back]');
    await expect.poll(() => driver.text('[data-outcome="undone"]'), POLL).not.toBeNull();
    expect(await folder('target')).toEqual({});
    expect(await driver.consoleErrors()).toEqual([]);
  }, 120_000);

  it('leaves what somebody edited until it is confirmed twice, and takes it all back', async () => {
    await driver.evaluate(offerFolder, 'target', { 'mine.txt': 'mine' });
    await apply(first);
    const edited = { ...(await folder('target')), 'c.txt': 'edited by hand' };
    await driver.evaluate(offerFolder, 'target', edited);
    await give(second);
    await pressed('[data-folder]');
    await expect.poll(() => count('update'), POLL).toContain('2 to update');
    expect(await count('conflict')).toContain('1 conflict');
    expect(await driver.text('summary')).toContain('(1)');
    await pressed('tr[data-action="conflict"] button');
    await expect
      .poll(() => driver.text('tr[data-action="conflict"] [role="region"]'), POLL)
      .toContain('edited');
    for (const scheme of ['dark', null] as const) {
      await driver.emulate(scheme === null ? null : { colorScheme: scheme });
      for (const width of [360, 1200]) {
        await driver.setViewport(width, 800);
        expect(await axeViolations(driver)).toEqual([]);
      }
    }
    await pressed('[data-do]');
    await expect.poll(() => driver.text('[data-outcome="written"]'), POLL).toContain('3 files');
    expect((await folder('target'))['c.txt']).toBe('edited by hand');
    await give(second);
    await expect.poll(() => count('conflict'), POLL).toContain('1 conflict');
    await pressed('[data-overwrite]');
    await pressed('[data-overwrite-sure]');
    await pressed('[data-do]');
    await expect.poll(() => driver.text('[data-outcome="written"]'), POLL).toContain('1 file');
    expect(withoutRecord(await folder('target'))).toEqual({
      ...SECOND,
      'mine.txt': 'mine',
      'gone.txt': 'one\n',
    });
    await pressed('[data-back]');
    await expect.poll(() => driver.text('[data-outcome="undone"]'), POLL).not.toBeNull();
    expect((await folder('target'))['c.txt']).toBe('edited by hand');
    expect(await driver.consoleErrors()).toEqual([]);
  }, 180_000);

  it.each(['finish', 'undo'] as const)(
    'can %s what a page that went away in the middle had begun',
    async (way) => {
      await driver.evaluate(offerFolder, 'target', { 'c.txt': 'mine' });
      await apply(first);
      const before = await folder('target');
      await give(second);
      await expect.poll(() => count('create'), POLL).toContain('1 to create');
      // The third file never gets to its end: the page goes away while it is written.
      await driver.evaluate(() => {
        const { prototype } = FileSystemWritableFileStream;
        // Called below with the stream as `this`.
        // eslint-disable-next-line @typescript-eslint/unbound-method
        const { close } = prototype;
        let left = 2;
        prototype.close = function (this: FileSystemWritableFileStream) {
          left -= 1;
          if (left >= 0) return close.call(this);
          document.documentElement.dataset['stuck'] = 'yes';
          return new Promise<void>(() => undefined);
        };
      });
      await pressed('[data-do]');
      await expect
        .poll(() => driver.evaluate(() => document.documentElement.dataset['stuck'] ?? ''), POLL)
        .toBe('yes');
      await openPage(driver, `${site.url}apply`);
      await expect.poll(() => driver.text('[data-unfinished="1"]'), POLL).toContain('interrupted');
      expect(await axeViolations(driver)).toEqual([]);
      const half = await folder('target');
      expect(half).not.toEqual(before);
      await pressed(`[data-${way}]`);
      const done = way === 'finish' ? 'finished' : 'undone';
      await expect.poll(() => driver.text(`[data-outcome="${done}"]`), POLL).not.toBeNull();
      const after = await folder('target');
      if (way === 'undo') expect(after).toEqual(before);
      else expect(withoutRecord(after)).toEqual({ ...SECOND, 'c.txt': 'mine', 'gone.txt': 'one\n' });
      expect(await driver.text('[data-unfinished]')).toBeNull();
    },
    180_000,
  );
});
