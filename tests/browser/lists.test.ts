import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../vectorgen/raw.js';
import { readPack } from '../../src/core/trust/pack.js';
import { readTrust } from '../../src/core/trust/readTrust.js';
import { all as en } from '../../src/lib/strings/all.js';
import { alice, personRow } from '../vectorgen/cast.js';
import { trustText } from '../vectorgen/trustText.js';
import { approverOf, toolbox, useTrustFile, type Approver, type Toolbox } from './approver.js';
import { axeViolations } from './axe.js';
import { launch, type Driver } from './driver.js';
import { enginesHere } from './installed.js';
import type { Saved } from './saves.js';
import { openPage, serveBuild, type Site } from './site.js';

/** A list of people and rules is signed where keys may be used, and read by everybody else. */

const USER = 'pat@example.org';
const SIGN = 'trust@countersign';
const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;

async function forgetPeople(): Promise<void> {
  for (const name of ['countersign-people', 'countersign-reader'])
    await new Promise<void>((resolve, reject) => {
      const removing = indexedDB.deleteDatabase(name);
      removing.onsuccess = () => resolve();
      removing.onerror = () => reject(new Error(`${name} stays`));
    });
}

/** Takes the last change back and tells it as another tab would. Runs in the page. */
async function changeElsewhere(): Promise<void> {
  const name = 'countersign-people';
  const done = <T>(asked: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(new Error('the list stays'));
    });
  const database = await done(indexedDB.open(name));
  const store = (table: string) => database.transaction(table, 'readwrite').objectStore(table);
  const keys = await done(store('changes').getAllKeys());
  const { seq, id } = (await done(store('changes').get(keys.at(-2)!))) as { seq: number; id: string };
  await done(store('changes').delete(keys.at(-1)!));
  await done(store('values').put({ seq, id }, 'head'));
  database.close();
  new BroadcastChannel(name).postMessage('changed');
}

