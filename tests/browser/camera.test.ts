import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInlineEngine } from '../../src/engine/inline.js';
import { all as en } from '../../src/lib/strings/all.js';
import { codeGrid } from '../../src/lib/view/qr.js';
import { nodePlatform } from '../../src/platform/node.js';
import { bundle, pack } from '../vectorgen/bundle.js';
import { trustText } from '../vectorgen/trustText.js';
import { approverOf, toolbox, useTrustFile, type Approver, type Toolbox } from './approver.js';
import { cameraFlags, film, type Grid } from './camera.js';
import { launchChromium } from './chromium.js';
import type { Driver } from './driver.js';
import { enginesHere, findOne } from './installed.js';
import { openPage, serveBuild, type Site } from './site.js';

/** Two devices that share nothing but what their cameras see: one has the bundle, the other the passkey. */

const USER = 'pat@example.org';
const openssh = spawnSync('ssh-keygen', ['-?']).error === undefined;
const hasChromium = enginesHere().includes('chromium');
const engine = createInlineEngine(nodePlatform(), { withoutControls: true });
const asked = bundle({ roles: ['pm'], manifest: { version: '2.0.0' } });
const ticket = codeGrid(Buffer.from('https://example.org/ticket'));

/** The squares of the code on the screen; null while there is none. Runs in the page. */
function shownCode(): { readonly size: number; readonly dark: readonly [number, number][] } | null {
  const path = document.querySelector<SVGPathElement>('[data-code] path');
  const squares = [...(path?.getAttribute('d') ?? '').matchAll(/M(\d+) (\d+)h1v1h-1z/g)];
  if (squares.length === 0) return null;
  const dark = squares.map(([, x, y]) => [Number(x), Number(y)] as [number, number]);
  return { size: 1 + Math.max(...dark.flat()), dark };
}

/** Keeps the streams that the page opens, to see whether it lets go of them. Runs in the page. */
function watchCamera(): void {
  const scope = globalThis as { streams?: MediaStream[] };
  if (scope.streams !== undefined) return;
  const streams: MediaStream[] = (scope.streams = []);
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wishes) => {
    const stream = await open(wishes);
    streams.push(stream);
    return stream;
  };
}

function cameraStates(): string[] {
  const { streams = [] } = globalThis as { streams?: MediaStream[] };
  return streams.flatMap((stream) => stream.getTracks().map(({ readyState }) => readyState));
}

/** The public line of the passkey. Runs in the page. */
function passkeyLine(): Promise<string> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('countersign-keys');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('keys').objectStore('keys').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        const all = reading.result as { kind: string; publicKey: string }[];
        resolve(all.find(({ kind }) => kind === 'passkey')?.publicKey ?? '');
      };
    };
  });
}