describe.each(enginesHere())('signing a list in %s', (engineName) => {
  if (!openssh) {
    it('is tried when it can be', ({ skip }) => {
      console.warn('NOT RUN: ssh-keygen is not installed');
      skip();
    });
    return;
  }
  let driver: Driver;
  let site: Site;
  let page: Approver;
  let box: Toolbox;
  let line: string;
  let signed: readonly Saved[] = [];

  beforeAll(async () => {
    driver = await launch(engineName);
    site = await serveBuild();
    page = approverOf(driver, site.url);
    box = toolbox();
    line = box.sshKey('pat');
  }, 180_000);
  afterAll(async () => {
    await driver?.close();
    await site?.close();
    box?.close();
  });

  const list = (serial: number, withAlice: boolean): string =>
    trustText({
      people: [{ id: USER, name: 'Pat', keys: [{ ssh: line }] }, ...(withAlice ? [personRow(alice)] : [])],
      rules: [{ name: 'release', roles: { pm: { people: [USER] } } }],
      defaultRule: 'release',
    }).replace('serial: 1', `serial: ${serial}`);

  const sshVerify = (namespace: string, [text, signature]: readonly Saved[]): boolean => {
    const path = (name: string): string => join(box.folder, name);
    writeFileSync(path('list-signers'), `${USER} namespaces="${namespace}" ${line}\n`);
    writeFileSync(path('list.sig'), signature!.bytes);
    const args = ['-Y', 'verify', '-n', namespace, '-f', path('list-signers'), '-I', USER];
    return spawnSync('ssh-keygen', [...args, '-s', path('list.sig')], { input: text!.bytes }).status === 0;
  };

  const openList = async (): Promise<void> => {
    await openPage(driver, `${site.url}people.html`);
    await page.until(en['folk.export.signHere']);
    await page.press('folk.export.signHere', 'a');
    await page.until(en['list.what']);
    await page.keep();
  };

  /** What is chosen in a select belongs to the visible text of a page in some engines only. */
  const comparedWith = async (words: string): Promise<void> => {
    const chosen = (): string =>
      document.querySelector<HTMLSelectElement>('main select')?.selectedOptions[0]?.textContent ?? '';
    await expect.poll(() => driver.evaluate(chosen), { timeout: 60_000, interval: 60 }).toContain(words);
  };

  it('shows the exact list, its digest and what it changes, signs it with a key file, and ssh-keygen agrees', async () => {
    await useTrustFile(driver, site.url, list(3, true));
    await openPage(driver, `${site.url}people.html`);
    await page.until('Pat');
    await driver.setFiles('main input[type=file]', [
      { name: 'trust.yaml', bytes: Buffer.from(list(4, false)) },
    ]);
    await page.press('folk.preview.keep');
    await page.until('Serial 4');
    await openList();
    await comparedWith('serial 3, of');
    const text = await page.text();
    const hex = sha256Hex(Buffer.from(list(4, false)));
    expect(text.replace(/\s/g, '')).toContain(hex);
    expect(text).toContain(alice.id);
    expect(
      await driver.evaluate(() => document.querySelector('[data-sign-list]')?.hasAttribute('disabled')),
    ).toBe(true);
    expect(await axeViolations(driver)).toEqual([]);
    await driver.setFiles('input[data-keyfile]', [{ name: 'id_ed25519', bytes: box.read('pat') }]);
    await page.press(null, 'button[data-sign-list]');
    await page.until(en['list.signed']);
    await page.until(`sees that ${USER} signed it`);
    expect(await axeViolations(driver)).toEqual([]);
    await page.press(null, 'button[data-list-save]');
    signed = await page.saves(2);
    expect(signed.map(({ name }) => name)).toEqual(['trust.yaml', 'trust.yaml.sig']);
    expect(signed[0]!.bytes.toString()).toBe(list(4, false));
    expect(sshVerify(SIGN, signed)).toBe(true);
    // It is a signature over a list and over nothing else.
    expect(sshVerify('approval@countersign', signed)).toBe(false);
    const before = readTrust({ name: 'trust.yaml', bytes: Buffer.from(list(3, true)) }).trust;
    const [bytes, signature] = signed.map((one) => new Uint8Array(one.bytes));
    const pack = readPack(
      { name: 'trust.yaml', bytes: bytes!, signature: signature! },
      before,
      '2026-11-20T12:00:00Z',
    );
    expect(pack).toMatchObject({ signature: 'known', signedBy: { id: USER } });
  });

  it('is taken over on another device, which sees who signed it and what it changes', async () => {
    await openPage(driver, `${site.url}people.html`);
    await driver.evaluate(forgetPeople);
    await useTrustFile(driver, site.url, list(3, true));
    await openPage(driver, `${site.url}people.html`);
    await page.until('Pat');
    await driver.setFiles(
      'main input[type=file]',
      signed.map(({ name, bytes }) => ({ name, bytes: new Uint8Array(bytes) })),
    );
    await page.until(en['folk.preview.signed.known'].replace('{person}', 'Pat'));
    await page.press('folk.preview.keep');
    await page.until('Serial 4');
  });

  it('says when others could not tell who signed it, and when they would refuse the serial', async () => {
    await openPage(driver, `${site.url}people.html`);
    await driver.evaluate(forgetPeople);
    await useTrustFile(driver, site.url, list(4, false));
    await openList();
    box.sshKey('stranger', 'ecdsa');
    await driver.setFiles('input[data-keyfile]', [{ name: 'id_ecdsa', bytes: box.read('stranger') }]);
    await page.press(null, 'button[data-sign-list]');
    await page.until(en['list.signer.none']);
    await page.press(null, 'button[data-list-save]');
    const [bytes, signature] = (await page.saves(2)).map((one) => new Uint8Array(one.bytes));
    const present = readTrust({ name: 'trust.yaml', bytes: Buffer.from(list(3, true)) }).trust;
    const pack = readPack(
      { name: 'trust.yaml', bytes: bytes!, signature: signature! },
      present,
      '2026-11-20T12:00:00Z',
    );
    expect(pack).toMatchObject({ signature: 'unknown', signedBy: null });
    expect(await page.text()).not.toContain('list-serial-not-higher');
    // Another key, and the same list can be signed again.
    await driver.setFiles('input[data-keyfile]', [{ name: 'id_ed25519', bytes: box.read('pat') }]);
    await page.press(null, 'button[data-sign-list]');
    await page.until(`sees that ${USER} signed it`);
    // The same serial, and something else in it.
    await openPage(driver, `${site.url}people.html`);
    await page.until('Pat');
    await driver.setFiles('main input[type=file]', [
      { name: 'trust.yaml', bytes: Buffer.from(list(4, true)) },
    ]);
    await page.press('folk.preview.keep');
    // The list itself says it, and not what was only looked at.
    await page.until('2 people');
    await openList();
    await comparedWith('the one signed here last');
    await page.until('list-serial-not-higher');
  });

  it('signs nothing that changed while it was looked at', async () => {
    await openList();
    await page.until('2 people');
    await driver.setFiles('input[data-keyfile]', [{ name: 'id_ed25519', bytes: box.read('pat') }]);
    await driver.evaluate(changeElsewhere);
    await page.until(en['list.moved']);
    // What was looked at stays on the screen, and cannot be signed.
    expect(await page.text()).toContain('2 people');
    expect(await driver.text('button[data-sign-list]')).toBeNull();
    await page.press('list.look');
    await page.until('1 person');
    await page.press(null, 'button[data-sign-list]');
    await page.until(en['list.signed']);
    await page.press(null, 'button[data-list-save]');
    expect((await page.saves(2))[0]!.bytes.toString()).toBe(list(4, false));
  });
});