describe.runIf(hasChromium)('the camera, live', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-camera-'));
  const films = { desk: join(folder, 'desk.y4m'), phone: join(folder, 'phone.y4m') };
  let site: Site;
  let box: Toolbox;
  let devices: Driver[] = [];

  beforeAll(async () => {
    site = await serveBuild();
    box = toolbox();
  });
  afterAll(async () => {
    for (const device of devices) await device.close();
    await site.close();
    box.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function device(camera: string | null): Promise<[Driver, Approver]> {
    const flags = camera === null ? [] : cameraFlags(camera);
    const driver = await launchChromium(findOne('chromium'), flags);
    devices = [...devices, driver];
    return [driver, approverOf(driver, site.url)];
  }

  async function codeOf(driver: Driver): Promise<Grid> {
    await expect.poll(() => driver.evaluate(shownCode), { timeout: 30_000 }).not.toBeNull();
    const shown = (await driver.evaluate(shownCode))!;
    const rows = Array.from({ length: shown.size }, () => new Array<boolean>(shown.size).fill(false));
    for (const [x, y] of shown.dark) rows[y]![x] = true;
    return rows;
  }

  async function makePasskey(phone: Driver, page: Approver): Promise<string> {
    expect(await phone.passkeys()).toBe(true);
    await openPage(phone, `${site.url}keys.html`);
    for (const kind of ['passkey', 'browser']) {
      await page.press(null, `[data-kind="${kind}"]`);
      await page.type('#add input[id$="-label"]', kind);
      await page.type('#add input[id$="-user"]', USER);
      await page.press(null, '#add button.primary');
      await expect
        .poll(() => phone.evaluate((label: string) => document.body.innerText.includes(label), kind))
        .toBe(true);
    }
    await expect.poll(() => phone.evaluate(passkeyLine), { timeout: 60_000 }).toMatch(/^sk-/);
    return phone.evaluate(passkeyLine);
  }

  it('carries a request to a phone and its passkey approval back into the bundle', async () => {
    film(films.desk, []);
    film(films.phone, []);
    const [phone, onPhone] = await device(films.phone);
    const line = await makePasskey(phone, onPhone);
    const origins = [new URL(site.url).origin];
    const trust = trustText({
      people: [{ id: USER, name: 'Pat', keys: [{ passkey: line, origins }] }],
      rules: [{ name: 'release', roles: { pm: { people: [USER] } } }],
      defaultRule: 'release',
    });
    const [desk, onDesk] = await device(films.desk);
    await useTrustFile(desk, site.url, trust);

    await onDesk.open();
    const note = { name: 'note.json', bytes: Buffer.from('{}') };
    await onDesk.give([{ name: 'release.sbundle.tgz', bytes: pack(asked) }, note]);
    await onDesk.until(en['ask.title']);
    await onDesk.type('#ask-from', 'desk@example.org');
    await onDesk.press(null, 'button[data-make]');
    const request = await codeOf(desk);

    // A ticket that passes the camera first is none of ours, and no reason to stop looking.
    film(films.phone, [ticket, request]);
    await onPhone.open();
    await phone.evaluate(watchCamera);
    await onPhone.press(null, 'button[data-scan]');
    await onPhone.press('scan.start');
    await onPhone.until(en['scan.noBundle']);
    expect(await phone.evaluate(cameraStates)).toEqual(['ended']);
    await onPhone.press(null, 'input[data-pane="request"]');
    await onPhone.press('review.next');
    await onPhone.until(en['said.title']);
    await onPhone.type('#said-user', USER);
    await onPhone.type('#said-role', 'pm');
    await onPhone.press('said.next');
    await onPhone.until(en['sign.unseen']);
    await onPhone.press(null, '[data-screen="sign"] label:has(input[name="key"])');
    await onPhone.until('Next, your device asks for your fingerprint');
    await onPhone.press(null, 'button[data-sign]');
    await onPhone.until('Signed: approved as pm');
    const answer = await codeOf(phone);

    film(films.desk, [answer]);
    await desk.evaluate(watchCamera);
    await onDesk.press(null, 'button[data-scan-answer]');
    await onDesk.press('scan.start');
    await onDesk.until(/pm Given/);
    expect(await desk.evaluate(cameraStates)).toEqual(['ended']);
    await onDesk.press('attach.preview');
    await onDesk.until(en['attach.same']);
    await onDesk.keep();
    await onDesk.press(null, 'button[data-attach-save]');
    const [merged] = await onDesk.saves(1);
    const report = await engine.verify({
      inputs: [{ name: 'release.sbundle.tgz', source: merged!.bytes }],
      loose: [],
      trust: { name: 'trust.yaml', bytes: Buffer.from(trust) },
      now: `${new Date().toISOString().slice(0, 19)}Z`,
    });
    expect(report.inputs[0]).toMatchObject({
      bundleDigest: `sha256:${asked.manifestSha256}`,
      verdict: { code: 'B-OK' },
    });
    if (!openssh) return console.log('NOT RUN: ssh-keygen is not installed');
    await onPhone.press(null, 'button[data-pair]');
    const [statement, signature] = await onPhone.saves(2);
    expect(box.sshVerify(line, USER, statement!.bytes, signature!.bytes)).toBe(true);
  }, 300_000);

  it('is let go when it is stopped or the page moves on, and its absence is said', async () => {
    film(films.phone, [ticket]);
    const [driver, page] = [devices[0]!, approverOf(devices[0]!, site.url)];
    await page.open();
    await driver.evaluate(watchCamera);
    await page.press(null, 'button[data-scan]');
    await page.press('scan.start');
    await page.until('camera-code-refused');
    expect(await driver.evaluate(cameraStates)).toEqual(['live']);
    await page.press('scan.stop');
    expect(await driver.evaluate(cameraStates)).toEqual(['ended']);
    await page.press('scan.start');
    await expect.poll(() => driver.evaluate(cameraStates)).toEqual(['ended', 'live']);
    await page.press('scan.close');
    await expect.poll(() => driver.evaluate(cameraStates)).toEqual(['ended', 'ended']);

    const [, without] = await device(null);
    await without.open();
    await without.press(null, 'button[data-scan]');
    await without.press('scan.start');
    await without.until('camera-not-available');
    await without.until(en['scan.picture']);
  }, 120_000);
});
